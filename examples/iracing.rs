//! Reads iRacing: some variables by name, four times a second.
//!
//! Start it beside iRacing, or beside `iracing_publisher`.

use std::array;
use std::fmt::Write;
use std::thread::sleep;
use std::time::Duration;

use win_shared_memory::attachment::{Attachment, News, Options, Sign};
use win_shared_memory::consistency::{BufferPlace, Convention, Reader};
use win_shared_memory::{Encoding, SharedMemoryError, View, field};
use win_shared_memory_catalogue::iracing::{Header, Kind, Status, Variable};

const SHOWN: [&str; 5] = ["SessionTime", "Speed", "RPM", "Gear", "OnPitRoad"];

fn main() -> Result<(), SharedMemoryError> {
    println!("waiting for iRacing");
    let options = Options {
        event: Some(Header::EVENT.into()),
        ..Options::default()
    };
    let mut game = Attachment::with_options(Header::NAME, options, |view| {
        let header: Header = view.read(0)?;
        Ok(match header.status.contains(Status::CONNECTED) {
            true => Sign::Heartbeat(header.var_buf[0].tick_count.into()),
            false => Sign::NotReady,
        })
    });
    let mut reader = Reader::new();
    loop {
        if let Some(News::Changed(change)) = game.wait(Duration::MAX)? {
            println!("{change}");
        }
        let Some(view) = game.live() else { continue };
        // iRacing writes the ticks into its buffers in turn.
        let header = view.place::<Header>(0)?;
        let buffers: [BufferPlace<'_>; 4] = array::from_fn(|at| BufferPlace {
            tick: field!(header.var_buf[at].tick_count).into(),
            start: field!(header.var_buf[at].buf_offset).into(),
        });
        let newest = Convention::latest_of(&buffers, Some(field!(header.num_buf).into()));
        match reader.read(&newest, |buffer| variables(view, buffer.start)) {
            Ok(shown) => println!("{}", shown?),
            Err(error) => println!("{error}"),
        }
        sleep(Duration::from_millis(250));
    }
}

/// What the variables are in the buffer that begins at `start`.
fn variables(view: &View, start: usize) -> Result<String, SharedMemoryError> {
    // All numbers are from this copy: each is read once, and used as it was checked.
    let header: Header = view.read(0)?;
    let declared = header.variables(view)?;
    let mut shown = String::new();
    for name in SHOWN {
        let is_it = |var: &Variable| Encoding::Latin1.decode(&var.name) == name;
        if let Some(var) = declared.iter().map(|row| row.read()).find(is_it) {
            let value = value(view, start, &var)?;
            let unit = Encoding::Latin1.decode(&var.unit);
            let _ = write!(shown, "{name} {value:.1} {unit}  ");
        }
    }
    Ok(shown)
}

/// What a variable is; of several values, the first.
fn value(view: &View, start: usize, var: &Variable) -> Result<f64, SharedMemoryError> {
    // Whether this lies in the view is checked with the read.
    let at = start.wrapping_add_signed(var.offset as isize);
    Ok(match var.kind {
        Kind::F64 => view.read(at)?,
        Kind::F32 => view.read::<f32>(at)?.into(),
        Kind::I32 => view.read::<i32>(at)?.into(),
        Kind::BITS32 => view.read::<u32>(at)?.into(),
        _ => view.read::<u8>(at)?.into(),
    })
}

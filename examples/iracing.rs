//! Reads iRacing: the session's text, and some variables by name, four times a second.
//!
//! Start it beside iRacing, or beside `iracing_publisher`.

use std::array;
use std::thread::sleep;
use std::time::Duration;

use win_shared_memory::attachment::{Attachment, News, Options, Sign};
use win_shared_memory::consistency::{BufferPlace, Convention, Reader};
use win_shared_memory::{Encoding, SharedData, SharedMemoryError, View, field};
use win_shared_memory_catalogue::iracing::{Header, Kind, Status, Variable};

const SHOWN: [&str; 6] = [
    "SessionTime",
    "Speed",
    "RPM",
    "Gear",
    "OnPitRoad",
    "CarIdxLap",
];

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
    let (mut reader, mut seen_session) = (Reader::new(), None);
    loop {
        if let Some(News::Changed(change)) = game.wait(Duration::MAX)? {
            println!("{change}");
            seen_session = None;
        }
        if let Some(view) = game.live() {
            let header: Header = view.read(0)?;
            if seen_session != Some(header.session_info_update) {
                print_session(view, &header)?;
                seen_session = Some(header.session_info_update);
            }
            match sample(view, &mut reader) {
                Ok((tick, line)) => println!("tick {tick:5}: {line}"),
                Err(error) => println!("{error}"),
            }
            sleep(Duration::from_millis(250));
        }
    }
}

/// The newest tick, and what the variables are in it.
fn sample(view: &View, reader: &mut Reader) -> Result<(i64, String), SharedMemoryError> {
    // iRacing writes the ticks into its buffers in turn.
    let header = view.place::<Header>(0)?;
    let buffers: [BufferPlace<'_>; 4] = array::from_fn(|at| BufferPlace {
        tick: field!(header.var_buf[at].tick_count).into(),
        start: field!(header.var_buf[at].buf_offset).into(),
    });
    let newest = Convention::latest_of(&buffers, Some(field!(header.num_buf).into()));
    reader.read(&newest, |buffer| {
        Ok((buffer.tick, variables(view, buffer.start)?))
    })?
}

/// The beginning of the session's YAML.
fn print_session(view: &View, header: &Header) -> Result<(), SharedMemoryError> {
    // A negative number lies outside every view, as `usize::MAX` does.
    let offset = usize::try_from(header.session_info_offset).unwrap_or(usize::MAX);
    let len = usize::try_from(header.session_info_len).unwrap_or(0);
    let yaml = view.read_text(offset, len, Encoding::Windows1252)?;
    for line in yaml.lines().take(4) {
        println!("{line}");
    }
    Ok(())
}

/// What the variables are in the buffer that begins at `start`.
fn variables(view: &View, start: usize) -> Result<String, SharedMemoryError> {
    // All numbers are from this copy: each is read once, and used as it was checked.
    let header: Header = view.read(0)?;
    let vars = header.variables(view)?;
    let mut shown = Vec::new();
    for name in SHOWN {
        let var = vars
            .iter()
            .find(|var| field!(var.name).read_text(Encoding::Latin1) == name);
        if let Some(place) = var {
            let var = place.read();
            // Whether the sum lies in the view is checked with the read.
            let at = start as i128 + i128::from(var.offset);
            let value = match var.kind {
                Kind::LATIN1 => values(view, at, &var, |it: u8| char::from(it).to_string()),
                Kind::BOOL => values(view, at, &var, |it: bool| it.to_string()),
                Kind::I32 => values(view, at, &var, |it: i32| it.to_string()),
                Kind::BITS32 => values(view, at, &var, |it: u32| format!("{it:#x}")),
                Kind::F32 => values(view, at, &var, |it: f32| format!("{it:.1}")),
                Kind::F64 => values(view, at, &var, |it: f64| format!("{it:.2}")),
                other => Ok(format!("{other:?}")),
            }?;
            let unit = Encoding::Latin1.decode(&var.unit);
            shown.push(format!("{name} {value} {unit}").trim_end().to_owned());
        }
    }
    Ok(shown.join("  "))
}

/// The values of a variable, as text.
fn values<T: SharedData>(
    view: &View,
    at: i128,
    var: &Variable,
    show: impl Fn(T) -> String,
) -> Result<String, SharedMemoryError> {
    let mut text = Vec::new();
    for value in view.table::<T>(at, size_of::<T>(), var.count)?.iter() {
        text.push(show(value.try_read()?));
    }
    Ok(text.join(" "))
}

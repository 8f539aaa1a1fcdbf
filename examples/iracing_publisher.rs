//! Stands in for iRacing: a car that goes faster and slower, sixty times a second.

use std::thread::sleep;
use std::time::Duration;

use win_shared_memory::consistency::in_order;
use win_shared_memory::sync::{Event, Reset};
use win_shared_memory::{Encoding, Section, SharedData, SharedMemoryError, field};
use win_shared_memory_catalogue::iracing::{Header, Kind, Status, VarBuf, Variable};

/// Kind, offset in a buffer, number of values, name, unit.
const VARS: [(Kind, i32, i32, &str, &str); 6] = [
    (Kind::F64, 0, 1, "SessionTime", "s"),
    (Kind::F32, 8, 1, "Speed", "m/s"),
    (Kind::F32, 12, 1, "RPM", "revs/min"),
    (Kind::I32, 16, 1, "Gear", ""),
    (Kind::BOOL, 20, 1, "OnPitRoad", ""),
    (Kind::I32, 24, 3, "CarIdxLap", ""),
];

const SESSION: &str =
    "---\nWeekendInfo:\n TrackName: nürburgring nordschleife\n TrackLength: 20.76 km\n";

/// Where things are: offsets and lengths in bytes.
const SESSION_AT: i32 = 0x1000;
const SESSION_LEN: i32 = 0x1000;
const VARS_AT: i32 = 0x2000;
const BUFFERS_AT: i32 = 0x3000;
const BUFFER_LEN: i32 = 0x40;
const BUFFERS: usize = 3;
const SIZE: u64 = 0x4000;

fn main() -> Result<(), SharedMemoryError> {
    // Fails if the region exists, so that no reader of the real iRacing is misled.
    let section = Section::create(Header::NAME, SIZE)?;
    // Without `section` others could not find the region: a view keeps the memory, not the name.
    let view = section.map()?;
    let event = Event::get_or_create(Header::EVENT, Reset::Auto)?;
    println!("publishing {SIZE} bytes as {}", Header::NAME);

    let mut session = [0; SESSION_LEN as usize];
    Encoding::Windows1252.encode(SESSION, &mut session);
    view.write_bytes(SESSION_AT as usize, &session)?;

    let vars = view.table::<Variable>(VARS_AT, size_of::<Variable>(), VARS.len())?;
    for (row, (kind, offset, count, name, unit)) in vars.iter().zip(VARS) {
        field!(row.kind).write(&kind);
        field!(row.offset).write(&offset);
        field!(row.count).write(&count);
        field!(row.name).write_text(name, Encoding::Latin1);
        field!(row.unit).write_text(unit, Encoding::Latin1);
    }

    let mut buffers = [VarBuf::zeroed(); 4];
    for (buffer, index) in buffers.iter_mut().zip(0..) {
        buffer.buf_offset = BUFFERS_AT + index * BUFFER_LEN;
    }
    let header = view.place::<Header>(0)?;
    header.write(&Header {
        ver: 2,
        status: Status::CONNECTED,
        tick_rate: 60,
        session_info_update: 1,
        session_info_len: SESSION_LEN,
        session_info_offset: SESSION_AT,
        num_vars: VARS.len() as i32,
        var_header_offset: VARS_AT,
        num_buf: BUFFERS as i32,
        buf_len: BUFFER_LEN,
        var_buf: buffers,
        ..Header::zeroed()
    });

    for tick in 1_i32.. {
        let index = tick as usize % BUFFERS;
        let at = buffers[index].buf_offset as usize;
        let time = f64::from(tick) / 60.0;
        let speed = 45.0 + 25.0 * (time / 2.0).sin();
        view.write(at, &time)?;
        view.write(at + 8, &(speed as f32))?;
        view.write(at + 12, &(2000.0 + 80.0 * speed as f32))?;
        view.write(at + 16, &(1 + speed as i32 / 15))?;
        view.write(at + 20, &(speed < 25.0))?;
        view.write(at + 24, &[1, 1, tick / 600])?;
        // A reader that sees the tick finds its values in place, on all processors.
        in_order(|| field!(header.var_buf[index].tick_count).write(&tick));
        event.set()?;
        sleep(Duration::from_micros(16_667));
    }
    Ok(())
}

//! Reads iRacing: the session's text, and some variables by name, four times a second.
//!
//! Start it beside iRacing, or beside `iracing_publisher`.

use std::sync::atomic::{Ordering, fence};
use std::thread::sleep;
use std::time::Duration;

use win_shared_memory::{
    Encoding, ReadOnly, Section, SharedData, SharedMemoryError, SharedMemoryOptions, View, field,
};

#[path = "layouts/iracing.rs"]
mod iracing;

use iracing::{CONNECTED, Header, Var, VarKind};

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
    let section: Section<ReadOnly> = SharedMemoryOptions::new()
        .wait(Duration::MAX)
        .open_section(iracing::NAME)?;
    let view = section.map()?;

    let (mut seen_tick, mut seen_session) = (None, None);
    loop {
        let header: Header = view.read(0)?;
        if header.status & CONNECTED != 0 {
            if seen_session != Some(header.session_update) {
                print_session(&view, &header)?;
                seen_session = Some(header.session_update);
            }
            if let Some((tick, line)) = sample(&view)? {
                if seen_tick != Some(tick) {
                    println!("tick {tick:5}: {line}");
                    seen_tick = Some(tick);
                }
            }
        }
        sleep(Duration::from_millis(250));
    }
}

/// The beginning of the session's YAML.
fn print_session(view: &View, header: &Header) -> Result<(), SharedMemoryError> {
    // A negative number lies outside every view, as `usize::MAX` does.
    let offset = usize::try_from(header.session_offset).unwrap_or(usize::MAX);
    let len = usize::try_from(header.session_len).unwrap_or(0);
    let yaml = view.read_text(offset, len, Encoding::Windows1252)?;
    for line in yaml.lines().take(4) {
        println!("{line}");
    }
    Ok(())
}

/// The latest tick and what the variables were then; `None` if iRacing was quicker, again and again.
///
/// iRacing writes the ticks into its buffers in turn, so the latest stays as it is for a tick or two.
/// If its tick is the same after the read as before, all that was read is of that tick.
fn sample(view: &View) -> Result<Option<(i32, String)>, SharedMemoryError> {
    for _ in 0..10 {
        // All numbers are from this copy: each is read once, and used as it was checked.
        let header: Header = view.read(0)?;
        let used = usize::try_from(header.buffer_count).unwrap_or(0);
        let buffers = header.buffers.iter().take(used).enumerate();
        let Some((latest, buffer)) = buffers.max_by_key(|(_, it)| it.tick) else {
            return Ok(None);
        };

        fence(Ordering::Acquire);
        let vars = view.table::<Var>(header.var_offset, size_of::<Var>(), header.var_count)?;
        let mut shown = Vec::new();
        for name in SHOWN {
            let var = vars
                .iter()
                .find(|var| field!(var.name).read_text(Encoding::Latin1) == name);
            if let Some(place) = var {
                let var = place.try_read()?;
                // The sum of two `i32`; whether it lies in the view is checked with the read.
                let at = i64::from(buffer.offset) + i64::from(var.offset);
                let value = match var.kind {
                    VarKind::Char => values(view, at, &var, |it: u8| char::from(it).to_string()),
                    VarKind::Bool => values(view, at, &var, |it: bool| it.to_string()),
                    VarKind::Int => values(view, at, &var, |it: i32| it.to_string()),
                    VarKind::BitField => values(view, at, &var, |it: u32| format!("{it:#x}")),
                    VarKind::Float => values(view, at, &var, |it: f32| format!("{it:.1}")),
                    VarKind::Double => values(view, at, &var, |it: f64| format!("{it:.2}")),
                }?;
                let unit = Encoding::Latin1.decode(&var.unit);
                shown.push(format!("{name} {value} {unit}").trim_end().to_owned());
            }
        }
        fence(Ordering::Acquire);

        let now = view.place::<Header>(0)?;
        if field!(now.buffers[latest].tick).read() == buffer.tick {
            return Ok(Some((buffer.tick, shown.join("  "))));
        }
    }
    Ok(None)
}

/// The values of a variable, as text.
fn values<T: SharedData>(
    view: &View,
    at: i64,
    var: &Var,
    show: impl Fn(T) -> String,
) -> Result<String, SharedMemoryError> {
    let mut text = Vec::new();
    for value in view.table::<T>(at, size_of::<T>(), var.count)?.iter() {
        text.push(show(value.try_read()?));
    }
    Ok(text.join(" "))
}

//! `lmu_shared_memory window`: prints a window that lives.
//! `lmu_shared_memory COUNT`: what the crate lmu-shared-memory reads of Le Mans Ultimate.
//!
//! It takes the game's lock, so what it reads is whole. Whether the game runs it asks of the game's window. It counts
//! 324820 bytes, without the four that fill up the region's last struct.

use std::ffi::c_void;

use clients::Sample;
use lmu_shared_memory::{LmuStandings, LmuTelemetry, StandingsUpdate, TelemetryUpdate};

#[link(name = "user32")]
unsafe extern "system" {
    safe fn GetDesktopWindow() -> *mut c_void;
}

fn main() {
    if clients::words() == ["window"] {
        let window = GetDesktopWindow();
        Sample::default().with("window", window.addr()).print();
        return;
    }
    let mut standings = LmuStandings::connect().expect("there is no region");
    let standings = loop {
        match standings.read().expect("its window is not there") {
            StandingsUpdate::Snapshot(snapshot) => break snapshot,
            StandingsUpdate::NoSession => panic!("there is no session"),
            // Another program has the lock.
            StandingsUpdate::Unchanged => {}
        }
    };
    Sample::default()
        .with("track_name", standings.track_name)
        .with("session", standings.session)
        .with("focused", standings.focused_vehicle.map_or(-1, |it| it.id))
        .print();
    for it in standings.entries {
        Sample::default()
            .with("id", it.key.id)
            .with("vehicle_filename", it.key.vehicle_filename)
            .with("driver_name", it.driver_name)
            .with("vehicle_name", it.vehicle_name)
            .with("vehicle_model", it.vehicle_model)
            .with("class", it.class.name())
            .with("position", it.position)
            .with("laps", it.laps)
            .with("lap_distance", it.lap_distance)
            .with("best_lap_ms", it.best_lap_ms.unwrap_or(0))
            .with(
                "tires",
                format_args!("{} {}", it.tires.front, it.tires.rear),
            )
            .with("status", format_args!("{:?}", it.status))
            .with("penalties", it.penalties)
            .print();
    }
    let mut telemetry = LmuTelemetry::connect().expect("there is no region");
    clients::print_samples(clients::count(), || {
        loop {
            if let TelemetryUpdate::Snapshot(snapshot) = telemetry.read().expect("it is there") {
                let pedals = snapshot.pedals;
                return Sample::default()
                    .with("throttle", pedals.throttle)
                    .with("brake", pedals.brake)
                    .with("clutch", pedals.clutch);
            }
        }
    });
}

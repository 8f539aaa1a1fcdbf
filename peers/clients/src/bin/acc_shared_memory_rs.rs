//! `acc_shared_memory_rs COUNT`: what the crate acc_shared_memory_rs reads of Assetto Corsa Competizione.
//!
//! It reads field by field and never looks at the counters again, so values of one sample may be of two writes. A sample
//! whose suspension has not moved counts as the last one. The page "static" has 820 bytes, of which the crate knows 784, so
//! it cuts `wet_tyres_name` after 15 characters.

use std::time::Duration;

use acc_shared_memory_rs::{ACCMap, ACCSharedMemory};
use clients::Sample;

fn main() {
    let mut game = ACCSharedMemory::new().expect("there are no regions");
    let mut next = || game.wait_for_data(Duration::from_secs(30));
    statics(&next().expect("there is no sample")).print();
    clients::print_samples(clients::count(), || {
        moving(&next().expect("there is no sample"))
    });
}

fn statics(map: &ACCMap) -> Sample {
    let (statics, graphics, physics) = (&map.statics, &map.graphics, &map.physics);
    Sample::default()
        .with("sm_version", &statics.sm_version)
        .with("car_model", &statics.car_model)
        .with("track", &statics.track)
        .with("player_nick", &statics.player_nick)
        .with("sector_count", statics.sector_count)
        .with("max_rpm", statics.max_rpm)
        .with("max_fuel", statics.max_fuel)
        .with("aid_stability", statics.aid_stability)
        .with("pit_window_end", statics.pit_window_end)
        .with("is_online", statics.is_online)
        .with("dry_tyres_name", &statics.dry_tyres_name)
        .with("wet_tyres_name", &statics.wet_tyres_name)
        .with("status", graphics.status)
        .with("session", graphics.session_type)
        .with("flag", graphics.flag)
        .with("penalty", graphics.penalty)
        .with("track_grip_status", graphics.track_grip_status)
        .with("rain_intensity_in_30m", graphics.rain_intensity_in_30min)
        .with("tyre_compound", &graphics.tyre_compound)
        .with("i_best_time", graphics.best_time)
        .with("best_time", &graphics.best_time_str)
        .with("estimated_lap_time", &graphics.estimated_lap_time_str)
        .with("track_status", &graphics.track_status)
        .with("car_coordinates[59][2]", graphics.car_coordinates[59].z)
        .with("car_id[59]", graphics.car_id[59])
        .with(
            "mfd_tyre_pressure_rr",
            graphics.mfd_tyre_pressure.rear_right,
        )
        .with("gap_behind", graphics.gap_behind)
        .with("gear", physics.gear)
        .with("rpm", physics.rpm)
        .with("car_damage[4]", physics.car_damage.center)
        .with("brake_temp[3]", physics.brake_temp.rear_right)
        .with(
            "tyre_contact_heading[3][2]",
            physics.tyre_contact_heading.rear_right.z,
        )
        .with("brake_bias", physics.brake_bias)
        .with("water_temp", physics.water_temp)
        .with("is_engine_running", physics.is_engine_running)
        .with("abs_vibrations", physics.abs_vibration)
}

fn moving(map: &ACCMap) -> Sample {
    let physics = &map.physics;
    Sample::default()
        .with("speed_kmh", physics.speed_kmh)
        .with("abs_vibrations", physics.abs_vibration)
}

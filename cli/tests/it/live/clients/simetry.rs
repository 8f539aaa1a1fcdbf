//! The crate simetry, which reads several games. To build it takes longer than all other clients together, so nothing does
//! unless it is asked for: CONTRIBUTING.md says how.

use win_shared_memory::{ReadWrite, Section};

use super::{
    ASSETTO_CORSA, IRACING, READS, RFACTOR_2, alone, assert_has, assert_moving, client, serve,
};

#[test]
#[ignore = "needs the programs of peers, with simetry"]
fn iracing_is_read() {
    let _alone = alone(&IRACING);
    let _serving = serve("iracing", "500", &["Gear=3"], &["Speed", "RPM"]);
    let read = client("simetry", &["iracing", &READS.to_string()]);
    assert_has(&read[0], &["gear=3", "vehicle=1"]);
    assert_moving(&read, &["m/s", "rad/s"]);
}

#[test]
#[ignore = "needs the programs of peers, with simetry"]
fn both_assetto_corsas_are_read() {
    let _alone = alone(&ASSETTO_CORSA);
    let games = [
        ("assetto_corsa", "assetto-corsa"),
        ("assetto_corsa_competizione", "acc"),
    ];
    for (game, layouts) in games {
        let of = |page: &str| format!("{layouts}-{page}");
        let _page = serve(&of("static"), "10", &["car_model=a car"], &[]);
        let _graphics = serve(&of("graphics"), "60", &["flag=1"], &[]);
        let values = ["gear=4", "pit_limiter_on=1"];
        let _physics = serve(&of("physics"), "1000", &values, &["speed_kmh", "rpm"]);
        let read = client("simetry", &[game, &READS.to_string()]);
        // The games count their gears from reverse.
        let expected = ["gear=3", "vehicle=a car", "pit_limiter=1", "blue=1"];
        assert_has(&read[0], &expected);
        assert_moving(&read, &["m/s", "rad/s"]);
    }
}

#[test]
#[ignore = "needs the programs of peers, with simetry"]
fn rfactor_2_is_read() {
    let _alone = alone(&RFACTOR_2);
    // It waits for all regions of the plug-in.
    let others = ["Rules", "MultiRules", "ForceFeedback", "PitInfo", "Weather"];
    let _others = others.map(|it| {
        let name = format!("$rFactor2SMMP_{it}$");
        Section::<ReadWrite>::create(&name, 1 << 20).unwrap()
    });
    let _extended = serve("rfactor2-extended", "5", &[], &[]);
    let values = [
        "mVehicles[0].mID=3",
        "mVehicles[0].mVehicleName=Team B #8",
        "mVehicles[0].mFlag=6",
    ];
    let _scoring = serve("rfactor2-scoring", "5", &values, &[]);
    let values = ["mVehicles[0].mID=3", "mVehicles[0].mGear=4"];
    let moving = ["mVehicles[0].mEngineRPM", "mVehicles[0].mLocalVel.z"];
    let _telemetry = serve("rfactor2-telemetry", "1000", &values, &moving);
    let read = client("simetry", &["rfactor_2", &READS.to_string()]);
    assert_has(&read[0], &["gear=4", "vehicle=Team B", "blue=1"]);
    assert_moving(&read, &["m/s", "rad/s"]);
}

//! iRacing, rFactor 2 and Le Mans Ultimate: what is read of them is whole.

use super::{
    IRACING, READS, RFACTOR_2, alone, assert_has, assert_moving, assert_whole, client, of, serve,
};

const NAMES: [&str; 4] = ["Speed", "RPM", "FuelLevel", "Throttle"];
const FIXED: [&str; 3] = ["SessionTime=12.5", "Gear=-1", "Lap=7"];

#[test]
#[ignore = "needs the programs of peers"]
fn iracing_is_read_by_two_crates_and_by_what_its_sdk_has() {
    let _alone = alone(&IRACING);
    let values = [&FIXED[..], &["IsOnTrack=true"]].concat();
    let _serving = serve("iracing", "500", &values, &NAMES);
    let count = READS.to_string();
    let arguments = [&count, "SessionTime", "Gear", "Lap", "IsOnTrack"];
    let arguments = [&arguments[..], &NAMES].concat();

    let of_telem = client("iracing_telem", &arguments);
    let about = [
        "session_info_update=1",
        "session_info=TrackDisplayName: Silverstone Circuit",
        "Speed=Float [m/s]",
        "SessionTime=Double [s]",
        "Gear=Int []",
        "IsOnTrack=Bool []",
    ];
    assert_has(&of_telem[0], &about);
    assert_has(&of_telem[1], &values);
    assert_whole(&of_telem[1..], &NAMES);

    let of_sdk = client("iracing_reader", &arguments);
    assert_has(&of_sdk[0], &FIXED);
    assert_has(&of_sdk[0], &["IsOnTrack=1"]);
    assert_whole(&of_sdk, &NAMES);

    let of_iracing = client("iracing", &arguments);
    let about = [
        "track_display_name=Silverstone Circuit",
        "track_turns=18",
        "red_line_rpm=7800",
        "driver=Stand In",
    ];
    assert_has(&of_iracing[0], &about);
    assert_has(&of_iracing[1], &values);
    assert_moving(&of_iracing[1..=READS], &NAMES);
    // After these it waits for a sample by the event.
    assert_has(&of_iracing[READS + 1], &values);
}

#[test]
#[ignore = "needs the programs of peers"]
fn rfactor_2_is_read_by_what_its_clients_have() {
    let _alone = alone(&RFACTOR_2);
    let second = [
        "mID=4",
        "mLapNumber=5",
        "mGear=-1",
        "mVehicleName=Team B #8",
        "mTrackName=Sebring",
        "mPos.y=-1.5",
        "mOri[2].z=0.25",
        "mEngineOilTemp=99.5",
    ];
    let second = of("mVehicles[1]", &second);
    let mut values: Vec<_> = second.iter().map(String::as_str).collect();
    // The values are so far apart that torn copies are common.
    values.extend(["mVehicles[0].mID=3", "--rows", "mVehicles=128"]);
    let moving = [
        "mVehicles[0].mEngineRPM",
        "mVehicles[127].mWheels[3].mRideHeight",
    ];
    let _serving = serve("rfactor2-telemetry", "2000", &values, &moving);
    let read = client("rfactor2_reader", &[&READS.to_string()]);
    assert_has(&read[0], &["id=3"]);
    let second = [
        "id=4",
        "lap=5",
        "gear=-1",
        "name=Team B #8",
        "track=Sebring",
        "position.y=-1.5",
        "orientation[2].z=0.25",
        "oil=99.5",
    ];
    assert_has(&read[1], &second);
    assert_whole(&read[128..], &["first", "last"]);
}

/// What the tests serve of Le Mans Ultimate: two cars.
fn two_cars() -> Vec<String> {
    let own = [
        "scoringInfo.mTrackName=Circuit de la Sarthe",
        "scoringInfo.mSession=10",
        "scoringInfo.mNumVehicles=2",
    ];
    let first = [
        "mID=7",
        "mDriverName=Zoë",
        "mVehicleName=Team A #7",
        "mVehFilename=A.VEH",
        "mPlace=2",
        "mTotalLaps=12",
        "mLapDist=1234.5",
        "mBestLapTime=207.5",
        "mNumPenalties=1",
        "mInPits=true",
    ];
    let second = [
        "mID=8",
        "mDriverName=Ann",
        "mVehicleName=Team B #8",
        "mVehicleClass=GT3",
        "mPlace=1",
        "mFinishStatus=2",
    ];
    let telemetry = [
        "mID=7",
        "mVehicleName=Team A #7",
        "mVehicleModel=GR010",
        "mFrontTireCompoundName=Medium",
        "mRearTireCompoundName=Soft",
    ];
    [
        of("scoring", &own),
        of("scoring.vehScoringInfo[0]", &first),
        of("scoring.vehScoringInfo[1]", &second),
        of("telemetry.telemInfo[0]", &telemetry),
    ]
    .concat()
}

#[test]
#[ignore = "needs the programs of peers"]
fn le_mans_ultimate_is_read_by_a_crate() {
    // The crate asks whether the game's window is there: here, any window.
    let window = &client("lmu_shared_memory", &["window"])[0]["window"];
    let window = format!("generic.appInfo.mAppWindow={window}");
    // It takes pedals between 0 and 1 alone.
    let pedals = ["Throttle", "Brake", "Clutch"];
    let pedals = pedals.map(|it| format!("telemetry.telemInfo[0].mUnfiltered{it}=ramp(0,1,1000s)"));
    let cars = two_cars();
    let cars = cars.iter().map(String::as_str).chain([&*window]);
    let pedals = pedals.iter().flat_map(|it| ["--wave", it]);
    let values: Vec<_> = cars.chain(pedals).collect();
    let time = "telemetry.telemInfo[0].mElapsedTime";
    let _serving = serve("le-mans-ultimate", "2000", &values, &[time]);

    let read = client("lmu_shared_memory", &[&READS.to_string()]);
    let session = ["track_name=Circuit de la Sarthe", "session=10", "focused=7"];
    assert_has(&read[0], &session);
    let leader = ["id=8", "driver_name=Ann", "position=1", "status=Dnf"];
    assert_has(&read[1], &leader);
    let follower = [
        "id=7",
        "vehicle_filename=A.VEH",
        "driver_name=Zoë",
        "vehicle_name=Team A #7",
        "vehicle_model=GR010",
        "class=Hypercar",
        "position=2",
        "laps=12",
        "lap_distance=1234.5",
        "best_lap_ms=207500",
        "tires=Medium Soft",
        "status=Pit",
        "penalties=1",
    ];
    assert_has(&read[2], &follower);
    assert_whole(&read[3..], &["throttle", "brake", "clutch"]);
}

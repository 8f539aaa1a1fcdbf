//! Assetto Corsa, its Competizione, and MumbleLink: nothing tells their readers that a sample is whole.

use super::{ASSETTO_CORSA, READS, alone, assert_has, assert_moving, client, serve};

#[test]
#[ignore = "needs the programs of peers"]
fn assetto_corsa_competizione_is_read_by_a_crate() {
    let _alone = alone(&ASSETTO_CORSA);
    let page = [
        "car_model=amr_v8_vantage_gt3",
        "track=Spa-Francorchamps",
        "player_nick=Zoë",
        "sector_count=3",
        "max_rpm=7400",
        "max_fuel=120.5",
        "aid_stability=0.25",
        "pit_window_end=1800000",
        "dry_tyres_name=DHE of the year 2020",
    ];
    let graphics = [
        "tyre_compound=wet_compound",
        "i_best_time=138123",
        "best_time=2:18:123",
        "estimated_lap_time=2:19:000",
        "track_status=WET",
        "car_coordinates[59][2]=-12.5",
        "car_id[59]=1059",
        "mfd_tyre_pressure_rr=27.3",
        "gap_behind=-1500",
    ];
    let physics = [
        "gear=5",
        "rpm=7011",
        "car_damage[4]=1.5",
        "brake_temp[3]=512.5",
        "tyre_contact_heading[3][2]=0.75",
        "brake_bias=0.64",
        "water_temp=91.5",
    ];
    let states = ["session=race", "flag=yellow", "track_grip_status=wet"];
    let penalty = ["penalty=stop_and_go_20_cutting"];
    let rain = ["rain_intensity_in_30m=heavy"];
    let more = ["wet_tyres_name=WH of the year 2020", "is_online=1"];
    let _page = serve("acc-static", "10", &[&page[..], &more].concat(), &[]);
    let states = [&graphics[..], &states, &penalty, &rain].concat();
    let _graphics = serve("acc-graphics", "60", &states, &[]);
    // A sample counts as a new one if the suspension has moved.
    let moving = ["speed_kmh", "suspension_travel", "abs_vibrations"];
    let _physics = serve("acc-physics", "5000", &physics, &moving);

    let read = client("acc_shared_memory_rs", &[&READS.to_string()]);
    assert_has(&read[0], &[&page[..], &graphics, &physics].concat());
    let words = [
        "sm_version=1.9",
        "is_online=true",
        "wet_tyres_name=WH of the year ",
        "status=Live",
        "session=Race",
        "flag=Yellow Flag",
        "penalty=Stop & Go 20s (Cutting)",
        "track_grip_status=Wet",
        "rain_intensity_in_30m=Heavy Rain",
    ];
    assert_has(&read[0], &words);
    assert_moving(&read[1..], &["speed_kmh", "abs_vibrations"]);
}

#[test]
#[ignore = "needs the programs of peers"]
fn assetto_corsa_is_read_by_what_its_sample_has() {
    let _alone = alone(&ASSETTO_CORSA);
    let page = [
        "car_model=ks_mazda_787b",
        "player_nick=Zoë",
        "max_rpm=9000",
        "max_fuel=85",
    ];
    let graphics = [
        "best_time=1:58:042",
        "tyre_compound=Slick (S)",
        "normalized_car_position=0.5",
    ];
    let physics = ["gear=4", "brake_bias=0.75"];
    let moving = ["speed_kmh", "velocity"];
    let _page = serve("assetto-corsa-static", "10", &page, &[]);
    let states = [&graphics[..], &["session=hotlap"]].concat();
    let _graphics = serve("assetto-corsa-graphics", "60", &states, &[]);
    let _physics = serve("assetto-corsa-physics", "5000", &physics, &moving);

    let read = client("assetto_corsa_reader", &[&READS.to_string()]);
    assert_has(&read[0], &[&page[..], &graphics, &physics].concat());
    assert_has(&read[0], &["sm_version=1.7", "status=2", "session=3"]);
    assert_moving(&read[1..], &["speed_kmh", "velocity[2]"]);
}

#[test]
#[ignore = "needs the programs of peers"]
fn mumble_link_is_read_by_a_crate() {
    let texts = [
        "name=Game of Zoë",
        r#"identity={"name":"Zoë"}"#,
        "description=a game",
    ];
    let others = ["context_len=3", "context=616263", "fAvatarFront[1]=0.5"];
    let values = [&texts[..], &others].concat();
    let moving = ["fAvatarPosition", "fCameraTop"];
    let _serving = serve("mumble-link", "5000", &values, &moving);
    let read = client("mumblelink_reader", &[&READS.to_string()]);
    assert_has(&read[0], &texts);
    assert_has(
        &read[0],
        &["uiVersion=2", "context=abc", "fAvatarFront[1]=0.5"],
    );
    assert_moving(
        &read[1..],
        &["uiTick", "fAvatarPosition[2]", "fCameraTop[0]"],
    );
}

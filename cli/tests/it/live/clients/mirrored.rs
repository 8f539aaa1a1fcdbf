//! A region of another computer, held here by `winshm mirror`, under the name that the clients know.

use super::super::fresh_name;
use super::super::serving::Serving;
use super::{
    ASSETTO_CORSA, IRACING, alone, assert_has, assert_moving, assert_whole, client, serve,
};
use crate::share::Sharing;

/// Shares what is served here under another name, as another computer would, and mirrors it.
fn mirror(name: &str, layout: &str, real: &str) -> (Sharing, Serving) {
    let sharing = Sharing::start(&[name, "--layout", layout]);
    let mirroring = Serving::start(&["mirror", &sharing.page, name, "--as", real]);
    (sharing, mirroring)
}

#[test]
#[ignore = "needs the programs of peers"]
fn iracing_of_another_computer_is_read_by_a_crate() {
    let _alone = alone(&IRACING);
    let name = fresh_name();
    let names = ["Speed", "RPM", "Throttle"];
    let _serving = serve("iracing", "60", &["--name", &name, "Gear=-1"], &names);
    let _mirror = mirror(&name, "iracing", r"Local\IRSDKMemMapFileName");
    let read = client(
        "iracing_telem",
        &["100", "Gear", "Speed", "RPM", "Throttle"],
    );
    assert_has(
        &read[0],
        &["session_info=TrackDisplayName: Silverstone Circuit"],
    );
    assert_has(&read[1], &["Gear=-1"]);
    assert_whole(&read[1..], &names);
}

#[test]
#[ignore = "needs the programs of peers"]
fn assetto_corsa_of_another_computer_is_read_by_what_its_sample_has() {
    let _alone = alone(&ASSETTO_CORSA);
    let of = |page: &str| {
        let name = fresh_name();
        let layout = format!("assetto-corsa-{page}");
        let real = format!(r"Local\acpmf_{page}");
        let moving: &[&str] = if page == "physics" {
            &["speed_kmh"]
        } else {
            &[]
        };
        let values: &[&str] = if page == "static" {
            &["max_rpm=9000"]
        } else {
            &[]
        };
        let arguments = [&["--name", &*name], values].concat();
        let serving = serve(&layout, "60", &arguments, moving);
        (serving, mirror(&name, &layout, &real))
    };
    let _pages = ["physics", "graphics", "static"].map(of);
    let read = client("assetto_corsa_reader", &["100"]);
    assert_has(&read[0], &["sm_version=1.7", "max_rpm=9000", "status=2"]);
    assert_moving(&read[1..], &["speed_kmh"]);
}

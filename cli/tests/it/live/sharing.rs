//! `winshm share` of regions that live.

use std::time::Instant;

use serde_json::json;

use super::fresh_name;
use super::serving::Serving;
use crate::share::Sharing;
use crate::tool::{WATCHDOG, winshm};

#[test]
fn a_region_is_shared_before_it_is_there_and_after_it_has_gone() {
    let name = fresh_name();
    let sharing = Sharing::start(&[&name, "--layout", "core-temp"]);
    let wait = |what: &dyn Fn(&serde_json::Value) -> bool| {
        let begun = Instant::now();
        loop {
            let told = &sharing.json()["regions"][0];
            if what(told) {
                return;
            }
            assert!(begun.elapsed() < WATCHDOG, "{told}");
            std::thread::yield_now();
        }
    };
    wait(&|it| it == &json!({ "state": "absent", "region": name }));
    let serve = ["serve", "core-temp", "--name", &name, "uiCoreCnt=1"];
    let wave = ["--wave", "fTemp[0]=ramp(0,1000,100s)", "--rate", "50"];
    let serving = Serving::start(&[&serve[..], &wave].concat());
    wait(&|it| it["values"]["fTemp"][0].as_f64() > Some(1.0));
    wait(&|it| it["state"] == "live" && it["values"]["fTemp"][0].as_f64() > Some(2.0));
    drop(serving);
    wait(&|it| it["state"] == "absent");
    assert!(!sharing.get("/metrics").contains("f_temp"));
}

#[test]
fn a_region_of_another_computer_is_mirrored_and_goes_when_that_does() {
    let (name, here) = (fresh_name(), fresh_name());
    let serve = ["serve", "core-temp", "--name", &name, "uiCoreCnt=1"];
    let wave = ["--wave", "fTemp[0]=ramp(0,10000,1000s)", "--rate", "50"];
    let serving = Serving::start(&[&serve[..], &wave].concat());
    let sharing = Sharing::start(&[&name, "--layout", "core-temp", "--token"]);
    let page = sharing.page.clone();
    let mirror = ["mirror", &page, &name, "--as", &here, "--gone", "2s"];
    let mirroring = Serving::start(&mirror);
    let read = |name: &str| {
        let field = ["read", name, "fTemp[0]", "--layout", "core-temp"];
        let ran = winshm(&field);
        let value = ran.out.trim().rsplit(' ').next().map(str::to_owned);
        value.and_then(|it| it.parse::<f64>().ok()).ok_or(ran.code)
    };
    // It goes on, and is not ahead of the real one.
    let first = read(&here).unwrap();
    let begun = Instant::now();
    while read(&here).unwrap() <= first {
        assert!(begun.elapsed() < WATCHDOG);
    }
    let mirrored = read(&here).unwrap();
    assert!(mirrored <= read(&name).unwrap());
    // The other computer goes, and after a while so does the region.
    drop(serving);
    drop(sharing);
    let begun = Instant::now();
    while read(&here) != Err(3) {
        assert!(begun.elapsed() < WATCHDOG);
    }
    drop(mirroring);
}

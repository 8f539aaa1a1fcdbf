//! `winshm share` of regions that live.

use std::time::Instant;

use serde_json::json;

use super::fresh_name;
use super::serving::Serving;
use crate::share::Sharing;
use crate::tool::WATCHDOG;

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

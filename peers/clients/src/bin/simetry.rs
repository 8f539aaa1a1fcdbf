//! `simetry GAME COUNT`: what the crate simetry reads of `iracing`, `assetto_corsa`, `assetto_corsa_competizione` or
//! `rfactor_2`.
//!
//! Of iRacing it takes the row that has the newest tick and looks at the tick again. It compares the tick before it copies
//! the row, so a row is whole only if the copy is done before the simulator writes to that buffer the next time. Of Assetto
//! Corsa, it copies until the counter is the same before and after, which the game counts up after it has written: values
//! of one sample may be of two writes. Of rFactor 2 it copies until both versions in the copy are equal.

use std::time::Duration;

use clients::Sample;
use simetry::{Moment, Simetry};
use simetry::{assetto_corsa, assetto_corsa_competizione, iracing, rfactor_2};

const RETRY: Duration = Duration::from_millis(50);

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.expect("there is a runtime").block_on(run());
}

async fn run() {
    let words = clients::words();
    let [game, count] = &words[..] else {
        panic!("simetry GAME COUNT");
    };
    let count: usize = count.parse().expect("a number of samples");
    let mut client: Box<dyn Simetry> = match &**game {
        "iracing" => Box::new(iracing::Client::connect(RETRY).await),
        "assetto_corsa" => Box::new(assetto_corsa::Client::connect(RETRY).await),
        "assetto_corsa_competizione" => {
            Box::new(assetto_corsa_competizione::Client::connect(RETRY).await)
        }
        "rfactor_2" => Box::new(rfactor_2::Client::connect().await),
        other => panic!("{other} is no game"),
    };
    for _ in 0..count {
        let moment = client.next_moment().await.expect("the game has ended");
        sample(&*moment).print();
    }
}

/// What is there of it. The game's units became those of the SI.
fn sample(of: &dyn Moment) -> Sample {
    let flags = of.flags().unwrap_or_default();
    let values = [
        ("gear", of.vehicle_gear().map(f64::from)),
        ("m/s", of.vehicle_velocity().map(|it| it.value)),
        (
            "rad/s",
            of.vehicle_engine_rotation_speed().map(|it| it.value),
        ),
        (
            "rad/s_max",
            of.vehicle_max_engine_rotation_speed().map(|it| it.value),
        ),
        (
            "pit_limiter",
            of.is_pit_limiter_engaged()
                .map(|it| f64::from(u8::from(it))),
        ),
        ("blue", Some(f64::from(u8::from(flags.blue)))),
    ];
    let present = values
        .into_iter()
        .filter_map(|(name, it)| Some((name, it?)));
    let sample = present.fold(Sample::default(), |sample, (name, it)| {
        sample.with(name, it)
    });
    sample.with("vehicle", of.vehicle_unique_id().unwrap_or_default())
}

//! `iracing COUNT VARIABLE…`: what the crate iracing reads.
//!
//! It copies the newest buffer and does not look at its tick again: a sample is whole only if the copy is done before the
//! simulator writes to that buffer the next time, two ticks later at the earliest. Of arrays it leaves out the last
//! element. `blocking` waits for the simulator's event, but reads the buffer that was the newest when `blocking` was called,
//! so its samples are up to two ticks old. `close` closes addresses as if they were handles, and is not called here.

use std::time::Duration;

use clients::Sample;
use iracing::Connection;
use iracing::telemetry::{self, Value};

fn main() {
    // `get` takes names that live as long as the program.
    let names = clients::words().split_off(1);
    let names: Vec<&'static str> = names.into_iter().map(|it| &*it.leak()).collect();
    let mut connection = Connection::new().expect("there is no region");
    let session = connection.session_info().expect("it has no session");
    let driver = session.drivers.other_drivers.first();
    Sample::default()
        .with("track_display_name", &session.weekend.track_display_name)
        .with("track_turns", session.weekend.track_turns)
        .with("red_line_rpm", session.drivers.red_line_rpm)
        .with("driver", driver.map_or("", |it| &it.user_name))
        .print();
    clients::print_samples(clients::count(), || {
        sample(&connection.telemetry().expect("there is no sample"), &names)
    });
    let blocking = connection.blocking().expect("there is no event");
    let waited = blocking.sample(Duration::from_secs(30));
    sample(&waited.expect("there was no event"), &names).print();
}

fn sample(of: &telemetry::Sample, names: &[&'static str]) -> Sample {
    names.iter().fold(Sample::default(), |sample, it| {
        match of.get(it).expect("it has no such variable") {
            Value::BOOL(value) => sample.with(it, value),
            Value::INT(value) => sample.with(it, value),
            Value::BITS(value) => sample.with(it, value),
            Value::FLOAT(value) => sample.with(it, value),
            Value::DOUBLE(value) => sample.with(it, value),
            value => sample.with(it, format_args!("{value:?}")),
        }
    })
}

//! `iracing_telem COUNT VARIABLE…`: what the crate iracing-telem reads.
//!
//! It copies the newest buffer and looks at its tick again, as the simulator's SDK does. It looks through an ordinary
//! reference, though, so an optimized build may leave the second look out; this one is not optimized.

use std::time::Duration;

use clients::Sample;
use iracing_telem::{Client, DataUpdateResult, Session, Value, Var};

fn main() {
    let (count, names) = (clients::count(), clients::words().split_off(1));
    // SAFETY: All of the crate is unsafe, because it believes what is in the region. `winshm serve` keeps to the layout.
    unsafe { run(count, &names) }
}

/// # Safety
///
/// The region, if there is one, is what the simulator makes.
unsafe fn run(count: usize, names: &[String]) {
    const LIMIT: Duration = Duration::from_secs(30);
    let mut client = Client::new();
    // SAFETY: As promised by the caller, here and below.
    let session = unsafe { client.wait_for_session(LIMIT) };
    let mut session = session.expect("there is no session");
    // SAFETY: See above.
    let variables: Vec<Var> = names
        .iter()
        .map(|it| unsafe { session.find_var(it) }.expect("it has no such variable"))
        .collect();
    // SAFETY: See above.
    let (update, text) = unsafe { (session.session_info_update(), session.session_info()) };
    let mut about = Sample::default().with("session_info_update", update);
    for line in text.lines().filter(|it| it.contains("TrackDisplayName")) {
        about = about.with("session_info", line.trim());
    }
    for it in &variables {
        about = about.with(
            it.name(),
            format_args!("{:?} [{}]", it.var_type(), it.unit()),
        );
    }
    about.print();
    let mut left = count;
    while left > 0 {
        // SAFETY: See above.
        match unsafe { session.wait_for_data(Duration::from_secs(1)) } {
            DataUpdateResult::Updated => {
                // SAFETY: See above; the variables are those of this session.
                unsafe { sample(&session, &variables) }.print();
                left -= 1;
            }
            DataUpdateResult::NoUpdate | DataUpdateResult::FailedToCopyRow => {}
            DataUpdateResult::SessionExpired => panic!("the session has ended"),
        }
    }
}

/// # Safety
///
/// The variables are those of the session.
unsafe fn sample(session: &Session, variables: &[Var]) -> Sample {
    variables.iter().fold(Sample::default(), |sample, it| {
        // SAFETY: As promised by the caller.
        match unsafe { session.var_value(it) } {
            Value::Bool(value) => sample.with(it.name(), value),
            Value::Int(value) | Value::Bitfield(value) => sample.with(it.name(), value),
            Value::Float(value) => sample.with(it.name(), value),
            Value::Double(value) => sample.with(it.name(), value),
            value => sample.with(it.name(), format_args!("{value:?}")),
        }
    })
}

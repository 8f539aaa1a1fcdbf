//! What `cargo xtask test` checks.

mod cargo;
mod foreign;
mod here;
mod lanes;
mod messages;
mod package;
mod programs;
mod run;
mod wine10;

use crate::failure::Result;
use crate::host::session::Session;

pub(crate) use here::list_api;
pub(crate) use run::{list, run};

/// How a step that did not fail came out.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Passed,
    Skipped(String),
}

/// Lanes run side by side (see `lanes`): most of the time, programs under Wine wait. On Windows all steps run one
/// after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lane {
    /// Programs for Windows.
    Wine,
    /// What runs on this machine.
    Host,
    /// What is built or linted for Windows and not run. Not with what runs here, since the two have target
    /// folders of their own.
    Checks,
}

impl Lane {
    /// Those that begin first come first: most of what they do is waiting.
    const ALL: [Self; 3] = [Self::Wine, Self::Host, Self::Checks];

    /// So many of its steps run at the same time. Cargo builds for one step at a time in a target folder.
    fn room(self) -> usize {
        match self {
            Self::Wine => 2,
            Self::Host | Self::Checks => 1,
        }
    }
}

#[derive(Debug)]
struct Step {
    name: &'static str,
    about: &'static str,
    lane: Lane,
    run: fn(&Tests<'_>) -> Result<Outcome>,
}

const fn step(
    lane: Lane,
    name: &'static str,
    about: &'static str,
    run: fn(&Tests<'_>) -> Result<Outcome>,
) -> Step {
    Step {
        name,
        about,
        lane,
        run,
    }
}

/// Each name can be given to `cargo xtask test`. In their lane come first what others need, what mostly waits for
/// downloads, and what takes long, so that nothing long is left over at the end.
#[rustfmt::skip]
const STEPS: &[Step] = &[
    step(Lane::Host, "fmt", "formatting", here::fmt),
    step(Lane::Host, "clippy-host", "lints of what runs here", here::clippy_host),
    step(Lane::Host, "host", "tests of what runs here", here::host),
    step(Lane::Host, "api", "the public items are those listed", here::api),
    step(Lane::Host, "model", "the protocols under loom", here::model),
    step(Lane::Host, "fuzz", "mutated layouts, regions and recordings", here::fuzz),
    step(Lane::Host, "python", "recordings, as Python reads them", here::python),
    step(Lane::Host, "page", "the page of `winshm share`, in a browser", here::page),
    step(Lane::Host, "metrics", "the metrics of `winshm share`, with Prometheus", here::metrics),
    step(Lane::Host, "mqtt", "`winshm share --mqtt`, with Mosquitto", here::mqtt),
    step(Lane::Host, "zenoh", "`winshm-zenoh`, on three computers; only if it is named", here::zenoh),
    step(Lane::Checks, "bare", "lints without default features", here::bare),
    step(Lane::Checks, "messages", "what the compiler says of wrong programs", messages::messages),
    step(Lane::Checks, "docs", "documentation without warnings", here::docs),
    step(Lane::Checks, "aarch64", "the library for aarch64-pc-windows-msvc", here::aarch64),
    step(Lane::Checks, "arm64ec", "the library for arm64ec-pc-windows-msvc", here::arm64ec),
    step(Lane::Checks, "macos", "types and layouts for aarch64-apple-darwin", here::macos),
    step(Lane::Wine, "foreign", "compile the C and C++ peers", programs::foreign),
    step(Lane::Wine, "sid", "make a Debian sid, for its Wine", wine10::sid),
    step(Lane::Wine, "clippy", "lints of what runs on Windows", here::clippy),
    step(Lane::Wine, "windows", "unit and integration tests", programs::windows),
    step(Lane::Wine, "i686", "the library for i686-pc-windows-gnu", wine10::i686),
    step(Lane::Wine, "wine10", "32-bit programs, Release builds, and a second Wine", wine10::wine10),
    step(Lane::Wine, "tool", "winshm and the regions of other programs", programs::tool),
    step(Lane::Wine, "kills", "programs killed at random instants", programs::kills),
    step(Lane::Wine, "steps", "programs that die at each step in turn", programs::steps),
    step(Lane::Wine, "disk", "winshm on a full disk", programs::disk),
    step(Lane::Wine, "computers", "winshm on two computers, which are Wine prefixes", programs::computers),
    step(Lane::Wine, "profiles", "a Debug and a Release build together, where `wine10` cannot run", programs::profiles),
    step(Lane::Wine, "package", "a user's program with the packaged crates", package::package),
    step(Lane::Wine, "doc-tests", "programs in the documentation", programs::doc_tests),
    step(Lane::Wine, "peers", "lints of the benchmarks", here::peers),
    step(Lane::Wine, "readme", "the README's two programs, as a user runs them", programs::readme),
    step(Lane::Wine, "interop", "tests with the C and C++ peers", programs::interop),
    step(Lane::Wine, "real", "tests that only real Windows passes", programs::real),
];

/// What the steps work with.
#[derive(Debug)]
struct Tests<'a> {
    session: &'a Session<'a>,
    /// On Windows: what to build and run for, if not cargo's default.
    target: Option<&'a str>,
    /// How many programs to kill at random instants.
    kills: u32,
    /// Whether the steps to run were named.
    are_named: bool,
}

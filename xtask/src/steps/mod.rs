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

/// The steps of a lane run one after the other, and lanes side by side (see `lanes`): most of the time, programs
/// under Wine wait. On Windows all steps run one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lane {
    /// Programs for Windows.
    First,
    /// Programs for Windows, beginning with the Debian sid. Takes as long as the first lane.
    Second,
    /// What runs on this machine.
    Host,
    /// What is built or linted for Windows and not run. Not with what runs here, since the two have target
    /// folders of their own.
    Checks,
}

impl Lane {
    /// Those that begin first come first: most of what they do is waiting.
    const ALL: [Self; 4] = [Self::First, Self::Second, Self::Host, Self::Checks];

    fn uses_wine(self) -> bool {
        matches!(self, Self::First | Self::Second)
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

/// Each name can be given to `cargo xtask test`. The steps that fail soonest come first in their lane.
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
    step(Lane::Checks, "clippy", "lints of what runs on Windows", here::clippy),
    step(Lane::Checks, "bare", "lints without default features", here::bare),
    step(Lane::Checks, "messages", "what the compiler says of wrong programs", messages::messages),
    step(Lane::Checks, "docs", "documentation without warnings", here::docs),
    step(Lane::Checks, "peers", "lints of the benchmarks", here::peers),
    step(Lane::Checks, "aarch64", "the library for aarch64-pc-windows-msvc", here::aarch64),
    step(Lane::Checks, "arm64ec", "the library for arm64ec-pc-windows-msvc", here::arm64ec),
    step(Lane::First, "foreign", "compile the C and C++ peers", programs::foreign),
    step(Lane::First, "windows", "unit and integration tests, examples", programs::windows),
    step(Lane::First, "readme", "the README's two programs, as a user runs them", programs::readme),
    step(Lane::First, "interop", "tests with the C and C++ peers", programs::interop),
    step(Lane::First, "real", "tests that only real Windows passes", programs::real),
    step(Lane::First, "package", "a user's program with the packaged crates", package::package),
    step(Lane::First, "doc-tests", "programs in the documentation", programs::doc_tests),
    step(Lane::First, "steps", "programs that die at each step in turn", programs::steps),
    step(Lane::First, "kills", "programs killed at random instants", programs::kills),
    step(Lane::Second, "sid", "make a Debian sid, for its Wine", wine10::sid),
    step(Lane::Second, "i686", "the library for i686-pc-windows-gnu", wine10::i686),
    step(Lane::Second, "wine10", "32-bit programs, and a second Wine", wine10::wine10),
    step(Lane::Second, "tool", "winshm and the regions of other programs", programs::tool),
    step(Lane::Second, "profiles", "a Debug and a Release build together", programs::profiles),
];

/// What the steps work with.
#[derive(Debug)]
struct Tests<'a> {
    session: &'a Session<'a>,
    /// On Windows: what to build and run for, if not cargo's default.
    target: Option<&'a str>,
    /// How many programs to kill at random instants.
    kills: u32,
}

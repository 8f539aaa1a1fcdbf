//! See, record, replay and share what is in named shared memory regions.
#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    winshm::run()
}

//! Publishes regions over Zenoh and mirrors them on any number of computers, directly or through routers.

use std::process::ExitCode;

fn main() -> ExitCode {
    winshm_zenoh::run()
}

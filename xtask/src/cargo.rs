//! `cargo xtask cargo …`: any cargo command, for Windows.

use crate::failure::{Failure, Result};
use crate::host::packages::Needs;
use crate::host::paths::Paths;
use crate::host::process;
use crate::host::session::Session;

pub(crate) fn run(paths: &Paths, arguments: &[String]) -> Result<()> {
    Session::run(paths, Needs::Everything, |session| {
        let mut cargo = session.toolchain.windows_cargo(paths, None);
        if let Ok(here) = std::env::current_dir() {
            cargo.current_dir(here);
        }
        cargo.args(arguments);
        let status = process::pass_through(cargo)?;
        if status.success() {
            return Ok(());
        }
        let line = arguments.join(" ");
        Err(Failure::with_code(
            format!("`cargo {line}` failed: {status}"),
            status.code(),
        ))
    })
}

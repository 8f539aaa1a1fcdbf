//! `cargo xtask bench`: the benchmarks of the library, which live in a workspace of their own, and those of
//! layouts as data.

use std::time::Duration;

use crate::failure::Result;
use crate::host::packages::Needs;
use crate::host::paths::Paths;
use crate::host::process;
use crate::host::session::Session;

const LIMIT: Duration = Duration::from_secs(2 * 60 * 60);

pub(crate) fn run(paths: &Paths, filter: &[String]) -> Result<()> {
    let layouts_alone = filter == ["layouts"];
    Session::run(paths, Needs::Everything, |session| {
        if !layouts_alone {
            let mut cargo = session.toolchain.windows_cargo(paths, None);
            cargo.env("CARGO_TARGET_DIR", paths.peers_target());
            cargo.current_dir(paths.root().join("peers"));
            cargo.arg("bench").args(filter);
            process::run("cargo bench", LIMIT, cargo)?;
        }
        if layouts_alone || filter.is_empty() {
            let mut cargo = session.toolchain.host_cargo(paths);
            cargo.args(["bench", "--package", "win-shared-memory-layouts"]);
            process::run("cargo bench", LIMIT, cargo)?;
        }
        Ok(())
    })
}

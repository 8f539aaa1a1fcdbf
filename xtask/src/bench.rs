//! `cargo xtask bench`: the benchmarks, which live in a workspace of their own.

use std::time::Duration;

use crate::failure::{Failure, Result};
use crate::packages::Needs;
use crate::paths::Paths;
use crate::process::{self, Watch};
use crate::session::Session;

const LIMIT: Duration = Duration::from_secs(2 * 60 * 60);

pub(crate) fn run(paths: &Paths, arguments: &[String]) -> Result<()> {
    let folder = paths.root().join("peers");
    if !folder.join("Cargo.toml").exists() {
        return Err(Failure::new(format!(
            "no benchmarks: {} has no Cargo.toml",
            folder.display()
        )));
    }
    Session::run(paths, Needs::Everything, |session| {
        let mut cargo = session.toolchain.windows_cargo(paths, None);
        cargo.env("CARGO_TARGET_DIR", paths.peers_target());
        cargo.current_dir(&folder).arg("bench").args(arguments);
        let watch = Watch {
            label: "cargo bench",
            limit: LIMIT,
        };
        process::stream(cargo, &watch)?.success("cargo bench")
    })
}

//! `cargo xtask bench`: the benchmarks of the library, which live in a workspace of their own, and those of what
//! runs on every system.

use std::time::Duration;

use crate::failure::Result;
use crate::host::packages::Needs;
use crate::host::paths::Paths;
use crate::host::process;
use crate::host::session::Session;

const LIMIT: Duration = Duration::from_secs(2 * 60 * 60);

/// What is measured here, by the word that asks for it alone.
const HERE: [(&str, &str); 2] = [
    ("layouts", "win-shared-memory-layouts"),
    ("recordings", "winshm-core"),
];

/// The argument that runs only the benchmark of what the tool shares.
const SHARE: &str = "share";

/// The argument that runs the benchmark of `winshm-zenoh`, which takes long to build and runs in no other way.
const ZENOH: &str = "zenoh";

pub(crate) fn run(paths: &Paths, filter: &[String]) -> Result<()> {
    let alone = HERE.iter().find(|(word, _)| filter == [*word]);
    let is_share = filter == [SHARE];
    Session::run(paths, Needs::Everything, |session| {
        if filter == [ZENOH] {
            let mut cargo = session.toolchain.host_cargo(paths);
            cargo.env("CARGO_TARGET_DIR", paths.zenoh_target());
            cargo.current_dir(paths.root().join("zenoh")).arg("bench");
            return process::run("cargo bench", LIMIT, cargo);
        }
        if is_share || filter.is_empty() {
            let mut cargo = session.toolchain.windows_cargo(paths, None);
            cargo.args(["bench", "--package", "winshm", "--bench", SHARE]);
            process::run("cargo bench", LIMIT, cargo)?;
        }
        if alone.is_none() && !is_share {
            let mut cargo = session.toolchain.windows_cargo(paths, None);
            cargo.env("CARGO_TARGET_DIR", paths.peers_target());
            cargo.current_dir(paths.root().join("peers"));
            cargo.arg("bench").args(filter);
            process::run("cargo bench", LIMIT, cargo)?;
        }
        let here = HERE
            .iter()
            .filter(|it| alone.map_or(filter.is_empty(), |alone| alone == *it));
        for (_, package) in here {
            let mut cargo = session.toolchain.host_cargo(paths);
            cargo.args(["bench", "--package", package, "--benches"]);
            process::run("cargo bench", LIMIT, cargo)?;
        }
        Ok(())
    })
}

//! The step that runs 32-bit programs, and both kinds under a second Wine.

use std::path::{Path, PathBuf};

use crate::checks::{self, INTEGRATION_TESTS, LIMIT, Tests};
use crate::failure::{Failure, Result};
use crate::i686;
use crate::process;
use crate::sid::Sid;
use crate::steps::Outcome;
use crate::toolchain::Toolchain;

/// The step `kills` is the one that has to hit every moment.
const KILLS: &str = "50";

/// All histories are gone through where the step `windows` runs.
const SEEDS: &str = "50";

impl Tests<'_> {
    /// All integration tests as 64-bit and as 32-bit programs, alone and with children of the other kind.
    pub(crate) fn wine10(&self) -> Result<Outcome> {
        let paths = self.session.paths;
        if self.session.toolchain == Toolchain::Native {
            return Ok(Outcome::Skipped("this is Windows".into()));
        }
        if let Err(reason) = self.session.toolchain.require_target(i686::TARGET) {
            return Ok(Outcome::Skipped(reason));
        }
        let sid = match Sid::set_up(paths)? {
            Ok(sid) => sid,
            Err(reason) => return Ok(Outcome::Skipped(reason)),
        };
        let wide = sid.add(&self.integration_tests(&[])?, "tests-x86_64.exe")?;
        let narrow = sid.add(&self.narrow_tests()?, "tests-i686.exe")?;
        let mut failed = Vec::new();
        for (about, parents, children) in [
            ("x86_64", &wide, None),
            ("i686", &narrow, None),
            ("x86_64 with children of i686", &wide, Some(&narrow)),
            ("i686 with children of x86_64", &narrow, Some(&wide)),
        ] {
            process::say(&format!("Wine 10, {about}:"));
            let mut command = sid.command(&["wine", parents]);
            command.env("WIN_SHARED_MEMORY_KILLS", KILLS);
            command.env("WIN_SHARED_MEMORY_SEEDS", SEEDS);
            if let Some(children) = children {
                let children = crate::wine::windows_path(Path::new(children));
                command.env("WIN_SHARED_MEMORY_OTHER_PROFILE", children);
            }
            let label = format!("tests under Wine 10, {about}");
            if let Err(failure) = checks::listen_to(LIMIT, &label, command, process::say) {
                if crate::interrupt::requested() {
                    return Err(failure);
                }
                failed.push(about);
            }
        }
        if failed.is_empty() {
            return Ok(Outcome::Passed);
        }
        Err(Failure::new(format!("failed: {}", failed.join("; "))))
    }

    /// Builds the integration tests for 32 bits, and tells where they are.
    fn narrow_tests(&self) -> Result<PathBuf> {
        let cargo = self.cargo_for(i686::TARGET, &INTEGRATION_TESTS)?;
        checks::built(cargo)
    }
}

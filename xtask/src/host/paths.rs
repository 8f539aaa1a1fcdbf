//! Where things are, and where what we make goes.

use std::env;
use std::path::{Path, PathBuf};

/// The folders of one checkout.
#[derive(Debug, Clone)]
pub(crate) struct Paths {
    root: PathBuf,
    target: PathBuf,
}

impl Paths {
    /// The checkout this program was run from. `CARGO_TARGET_DIR` moves
    /// everything we make, the Wine prefix included.
    pub(crate) fn find() -> Self {
        let manifest = env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = manifest
            .parent()
            .map_or_else(|| manifest.clone(), Path::to_path_buf);
        let target = env::var_os("CARGO_TARGET_DIR")
            .filter(|dir| !dir.is_empty())
            .map_or_else(|| root.join("target"), |dir| root.join(dir));
        Self { root, target }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Everything we make is below this folder.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// Cargo's target folder for builds that run on this machine. Not
    /// `target` itself: another cargo, the one that runs us, builds there.
    pub(crate) fn host_target(&self) -> PathBuf {
        self.target.join("host")
    }

    /// Cargo's target folder for what is linted, documented or built for Windows and not run. Not that of
    /// the programs: cargo locks a folder while it builds there.
    pub(crate) fn checks_target(&self) -> PathBuf {
        self.target.join("checks")
    }

    /// Cargo's target folder for Windows programs.
    pub(crate) fn windows_target(&self) -> PathBuf {
        self.target.join("windows")
    }

    /// Cargo's target folder for the protocols' cores under loom.
    pub(crate) fn model_target(&self) -> PathBuf {
        self.target.join("model")
    }

    /// Cargo's target folder for Windows builds with a hook between the protocols' steps.
    pub(crate) fn steps_target(&self) -> PathBuf {
        self.target.join("windows-steps")
    }

    /// Cargo's target folder for the benchmarks' own workspace.
    pub(crate) fn peers_target(&self) -> PathBuf {
        self.target.join("windows-peers")
    }

    /// Cargo's target folder for the workspace of `winshm-zenoh`.
    pub(crate) fn zenoh_target(&self) -> PathBuf {
        self.target.join("zenoh")
    }

    /// The Wine prefix.
    pub(crate) fn wine_prefix(&self) -> PathBuf {
        self.target.join("wine")
    }

    /// A Debian sid, for its Wine.
    pub(crate) fn sid_root(&self) -> PathBuf {
        self.target.join("sid")
    }

    /// What linking for 32 bits needs besides the compiler.
    pub(crate) fn i686_startup(&self) -> PathBuf {
        self.target.join("i686")
    }

    /// What the steps of the tests have printed.
    pub(crate) fn logs(&self) -> PathBuf {
        self.target.join("logs")
    }

    /// Temporary files of the builds: mingw's dlltool leaves many behind.
    pub(crate) fn temporary(&self) -> PathBuf {
        self.target.join("tmp")
    }

    /// Held while the Wine prefix is used or changed.
    pub(crate) fn wine_lock(&self) -> PathBuf {
        self.target.join("wine.lock")
    }

    /// Held while the Debian sid is made or used.
    pub(crate) fn sid_lock(&self) -> PathBuf {
        self.target.join("sid.lock")
    }

    /// The sources of the foreign programs the tests talk to.
    pub(crate) fn foreign_sources(&self) -> PathBuf {
        self.root.join("peers").join("foreign")
    }

    /// Where these are compiled to.
    pub(crate) fn foreign_programs(&self) -> PathBuf {
        self.target.join("peers")
    }
}

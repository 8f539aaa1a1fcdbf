//! Environment variables that a parent cargo leaves behind.
//!
//! `cargo xtask` runs under whichever cargo the user has; the cargo we start
//! may be another one, and must not be told about the first one's choices.

use std::env;
use std::process::Command;

/// Set by cargo or rustup for the program they run, or asking for a build of
/// another kind than the one we are about to ask for.
const NAMES: &[&str] = &[
    "CARGO",
    "CARGO_BIN_NAME",
    "CARGO_BUILD_TARGET",
    "CARGO_CRATE_NAME",
    "CARGO_MANIFEST_DIR",
    "CARGO_MANIFEST_PATH",
    "CARGO_PRIMARY_PACKAGE",
    "CARGO_TARGET_DIR",
    "CARGO_UNSTABLE_BUILD_STD",
    "DYLD_FALLBACK_LIBRARY_PATH",
    "LD_LIBRARY_PATH",
    "OUT_DIR",
    "RUSTC",
    "RUSTC_BOOTSTRAP",
    "RUSTDOC",
    "RUST_RECURSION_COUNT",
];

const PREFIXES: &[&str] = &[
    "CARGO_PKG_",
    "CARGO_BIN_EXE_",
    "CARGO_TARGET_X86_64_PC_WINDOWS_GNU_",
];

/// Whether a child must not see this variable.
fn is_left_behind(name: &str) -> bool {
    NAMES.contains(&name) || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

/// Keeps a parent cargo's variables from `command`.
pub(crate) fn scrub(command: &mut Command) {
    for (name, _) in env::vars_os() {
        if name.to_str().is_some_and(is_left_behind) {
            command.env_remove(name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_left_behind;

    #[test]
    fn a_parent_cargos_variables_go() {
        for name in [
            "CARGO",
            "CARGO_PKG_NAME",
            "CARGO_MANIFEST_DIR",
            "LD_LIBRARY_PATH",
            "RUSTC",
        ] {
            assert!(is_left_behind(name), "{name}");
        }
    }

    #[test]
    fn the_users_own_settings_stay() {
        for name in [
            "CARGO_HOME",
            "RUSTUP_HOME",
            "RUSTFLAGS",
            "CARGO_NET_OFFLINE",
            "PATH",
            "HOME",
        ] {
            assert!(!is_left_behind(name), "{name}");
        }
    }
}

//! What a program compiles that depends on the library.

use std::collections::BTreeSet;
use std::env;
use std::process::Command;

use crate::sources::root;

#[test]
fn a_dependent_without_default_features_compiles_three_crates() {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .current_dir(root())
        .args([
            "tree",
            "--package",
            "win-shared-memory",
            "--no-default-features",
        ])
        .args([
            "--target",
            "x86_64-pc-windows-msvc",
            "--edges",
            "normal,build",
        ])
        .args(["--prefix", "none", "--format", "{lib}"])
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    let crates = String::from_utf8(output.stdout).unwrap();
    let crates: BTreeSet<_> = crates.lines().filter(|it| !it.is_empty()).collect();
    let three = ["windows_link", "windows_result", "windows_sys"];
    assert_eq!(
        crates,
        three.into_iter().chain(["win_shared_memory"]).collect()
    );
}

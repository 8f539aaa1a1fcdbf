//! Linking 32-bit programs with Debian's Rust.
//!
//! For this target rustc links two objects that come with a compiled standard library, and there is
//! none: so they are compiled here.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::failure::{Failure, Result};
use crate::host::paths::Paths;
use crate::host::process;

pub(crate) const TARGET: &str = "i686-pc-windows-gnu";

/// What cargo takes the linker's name from.
pub(crate) const LINKER_VARIABLE: &str = "CARGO_TARGET_I686_PC_WINDOWS_GNU_LINKER";

const GCC: &str = "i686-w64-mingw32-gcc";

/// With the standard library's source.
const SOURCES: &str = "/usr/lib/rustlib/src/rust/library/rtstartup";

const OBJECTS: [&str; 2] = ["rsbegin", "rsend"];

const LIMIT: Duration = Duration::from_secs(5 * 60);

/// gcc, told where the two objects are: rustc names them without a folder.
const LINKER: &str = "#!/bin/sh
for argument; do
    shift
    case $argument in
        rsbegin.o | rsend.o) argument=${0%/*}/$argument ;;
    esac
    set -- \"$@\" \"$argument\"
done
exec i686-w64-mingw32-gcc \"$@\"
";

/// The linker for a Rust that has a compiled standard library.
pub(crate) fn plain_linker() -> PathBuf {
    PathBuf::from(GCC)
}

/// Makes the linker for Debian's Rust.
pub(crate) fn linker(paths: &Paths) -> Result<PathBuf> {
    let folder = paths.i686_startup();
    fs::create_dir_all(&folder).map_err(|error| Failure::io("make", &folder, &error))?;
    for name in OBJECTS {
        compile(name, &folder)?;
    }
    let linker = folder.join("linker");
    let io = |error| Failure::io("write", &linker, &error);
    fs::write(&linker, LINKER).map_err(io)?;
    make_executable(&linker).map_err(io)?;
    Ok(linker)
}

fn compile(name: &str, folder: &Path) -> Result<()> {
    let source = Path::new(SOURCES).join(name).with_extension("rs");
    let mut rustc = Command::new("/usr/bin/rustc");
    rustc
        .args(["--target", TARGET, "--emit=obj", "-o"])
        .arg(folder.join(name).with_extension("o"))
        .arg(source)
        .env("RUSTC_BOOTSTRAP", "1")
        .env_remove("LD_LIBRARY_PATH");
    process::run(&format!("rustc {name}.rs"), LIMIT, rustc)
}

#[cfg(unix)]
fn make_executable(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn make_executable(_path: &Path) -> std::io::Result<()> {
    Ok(())
}

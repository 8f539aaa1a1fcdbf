//! Files that a command writes.

use std::fs::{File, OpenOptions};
use std::io::ErrorKind;
use std::path::Path;

use winshm_core::escape;

use crate::failure::{Code, Failure, Result};

/// Makes a recording. It must not be there, so that none is lost.
pub(crate) fn create_new(path: &Path) -> Result<File> {
    let file = OpenOptions::new().write(true).create_new(true).open(path);
    file.map_err(|error| {
        let advice = match error.kind() {
            ErrorKind::AlreadyExists => "; give another name, or remove it",
            _ => "",
        };
        let path = path.to_string_lossy();
        Failure::new(
            Code::of(&error),
            format_args!("cannot write {}: {error}{advice}", escape(&path)),
        )
    })
}

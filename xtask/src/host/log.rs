//! What a step prints, kept, so that the summary can tell what failed and where to read of it.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use crate::failure::{Failure, Result};

static FILE: Mutex<Option<File>> = Mutex::new(None);

/// From now on lines are written to this step's file too.
pub(crate) fn begin(folder: &Path, step: &str) -> Result<PathBuf> {
    fs::create_dir_all(folder).map_err(|error| Failure::io("make", folder, &error))?;
    let path = folder.join(step).with_extension("log");
    let file = File::create(&path).map_err(|error| Failure::io("write", &path, &error))?;
    if let Ok(mut current) = FILE.lock() {
        *current = Some(file);
    }
    Ok(path)
}

/// Adds a line to the file of the step that runs.
pub(crate) fn add(line: &str) {
    if let Ok(mut current) = FILE.lock()
        && let Some(file) = current.as_mut()
    {
        // It stands on the terminal, too.
        let _ = writeln!(file, "{line}");
    }
}

/// The tests that failed, by what the test harness prints last of all: their names, indented.
pub(crate) fn failed_tests(text: &str) -> Vec<&str> {
    let (mut failed, mut list) = (Vec::new(), Vec::new());
    for line in text.lines() {
        if line == "failures:" {
            // Before the names there is such a line before what the tests have printed.
            list.clear();
        } else if let Some(name) = line.strip_prefix("    ") {
            list.push(name);
        } else if line.starts_with("test result:") {
            if line.starts_with("test result: FAILED") {
                failed.append(&mut list);
            }
            list.clear();
        }
    }
    failed
}

#[cfg(test)]
mod tests {
    use super::failed_tests;

    #[test]
    fn names_of_failed_tests_are_found_among_what_they_printed() {
        let text = "\
running 2 tests
test a::passes ... ok
test a::fails ... FAILED

failures:

---- a::fails stdout ----
    at some::frame
thread panicked

failures:
    a::fails
    src/lib.rs - names (line 3)

test result: FAILED. 1 passed; 2 failed
running 1 test
    indented
test result: ok. 1 passed
";
        assert_eq!(
            failed_tests(text),
            ["a::fails", "src/lib.rs - names (line 3)"]
        );
    }
}

//! What is said: on the terminal, or in the log of the step that says it.

use std::cell::RefCell;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::failure::{Failure, Result};

thread_local! {
    /// The log of the step that this thread runs.
    static LOG: RefCell<Option<Log>> = const { RefCell::new(None) };
}

struct Log {
    file: File,
    shown: bool,
}

/// From now on what this thread says goes to the log of `step`, and to the terminal only if it is `shown`.
pub(crate) fn begin(folder: &Path, step: &str, shown: bool) -> Result<PathBuf> {
    fs::create_dir_all(folder).map_err(|error| Failure::io("make", folder, &error))?;
    let path = folder.join(step).with_extension("log");
    let file = File::create(&path).map_err(|error| Failure::io("write", &path, &error))?;
    LOG.set(Some(Log { file, shown }));
    Ok(path)
}

/// From now on what this thread says goes to the terminal.
pub(crate) fn end() {
    LOG.set(None);
}

/// One line, at once. If the reader has gone away, the steps go on.
pub(crate) fn say(line: &str) {
    let shown = LOG.with_borrow_mut(|log| {
        log.as_mut().is_none_or(|log| {
            let _ = writeln!(log.file, "{line}");
            log.shown
        })
    });
    if shown {
        let mut output = io::stdout().lock();
        let _ = writeln!(output, "{line}").and_then(|()| output.flush());
    }
}

/// The tests that failed, by what the test harness prints last of all: their names, indented.
pub(crate) fn failed_tests(text: &str) -> Vec<&str> {
    let (mut failed, mut list) = (Vec::new(), Vec::new());
    for line in text.lines() {
        if line == "failures:" {
            // There is also such a line before what the tests have printed.
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

/// The part of a log that tells why a step failed: what the failed tests have printed, or the last lines.
pub(crate) fn reason(text: &str) -> &str {
    const LINES: usize = 60;
    let last_lines = |text: &str| {
        let start = text.rmatch_indices('\n').nth(LINES);
        start.map_or(0, |(at, _)| at + 1)
    };
    let start = match (text.find("\nfailures:\n"), failed_tests(text)) {
        (Some(at), failed) if !failed.is_empty() => at,
        _ => last_lines(text),
    };
    text[start..].trim_matches('\n')
}

#[cfg(test)]
mod tests {
    use super::{failed_tests, reason};

    const FAILED: &str = "\
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

    #[test]
    fn names_of_failed_tests_are_found_among_what_they_printed() {
        assert_eq!(
            failed_tests(FAILED),
            ["a::fails", "src/lib.rs - names (line 3)"]
        );
    }

    #[test]
    fn the_reason_is_what_failed_tests_printed_or_the_last_lines() {
        assert!(reason(FAILED).starts_with("failures:\n\n---- a::fails"));
        let lines: String = (0..100).map(|line| format!("line {line}\n")).collect();
        assert!(reason(&lines).starts_with("line 40\n"));
        assert!(reason(&lines).ends_with("\nline 99"));
        assert_eq!(reason("one line\n"), "one line");
    }
}

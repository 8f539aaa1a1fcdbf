//! What the compiler says of wrong programs: `tests/messages` has them, and what is expected.

use std::fs;

use crate::failure::{Failure, Result};
use crate::host::process;
use crate::steps::cargo::LIMIT;
use crate::steps::{Outcome, Tests};

const FILE: &str = "tests/messages/src/wrong.rs";

pub(super) fn messages(tests: &Tests<'_>) -> Result<Outcome> {
    let mut cargo = tests.check_cargo(&["rustc", "--package", "messages", "--lib"]);
    cargo.args([
        "--profile",
        "check",
        "--",
        "--cfg",
        "wrong",
        "--cap-lints=allow",
    ]);
    let mut output = String::new();
    // It is to fail, so how it ends says nothing.
    let _ = process::listen("cargo rustc", LIMIT, cargo, |line| {
        output.push_str(line);
        output.push('\n');
    });
    let source = fs::read_to_string(tests.session.paths.root().join(FILE))
        .map_err(|error| Failure::new(format!("{FILE}: {error}")))?;
    let wrong = differences(&source, &errors(&output));
    if wrong.is_empty() {
        Ok(Outcome::Passed)
    } else {
        Err(Failure::new(format!("{}\n{output}", wrong.join("\n"))))
    }
}

/// An error of the compiler, and the line that it points to first.
struct Error<'a> {
    line: usize,
    text: &'a str,
}

fn errors(output: &str) -> Vec<Error<'_>> {
    let mut starts: Vec<_> = output.match_indices("\nerror").map(|(at, _)| at).collect();
    starts.push(output.len());
    starts
        .windows(2)
        .filter_map(|it| {
            let text = &output[it[0]..it[1]];
            let (_, place) = text.split_once("wrong.rs:")?;
            let (line, _) = place.split_once(':')?;
            let line = line.parse().ok()?;
            Some(Error { line, text })
        })
        .collect()
}

/// What was expected and not said, and the other way round.
fn differences(source: &str, errors: &[Error<'_>]) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut expected_at = Vec::new();
    let mut first = 1;
    for paragraph in source.split("\n\n") {
        let lines = first..first + paragraph.lines().count();
        first = lines.end + 1;
        let said: Vec<_> = errors
            .iter()
            .filter(|it| lines.contains(&it.line))
            .collect();
        let texts = paragraph.lines().filter_map(|it| it.strip_prefix("//~ "));
        for text in texts {
            expected_at.push(lines.clone());
            if !said.iter().any(|it| it.text.contains(text)) {
                wrong.push(format!("{FILE}:{}: no error says: {text}", lines.start));
            }
        }
    }
    let unexpected = errors
        .iter()
        .filter(|it| !expected_at.iter().any(|lines| lines.contains(&it.line)));
    wrong.extend(unexpected.map(|it| format!("{FILE}:{}: not expected:{}", it.line, it.text)));
    wrong
}

#[cfg(test)]
mod tests {
    use super::{differences, errors};

    const SOURCE: &str = "//! Text.\n\n//~ use this\nfn one() {\n    wrong();\n}\n\nfn two() {}\n";

    fn found(line: usize, text: &str) -> Vec<String> {
        let output = format!(
            "   Checking x\nerror[E0277]: it is wrong\n --> a/wrong.rs:{line}:5\n  = note: {text}\n\nerror: could not\n"
        );
        differences(SOURCE, &errors(&output))
    }

    #[test]
    fn an_error_has_to_say_what_is_expected_where_it_is() {
        assert_eq!(found(5, "use this"), Vec::<String>::new());
        assert_eq!(found(5, "use that").len(), 1);
        assert_eq!(found(8, "use this").len(), 2);
        assert_eq!(differences(SOURCE, &errors("")).len(), 1);
    }
}

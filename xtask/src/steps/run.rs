//! `cargo xtask test`: runs the steps and says how they came out.

use std::fs;
use std::path::PathBuf;
use std::time::Instant;

use crate::args::TestArgs;
use crate::checks::Tests;
use crate::failure::{Failure, Result};
use crate::interrupt;
use crate::log;
use crate::packages::Needs;
use crate::paths::Paths;
use crate::process::say;
use crate::session::Session;
use crate::steps::{Outcome, STEPS, Step};
use crate::toolchain::Toolchain;

/// One line of the table at the end.
#[derive(Debug)]
struct Row {
    name: &'static str,
    result: Result<Outcome>,
    seconds: f32,
    /// Where all that it printed is.
    log: Option<PathBuf>,
}

pub(crate) fn list() {
    for step in STEPS {
        println!("{:<12} {}", step.name, step.about);
    }
}

pub(crate) fn run(paths: &Paths, args: &TestArgs) -> Result<()> {
    let steps = choose(&args.steps)?;
    if args.target.is_some() && Toolchain::choose() != Toolchain::Native {
        return Err(Failure::usage(
            "`--target` is for Windows; elsewhere the steps say what they build for",
        ));
    }
    announce("set-up");
    let started = Instant::now();
    let mut rows = Vec::new();
    let ran = Session::run(paths, Needs::Everything, |session| {
        say(&format!("Toolchain: {}", session.toolchain.describe()));
        rows.push(finish("set-up", Ok(Outcome::Passed), started));
        let tests = Tests {
            session,
            target: args.target.as_deref(),
            kills: args.kills,
        };
        for step in steps {
            let row = run_step(step, &tests)?;
            rows.push(row);
        }
        Ok(())
    });
    if let Err(failure) = ran {
        if interrupt::requested() {
            return Err(failure);
        }
        rows.push(finish("set-up", Err(failure), started));
    }
    summarize(&rows)
}

/// The steps named, in their own order.
fn choose(names: &[String]) -> Result<Vec<&'static Step>> {
    if let Some(unknown) = names
        .iter()
        .find(|name| STEPS.iter().all(|step| step.name != **name))
    {
        return Err(Failure::usage(format!(
            "there is no step `{unknown}`; `cargo xtask test --list` lists those there are"
        )));
    }
    let wanted = |step: &&Step| names.is_empty() || names.iter().any(|name| name == step.name);
    Ok(STEPS.iter().filter(wanted).collect())
}

fn run_step(step: &Step, tests: &Tests<'_>) -> Result<Row> {
    let log = log::begin(&tests.session.paths.logs(), step.name)?;
    announce(&format!("{}: {}", step.name, step.about));
    let started = Instant::now();
    let result = (step.run)(tests);
    if interrupt::requested() {
        return Err(Failure::interrupted());
    }
    if result.is_err() {
        // What a failed step has left running must not disturb the next.
        tests.session.restart_wine()?;
    }
    let row = finish(step.name, result, started);
    Ok(Row {
        log: Some(log),
        ..row
    })
}

fn announce(what: &str) {
    say(&format!("\n=== {what}"));
}

fn finish(name: &'static str, result: Result<Outcome>, started: Instant) -> Row {
    let row = Row {
        name,
        result,
        seconds: started.elapsed().as_secs_f32(),
        log: None,
    };
    let (verdict, detail) = describe(&row.result);
    say(&format!(
        "--- {name}: {verdict} in {:.1} s{detail}",
        row.seconds
    ));
    row
}

fn describe(result: &Result<Outcome>) -> (&'static str, String) {
    match result {
        Ok(Outcome::Passed) => ("passed", String::new()),
        Ok(Outcome::Skipped(reason)) => ("skipped", format!(" ({reason})")),
        Err(failure) => ("FAILED", format!(" ({failure})")),
    }
}

fn summarize(rows: &[Row]) -> Result<()> {
    say(&format!(
        "\n{:<12} {:<8} {:>8}",
        "step", "result", "seconds"
    ));
    for row in rows {
        let (verdict, detail) = describe(&row.result);
        // Some failures have more to say; it stands above, where they happened.
        let detail = detail.lines().next().unwrap_or_default();
        say(&format!(
            "{:<12} {verdict:<8} {:>8.1}{detail}",
            row.name, row.seconds
        ));
    }
    let count = |verdict| {
        rows.iter()
            .filter(|row| describe(&row.result).0 == verdict)
            .count()
    };
    let (passed, failed, skipped) = (count("passed"), count("FAILED"), count("skipped"));
    let suffix = if skipped > 0 {
        format!(", {skipped} skipped")
    } else {
        String::new()
    };
    say(&format!("\n{passed} passed, {failed} failed{suffix}"));
    rows.iter()
        .filter(|row| row.result.is_err())
        .for_each(explain);
    if failed > 0 {
        Err(Failure::told())
    } else {
        Ok(())
    }
}

/// What failed in a step, and where the rest stands.
fn explain(row: &Row) {
    let Some(path) = &row.log else { return };
    let text = fs::read_to_string(path).unwrap_or_default();
    say(&format!(
        "\n{}: all that it printed is in {}",
        row.name,
        path.display()
    ));
    for test in log::failed_tests(&text) {
        say(&format!("    {test}"));
    }
}

#[cfg(test)]
mod tests {
    use super::{STEPS, choose};

    #[test]
    fn all_steps_run_unless_some_are_named() {
        assert_eq!(choose(&[]).map(|steps| steps.len()).ok(), Some(STEPS.len()));
        let named = choose(&["docs".into(), "fmt".into()]);
        let names = named.map(|steps| steps.iter().map(|step| step.name).collect::<Vec<_>>());
        assert_eq!(names.ok(), Some(vec!["fmt", "docs"]));
        assert_eq!(
            choose(&["dosc".into()]).err().map(|failure| failure.code()),
            Some(2)
        );
    }

    #[test]
    fn no_two_steps_share_a_name() {
        let names: std::collections::BTreeSet<_> = STEPS.iter().map(|step| step.name).collect();
        assert_eq!(names.len(), STEPS.len());
    }
}

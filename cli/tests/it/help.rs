//! What the program says of itself.

use crate::tool::winshm;

/// The commands that `winshm --help` lists.
fn commands() -> Vec<String> {
    let help = winshm(&["--help"]).out;
    let (_, commands) = help.split_once("Commands:\n").unwrap();
    let (commands, _) = commands.split_once("\n\n").unwrap();
    // What is indented further continues the line before.
    let lines = commands.lines().filter_map(|it| it.strip_prefix("  "));
    let names = lines.filter(|it| !it.starts_with(' '));
    let names = names.map(|it| it.split_whitespace().next().unwrap().to_owned());
    names.filter(|it| it != "help").collect()
}

#[test]
fn every_command_shows_an_example_of_itself() {
    for command in commands() {
        let help = winshm(&[&command, "--help"]);
        assert_eq!(help.code, 0, "{command}");
        let example = format!("  winshm {command}");
        assert!(
            help.out.contains("Example") && help.out.contains(&example),
            "`winshm {command} --help` has no example:\n{}",
            help.out
        );
    }
}

#[test]
fn arguments_that_are_not_understood_have_their_exit_code() {
    let ran = winshm(&["frobnicate"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("frobnicate"), "{}", ran.err);
    assert_eq!(winshm(&[]).code, 2);
}

#[test]
fn an_unknown_layout_has_the_exit_code_of_what_is_not_found() {
    let ran = winshm(&["layout", "show", "no such\u{1b} layout"]);
    assert_eq!((ran.code, ran.out.as_str()), (3, ""));
    assert!(ran.err.contains(r"`no such\u{1b} layout`"), "{}", ran.err);
}

#[test]
fn the_exit_codes_are_told() {
    let help = winshm(&["--help"]).out;
    for code in 0..=6 {
        assert!(help.contains(&format!("\n  {code}  ")), "{help}");
    }
}

#[test]
fn manual_pages_and_completions_know_every_command() {
    let folder = tempfile::tempdir().unwrap();
    let ran = winshm(&["man", folder.path().to_str().unwrap()]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let page = winshm(&["man"]).out;
    let script = winshm(&["completions", "powershell"]).out;
    for command in commands() {
        assert!(page.contains(&command), "{command}");
        assert!(script.contains(&format!("'{command}'")), "{command}");
        let page = folder.path().join(format!("winshm-{command}.1"));
        assert!(page.exists(), "{}", page.display());
    }
}

#[test]
fn an_output_that_nobody_reads_is_a_success() {
    let mut child = crate::tool::command(&["completions", "bash"])
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let ran = crate::tool::finish(child);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
}

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
#[cfg(not(windows))]
fn a_command_of_windows_is_told_from_one_that_there_is_not() {
    let told = |arguments: &[&str]| {
        let ran = winshm(arguments);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{arguments:?}");
        ran.err
    };
    let replay = told(&["replay", "lap.mcap", "--exact"]);
    assert_eq!(
        replay,
        "winshm: `winshm replay` works on named regions, which only Windows has. Here, `watch`, `share`, `plot` and \
         `export` show what is in a recording (FILE.mcap).\n"
    );
    assert_eq!(told(&["help", "replay"]), replay);
    assert_eq!(told(&["replay", "--help"]), replay);
    // They are the commands that the help names.
    let help = winshm(&["--help"]).out;
    let help: Vec<_> = help.split_whitespace().collect();
    let help = help.join(" ");
    let (_, names) = help.split_once("recordings and layouts only. ").unwrap();
    let (names, _) = names.split_once(" work on named").unwrap();
    for name in names.replace(" and ", ", ").split(", ") {
        assert!(told(&[name]).contains("only Windows has"), "{name}");
    }
    // What is misspelt, or is of another command, is clap's.
    assert!(told(&["wach"]).contains("'watch'"));
    assert!(told(&["layout", "replay"]).contains("unrecognized subcommand"));
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
fn manual_pages_have_examples_that_a_shell_understands() {
    let folder = tempfile::tempdir().unwrap();
    let ran = winshm(&["man", folder.path().to_str().unwrap()]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let page = folder.path().join("winshm-export.1");
    let roff = std::fs::read_to_string(&page).unwrap();
    assert!(
        roff.contains("\nExamples:\n.nf\n  winshm export "),
        "{roff}"
    );
    let mut man = std::process::Command::new("man");
    man.args(["--local-file", "--pager=cat"]).arg(&page);
    let shown = man.env("MANWIDTH", "60").output();
    let Some(shown) = shown.ok().filter(|it| it.status.success()) else {
        eprintln!("there is no `man` of Linux: no page is shown");
        return;
    };
    let shown = String::from_utf8_lossy(&shown.stdout);
    let example =
        "winshm export drive.mcap --fields speed_kmh 'wheels_pressure[*]' -o drive.parquet\n";
    assert!(shown.contains(example), "{shown}");
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

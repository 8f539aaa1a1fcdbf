//! The program on a terminal, which `script` of util-linux makes.

use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use crate::tables::record;
use crate::tool::{WATCHDOG, command, finish};

/// What the program writes to a terminal of this width, with the variable. Nothing if there is no `script`.
fn on_terminal(arguments: &[&str], columns: u32, variable: (&str, &str)) -> Option<String> {
    let line = format!("stty rows 24 columns {columns}; {}", quoted(arguments));
    Some(finish(start(&line, variable, Stdio::null())?).out)
}

/// What a shell runs as the program with these arguments.
fn quoted(arguments: &[&str]) -> String {
    let all = [&[env!("CARGO_BIN_EXE_winshm")], arguments].concat();
    let quoted = all.iter().map(|it| format!("'{it}'"));
    quoted.collect::<Vec<_>>().join(" ")
}

/// Starts a shell on a terminal. Nothing if there is no `script`.
fn start(line: &str, variable: (&str, &str), input: Stdio) -> Option<Child> {
    let mut script = Command::new("script");
    script.args(["--quiet", "--return", "--command", line, "/dev/null"]);
    for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"] {
        script.env_remove(name);
    }
    script.env("TERM", "xterm").env(variable.0, variable.1);
    script.stdin(input);
    script.stdout(Stdio::piped()).stderr(Stdio::piped());
    let Ok(child) = script.spawn() else {
        eprintln!("`script` of util-linux is not installed: nothing is tested on a terminal");
        return None;
    };
    Some(child)
}

/// What a terminal shows in the end, a line each, if nothing is wider than it: `\r` goes back to the beginning of the
/// line, and `ESC [ 2 K` empties it.
fn shown(written: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut is_back = false;
    let mut rest = written;
    while let Some(letter) = rest.chars().next() {
        rest = &rest[letter.len_utf8()..];
        let line = lines.last_mut().unwrap();
        match letter {
            '\r' => is_back = true,
            '\n' => lines.push(String::new()),
            '\u{1b}' => {
                let end = rest.find(|it: char| it.is_ascii_alphabetic()).unwrap();
                if &rest[..=end] == "[2K" {
                    line.clear();
                }
                rest = &rest[end + 1..];
            }
            letter => {
                if std::mem::take(&mut is_back) {
                    line.clear();
                }
                line.push(letter);
            }
        }
        if letter == '\n' {
            is_back = false;
        }
    }
    lines.retain(|it| !it.is_empty());
    lines
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn no_color_keeps_escape_sequences_away() {
    for arguments in [
        &["--help"][..],
        &["export", "--help"],
        &["wach"],
        &["export"],
    ] {
        let Some(plain) = on_terminal(arguments, 100, ("NO_COLOR", "1")) else {
            return;
        };
        assert!(
            plain.contains("winshm") && !plain.contains('\u{1b}'),
            "{plain:?}"
        );
        let colored = on_terminal(arguments, 100, ("NO_COLOR", "")).unwrap();
        assert!(colored.contains('\u{1b}'), "{colored:?}");
        // Nor does a pipe get any, unless it is asked for.
        let piped = |name: &str| finish(command(arguments).env(name, "1").spawn().unwrap());
        let (pipe, forced) = (piped("UNRELATED"), piped("CLICOLOR_FORCE"));
        assert!(!(pipe.out + &pipe.err).contains('\u{1b}'));
        assert!((forced.out + &forced.err).contains('\u{1b}'));
    }
}

#[test]
fn a_terminal_that_is_dumb_has_lines_and_no_screen() {
    let folder = tempfile::tempdir().unwrap();
    let path = crate::watching::recording(&folder);
    let watch = ["watch", text(&path), "--fields", "fTemp[0]", "--count", "1"];
    let Some(written) = on_terminal(&watch, 100, ("TERM", "dumb")) else {
        return;
    };
    assert!(!written.contains('\u{1b}'), "{written:?}");
    assert!(written.contains("fTemp[0] = 0"), "{written:?}");
}

#[test]
fn a_bar_fits_into_a_narrow_terminal_and_is_cleared() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.mcap");
    record(&path);
    let table = folder.path().join("a.csv");
    let whole = folder.path().join("b.mcap");
    let of = ["--region", "core", "--fields", "fTemp[0]"];
    let export = [&["export", text(&path), "-o", text(&table)], &of[..]].concat();
    let repair = ["repair", text(&path), "-o", text(&whole)];
    for (arguments, last) in [
        (&export[..], "5 rows of 1 values in "),
        (&repair, "10 frames and 0 notes; nothing is damaged"),
        (&["info", text(&path)], "5 frames of "),
    ] {
        let Some(written) = on_terminal(arguments, 40, ("NO_COLOR", "1")) else {
            return;
        };
        assert!(
            written.contains(" %, "),
            "{arguments:?} has no bar: {written:?}"
        );
        let lines = shown(&written);
        assert!(lines.iter().all(|it| !it.contains('%')), "{lines:?}");
        assert!(lines.iter().any(|it| it.contains(last)), "{lines:?}");
        let bars = written
            .split(['\r', '\n', '\u{1b}'])
            .filter(|it| it.contains(" %, "));
        bars.map(|it| it.trim_start_matches("[2K"))
            .for_each(|it| assert!(it.chars().count() <= 40, "{it:?}"));
        std::fs::remove_file(&whole).ok();
        let piped = finish(command(arguments).spawn().unwrap());
        assert!(!(piped.out + &piped.err).contains(" %, "));
    }
}

#[test]
fn a_table_on_a_terminal_has_no_bar_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.mcap");
    record(&path);
    let of = ["--region", "core", "--fields", "fTemp[0]"];
    let export = [&["export", text(&path)], &of[..]].concat();
    let Some(written) = on_terminal(&export, 100, ("NO_COLOR", "1")) else {
        return;
    };
    assert!(!written.contains("writing"), "{written:?}");
    let lines = shown(&written);
    assert_eq!(lines[0], "time,seconds,fTemp[0]");
    assert_eq!(lines.len(), 6, "{lines:?}");
}

#[test]
fn a_screen_ends_with_its_terminal_even_if_it_is_not_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = crate::watching::recording(&folder);
    let ended = folder.path().join("ended");
    let watch = quoted(&["watch", text(&path)]);
    let line = format!(
        "trap '' HUP; stty rows 24 columns 100; {watch}; echo $? > '{}'",
        text(&ended)
    );
    let Some(mut script) = start(&line, ("NO_COLOR", "1"), Stdio::piped()) else {
        return;
    };
    let mut out = script.stdout.take().unwrap();
    let (shown, screen) = mpsc::channel();
    thread::spawn(move || {
        let mut written = Vec::new();
        let mut some = [0; 1024];
        while let Ok(len @ 1..) = out.read(&mut some) {
            written.extend(&some[..len]);
            // Nothing is drawn any more.
            if String::from_utf8_lossy(&written).contains("absent") {
                let _ = shown.send(());
            }
        }
    });
    screen.recv_timeout(WATCHDOG).expect("a screen");
    script.kill().unwrap();
    script.wait().unwrap();
    let begun = Instant::now();
    while !std::fs::read_to_string(&ended).is_ok_and(|it| it == "0\n") {
        assert!(begun.elapsed() < WATCHDOG, "it goes on, or has failed");
        thread::sleep(Duration::from_millis(20));
    }
}

//! Runs the program, and ends it if it hangs.

use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// What a command may take on a busy machine that starts programs slowly. One that takes longer hangs.
pub(crate) const WATCHDOG: Duration = Duration::from_secs(60);

/// What a command has printed, and how it ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// The program with these arguments, its input empty and its output in pipes.
pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_winshm"));
    command.args(arguments).env_remove("NO_COLOR");
    command.stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs the program to its end.
#[track_caller]
pub(crate) fn winshm(arguments: &[&str]) -> Ran {
    finish(command(arguments).spawn().unwrap())
}

/// Waits for the end of a program that was started with [`command`].
#[track_caller]
pub(crate) fn finish(mut child: Child) -> Ran {
    let out = collect(child.stdout.take());
    let err = collect(child.stderr.take());
    let texts = (out.recv_timeout(WATCHDOG), err.recv_timeout(WATCHDOG));
    let (Ok(out), Ok(err)) = texts else {
        child.kill().ok();
        panic!("it has not ended after {WATCHDOG:?}; it printed {texts:?}");
    };
    let code = child.wait().unwrap().code().unwrap_or(-1);
    Ran { code, out, err }
}

fn collect(pipe: Option<impl Read + Send + 'static>) -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            pipe.read_to_end(&mut bytes).ok();
        }
        sender
            .send(String::from_utf8_lossy(&bytes).into_owned())
            .ok();
    });
    receiver
}

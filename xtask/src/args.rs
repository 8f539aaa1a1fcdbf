//! The command line.

use crate::failure::{Failure, Result};

pub(crate) const HELP: &str = "\
cargo xtask <command>

  setup                install what is missing and make the Wine prefix; the other
                       commands do this by themselves
  cargo <arguments>    cargo for the Windows target, programs run under Wine:
                       cargo xtask cargo test --test it names

On Windows all of this is plain cargo. On Linux missing Debian packages are
installed (as root; otherwise the line to run is printed).
";

/// What was asked for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Help,
    Setup,
    Cargo(Vec<String>),
}

impl Command {
    /// Reads the arguments after the program's name.
    pub(crate) fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Self> {
        let mut arguments = arguments.into_iter();
        let Some(name) = arguments.next() else {
            return Ok(Self::Help);
        };
        let rest: Vec<String> = arguments.collect();
        match name.as_str() {
            "-h" | "--help" | "help" => Ok(Self::Help),
            "setup" => nothing_more("setup", &rest).map(|()| Self::Setup),
            "cargo" if rest.is_empty() => Err(Failure::usage(
                "`cargo xtask cargo` needs cargo's arguments, such as `build` or `test --lib`",
            )),
            "cargo" => Ok(Self::Cargo(rest)),
            _ => Err(Failure::usage(format!(
                "there is no command `{name}`; `cargo xtask --help` lists those there are"
            ))),
        }
    }
}

fn nothing_more(command: &str, rest: &[String]) -> Result<()> {
    match rest.first() {
        None => Ok(()),
        Some(extra) => Err(Failure::usage(format!(
            "`{command}` takes no arguments, found `{extra}`"
        ))),
    }
}

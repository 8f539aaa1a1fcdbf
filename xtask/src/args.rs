//! The command line.

use crate::failure::{Failure, Result};

pub(crate) const HELP: &str = "\
cargo xtask <command>

  demo [NAME]          programs share regions, live: winshm's tour, or another demo
      --seconds N      for how long (15)
      --read REGION    show the bytes of any named region instead, as they change
      --list           the demos there are
  test [STEP…]         everything that is checked, or only the steps named
      --list           the steps there are
      --target TRIPLE  on Windows: the target to build and run for
      --kills N        how many programs the step `kills` kills (3200)
  bench [FILTER]       the benchmarks, against the crates and programs rivals use
  bench layouts        how fast layouts as data are decoded, on this machine
  bench recordings     how large recordings are, and what they cost, on this machine
  bench share          what regions cost on their way to other programs
  bench build          what a clean build of a dependent costs, against 0.1.0
  api                  list the public items again, after a change that is meant
  setup                install what is missing and make the Wine prefix; the other
                       commands do this by themselves
  cargo <arguments>    cargo for the Windows target, programs run under Wine:
                       cargo xtask cargo test --test it names

On Windows this is plain cargo. On Linux programs run under Wine, and missing
Debian packages are installed (as root; otherwise the line to run is printed).
";

/// What was asked for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Help,
    Demo(DemoArgs),
    DemoList,
    Test(TestArgs),
    TestList,
    Bench(Vec<String>),
    BenchBuild,
    Api,
    Setup,
    Cargo(Vec<String>),
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct DemoArgs {
    /// Which demo; the first of the list if none is named.
    pub(crate) name: Option<String>,
    pub(crate) seconds: u32,
    /// A region to show instead.
    pub(crate) read: Option<String>,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TestArgs {
    /// The steps to run; all of them if none is named.
    pub(crate) steps: Vec<String>,
    pub(crate) target: Option<String>,
    /// How many programs are killed at random instants.
    pub(crate) kills: u32,
}

impl Default for TestArgs {
    fn default() -> Self {
        Self {
            steps: Vec::new(),
            target: None,
            // Enough to hit every moment.
            kills: 3200,
        }
    }
}

impl Command {
    /// Reads the arguments after the program's name.
    pub(crate) fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Self> {
        let mut arguments = arguments.into_iter();
        let Some(name) = arguments.next() else {
            return Ok(Self::Help);
        };
        let rest: Vec<String> = arguments.collect();
        let asks_help = matches!(rest.first().map(String::as_str), Some("-h" | "--help"));
        match name.as_str() {
            "-h" | "--help" | "help" => Ok(Self::Help),
            "demo" | "test" | "bench" | "api" | "setup" if asks_help => Ok(Self::Help),
            "demo" => demo(rest),
            "test" => test(rest),
            "bench" if rest == ["build"] => Ok(Self::BenchBuild),
            "bench" => Ok(Self::Bench(rest)),
            "api" => alone(Self::Api, "api", &rest),
            "setup" => alone(Self::Setup, "setup", &rest),
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

fn demo(arguments: Vec<String>) -> Result<Command> {
    let mut demo = DemoArgs {
        name: None,
        seconds: 15,
        read: None,
    };
    let mut arguments = arguments.into_iter();
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--list" => return Ok(Command::DemoList),
            "--seconds" => demo.seconds = number("--seconds", arguments.next())?,
            "--read" => demo.read = Some(value("--read", arguments.next())?),
            flag if flag.starts_with('-') => return Err(unknown("demo", flag)),
            _ if demo.name.is_some() => return Err(unknown("demo", &argument)),
            _ => demo.name = Some(argument),
        }
    }
    if let (Some(name), Some(_)) = (&demo.name, &demo.read) {
        return Err(Failure::usage(format!(
            "`--read` shows a region instead of a demo: leave out `{name}`"
        )));
    }
    Ok(Command::Demo(demo))
}

fn test(arguments: Vec<String>) -> Result<Command> {
    let mut test = TestArgs::default();
    let mut arguments = arguments.into_iter();
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--list" => return Ok(Command::TestList),
            "--target" => test.target = Some(value("--target", arguments.next())?),
            "--kills" => test.kills = number("--kills", arguments.next())?,
            flag if flag.starts_with('-') => return Err(unknown("test", flag)),
            _ => test.steps.push(argument),
        }
    }
    Ok(Command::Test(test))
}

/// A command without arguments.
fn alone(command: Command, name: &str, arguments: &[String]) -> Result<Command> {
    match arguments.first() {
        None => Ok(command),
        Some(extra) => Err(unknown(name, extra)),
    }
}

fn value(flag: &str, value: Option<String>) -> Result<String> {
    value.ok_or_else(|| Failure::usage(format!("`{flag}` needs a value after it")))
}

fn number(flag: &str, text: Option<String>) -> Result<u32> {
    let text = value(flag, text)?;
    text.parse().ok().filter(|&it| it > 0).ok_or_else(|| {
        Failure::usage(format!(
            "`{flag}` needs a whole number from 1 up, found `{text}`"
        ))
    })
}

fn unknown(command: &str, argument: &str) -> Failure {
    Failure::usage(format!(
        "`{command}` does not know `{argument}`; `cargo xtask --help` lists what it knows"
    ))
}

#[cfg(test)]
mod tests {
    use super::{Command, DemoArgs, TestArgs};

    fn parse(line: &str) -> Result<Command, u8> {
        Command::parse(line.split_whitespace().map(String::from)).map_err(|error| error.code())
    }

    #[test]
    fn nothing_asks_for_help() {
        for line in ["", "--help", "-h", "help", "demo --help", "test -h"] {
            assert_eq!(parse(line), Ok(Command::Help), "{line}");
        }
    }

    #[test]
    fn what_it_does_not_know_is_exit_code_2() {
        for line in [
            "frobnicate",
            "api now",
            "setup now",
            "demo --fast",
            "demo a b",
            "demo --seconds",
            "demo --seconds 0",
            "demo --seconds soon",
            "demo mumble --read MumbleLink",
            "test --all",
            "test --target",
            "test --kills",
            "test --kills 0",
            "test --kills many",
            "cargo",
        ] {
            assert_eq!(parse(line), Err(2), "{line}");
        }
    }

    #[test]
    fn a_demo_lasts_fifteen_seconds_unless_told() {
        let demo = |name: Option<&str>, seconds, read: Option<&str>| {
            Ok(Command::Demo(DemoArgs {
                name: name.map(String::from),
                seconds,
                read: read.map(String::from),
            }))
        };
        assert_eq!(parse("demo"), demo(None, 15, None));
        assert_eq!(
            parse("demo --seconds 2 mumble"),
            demo(Some("mumble"), 2, None)
        );
        assert_eq!(
            parse("demo --read MumbleLink"),
            demo(None, 15, Some("MumbleLink"))
        );
    }

    #[test]
    fn test_takes_steps_a_target_and_a_number_of_kills() {
        assert_eq!(parse("test"), Ok(Command::Test(TestArgs::default())));
        let expected = TestArgs {
            steps: vec!["fmt".into(), "docs".into()],
            target: Some("i686-pc-windows-msvc".into()),
            kills: 20_000,
        };
        let parsed = parse("test fmt --target i686-pc-windows-msvc docs --kills 20000");
        assert_eq!(parsed, Ok(Command::Test(expected)));
    }

    #[test]
    fn cargo_and_bench_pass_on_what_they_are_given() {
        let words = |words: &[&str]| words.iter().map(|&word| word.into()).collect();
        assert_eq!(
            parse("cargo test --lib"),
            Ok(Command::Cargo(words(&["test", "--lib"])))
        );
        assert_eq!(
            parse("bench open -- --quick"),
            Ok(Command::Bench(words(&["open", "--", "--quick"])))
        );
        assert_eq!(parse("bench build"), Ok(Command::BenchBuild));
    }
}

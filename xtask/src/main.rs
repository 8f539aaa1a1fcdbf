//! Sets up, runs and tests the project: `cargo xtask --help`.

mod args;
mod bench;
mod build_cost;
mod cargo;
mod checks;
mod demo;
mod failure;
mod foreign;
mod i686;
mod interrupt;
mod job;
mod lock;
mod log;
mod orphans;
mod packages;
mod paths;
mod process;
mod scrub;
mod session;
mod setup;
mod sid;
mod steps;
mod test;
mod toolchain;
mod version;
mod wine;
mod wine10;

use std::process::ExitCode;

use args::Command;
use failure::Result;
use paths::Paths;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let message = failure.to_string();
            if !message.is_empty() {
                eprintln!("xtask: {message}");
            }
            ExitCode::from(failure.code())
        }
    }
}

fn run() -> Result<()> {
    let command = Command::parse(std::env::args().skip(1))?;
    interrupt::install()?;
    let paths = Paths::find();
    match command {
        Command::Help => print!("{}", args::HELP),
        Command::DemoList => demo::list(),
        Command::TestList => test::list(),
        Command::Demo(args) => demo::run(&paths, &args)?,
        Command::Test(args) => test::run(&paths, &args)?,
        Command::Bench(args) => bench::run(&paths, &args)?,
        Command::BenchBuild => build_cost::run(&paths)?,
        Command::Setup => setup::run(&paths)?,
        Command::Cargo(args) => cargo::run(&paths, &args)?,
    }
    Ok(())
}

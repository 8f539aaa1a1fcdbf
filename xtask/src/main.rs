//! Sets up, runs and tests the project: `cargo xtask --help`.

mod args;
mod bench;
mod build_cost;
mod cargo;
mod demo;
mod failure;
mod host;
mod steps;

use std::process::ExitCode;

use args::Command;
use failure::Result;
use host::interrupt;
use host::paths::Paths;
use host::session;

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
        Command::TestList => steps::list(),
        Command::Demo(args) => demo::run(&paths, &args)?,
        Command::Test(args) => steps::run(&paths, &args)?,
        Command::Bench(args) => bench::run(&paths, &args)?,
        Command::BenchBuild => build_cost::run(&paths)?,
        Command::Api => steps::list_api(&paths)?,
        Command::Setup => session::set_up(&paths)?,
        Command::Cargo(args) => cargo::run(&paths, &args)?,
    }
    Ok(())
}

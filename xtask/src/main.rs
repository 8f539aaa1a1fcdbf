//! Sets up, runs and tests the project: `cargo xtask --help`.

#![allow(dead_code)] // Until `demo`, `test` and `bench` are here.

mod args;
mod cargo;
mod failure;
mod interrupt;
mod lock;
mod packages;
mod paths;
mod process;
mod scrub;
mod session;
mod setup;
mod toolchain;
mod wine;

use std::process::ExitCode;

use args::Command;
use failure::Result;
use paths::Paths;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("xtask: {failure}");
            ExitCode::from(failure.code())
        }
    }
}

fn run() -> Result<()> {
    let command = Command::parse(std::env::args().skip(1))?;
    interrupt::install()?;
    let paths = Paths::find();
    match command {
        Command::Help => {
            print!("{}", args::HELP);
            Ok(())
        }
        Command::Setup => setup::run(&paths),
        Command::Cargo(args) => cargo::run(&paths, &args),
    }
}

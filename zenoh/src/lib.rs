//! The parts of the program `winshm-zenoh`. It is a library only for its benchmark.

// The layers, the lowest first.
mod wire;

mod inbox;
mod network;

mod published;
mod remote;

mod list;
#[cfg(windows)]
mod mirror;
mod publish;
mod router;
mod watch;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

pub use network::route;
pub use published::Published;
pub use remote::Remote;

/// Shared memory regions on many computers, over Zenoh
///
/// The computers of a network find each other. With many computers or several networks, they meet at a router: this
/// program with the command router, or zenohd.
#[derive(Debug, Parser)]
#[command(version, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Publish(publish::Publish),
    #[cfg(windows)]
    Mirror(mirror::Mirror),
    Watch(watch::Watch),
    List(list::List),
    Router(router::Router),
}

/// Runs `winshm-zenoh` with the arguments of the command line.
#[must_use]
pub fn run() -> ExitCode {
    let Arguments { command } = Arguments::parse();
    winshm::exit(network::PROGRAM, |out| match command {
        Command::Publish(publish) => publish.run(out),
        #[cfg(windows)]
        Command::Mirror(mirror) => mirror.run(out),
        Command::Watch(watch) => watch.run(out),
        Command::List(list) => list.run(out),
        Command::Router(router) => router.run(out),
    })
}

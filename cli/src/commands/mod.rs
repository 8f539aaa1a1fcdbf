//! What the program can be asked for: a module a command.

// Of files: everywhere.
mod completions;
mod export;
mod info;
mod layout;
mod man;
#[cfg(feature = "plot")]
mod plot;
mod record;
mod repair;
#[cfg(feature = "share")]
mod share;
mod watch;

// Of live regions.
#[cfg(windows)]
mod create;
#[cfg(windows)]
mod dump;
#[cfg(windows)]
mod list;
#[cfg(windows)]
mod mark;
#[cfg(all(windows, feature = "share"))]
mod mirror;
#[cfg(windows)]
mod read;
#[cfg(windows)]
mod replay;
#[cfg(windows)]
mod serve;
#[cfg(windows)]
mod wait;
#[cfg(windows)]
mod write;

use std::io::Write;

use clap::Subcommand;

use crate::failure::Result;

#[derive(Debug, Subcommand)]
// In the order in which a person meets them.
pub(crate) enum Command {
    #[cfg(windows)]
    List(list::List),
    Info(info::Info),
    #[cfg(windows)]
    Read(read::Read),
    Watch(watch::Watch),
    Record(record::Record),
    #[cfg(windows)]
    Mark(mark::Mark),
    #[cfg(windows)]
    Replay(replay::Replay),
    Export(export::Export),
    #[cfg(feature = "plot")]
    Plot(plot::Plot),
    #[cfg(feature = "share")]
    Share(share::Share),
    #[cfg(all(windows, feature = "share"))]
    Mirror(mirror::Mirror),
    Repair(repair::Repair),
    #[cfg(windows)]
    Write(write::Change),
    #[cfg(windows)]
    Create(create::Create),
    #[cfg(windows)]
    Serve(serve::Serve),
    #[cfg(windows)]
    Dump(dump::Dump),
    #[cfg(windows)]
    Wait(wait::Wait),
    #[command(subcommand)]
    Layout(layout::Command),
    Completions(completions::Completions),
    Man(man::Man),
}

impl Command {
    /// `program` is the whole command line.
    pub(crate) fn run(self, program: clap::Command, out: &mut impl Write) -> Result<()> {
        match self {
            #[cfg(windows)]
            Self::List(list) => list.run(out),
            Self::Info(info) => info.run(out),
            #[cfg(windows)]
            Self::Read(read) => read.run(out),
            Self::Watch(watch) => watch.run(out),
            Self::Record(record) => record.run(out),
            #[cfg(windows)]
            Self::Mark(mark) => mark.run(),
            #[cfg(windows)]
            Self::Replay(replay) => replay.run(out),
            Self::Export(export) => export.run(out),
            #[cfg(feature = "plot")]
            Self::Plot(plot) => plot.run(out),
            #[cfg(feature = "share")]
            Self::Share(share) => share.run(out),
            #[cfg(all(windows, feature = "share"))]
            Self::Mirror(mirror) => mirror.run(out),
            Self::Repair(repair) => repair.run(out),
            #[cfg(windows)]
            Self::Write(write) => write.run(out),
            #[cfg(windows)]
            Self::Create(create) => create.run(out),
            #[cfg(windows)]
            Self::Serve(serve) => serve.run(out),
            #[cfg(windows)]
            Self::Dump(dump) => dump.run(out),
            #[cfg(windows)]
            Self::Wait(wait) => wait.run(out),
            Self::Layout(command) => layout::run(command, out),
            Self::Completions(completions) => completions.run(program, out),
            Self::Man(man) => man.run(program, out),
        }
    }
}

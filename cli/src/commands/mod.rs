//! What the program can be asked for: a module a command.

mod completions;
#[cfg(windows)]
mod create;
#[cfg(windows)]
mod dump;
mod export;
mod info;
mod layout;
#[cfg(windows)]
mod list;
mod man;
#[cfg(windows)]
mod mark;
#[cfg(feature = "plot")]
mod plot;
#[cfg(windows)]
mod read;
mod record;
mod repair;
#[cfg(windows)]
mod wait;
mod watch;
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
    #[cfg(windows)]
    Read(read::Read),
    Info(info::Info),
    Watch(watch::Watch),
    Record(record::Record),
    #[cfg(windows)]
    Mark(mark::Mark),
    Repair(repair::Repair),
    Export(export::Export),
    #[cfg(feature = "plot")]
    Plot(plot::Plot),
    #[cfg(windows)]
    Dump(dump::Dump),
    #[cfg(windows)]
    Write(write::Change),
    #[cfg(windows)]
    Create(create::Create),
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
            Self::Export(export) => export.run(out),
            Self::Info(info) => info.run(out),
            Self::Watch(watch) => watch.run(out),
            Self::Record(record) => record.run(out),
            #[cfg(windows)]
            Self::Mark(mark) => mark.run(),
            Self::Repair(repair) => repair.run(out),
            #[cfg(windows)]
            Self::List(list) => list.run(out),
            #[cfg(windows)]
            Self::Read(read) => read.run(out),
            #[cfg(windows)]
            Self::Dump(dump) => dump.run(out),
            #[cfg(windows)]
            Self::Write(change) => change.run(out),
            #[cfg(windows)]
            Self::Create(create) => create.run(out),
            #[cfg(windows)]
            Self::Wait(wait) => wait.run(out),
            Self::Layout(command) => layout::run(command, out),
            #[cfg(feature = "plot")]
            Self::Plot(plot) => plot.run(out),
            Self::Completions(completions) => completions.run(program, out),
            Self::Man(man) => man.run(program, out),
        }
    }
}

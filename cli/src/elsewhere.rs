//! The commands that only Windows has, and what is told of them elsewhere.

use std::ffi::OsString;

/// Each command that works on named regions, and what there is elsewhere instead.
const COMMANDS: [(&str, &str); 10] = [
    (
        "list",
        "`winshm info FILE.mcap` tells which regions are in a recording, and `winshm layout list` which layouts there are",
    ),
    ("read", SHOWN),
    ("mark", OTHERS),
    ("replay", SHOWN),
    (
        "mirror",
        "a browser shows what that computer shares, at the same address",
    ),
    ("write", OTHERS),
    ("create", OTHERS),
    ("serve", OTHERS),
    ("dump", SHOWN),
    ("wait", OTHERS),
];

const SHOWN: &str = "`watch`, `share`, `plot` and `export` show what is in a recording (FILE.mcap)";
const OTHERS: &str = "winshm works on recordings (FILE.mcap) and layouts, with the commands that `winshm --help` lists";

/// For `winshm --help`.
pub(crate) fn help() -> String {
    if cfg!(windows) {
        return String::new();
    }
    let names = COMMANDS.map(|(name, _)| name);
    let [before @ .., last] = &names;
    format!(
        "This is not Windows, so winshm works on recordings and layouts only. {} and {last} work on named regions, which \
         only Windows has.",
        before.join(", ")
    )
}

/// What is told of a command line that asks for one of the commands, or for its help.
pub(crate) fn told(arguments: impl IntoIterator<Item = OsString>) -> Option<String> {
    if cfg!(windows) {
        return None;
    }
    let mut arguments = arguments.into_iter().skip(1);
    let wanted = match arguments.next()? {
        help if help == "help" => arguments.next()?,
        wanted => wanted,
    };
    let (name, here) = COMMANDS.into_iter().find(|(name, _)| wanted == *name)?;
    Some(format!(
        "`winshm {name}` works on named regions, which only Windows has. Here, {here}."
    ))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use clap::Subcommand;

    use super::COMMANDS;
    use crate::commands::Command;

    /// The commands that are there on every system.
    const EVERYWHERE: [&str; 10] = [
        "info",
        "watch",
        "record",
        "export",
        "plot",
        "share",
        "repair",
        "layout",
        "completions",
        "man",
    ];

    /// A command that is added stands in one of both lists, and on the other system the wrong one is noticed.
    #[test]
    fn every_command_is_known_to_be_everywhere_or_under_windows_alone() {
        let program = Command::augment_subcommands(clap::Command::new("winshm"));
        let found: BTreeSet<_> = program.get_subcommands().map(|it| it.get_name()).collect();
        let mut expected = BTreeSet::from(EVERYWHERE);
        if cfg!(windows) {
            expected.extend(COMMANDS.map(|(name, _)| name));
        }
        if !cfg!(feature = "plot") {
            expected.remove("plot");
        }
        if !cfg!(feature = "share") {
            expected.remove("share");
            expected.remove("mirror");
        }
        assert_eq!(found, expected);
    }
}

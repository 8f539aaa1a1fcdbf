//! What a person names, as something to follow: a region, or a recording that is played.

use std::fs::File;
use std::io::{BufReader, Read, Seek};
use std::path::Path;

use winshm_core::Source;
use winshm_core::escape;
use winshm_core::recording::{OpenError, Player, Recording};

use crate::failure::{Code, Failure, Result};

/// Whether this names a recording, and not a region.
pub(crate) fn is_recording(name: &str) -> bool {
    let path = Path::new(name);
    path.extension()
        .is_some_and(|it| it.eq_ignore_ascii_case("mcap"))
}

/// Opens a recording.
pub(crate) fn recording(path: impl AsRef<Path>) -> Result<Recording<BufReader<File>>> {
    let path = path.as_ref();
    Recording::open(path).map_err(|error| {
        let code = match &error {
            OpenError::Io(error) => Code::of(error),
            _ => Code::Damaged,
        };
        let path = path.to_string_lossy();
        Failure::new(code, format_args!("{}: {error}", escape(&path)))
    })
}

/// The number of the region of a recording that has this name, or has this in its name; without a name, the only one.
pub(crate) fn choose<R: Read + Seek>(
    recording: &Recording<R>,
    wanted: Option<&str>,
) -> Result<usize> {
    let names = || recording.regions().iter().map(|it| it.name.as_str());
    let wanted = wanted.unwrap_or_default();
    if let Some(exact) = names().position(|it| it == wanted) {
        if names().skip(exact + 1).any(|it| it == wanted) {
            eprintln!(
                "winshm: the layout of {} has changed; this is the first part",
                escape(wanted)
            );
        }
        return Ok(exact);
    }
    let lower = wanted.to_lowercase();
    let mut found = names()
        .enumerate()
        .filter(|(_, it)| it.to_lowercase().contains(&lower));
    let (problem, code) = match (found.next(), found.next()) {
        (Some((number, _)), None) => return Ok(number),
        (Some(_), Some(_)) => ("there are several regions", Code::Failed),
        (None, _) => ("there is no such region", Code::NotFound),
    };
    let names: Vec<_> = names().map(|it| format!("`{}`", escape(it))).collect();
    Err(Failure::new(
        code,
        format_args!(
            "{problem} in the recording; choose one with --region: {}",
            names.join(", ")
        ),
    ))
}

/// Everything that is named: each region, and each region of each recording.
///
/// # Errors
///
/// A recording cannot be read, the layout is unknown, or a layout is given although every name is a recording, which
/// contains its own. An absent region is not an error.
pub fn open(names: &[String], layout: Option<&str>) -> Result<Vec<Box<dyn Source + Send>>> {
    if layout.is_some() && names.iter().all(|it| is_recording(it)) {
        return Err(Failure::new(
            Code::Failed,
            "--layout is for regions: a recording contains the layouts of its regions",
        ));
    }
    let mut sources: Vec<Box<dyn Source + Send>> = Vec::new();
    for name in names {
        if is_recording(name) {
            let regions = recording(name)?.regions().len();
            for region in 0..regions {
                sources.push(Box::new(Player::new(recording(name)?, region, 1.0)));
            }
        } else {
            sources.push(region(name, layout)?);
        }
    }
    Ok(sources)
}

#[cfg(windows)]
fn region(name: &str, layout: Option<&str>) -> Result<Box<dyn Source + Send>> {
    Ok(Box::new(crate::live::open(name, layout)?))
}

#[cfg(not(windows))]
fn region(name: &str, _: Option<&str>) -> Result<Box<dyn Source + Send>> {
    Err(Failure::new(
        Code::NotFound,
        format_args!(
            "`{}` is not a recording (FILE.mcap), and only Windows has named regions",
            escape(name)
        ),
    ))
}

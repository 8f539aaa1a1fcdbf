//! What a person names, as something to follow: a region, or a recording that is played.

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
pub(crate) fn recording(
    name: &str,
) -> Result<Recording<impl std::io::Read + std::io::Seek + Send + 'static>> {
    Recording::open(Path::new(name)).map_err(|error| {
        let code = match &error {
            OpenError::Io(error) => Code::of(error),
            _ => Code::Damaged,
        };
        Failure::new(code, format_args!("{}: {error}", escape(name)))
    })
}

/// Everything that is named: each region, and each region of each recording.
pub(crate) fn open(names: &[String], layout: Option<&str>) -> Result<Vec<Box<dyn Source + Send>>> {
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
            "`{}` is not a recording (FILE.mcap), and there are named regions under Windows alone",
            escape(name)
        ),
    ))
}

//! `winshm layout export`

use std::io::Write;

use clap::{Args, ValueEnum};
use win_shared_memory_layouts::export::{Language, export};
use win_shared_memory_layouts::{Layout, Plan};
use winshm_core::proto;

use crate::failure::{Code, Failure, Result};
use crate::layouts;

/// Print a layout as structs of a language, or for another tool
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  winshm layout export acc-physics --as c > acc.h
  winshm layout export hwinfo --as hexpat > hwinfo.hexpat
  winshm layout export mine.toml --as python > mine.py")]
pub(crate) struct Export {
    /// Its id, the name of its region, or a file
    layout: String,
    /// What it is made into
    #[arg(long = "as", value_name = "KIND")]
    kind: Kind,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Kind {
    /// Structs for the crate win-shared-memory
    Rust,
    /// A header for C and C++
    C,
    /// Structs for C#
    Csharp,
    /// Classes of ctypes
    Python,
    /// A format of Kaitai Struct
    Ksy,
    /// A pattern for ImHex
    Hexpat,
    /// The messages of a recording, for protobuf
    Proto,
    /// The layout itself, as JSON
    Json,
    /// The layout itself, as TOML
    Toml,
}

impl Export {
    pub(crate) fn run(&self, out: &mut impl Write) -> Result<()> {
        let layout = layouts::find(&self.layout)?;
        let text = self.text(&layout)?;
        Ok(out.write_all(text.as_bytes())?)
    }

    fn text(&self, layout: &Layout) -> Result<String> {
        let language = match self.kind {
            Kind::Rust => Language::Rust,
            Kind::C => Language::C,
            Kind::Csharp => Language::CSharp,
            Kind::Python => Language::Python,
            Kind::Ksy => Language::Ksy,
            Kind::Hexpat => Language::Hexpat,
            Kind::Proto => {
                let plan = Plan::new(layout).map_err(|it| Failure::new(Code::Damaged, it))?;
                return Ok(proto(&plan));
            }
            Kind::Json => return Ok(layout.to_json() + "\n"),
            Kind::Toml => return Ok(layout.to_toml()),
        };
        export(&[layout], language).map_err(|it| Failure::new(Code::Damaged, it))
    }
}

//! `winshm layout import`

use std::ffi::OsString;
use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Args;
use winshm_core::escape;
use winshm_core::import::{ImportError, import};

use crate::failure::{Code, Failure, Result};

/// What is tried for a header, in this order. The layout is the one of the compiler's target, and regions are those of
/// Windows.
const COMPILERS: &[&str] = if cfg!(windows) {
    &["clang++", "g++", "cl"]
} else {
    &["x86_64-w64-mingw32-g++", "clang++", "g++"]
};

/// Make a layout of a struct, from debug information or a header
///
/// It reads DWARF in .exe, .dll, .so and .o, and PDB. A header is compiled first, and its comments become docs and units.
/// What a compiler does not know, as the name of the region and how it is written, is left as lines to fill in.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  winshm layout import game.pdb --struct Telemetry > telemetry.toml
  winshm layout import SharedMemory.h --struct SharedMemory > mine.toml
  winshm layout import page.hpp --struct Page --cc clang++ > page.toml")]
pub(crate) struct Import {
    /// The program, library, object file, PDB or header
    file: PathBuf,
    /// The struct, or the name that a typedef gives it; of several in namespaces, the whole name
    #[arg(long = "struct", value_name = "NAME")]
    name: String,
    /// The compiler for a header: by default $CC, or the first of the usual ones that is installed
    #[arg(long, value_name = "COMPILER")]
    cc: Option<OsString>,
}

impl Import {
    pub(crate) fn run(&self, out: &mut impl Write) -> Result<()> {
        let ending = self
            .file
            .extension()
            .and_then(|it| it.to_str())
            .unwrap_or_default();
        let is_header =
            ["h", "hpp", "hh", "hxx", "inc"].contains(&ending.to_ascii_lowercase().as_str());
        let read = |path: &Path| fs::read(path).map_err(|it| told(path, Code::of(&it), &it));
        let (bytes, source) = if is_header {
            let source = String::from_utf8_lossy(&read(&self.file)?).into_owned();
            (self.compiled()?, Some(source))
        } else {
            (read(&self.file)?, None)
        };
        let imported = import(&bytes, &self.name, source.as_deref()).map_err(|error| {
            let code = match error {
                ImportError::NoType(..)
                | ImportError::NoMembers(..)
                | ImportError::NoDebugInformation => Code::NotFound,
                ImportError::Several(..) => Code::Failed,
                _ => Code::Damaged,
            };
            told(&self.file, code, &error)
        })?;
        Ok(out.write_all(imported.toml().as_bytes())?)
    }

    /// What a compiler makes of the header, with its debug information.
    fn compiled(&self) -> Result<Vec<u8>> {
        let chosen = self.cc.clone().or_else(|| std::env::var_os("CC"));
        let compilers = match chosen {
            Some(it) => vec![it],
            None => COMPILERS.iter().map(OsString::from).collect(),
        };
        let folder = Folder::new()?;
        let header = std::path::absolute(&self.file)?;
        let header = header.to_string_lossy().replace('\\', "/");
        let (name, source) = (&self.name, folder.0.join("page.cpp"));
        let text = format!(
            "#include \"{header}\"\nextern \"C\" {{ extern {name} winshm_page; {name} winshm_page; }}\n"
        );
        fs::write(&source, text)?;
        for compiler in &compilers {
            match run(compiler, &source, &folder.0) {
                Ok(made) => return Ok(fs::read(made?)?),
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(told(Path::new(compiler), Code::of(&error), &error)),
            }
        }
        let names: Vec<_> = compilers.iter().map(|it| it.to_string_lossy()).collect();
        let problem = format_args!(
            "a header needs a compiler, and none of these is installed: {}; name one with --cc",
            names.join(", ")
        );
        Err(Failure::new(Code::NotFound, problem))
    }
}

/// Compiles a source. Returns the file with the debug information, or what the compiler says against it.
fn run(compiler: &OsString, source: &Path, folder: &Path) -> std::io::Result<Result<PathBuf>> {
    let stem = Path::new(compiler).file_stem().unwrap_or_default();
    let is_microsoft = stem.eq_ignore_ascii_case("cl") || stem.eq_ignore_ascii_case("clang-cl");
    let (library, pdb) = (folder.join("page.dll"), folder.join("page.pdb"));
    let mut command = Command::new(compiler);
    command.current_dir(folder);
    if is_microsoft {
        command.args(["/nologo", "/Zi", "/LD"]).arg(source);
        command.args(["/Fe:page.dll", "/link", "/DEBUG", "/PDB:page.pdb"]);
    } else {
        command
            .args(["-g", "-shared", "-fPIC", "-o"])
            .arg(&library)
            .arg(source);
    }
    let output = command.output()?;
    if output.status.success() {
        return Ok(Ok(if is_microsoft { pdb } else { library }));
    }
    let said = [output.stderr, output.stdout].concat();
    let said = String::from_utf8_lossy(&said);
    let lines = said
        .lines()
        .take(12)
        .map(|it| format!("  {}\n", escape(it)));
    let name = compiler.to_string_lossy();
    let problem = format!(
        "{} does not compile it:\n{}",
        escape(&name),
        lines.collect::<String>()
    );
    Ok(Err(Failure::new(Code::Failed, problem.trim_end())))
}

/// A folder of our own, that goes when it is dropped.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Result<Self> {
        let name = format!("winshm-import-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        // It fails if somebody else has made it: what is in there is compiled.
        fs::create_dir(&path).map_err(|it| told(&path, Code::of(&it), &it))?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed is left to the system.
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn told(path: &Path, code: Code, error: &dyn std::fmt::Display) -> Failure {
    let path = path.to_string_lossy();
    Failure::new(code, format_args!("{}: {error}", escape(&path)))
}

//! Prints a layout as source code: `cargo run --example export -- c hwinfo`, or the path of a file.

use std::error::Error;
use std::{env, fs};

use win_shared_memory_layouts::export::{Language, export};
use win_shared_memory_layouts::{Layout, catalogue};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let [language, layout] = &arguments[..] else {
        return Err("give a language, and a file or the id of a layout of the catalogue".into());
    };
    let language: Language = language.parse()?;
    let layout = match catalogue::by_id(layout) {
        Some(layout) => layout.clone(),
        None => Layout::from_toml(&fs::read_to_string(layout)?)?,
    };
    print!("{}", export(&[&layout], language)?);
    Ok(())
}

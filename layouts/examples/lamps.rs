//! Stores and reads a table by name.

use win_shared_memory_layouts::{Layout, Plan};

const LAYOUT: &str = r#"
    format = 1
    id = "lamps"

    [[struct]]
    name = "Lamps"
    fields = [{ offset = 0, name = "count", type = "u32" }]

    [[struct.table]]
    name = "lamps"
    of = "Lamp"
    at = 4
    stride = 12
    count = "count"
    max = 64
    label = "room"

    [[struct]]
    name = "Lamp"
    fields = [
      { offset = 0, name = "room",  type = "ansi[8]" },
      { offset = 8, name = "power", type = "f32", unit = "W" },
    ]
"#;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let plan = Plan::new(&Layout::from_toml(LAYOUT)?)?;
    let mut bytes = vec![0; 28];
    let mut edit = plan.edit(&mut bytes);
    edit.set("count", 2)?;
    edit.set("lamps[0].room", "Kitchen")?;
    edit.assign("lamps[\"Kitchen\"].power=27.5")?;

    let region = plan.view(&bytes);
    let mut walk = region.walk();
    while let Some(value) = walk.next() {
        let trail = walk.trail();
        println!("{trail} = {value} {}", trail.unit().unwrap_or_default());
    }
    assert_eq!(region.get("lamps[0].power")?.as_f64(), Some(27.5));
    Ok(())
}

//! [`Home`]: what Home Assistant is told of values, so that it shows them without being configured
//! (<https://www.home-assistant.io/integrations/mqtt/#mqtt-discovery>).

use serde_json::{Value as Json, json};
use win_shared_memory_layouts::{Path, Segment};

use super::metrics::identifier;
use super::topic::Message;
use crate::columns::{Column, Kind};
use crate::escape::escape;

/// No name that it is told is longer.
const LONGEST: usize = 120;

/// Home Assistant at a broker.
#[derive(Debug)]
pub(super) struct Home {
    /// The topic below which it looks for devices.
    prefix: String,
}

/// What it is told of a region.
pub(super) struct Device<'a> {
    /// What all its topics begin with, which also tells it from other devices.
    pub(super) root: &'a str,
    pub(super) name: &'a str,
    /// The topic of its state.
    pub(super) state: String,
    pub(super) layout: Option<&'a str>,
}

impl Home {
    pub(super) fn new(prefix: &str) -> Self {
        Self {
            prefix: prefix.to_owned(),
        }
    }

    /// A value as a sensor, whose values are in `topic`: alone, or at `path` of an object. `id` tells it from all others,
    /// now and later. Bytes are not a sensor.
    pub(super) fn sensor(
        &self,
        device: &Device<'_>,
        column: &Column,
        id: &str,
        topic: &str,
        is_in_object: bool,
    ) -> Option<Message> {
        if column.kind == Kind::Bytes {
            return None;
        }
        let value = if is_in_object {
            format!("value_json[{}]", quoted(&column.path))
        } else {
            "value if value != 'null' else None".to_owned()
        };
        let mut sensor = json!({
            "name": name(&column.path),
            "unique_id": id,
            "state_topic": topic,
            "value_template": format!("{{{{ {value} }}}}"),
            "availability_topic": device.state,
            "availability_template": "{{ 'online' if value == 'live' else 'offline' }}",
            "device": device.told(),
            "origin": {
                "name": "winshm",
                "sw_version": env!("CARGO_PKG_VERSION"),
                "support_url": env!("CARGO_PKG_REPOSITORY"),
            },
        });
        let unit = column.unit.as_deref().filter(|it| !it.is_empty());
        if let Kind::Number(_) = column.kind {
            sensor["state_class"] = "measurement".into();
            if let Some(unit) = unit {
                sensor["unit_of_measurement"] = escape(unit).to_string().into();
                if let Some(class) = class(unit) {
                    sensor["device_class"] = class.into();
                }
            }
        }
        let (node, object) = (short(device.root), short(&column.path));
        let sum = crc32fast::hash(id.as_bytes());
        Some(Message {
            topic: format!("{}/sensor/{node}/{object}_{sum:08x}/config", self.prefix),
            payload: sensor.to_string(),
        })
    }
}

impl Device<'_> {
    fn told(&self) -> Json {
        let computer = self.root.rsplit('/').nth(1).unwrap_or_default();
        let name = format!("{} ({computer})", escape(self.name));
        json!({
            "identifiers": [self.root],
            "name": beginning(&name),
            "model": self.layout,
        })
    }
}

/// A path for people: a row that has a label needs no name of its table.
fn name(path: &str) -> String {
    let parsed = path.parse::<Path>();
    let segments = parsed.as_ref().map_or(&[][..], Path::segments);
    let mut words = Vec::new();
    for (at, segment) in segments.iter().enumerate() {
        match (segment, segments.get(at + 1)) {
            (Segment::Name(_), Some(Segment::Label(_))) => {}
            (Segment::Name(word) | Segment::Label(word), _) => words.push(escape(word).to_string()),
            (Segment::Index(index), _) => words.push(index.to_string()),
        }
    }
    beginning(&words.join(" "))
}

fn beginning(text: &str) -> String {
    text.chars().take(LONGEST).collect()
}

/// What of a text can stand in a topic of Home Assistant's.
fn short(text: &str) -> String {
    let mut identifier = identifier(text);
    identifier.truncate(LONGEST / 2);
    identifier
}

/// A text as one of a template, which nothing in it ends: Jinja knows the escapes of Python.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match u32::from(character) {
            _ if character.is_alphanumeric() || " _.[]-".contains(character) => {
                quoted.push(character)
            }
            code @ ..=0xffff => quoted.push_str(&format!("\\u{code:04x}")),
            code => quoted.push_str(&format!("\\U{code:08x}")),
        }
    }
    quoted.push('"');
    quoted
}

/// The class of a sensor with this unit, if the unit tells and Home Assistant has this unit in that class
/// (<https://developers.home-assistant.io/docs/core/entity/sensor/#available-device-classes>).
fn class(unit: &str) -> Option<&'static str> {
    Some(match unit {
        "°C" | "°F" | "K" => "temperature",
        "V" | "mV" => "voltage",
        "A" | "mA" => "current",
        "W" | "kW" => "power",
        "Hz" | "kHz" | "MHz" | "GHz" => "frequency",
        "Pa" | "hPa" | "kPa" | "bar" | "mbar" | "psi" => "pressure",
        "m/s" | "km/h" | "mph" | "ft/s" => "speed",
        "km" | "m" | "cm" | "mm" | "mi" | "ft" => "distance",
        "d" | "h" | "min" | "s" | "ms" => "duration",
        "kg" | "g" | "lb" => "weight",
        "B" | "kB" | "MB" | "GB" | "TB" | "KiB" | "MiB" | "GiB" => "data_size",
        "B/s" | "kB/s" | "MB/s" | "GB/s" | "KiB/s" | "MiB/s" => "data_rate",
        _ => return None,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test")]
mod tests {
    use super::{name, quoted, short};

    #[test]
    fn a_template_is_not_ended_by_a_path() {
        let path = "a\"}}{{ states() }}\\'\n°C\u{1f600}";
        let quoted = quoted(path);
        let inner = &quoted[1..quoted.len() - 1];
        assert!(!inner.contains(['"', '{', '}', '\'', '%', '#']), "{quoted}");
        // What a JSON parser makes of it is what Jinja makes of it, but for the long form.
        let json = quoted.replace(r"\U0001f600", r"\ud83d\ude00");
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), path);
    }

    #[test]
    fn names_are_for_people_and_identifiers_for_topics() {
        assert_eq!(
            name(r#"readings["CPU Package"].Value"#),
            "CPU Package Value"
        );
        assert_eq!(name("wheels[2].pressure"), "wheels 2 pressure");
        assert_eq!(short(r#"readings["+/#"].Value"#), "readings_value");
        assert_eq!(short("\u{0}"), "value");
    }
}

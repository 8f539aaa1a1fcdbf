//! The messages. A program that publishes a region has these keys below `winshm/MACHINE/REGION/`:
//!
//! | key | what |
//! |---|---|
//! | `raw` | a [`Head`], then a message that [`Channels`](winshm_core::share::Channels) makes of the region's bytes; when nothing is new, the head alone twice a second |
//! | `about` | an [`About`]: published when it changes, and the answer to a query; a query with the parameter `whole` also makes the next message on `raw` a whole copy |
//! | `alive/ID` | a liveliness token, which goes when the program ends |
//!
//! Any message may be lost. The head says how many there were and which `about` they belong to, so a subscriber notices a
//! loss with the next message, at most half a second later. While bytes are sent, one copy a second is whole. A subscriber
//! that lacks the last copy when they pause, or the `about`, asks for it.

use serde_json::{Value, json};
use winshm_core::State;

/// The version of these messages.
const FORMAT: u8 = 1;

/// The longest `about` that is accepted, in bytes.
const LONGEST_ABOUT: usize = 4 << 20;

/// The parameter of a query that asks for a whole copy.
pub(crate) const WHOLE: &str = "whole";

/// The key of something of a region; `*` for a machine stands for all.
pub(crate) fn key(machine: &str, region: &str, what: &str) -> String {
    let machine = match machine {
        "*" => machine.to_owned(),
        machine => chunk(machine),
    };
    format!("winshm/{machine}/{}/{what}", chunk(region))
}

/// A name as one chunk of a key.
fn chunk(name: &str) -> String {
    let mut chunk = String::new();
    for byte in name.bytes() {
        match byte {
            b'-' | b'.' | b'_' => chunk.push(byte.into()),
            _ if byte.is_ascii_alphanumeric() => chunk.push(byte.into()),
            _ => chunk.push_str(&format!("%{byte:02X}")),
        }
    }
    // No chunk is empty.
    if chunk.is_empty() {
        chunk.push('%');
    }
    chunk
}

/// The machine, and what comes after the region, of a key.
pub(crate) fn parts(key: &str) -> Option<(String, &str)> {
    let rest = key.strip_prefix("winshm/")?;
    let (machine, rest) = rest.split_once('/')?;
    let (_, what) = rest.split_once('/')?;
    Some((name(machine), what))
}

/// The name that a chunk stands for.
fn name(chunk: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = chunk.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let digits = after.get(..2).and_then(|it| str::from_utf8(it).ok());
        let escaped = digits.and_then(|it| u8::from_str_radix(it, 16).ok());
        match escaped.filter(|_| *first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// What stands before the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    /// The program that publishes: no two have the same.
    pub(crate) id: u64,
    /// The version of the `about` that goes with this.
    pub(crate) about: u32,
    /// How many messages with bytes there were, this one included.
    pub(crate) number: u32,
    /// When the bytes were copied, in nanoseconds since 1970.
    pub(crate) time: u64,
}

impl Head {
    const LEN: usize = 25;

    pub(crate) fn message(self, bytes: &[u8]) -> Vec<u8> {
        let mut message = Vec::with_capacity(Self::LEN + bytes.len());
        message.push(FORMAT);
        message.extend_from_slice(&self.id.to_le_bytes());
        message.extend_from_slice(&self.about.to_le_bytes());
        message.extend_from_slice(&self.number.to_le_bytes());
        message.extend_from_slice(&self.time.to_le_bytes());
        message.extend_from_slice(bytes);
        message
    }

    /// `None` if that is not one of our messages.
    pub(crate) fn split(message: &[u8]) -> Option<(Self, &[u8])> {
        let rest = message.strip_prefix(&[FORMAT])?;
        let (id, rest) = rest.split_first_chunk()?;
        let (about, rest) = rest.split_first_chunk()?;
        let (number, rest) = rest.split_first_chunk()?;
        let (time, rest) = rest.split_first_chunk()?;
        let head = Self {
            id: u64::from_le_bytes(*id),
            about: u32::from_le_bytes(*about),
            number: u32::from_le_bytes(*number),
            time: u64::from_le_bytes(*time),
        };
        Some((head, rest))
    }
}

/// What is told of a region beside its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct About {
    pub(crate) id: u64,
    pub(crate) version: u32,
    pub(crate) region: String,
    pub(crate) state: State,
    /// The layout as JSON, if anybody knows it.
    pub(crate) layout: Option<String>,
}

impl About {
    pub(crate) fn message(&self) -> String {
        json!({
            "format": FORMAT,
            "id": token(self.id),
            "version": self.version,
            "region": self.region,
            "state": self.state,
            "layout": self.layout,
        })
        .to_string()
    }

    /// `None` if that is not one of our messages.
    pub(crate) fn parse(message: &[u8]) -> Option<Self> {
        if message.len() > LONGEST_ABOUT {
            return None;
        }
        let told: Value = serde_json::from_slice(message).ok()?;
        if told["format"] != FORMAT {
            return None;
        }
        Some(Self {
            id: u64::from_str_radix(told["id"].as_str()?, 16).ok()?,
            version: told["version"].as_u64()?.try_into().ok()?,
            region: told["region"].as_str()?.to_owned(),
            state: serde_json::from_value(told["state"].clone()).ok()?,
            layout: told["layout"].as_str().map(str::to_owned),
        })
    }
}

/// The number of a program, as the token of a key and in texts.
pub(crate) fn token(id: u64) -> String {
    format!("{id:016x}")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test")]
mod tests {
    use winshm_core::State;

    use super::{About, Head, key, parts};

    #[test]
    fn no_name_leaves_its_chunk_of_a_key() {
        for name in ["Local\\a b", "a/../*", "$*?#", "", "%41", "räder", "**"] {
            let key = key(name, name, "raw");
            assert_eq!(key.split('/').count(), 4, "{key}");
            assert!(!key.contains(['*', '$', '?', '#', '\\']), "{key}");
            let (machine, what) = parts(&key).unwrap();
            assert_eq!(what, "raw");
            assert!(machine == name || name.is_empty());
        }
        assert_eq!(key("*", "a", "raw"), "winshm/*/a/raw");
        assert_eq!(parts("winshm/a"), None);
        assert_eq!(parts("other/a/b/c"), None);
    }

    #[test]
    fn messages_come_back_as_they_were() {
        let head = Head {
            id: 1 << 60,
            about: 2,
            number: u32::MAX,
            time: 3,
        };
        let message = head.message(&[7, 8]);
        assert_eq!(Head::split(&message), Some((head, &[7, 8][..])));
        for len in 0..message.len() - 2 {
            assert_eq!(Head::split(&message[..len]), None);
        }
        let about = About {
            id: u64::MAX,
            version: 4,
            region: "Local\\\"".to_owned(),
            state: State::NotReady,
            layout: Some("{}".to_owned()),
        };
        assert_eq!(About::parse(about.message().as_bytes()), Some(about));
        assert_eq!(About::parse(b"{\"format\":1}"), None);
        assert_eq!(About::parse(&[b'['; 1 << 20]), None);
        assert_eq!(Head::split(&[2; 40]), None);
    }
}

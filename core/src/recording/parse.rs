//! The records that are read, parsed by `mcap` once the lengths of their texts are known to be right: it would reserve
//! as much memory as a text claims to have.

use std::borrow::Cow;

use mcap::records::{Record, op};

/// `None` if the record is damaged. One of a kind that nobody reads is [`Record::Unknown`].
pub(super) fn parse(opcode: u8, body: &[u8]) -> Option<Record<'_>> {
    /// Bytes before the texts.
    const OF_CHANNEL: usize = 4;
    const OF_CHUNK: usize = 28;
    let mut rest = body;
    match opcode {
        op::CHANNEL => {
            rest = rest.get(OF_CHANNEL..)?;
            text(&mut rest)?;
            text(&mut rest)?;
            map(rest)?;
        }
        op::CHUNK => {
            rest = rest.get(OF_CHUNK..)?;
            text(&mut rest)?;
        }
        op::METADATA => {
            text(&mut rest)?;
            map(rest)?;
        }
        op::MESSAGE => {}
        _ => {
            let data = Cow::Borrowed(body);
            return Some(Record::Unknown { opcode, data });
        }
    }
    mcap::parse_record(opcode, body).ok()
}

/// Goes past a text, if it is there.
fn text(rest: &mut &[u8]) -> Option<()> {
    let (len, behind) = rest.split_first_chunk()?;
    *rest = behind.get(u32::from_le_bytes(*len) as usize..)?;
    Some(())
}

/// Whether a map of texts is there.
fn map(rest: &[u8]) -> Option<()> {
    let (len, behind) = rest.split_first_chunk()?;
    let mut pairs = behind.get(..u32::from_le_bytes(*len) as usize)?;
    while !pairs.is_empty() {
        text(&mut pairs)?;
        text(&mut pairs)?;
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use mcap::records::{Record, op};

    use super::parse;

    /// The body of a channel whose topic says that it has so many bytes, and whose map has one pair.
    fn channel(topic: u32, pair: u32) -> Vec<u8> {
        let mut body = vec![1, 0, 0, 0];
        body.extend(topic.to_le_bytes());
        body.extend(b"/a");
        body.extend(0_u32.to_le_bytes());
        body.extend(10_u32.to_le_bytes());
        body.extend(1_u32.to_le_bytes());
        body.extend(b"k");
        body.extend(pair.to_le_bytes());
        body.extend(b"v");
        body
    }

    #[test]
    fn a_text_that_is_longer_than_its_record_is_damage() {
        let Some(Record::Channel(whole)) = parse(op::CHANNEL, &channel(2, 1)) else {
            panic!("it is whole");
        };
        assert_eq!((&*whole.topic, &*whole.metadata["k"]), ("/a", "v"));
        for (topic, pair) in [(u32::MAX, 1), (200, 1), (2, 2), (2, u32::MAX)] {
            assert!(parse(op::CHANNEL, &channel(topic, pair)).is_none());
        }
    }
}

//! The bytes of a region on their way to another computer.

use std::io::Write;
use std::time::Duration;

use arbtest::arbtest;
use serde_json::Value;
use std::sync::Arc;
use win_shared_memory_layouts::{Layout, Plan};
use winshm_core::share::{Audience, Channels, Frame};
use winshm_core::{Selection, State, Time};

use crate::noise::Noise;

fn channels() -> Channels {
    Channels::of(&["R".to_owned()], &Selection::default()).remove(0)
}

/// What the channel of the bytes has of this copy.
fn message(channels: &mut Channels, time: Time, bytes: &[u8]) -> Vec<u8> {
    channels.arrange(None, bytes);
    channels.sample(time, bytes).unwrap().raw.1
}

#[test]
fn two_percent_of_64_kib_that_change_at_60_hz_are_under_120_kb_a_second() {
    const RATE: u32 = 60;
    // An opcode, a number and a time, and the header of a WebSocket's frame.
    const HEADER: usize = 13 + 4;
    let mut noise = Noise::of(0);
    let mut bytes = vec![0; 64 << 10];
    let places = noise.by_ref().map(|it| it as usize % bytes.len());
    let places: Vec<_> = places.take(bytes.len() / 50).collect();
    let (mut channels, mut frame) = (channels(), Frame::default());
    let seconds = 10;
    let mut sent = 0;
    for copy in 0..seconds * RATE {
        for (place, noise) in places.iter().zip(&mut noise) {
            bytes[*place] = noise as u8;
        }
        let time = Time::default() + copy * Duration::from_secs(1) / RATE;
        let message = message(&mut channels, time, &bytes);
        sent += message.len() + HEADER;
        assert_eq!(frame.apply(&message).unwrap(), Some(&bytes[..]));
    }
    let a_second = sent / seconds as usize;
    assert!(a_second < 120_000, "{a_second} bytes a second");
}

#[test]
fn a_message_that_claims_to_be_gigabytes_is_malformed() {
    let zeros = |len: usize| {
        let mut zstd = zstd::stream::write::Encoder::new(Vec::new(), 1).unwrap();
        for _ in 0..len >> 20 {
            zstd.write_all(&[0; 1 << 20]).unwrap();
        }
        zstd.finish().unwrap()
    };
    let bomb = [vec![0], zeros(1 << 30)].concat();
    assert!(bomb.len() < 1 << 20);
    let mut frame = Frame::default();
    assert!(frame.apply(&bomb).is_err());
}

#[test]
fn whatever_comes_a_key_makes_the_bytes_known_again() {
    arbtest(|u| {
        let (mut channels, mut frame) = (channels(), Frame::default());
        let mut bytes: Vec<u8> = u.arbitrary()?;
        for _ in 0..u.int_in_range(0..=8)? {
            if u.ratio(1, 4)? {
                bytes = u.arbitrary()?;
            } else if !bytes.is_empty() {
                let at = u.choose_index(bytes.len())?;
                bytes[at] = u.arbitrary()?;
            }
            let mut message = message(&mut channels, Time::default(), &bytes);
            if u.ratio(1, 4)? {
                let at = u.choose_index(message.len())?;
                message[at] ^= u.int_in_range(1..=255)?;
                // It may be one by chance, of other bytes.
                let _ = frame.apply(&message);
                channels.forget();
            } else {
                assert_eq!(frame.apply(&message).unwrap(), Some(&bytes[..]));
            }
        }
        channels.forget();
        let key = message(&mut channels, Time::default(), &bytes);
        assert_eq!(frame.apply(&key).unwrap(), Some(&bytes[..]));
        Ok(())
    });
}

#[test]
fn a_client_is_told_that_those_channels_have_gone_that_it_was_told_of() {
    const CAR: &str = "format = 1\nid = \"car\"\n[[struct]]\nname = \"Car\"\nfields = [{ offset = 0, name = \"speed\", type = \"f32\" }]";
    let plan = Arc::new(Plan::new(&Layout::from_toml(CAR).unwrap()).unwrap());
    let ops = |told: &[String]| -> Vec<String> {
        let told = told
            .iter()
            .map(|it| serde_json::from_str::<Value>(it).unwrap());
        let told = told.map(|it| format!("{} {}", it["op"].as_str().unwrap(), it["channelIds"]));
        told.collect()
    };
    let mut channels = channels();
    // First nothing is known of it, then it has values, then nothing is known of it again.
    let mut told = Vec::new();
    for plan in [None, Some(&plan), None] {
        let all = channels.arrange(plan, &[0; 4]).unwrap();
        told.push(
            [Audience::Foxglove, Audience::Winshm, Audience::Older].map(|it| ops(all.to(it))),
        );
    }
    assert_eq!(
        told[0],
        [["status null"], ["advertise null"], ["status null"]]
    );
    assert_eq!(
        told[1][0],
        ["removeStatus null", "advertise null"],
        "what was amiss is not any more"
    );
    assert_eq!(told[1][2], ["advertise null"]);
    assert_eq!(told[1][1], ["unadvertise [1]", "advertise null"]);
    assert_eq!(told[2][0], ["unadvertise [65538]", "status null"]);
    assert_eq!(told[2][2], told[2][0]);
    assert_eq!(told[2][1], ["unadvertise [65538,65537]", "advertise null"]);
    // Now the bytes have the channel 131073, and there are no values.
    assert!(channels.have(131_073, Audience::Winshm));
    assert!(!channels.have(131_073, Audience::Foxglove));
    assert!(!channels.have(131_074, Audience::Winshm));
}

#[test]
fn foxglove_is_told_what_is_amiss_as_long_as_it_is() {
    let told = |state, audience| -> Value {
        let told = channels().state(state, audience).unwrap();
        serde_json::from_str(&told).unwrap()
    };
    let amiss = told(State::Frozen, Audience::Foxglove);
    assert_eq!(amiss["message"], "R: frozen");
    let again = told(State::Live, Audience::Foxglove);
    assert_eq!(again["op"], "removeStatus");
    assert_eq!(again["statusIds"][0], amiss["id"]);
    let whole = told(State::Live, Audience::Winshm);
    assert_eq!(
        [&whole["op"], &whole["region"], &whole["state"]],
        ["status", "R", "live"]
    );
}

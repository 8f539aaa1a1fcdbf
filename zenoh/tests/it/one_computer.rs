//! Programs on one computer, which know where the others are.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use zenoh::{Config, Session, Wait};

use crate::drive::{Drive, NAME};
use crate::program::{Program, WATCHDOG};

/// What stands for [`NAME`] in a key.
const CHUNK: &str = "Local%5Ca%2Fb%20%2A%24%20car";

/// An address that nobody has.
fn free() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

fn publish(drive: &Drive, address: &str, options: &[&str]) -> Program {
    let publish = [
        "publish",
        drive.path(),
        "--machine",
        "rig",
        "--no-multicast",
    ];
    let program = Program::start(&[&publish[..], &["--listen", address], options].concat());
    program.wait_for("Ctrl-C ends it");
    program
}

fn watch(address: &str) -> Program {
    let watch = ["watch", NAME, "--no-multicast", "--listen", "127.0.0.1:0"];
    Program::start(&[&watch[..], &["--peer", address]].concat())
}

/// A program that is none of ours.
fn stranger(address: &str) -> Session {
    let mut config = Config::default();
    for (key, value) in [
        ("connect/endpoints", format!("[\"tcp/{address}\"]")),
        ("listen/endpoints", "[\"tcp/127.0.0.1:0\"]".to_owned()),
        ("scouting/multicast/enabled", "false".to_owned()),
    ] {
        config.insert_json5(key, &value).unwrap();
    }
    zenoh::open(config).wait().unwrap()
}

#[test]
fn a_program_that_is_killed_is_told_of_and_another_takes_its_place() {
    let drive = Drive::of(5);
    let address = free();
    let publishing = publish(&drive, &address, &["--loop"]);
    let watching = watch(&address);
    watching.moves();
    drop(publishing);
    watching.wait_for("rig does not publish it any more");
    watching.wait_for("absent");
    let _publishing = publish(&drive, &address, &["--loop"]);
    watching.wait_for("is published by rig");
    watching.wait_for("live");
    watching.moves();
}

#[test]
fn one_who_comes_late_gets_what_was_there_last() {
    let drive = Drive::of(1);
    let address = free();
    let _publishing = publish(&drive, &address, &[]);
    let early = watch(&address);
    early.speed(|it| it == 49.0);
    let late = watch(&address);
    assert_eq!(late.speed(|_| true), 49.0);
    assert_eq!(watch(&address).speed(|_| true), 49.0);
}

#[test]
fn what_strangers_send_is_told_and_does_no_harm() {
    let drive = Drive::of(5);
    let address = free();
    let _publishing = publish(&drive, &address, &["--loop"]);
    let mut watching = watch(&address);
    watching.moves();
    let stranger = stranger(&address);
    let raw = format!("winshm/evil\x1b[2J/{CHUNK}/raw");
    let about = format!("winshm/evil/{CHUNK}/about");
    let mut head = vec![1; 25];
    let claims = [
        vec![],
        vec![0; 1 << 20],
        vec![b'['; 1 << 20],
        b"{\"format\":1,\"id\":\"x\"}".to_vec(),
        // A head like ours, and after it bytes of all kinds.
        head.clone(),
        [&head[..], &[0]].concat(),
        [&head[..], &[1, 0xff, 0xff, 0xff]].concat(),
        [&head[..], &[0; 1000]].concat(),
        {
            head.extend([0xff; 5000]);
            head
        },
    ];
    let claim = || {
        for claim in &claims {
            stranger.put(&raw, claim.clone()).wait().unwrap();
            stranger.put(&about, claim.clone()).wait().unwrap();
        }
    };
    // It takes a moment until the two are connected.
    let begun = Instant::now();
    let said = loop {
        claim();
        if let Some(said) = watching.says("evil", Duration::from_millis(200)) {
            break said;
        }
        assert!(begun.elapsed() < WATCHDOG, "nothing is said");
    };
    assert!(!said.contains('\x1b'), "{said}");
    claim();
    watching.forget();
    watching.moves();
    assert!(watching.is_running());
    assert!(
        watching.peak().is_none_or(|it| it < 150),
        "{:?} MB",
        watching.peak()
    );
}

#[test]
fn nothing_is_published_under_a_name_for_all() {
    let drive = Drive::of(1);
    let publish = ["publish", drive.path(), "--machine", "*", "--no-multicast"];
    Program::start(&publish).wait_for("say one with --machine");
}

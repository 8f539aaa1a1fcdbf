//! Regions shared with programs that know nothing of this crate: plain C, and Boost.Interprocess.
//! Their sources, and what one may ask them, are in `peers/foreign`.
//!
//! `unsafe` is allowed here because the values in a region are read and written through pointers
//! and the contract's `get` and `get_mut`. Every such access falls in a moment in which the other
//! program waits for its next command.

#![allow(unsafe_code)]

mod attachment;
mod broadcast;
mod channel;
mod consistency;
mod snapshot;

use std::fmt;
use std::io::{BufRead, BufReader, Write};
use std::mem::offset_of;
use std::os::windows::io::AsHandle;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::ptr;

use win_shared_memory::{Access, ReadOnly, ReadWrite, SharedMemoryError, SharedMemoryLink};

use crate::support::{Watchdog, fresh_name, watchdog};

/// `struct telemetry` of `peers/foreign/telemetry.h`.
#[repr(C)]
#[derive(Clone, Copy)]
struct Telemetry {
    version: u32,
    tick: u32,
    position: [f32; 3],
    name: [u16; 32],
    value: f64,
    flags: u8,
}

impl Telemetry {
    /// What the foreign writers publish for a tick.
    fn at(tick: u32) -> Self {
        let name = if tick % 2 == 1 {
            "Spa-Francorchamps"
        } else {
            "鈴鹿"
        };
        let mut units = [0; 32];
        for (unit, it) in units.iter_mut().zip(name.encode_utf16()) {
            *unit = it;
        }
        Self {
            version: 3,
            tick,
            position: [tick as f32 * 0.5, -(tick as f32), 0.25],
            name: units,
            value: f64::from(tick) / 64.0,
            flags: tick as u8 ^ 0x80,
        }
    }
}

/// The text form of the foreign readers.
impl fmt::Display for Telemetry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [x, y, z] = self.position;
        write!(f, "version={} tick={} ", self.version, self.tick)?;
        write!(f, "position={x:.6},{y:.6},{z:.6} value={:.6} ", self.value)?;
        write!(f, "flags={} name=", self.flags)?;
        for &unit in self.name.iter().take_while(|&&unit| unit != 0) {
            match u8::try_from(unit) {
                Ok(ascii @ b' '..127) => write!(f, "{}", char::from(ascii))?,
                _ => write!(f, "\\u{unit:04x}")?,
            }
        }
        Ok(())
    }
}

/// The text form of the value in the region.
fn seen<A: Access>(link: &SharedMemoryLink<Telemetry, A>) -> String {
    // SAFETY: any bytes are a valid `Telemetry`, and the pointer is valid for one; volatile
    // because other processes write it.
    unsafe { ptr::read_volatile(link.as_ptr()) }.to_string()
}

fn publish(link: &SharedMemoryLink<Telemetry, ReadWrite>, tick: u32) {
    // SAFETY: the pointer is valid for writes of a `Telemetry`; volatile because other processes
    // read it.
    unsafe { ptr::write_volatile(link.as_mut_ptr(), Telemetry::at(tick)) };
}

/// The text form of what everybody is to see at a tick.
fn at(tick: u32) -> String {
    Telemetry::at(tick).to_string()
}

/// A running foreign program; killed on drop.
struct Peer {
    program: &'static str,
    process: Child,
    answers: BufReader<ChildStdout>,
    watchdog: Watchdog,
}

impl Peer {
    fn start(program: &'static str, region: &str) -> Self {
        Self::start_with(program, &[region])
    }

    fn start_with(program: &'static str, arguments: &[&str]) -> Self {
        let folder = std::env::var_os("WIN_SHARED_MEMORY_PEERS")
            .expect("WIN_SHARED_MEMORY_PEERS is the folder of the compiled peers");
        let path = Path::new(&folder).join(format!("{program}.exe"));
        let mut process = Command::new(&path)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {}: {error}", path.display()));
        let answers = BufReader::new(process.stdout.take().unwrap());
        Self {
            program,
            process,
            answers,
            watchdog: watchdog(),
        }
    }

    /// It need not end within the limit of one test: it does something that takes longer.
    fn goes_on(&mut self) {
        self.watchdog = watchdog();
    }

    /// Starts a program that has to greet with `greeting`.
    fn ready(program: &'static str, region: &str, greeting: &str) -> Self {
        let mut peer = Self::start(program, region);
        assert_eq!(peer.answer(), greeting, "{program}");
        peer
    }

    /// The next line it prints.
    fn answer(&mut self) -> String {
        let mut line = String::new();
        let read = self.answers.read_line(&mut line).unwrap();
        assert!(read > 0, "{} ended without an answer", self.program);
        line.trim_end().to_owned()
    }

    /// Its answer to a command.
    fn ask(&mut self, command: &str) -> String {
        self.tell(command);
        self.answer()
    }

    fn tell(&mut self, command: &str) {
        let mut stdin = self.process.stdin.as_ref().unwrap();
        // The whole line at once: the program may act on a part of it, and end.
        stdin.write_all(format!("{command}\n").as_bytes()).unwrap();
    }

    /// Stops it wherever it is.
    fn suspend(&self) {
        crate::raw::suspend(self.process.as_handle());
    }

    /// Lets it go on.
    fn resume(&self) {
        crate::raw::resume(self.process.as_handle());
    }

    /// Ends it wherever it is.
    fn kill(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }

    /// Ends it, in the way it likes.
    fn quit(mut self) {
        self.tell("quit");
        assert!(self.process.wait().unwrap().success(), "{}", self.program);
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A foreign writer and reader of one kind.
struct Kind {
    writer: &'static str,
    reader: &'static str,
}

const C: Kind = Kind {
    writer: "writer",
    reader: "reader",
};

const BOOST: Kind = Kind {
    writer: "boost_writer",
    reader: "boost_reader",
};

impl Kind {
    fn it_writes_we_read(&self) {
        let name = fresh_name();
        let mut writer = Peer::ready(self.writer, &name, "ready created");
        let link: SharedMemoryLink<Telemetry, ReadOnly> = SharedMemoryLink::open(&name).unwrap();
        assert!(!link.was_created());
        assert_eq!(seen(&link), at(1));
        for tick in [2, 3, 1_000_000] {
            assert_eq!(writer.ask(&format!("set {tick}")), "done");
            assert_eq!(seen(&link), at(tick));
            // SAFETY: any bytes are a valid `Telemetry`, and the writer waits for a command.
            assert_eq!(unsafe { link.get() }.tick, tick);
        }
        // The region outlives its creator while we have it open.
        writer.quit();
        assert_eq!(seen(&link), at(1_000_000));
        drop(link);
        let gone = SharedMemoryLink::<Telemetry, ReadOnly>::open(&name).unwrap_err();
        assert!(gone.is_not_found(), "{gone}");
    }

    fn we_write_it_reads(&self) {
        let name = fresh_name();
        let mut link: SharedMemoryLink<Telemetry, ReadWrite> =
            SharedMemoryLink::create(&name).unwrap();
        let mut reader = Peer::ready(self.reader, &name, "ready");
        // New regions are zero for both.
        let zero = "version=0 tick=0 position=0.000000,0.000000,0.000000 value=0.000000 flags=0 \
                    name=";
        assert_eq!(reader.ask("get"), zero);
        for tick in [2, 3, 1_000_000] {
            publish(&link, tick);
            assert_eq!(reader.ask("get"), at(tick));
        }
        // SAFETY: any bytes are a valid `Telemetry`, and the reader waits for a command.
        *unsafe { link.get_mut() } = Telemetry::at(7);
        assert_eq!(reader.ask("get"), at(7));
        // The region outlives its creator while the reader has it open.
        drop(link);
        assert_eq!(reader.ask("get"), at(7));
        let again: SharedMemoryLink<Telemetry, ReadOnly> = SharedMemoryLink::open(&name).unwrap();
        assert_eq!(seen(&again), at(7));
        reader.quit();
    }

    fn it_creates_we_write(&self) {
        let name = fresh_name();
        let mut writer = Peer::ready(self.writer, &name, "ready created");
        let link: SharedMemoryLink<Telemetry, ReadWrite> =
            SharedMemoryLink::open_existing(&name).unwrap();
        assert!(!link.was_created());
        let mut reader = Peer::ready(self.reader, &name, "ready");
        assert_eq!(reader.ask("get"), at(1));
        publish(&link, 40);
        assert_eq!(reader.ask("get"), at(40));
        assert_eq!(writer.ask("set 41"), "done");
        assert_eq!(seen(&link), at(41));
        assert_eq!(reader.ask("get"), at(41));
        reader.quit();
        writer.quit();
    }

    fn get_or_create_from_both_sides(&self) {
        // It is first.
        let name = fresh_name();
        let mut writer = Peer::ready(self.writer, &name, "ready created");
        let link: SharedMemoryLink<Telemetry, ReadWrite> =
            SharedMemoryLink::get_or_create(&name).unwrap();
        assert!(!link.was_created());
        assert_eq!(seen(&link), at(1));
        assert_eq!(writer.ask("set 5"), "done");
        assert_eq!(seen(&link), at(5));
        let taken = SharedMemoryLink::<Telemetry, ReadWrite>::create(&name).unwrap_err();
        assert!(
            matches!(taken, SharedMemoryError::AlreadyExists),
            "{taken:?}"
        );
        writer.quit();
        drop(link);

        // We are first.
        let link: SharedMemoryLink<Telemetry, ReadWrite> =
            SharedMemoryLink::get_or_create(&name).unwrap();
        assert!(link.was_created());
        publish(&link, 8);
        let mut writer = Peer::ready(self.writer, &name, "ready opened");
        assert_eq!(seen(&link), at(8));
        assert_eq!(writer.ask("set 9"), "done");
        assert_eq!(seen(&link), at(9));
        writer.quit();
    }

    fn a_region_smaller_than_the_type(&self) {
        let name = fresh_name();
        let writer = Peer::ready(self.writer, &name, "ready created");
        let errors = [
            SharedMemoryLink::<[u8; 8192], ReadOnly>::open(&name).unwrap_err(),
            SharedMemoryLink::<[u8; 8192], ReadWrite>::open_existing(&name).unwrap_err(),
            SharedMemoryLink::<[u8; 8192], ReadWrite>::get_or_create(&name).unwrap_err(),
        ];
        for error in errors {
            let SharedMemoryError::TooSmall {
                name: named,
                needed,
                actual,
                ..
            } = &error
            else {
                panic!("{error:?}");
            };
            assert_eq!(
                (named.as_deref(), *needed, *actual),
                (Some(&*name), 8192, 4096)
            );
        }
        writer.quit();
    }

    fn fields_lie_where_it_says(&self) {
        let name = fresh_name();
        let _link: SharedMemoryLink<Telemetry, ReadWrite> =
            SharedMemoryLink::create(&name).unwrap();
        let mut reader = Peer::ready(self.reader, &name, "ready");
        let ours = format!(
            "version={} tick={} position={} name={} value={} flags={} size={}",
            offset_of!(Telemetry, version),
            offset_of!(Telemetry, tick),
            offset_of!(Telemetry, position),
            offset_of!(Telemetry, name),
            offset_of!(Telemetry, value),
            offset_of!(Telemetry, flags),
            size_of::<Telemetry>(),
        );
        assert_eq!(reader.ask("offsets"), ours);
        reader.quit();
    }
}

#[test]
#[ignore = "needs the compiled peers: run cargo xtask test"]
fn a_c_program_writes_and_we_read() {
    C.it_writes_we_read();
}

#[test]
#[ignore = "needs the compiled peers: run cargo xtask test"]
fn we_write_and_a_c_program_reads() {
    C.we_write_it_reads();
}

#[test]
#[ignore = "needs the compiled peers: run cargo xtask test"]
fn a_c_program_creates_and_we_write() {
    C.it_creates_we_write();
}

#[test]
#[ignore = "needs the compiled peers: run cargo xtask test"]
fn get_or_create_with_a_c_program() {
    C.get_or_create_from_both_sides();
}

#[test]
#[ignore = "needs the compiled peers: run cargo xtask test"]
fn a_c_programs_region_may_be_too_small() {
    C.a_region_smaller_than_the_type();
}

#[test]
#[ignore = "needs the compiled peers: run cargo xtask test"]
fn c_puts_the_fields_where_rust_does() {
    C.fields_lie_where_it_says();
}

#[test]
#[ignore = "needs the compiled peers: run cargo xtask test"]
fn a_boost_program_writes_and_we_read() {
    BOOST.it_writes_we_read();
}

#[test]
#[ignore = "needs the compiled peers: run cargo xtask test"]
fn we_write_and_a_boost_program_reads() {
    BOOST.we_write_it_reads();
}

#[test]
#[ignore = "needs the compiled peers: run cargo xtask test"]
fn a_boost_program_creates_and_we_write() {
    BOOST.it_creates_we_write();
}

#[test]
#[ignore = "needs the compiled peers: run cargo xtask test"]
fn get_or_create_with_a_boost_program() {
    BOOST.get_or_create_from_both_sides();
}

#[test]
#[ignore = "needs the compiled peers: run cargo xtask test"]
fn a_boost_programs_region_may_be_too_small() {
    BOOST.a_region_smaller_than_the_type();
}

#[test]
#[ignore = "needs the compiled peers: run cargo xtask test"]
fn cpp_puts_the_fields_where_rust_does() {
    BOOST.fields_lie_where_it_says();
}

#[test]
#[ignore = "needs the compiled peers: run cargo xtask test"]
fn boost_knows_the_size_of_our_region() {
    let name = fresh_name();
    let _link: SharedMemoryLink<[u8; 10_000], ReadWrite> = SharedMemoryLink::create(&name).unwrap();
    let mut reader = Peer::ready("boost_reader", &name, "ready");
    assert_eq!(reader.ask("size"), "12288");
    reader.quit();
}

/// The parts of a name that a program's own code page might not have.
#[test]
#[ignore = "needs the compiled peers: run cargo xtask test"]
fn a_c_program_finds_a_region_with_any_unicode_name() {
    let name = format!("{} Ünï–cødé 🦀 名前", fresh_name());
    let link: SharedMemoryLink<Telemetry, ReadWrite> = SharedMemoryLink::create(&name).unwrap();
    publish(&link, 12);
    let mut reader = Peer::ready("reader", &name, "ready");
    assert_eq!(reader.ask("get"), at(12));
    reader.quit();
}

/// Without a prefix a name is in the same namespace as with `Local\`.
#[test]
#[ignore = "needs the compiled peers: run cargo xtask test"]
fn a_c_program_finds_a_local_region_by_its_bare_name() {
    let name = fresh_name();
    let link: SharedMemoryLink<Telemetry, ReadWrite> = SharedMemoryLink::create(&name).unwrap();
    publish(&link, 12);
    let bare = name.strip_prefix(r"Local\").unwrap();
    let mut reader = Peer::ready("reader", bare, "ready");
    assert_eq!(reader.ask("get"), at(12));
    reader.quit();
}

#[test]
#[ignore = "needs the compiled peers: run cargo xtask test"]
fn a_region_gone_with_our_link_is_not_found_by_a_c_program() {
    let name = fresh_name();
    drop(SharedMemoryLink::<Telemetry, ReadWrite>::create(&name).unwrap());
    assert_eq!(
        Peer::start("reader", &name).answer(),
        "failed OpenFileMappingW 2"
    );
}

#[test]
#[ignore = "needs the compiled peers: run cargo xtask test"]
fn a_mutex_of_a_c_program_has_the_name() {
    let name = fresh_name();
    let holder = Peer::ready("mutex", &name, "ready");
    let errors = [
        SharedMemoryLink::<Telemetry, ReadOnly>::open(&name).unwrap_err(),
        SharedMemoryLink::<Telemetry, ReadWrite>::create(&name).unwrap_err(),
        SharedMemoryLink::<Telemetry, ReadWrite>::get_or_create(&name).unwrap_err(),
        SharedMemoryLink::<Telemetry, ReadWrite>::open_existing(&name).unwrap_err(),
    ];
    for error in errors {
        assert!(
            matches!(&error, SharedMemoryError::NameInUse { name: named, .. } if *named == name),
            "{error:?}"
        );
    }
    holder.quit();

    // Free again; and now it is ours, and no mutex can have it.
    let _link: SharedMemoryLink<Telemetry, ReadWrite> = SharedMemoryLink::create(&name).unwrap();
    assert_eq!(
        Peer::start("mutex", &name).answer(),
        "failed CreateMutexW 6"
    );
}

//! Every call that takes a timeout is back within it, whatever a hostile process stores, whoever is
//! suspended, and whoever holds a mutex. One row a call; `tests/tidy` fails where a call has none.

// Long because each call has its row.

use std::fmt::Debug;
use std::thread;
use std::time::{Duration, Instant};

use win_shared_memory::attachment::{Attachment, Sign};
use win_shared_memory::consistency::{self, Convention, Limits};
use win_shared_memory::snapshot::{Reader, SliceReader, SliceWriter, Writer};
use win_shared_memory::sync::{Armed, Event, Mutex, Reset, Semaphore, wait_any};
use win_shared_memory::untyped::BytesReader;
use win_shared_memory::{
    LockMode, Process, ReadOnly, ReadWrite, Section, SharedMemoryError, SharedMemoryLink,
    SharedMemoryOptions, SharedMutex, SharedSlice, View, shared_mutex,
};
use win_shared_memory::{broadcast, channel};

use crate::format::{GENERATION, LATEST, LOCK, Payload, RECORD_SEQUENCE, WRITER_ID, Words};
use crate::support::{Child, Parent, fresh_name, watchdog};

/// What a call may take beyond its timeout, as `ARCHITECTURE.md` says.
const SLACK: Duration = Duration::from_millis(100);

/// How long registering may take that was given no timeout.
const REGISTRATION: Duration = Duration::from_secs(5);

/// A call is late if it is so each time: a machine with much else to do is late for seconds.
const TRIES: Duration = Duration::from_secs(20);

const TIMEOUTS: [Duration; 2] = [Duration::ZERO, Duration::from_millis(20)];

type Value = [u64; 4];

/// Whose objects the calls are about.
struct World {
    name: String,
    process: u32,
}

impl World {
    /// The name of one of the objects.
    fn name(&self, object: &str) -> String {
        format!("{}-{object}", self.name)
    }
}

/// What a call made of a timeout, for the message.
type Call = Box<dyn FnMut(Duration) -> String + Send>;

/// A call by its name, and what readies it while nothing is wrong yet.
type Row = (&'static str, fn(&World) -> Call);

fn call(body: impl FnMut(Duration) -> String + Send + 'static) -> Call {
    Box::new(body)
}

fn told(result: impl Debug) -> String {
    format!("{result:?}")
}

fn waiting(timeout: Duration) -> SharedMemoryOptions {
    let mut options = SharedMemoryOptions::new();
    options.wait(timeout);
    options
}

fn foreign(timeout: Duration) -> consistency::Reader {
    consistency::Reader::with_limits(Limits {
        attempts: u32::MAX,
        timeout,
        ..Limits::default()
    })
}

/// A sender for which there is no room.
fn full(world: &World) -> channel::Sender<Value> {
    let mut sender = channel::Sender::open(&world.name("full")).unwrap();
    while sender.try_send(&[0; 4]).unwrap() {}
    sender
}

/// A reader that has seen the last value.
fn reader(world: &World) -> Reader<Value> {
    let mut reader = Reader::open(&world.name("snapshot")).unwrap();
    reader.latest().unwrap();
    reader
}

/// Waits for what was armed, as a program does that waits for something else, too.
fn wait_armed(
    armed: Result<Option<Armed<'_>>, SharedMemoryError>,
    timeout: Duration,
) -> Result<Option<usize>, SharedMemoryError> {
    match armed? {
        Some(armed) => wait_any(&[&armed], timeout.min(armed.look_after())),
        None => Ok(None),
    }
}

const ROWS: &[Row] = &[
    ("Reader::wait_changed", |world| {
        let mut reader = reader(world);
        call(move |timeout| told(reader.wait_changed(timeout)))
    }),
    ("SliceReader::wait_changed", |world| {
        let mut reader = SliceReader::<u64>::open(&world.name("slices")).unwrap();
        reader.latest().unwrap();
        call(move |timeout| told((reader.wait_changed(timeout), reader.latest())))
    }),
    ("SliceReader::open_with", |world| {
        let name = world.name("slices");
        call(move |timeout| told(SliceReader::<u64>::open_with(&name, &waiting(timeout))))
    }),
    ("BytesReader::wait_changed", |world| {
        let mut reader = BytesReader::open(&world.name("snapshot")).unwrap();
        reader.latest_into(&mut Vec::new()).unwrap();
        call(move |timeout| {
            let waited = reader.wait_changed(timeout);
            told((waited, reader.latest_into(&mut Vec::new())))
        })
    }),
    ("BytesReader::wait_next", |world| {
        let mut reader = BytesReader::open(&world.name("broadcast")).unwrap();
        reader.latest_into(&mut Vec::new()).unwrap();
        call(move |timeout| {
            let waited = reader.wait_next(timeout);
            told((waited, reader.next_into(&mut Vec::new())))
        })
    }),
    ("BytesReader::open_with", |world| {
        let name = world.name("slices");
        call(move |timeout| told(BytesReader::open_with(&name, &waiting(timeout))))
    }),
    ("BytesReader::open_with", |world| {
        let name = world.name("fast");
        call(move |timeout| told(BytesReader::open_with(&name, &waiting(timeout))))
    }),
    ("SliceWriter::register_with", |world| {
        let name = world.name("slices");
        call(move |timeout| {
            told(SliceWriter::<u64>::register_with(
                &name,
                8,
                &waiting(timeout),
            ))
        })
    }),
    ("SliceWriter::create_with", |world| {
        let name = world.name("slices");
        call(move |timeout| told(SliceWriter::<u64>::create_with(&name, 8, &waiting(timeout))))
    }),
    ("Reader::wait_changed, then read", |world| {
        let mut reader = reader(world);
        call(move |timeout| told((reader.wait_changed(timeout), reader.latest())))
    }),
    ("Receiver::wait", |world| {
        let mut receiver = broadcast::Receiver::<Value>::open(&world.name("broadcast")).unwrap();
        call(move |timeout| told(receiver.wait(timeout)))
    }),
    ("Receiver::recv_timeout", |world| {
        let mut receiver = broadcast::Receiver::<Value>::open(&world.name("broadcast")).unwrap();
        call(move |timeout| {
            let rewound = receiver.rewind();
            told((receiver.recv_timeout(timeout), rewound))
        })
    }),
    ("Receiver::wait_for_sender", |world| {
        let mut receiver = broadcast::Receiver::<Value>::open(&world.name("broadcast")).unwrap();
        call(move |timeout| told(receiver.wait_for_sender(timeout)))
    }),
    ("SliceReceiver::wait", |world| {
        let mut receiver = broadcast::SliceReceiver::<u64>::open(&world.name("messages")).unwrap();
        call(move |timeout| told(receiver.wait(timeout)))
    }),
    ("SliceReceiver::wait_for_sender", |world| {
        let mut receiver = broadcast::SliceReceiver::<u64>::open(&world.name("messages")).unwrap();
        call(move |timeout| told(receiver.wait_for_sender(timeout)))
    }),
    ("SliceReceiver::recv_timeout_into", |world| {
        let mut receiver = broadcast::SliceReceiver::<u64>::open(&world.name("messages")).unwrap();
        call(move |timeout| told(receiver.recv_timeout_into(&mut Vec::new(), timeout)))
    }),
    ("Receiver::open_with", |world| {
        let name = world.name("broadcast");
        call(move |timeout| {
            let options = waiting(timeout);
            told(broadcast::Receiver::<Value>::open_with(&name, &options))
        })
    }),
    ("SliceReceiver::open_with", |world| {
        let name = world.name("messages");
        call(move |timeout| {
            let options = waiting(timeout);
            told(broadcast::SliceReceiver::<u64>::open_with(&name, &options))
        })
    }),
    ("Sender::register_with", |world| {
        let name = world.name("broadcast");
        call(move |timeout| {
            let options = waiting(timeout);
            told(broadcast::Sender::<Value>::register_with(&name, &options))
        })
    }),
    ("Sender::create_with", |world| {
        let name = world.name("broadcast");
        call(move |timeout| {
            let options = waiting(timeout);
            told(broadcast::Sender::<Value>::create_with(&name, &options))
        })
    }),
    ("SliceSender::register_with", |world| {
        let name = world.name("messages");
        call(move |timeout| {
            let options = waiting(timeout);
            told(broadcast::SliceSender::<u64>::register_with(
                &name, 8, &options,
            ))
        })
    }),
    ("SliceSender::create_with", |world| {
        let name = world.name("messages");
        call(move |timeout| {
            let options = waiting(timeout);
            told(broadcast::SliceSender::<u64>::create_with(
                &name, 8, &options,
            ))
        })
    }),
    ("SharedMutex::lock_timeout", |world| {
        let shared = SharedMutex::<Value>::open(&world.name("fast")).unwrap();
        call(move |timeout| told(shared.lock_timeout(timeout).map(|it| it.is_some())))
    }),
    ("SharedMutex::lock_timeout", |world| {
        let shared = SharedMutex::<Value>::open(&world.name("kernel")).unwrap();
        call(move |timeout| told(shared.lock_timeout(timeout).map(|it| it.is_some())))
    }),
    ("SharedMutex::lock_in_place", |world| {
        let shared = SharedMutex::<Value>::open(&world.name("fast")).unwrap();
        call(move |timeout| told(shared.lock_in_place(timeout).map(|it| it.is_some())))
    }),
    ("SharedMutex::lock_in_place", |world| {
        let shared = SharedMutex::<Value>::open(&world.name("kernel")).unwrap();
        call(move |timeout| told(shared.lock_in_place(timeout).map(|it| it.is_some())))
    }),
    ("SharedMutex::lock_to_replace", |world| {
        let shared = SharedMutex::<Value>::open(&world.name("fast")).unwrap();
        call(move |timeout| told(shared.lock_to_replace(timeout).map(|it| it.is_some())))
    }),
    ("SharedMutex::lock_to_replace", |world| {
        let shared = SharedMutex::<Value>::open(&world.name("kernel")).unwrap();
        call(move |timeout| told(shared.lock_to_replace(timeout).map(|it| it.is_some())))
    }),
    ("SharedMutex::try_lock", |world| {
        let shared = SharedMutex::<Value>::open(&world.name("fast")).unwrap();
        call(move |_| told(shared.try_lock().map(|it| it.is_some())))
    }),
    ("SharedMutex::try_lock", |world| {
        let shared = SharedMutex::<Value>::open(&world.name("kernel")).unwrap();
        call(move |_| told(shared.try_lock().map(|it| it.is_some())))
    }),
    ("Writer::register_with", |world| {
        let name = world.name("snapshot");
        call(move |timeout| told(Writer::<Value>::register_with(&name, &waiting(timeout))))
    }),
    ("Writer::create_with", |world| {
        let name = world.name("snapshot");
        call(move |timeout| told(Writer::<Value>::create_with(&name, &waiting(timeout))))
    }),
    ("SharedMutex::get_or_create_with", |world| {
        let name = world.name("fast");
        call(move |timeout| {
            told(SharedMutex::get_or_create_with(
                &name,
                &[0_u64; 4],
                &waiting(timeout),
            ))
        })
    }),
    ("Reader::open_with", |world| {
        let name = world.name("snapshot");
        call(move |timeout| told(Reader::<Value>::open_with(&name, &waiting(timeout))))
    }),
    ("shared_mutex::Reader::open_with", |world| {
        let name = world.name("fast");
        call(move |timeout| {
            told(shared_mutex::Reader::<Value>::open_with(
                &name,
                &waiting(timeout),
            ))
        })
    }),
    ("shared_mutex::Reader::wait_changed", |world| {
        let mut reader = shared_mutex::Reader::<Value>::open(&world.name("fast")).unwrap();
        reader.load().unwrap();
        call(move |timeout| told((reader.wait_changed(timeout), reader.load())))
    }),
    ("Reader::arm", |world| {
        let mut reader = reader(world);
        call(move |timeout| told(wait_armed(reader.arm(), timeout)))
    }),
    ("shared_mutex::Reader::arm", |world| {
        let mut reader = shared_mutex::Reader::<Value>::open(&world.name("kernel")).unwrap();
        reader.load().unwrap();
        call(move |timeout| told(wait_armed(reader.arm(), timeout)))
    }),
    ("SharedMutex::open_with", |world| {
        let name = world.name("fast");
        call(move |timeout| told(SharedMutex::<Value>::open_with(&name, &waiting(timeout))))
    }),
    ("SharedMutex::open_with", |world| {
        let name = world.name("kernel");
        call(move |timeout| told(SharedMutex::<Value>::open_with(&name, &waiting(timeout))))
    }),
    ("SharedMemoryOptions::open", |world| {
        let name = world.name("region");
        call(move |timeout| told(waiting(timeout).open::<u32>(&name).map(drop)))
    }),
    ("SharedMemoryOptions::open_existing", |world| {
        let name = world.name("region");
        call(move |timeout| told(waiting(timeout).open_existing::<u32>(&name).map(drop)))
    }),
    ("SharedMemoryOptions::open_copy_on_write", |world| {
        let name = world.name("region");
        call(move |timeout| told(waiting(timeout).open_copy_on_write::<u32>(&name).map(drop)))
    }),
    ("Section::open_with", |world| {
        let name = world.name("region");
        call(move |timeout| told(Section::<ReadOnly>::open_with(&name, &waiting(timeout))))
    }),
    ("SharedSlice::open_with", |world| {
        let name = world.name("region");
        call(move |timeout| {
            told(SharedSlice::<u32, ReadOnly>::open_with(
                &name,
                &waiting(timeout),
            ))
        })
    }),
    ("Mutex::open_with", |world| {
        let name = world.name("mutex");
        call(move |timeout| told(Mutex::open_with(&name, &waiting(timeout))))
    }),
    ("Event::open_with", |world| {
        let name = world.name("event");
        call(move |timeout| told(Event::open_with(&name, &waiting(timeout))))
    }),
    ("Event::open_to_wait_with", |world| {
        let name = world.name("event");
        call(move |timeout| told(Event::open_to_wait_with(&name, &waiting(timeout))))
    }),
    ("Semaphore::open_with", |world| {
        let name = world.name("semaphore");
        call(move |timeout| told(Semaphore::open_with(&name, &waiting(timeout))))
    }),
    ("Mutex::lock_timeout", |world| {
        let mutex = Mutex::open(&world.name("mutex")).unwrap();
        call(move |timeout| told(mutex.lock_timeout(timeout).map(|it| it.is_some())))
    }),
    ("Mutex::try_lock", |world| {
        let mutex = Mutex::open(&world.name("mutex")).unwrap();
        call(move |_| told(mutex.try_lock().map(|it| it.is_some())))
    }),
    ("Event::wait_timeout", |world| {
        let event = Event::open(&world.name("event")).unwrap();
        call(move |timeout| told(event.wait_timeout(timeout)))
    }),
    ("Event::try_wait", |world| {
        let event = Event::open(&world.name("event")).unwrap();
        call(move |_| told(event.try_wait()))
    }),
    ("Semaphore::acquire_timeout", |world| {
        let semaphore = Semaphore::open(&world.name("semaphore")).unwrap();
        call(move |timeout| told(semaphore.acquire_timeout(timeout)))
    }),
    ("Semaphore::try_acquire", |world| {
        let semaphore = Semaphore::open(&world.name("semaphore")).unwrap();
        call(move |_| told(semaphore.try_acquire()))
    }),
    ("Process::wait_timeout", |world| {
        let process = Process::open(world.process).unwrap();
        call(move |timeout| told(process.wait_timeout(timeout)))
    }),
    ("Attachment::wait", |world| {
        let beat = |view: &View| Ok(Sign::Heartbeat(view.read::<u32>(0)?.into()));
        let mut attachment = Attachment::new(&world.name("region"), beat);
        attachment.poll().unwrap();
        call(move |timeout| told(attachment.wait(timeout)))
    }),
    ("consistency::Reader::read", |world| {
        let mutex = Mutex::open(&world.name("mutex")).unwrap();
        call(move |timeout| told(foreign(timeout).read(&Convention::mutex(&mutex), |_| ())))
    }),
    ("consistency::Reader::read", |world| {
        let link = SharedMemoryLink::<u32>::open(&world.name("region")).unwrap();
        // The producer is in the middle of a write, and stays there.
        call(move |timeout| {
            let stuck = Convention::sequence(link.place());
            told(foreign(timeout).read(&stuck, |_| ()))
        })
    }),
    ("Sender::send_timeout", |world| {
        let mut sender = full(world);
        call(move |timeout| told(sender.send_timeout(&[0; 4], timeout)))
    }),
    ("Sender::draft", |world| {
        let mut sender = full(world);
        call(move |timeout| told(sender.draft(timeout).map(|it| it.is_some())))
    }),
    ("Sender::drain", |world| {
        let mut sender = full(world);
        call(move |timeout| told(sender.drain(timeout)))
    }),
    ("Sender::wait_for_receiver", |world| {
        let mut sender = channel::Sender::<Value>::register(&world.name("deserted")).unwrap();
        call(move |timeout| told(sender.wait_for_receiver(timeout)))
    }),
    ("Sender::open_with", |world| {
        let name = world.name("full");
        call(move |timeout| {
            told(channel::Sender::<Value>::open_with(
                &name,
                &waiting(timeout),
            ))
        })
    }),
    ("Receiver::recv_timeout", |world| {
        let mut receiver = channel::Receiver::<Value>::open(&world.name("empty0")).unwrap();
        call(move |timeout| told(receiver.recv_timeout(timeout)))
    }),
    ("Receiver::peek", |world| {
        let mut receiver = channel::Receiver::<Value>::open(&world.name("empty1")).unwrap();
        call(move |timeout| told(receiver.peek(timeout).map(|it| it.is_some())))
    }),
    ("Receiver::recv_into", |world| {
        let mut receiver = channel::Receiver::<[u64]>::open(&world.name("empty2")).unwrap();
        call(move |timeout| told(receiver.recv_into(&mut Vec::new(), timeout)))
    }),
    ("Receiver::wait_for_sender", |world| {
        let mut receiver = channel::Receiver::<Value>::register(&world.name("silent")).unwrap();
        call(move |timeout| told(receiver.wait_for_sender(timeout)))
    }),
    ("Receiver::register_with", |world| {
        let name = world.name("full");
        call(move |timeout| {
            told(channel::Receiver::<Value>::register_with(
                &name,
                &waiting(timeout),
            ))
        })
    }),
    ("wait_any", |world| {
        let process = Process::open(world.process).unwrap();
        let event = Event::open(&world.name("event")).unwrap();
        call(move |timeout| told(wait_any(&[&process, &event], timeout)))
    }),
];

/// Calls that are given no timeout and yet wait no longer than [`REGISTRATION`].
const REGISTER: &[Row] = &[
    ("Writer::register", |world| {
        let name = world.name("snapshot");
        call(move |_| told(Writer::<Value>::register(&name)))
    }),
    ("Writer::create", |world| {
        let name = world.name("snapshot");
        call(move |_| told(Writer::<Value>::create(&name)))
    }),
    ("Sender::register", |world| {
        let name = world.name("broadcast");
        call(move |_| told(broadcast::Sender::<Value>::register(&name)))
    }),
    ("Receiver::open", |world| {
        let name = world.name("broadcast");
        call(move |_| told(broadcast::Receiver::<Value>::open(&name)))
    }),
    ("Reader::open", |world| {
        let name = world.name("snapshot");
        call(move |_| told(Reader::<Value>::open(&name)))
    }),
    ("SharedMutex::open", |world| {
        let name = world.name("fast");
        call(move |_| told(SharedMutex::<Value>::open(&name)))
    }),
    ("shared_mutex::Reader::open", |world| {
        let name = world.name("fast");
        call(move |_| told(shared_mutex::Reader::<Value>::open(&name)))
    }),
    ("SharedMutex::get_or_create", |world| {
        let name = world.name("kernel");
        call(move |_| told(SharedMutex::get_or_create(&name, &[0_u64; 4])))
    }),
];

/// Creates everything that the rows are about; then, at `lock`, takes what can be taken, a draft and the
/// locks; and at `register` the companion mutexes, as if it registered.
#[test]
#[ignore = "a child process of other tests"]
fn child_that_holds_everything() {
    let Some(parent) = Parent::find() else { return };
    let world = World {
        name: parent.argument(0).to_owned(),
        process: 0,
    };
    let name = |object| world.name(object);
    let region = SharedMemoryLink::<u32, ReadWrite>::create(&name("region")).unwrap();
    region.write(&1);
    let mut slices = SliceWriter::<u64>::register(&name("slices"), 8).unwrap();
    slices.publish(&[1; 8]).unwrap();
    let mut messages = broadcast::SliceSender::<u64>::register(&name("messages"), 8).unwrap();
    messages.send(&[1; 8]).unwrap();
    let mut many = SharedMemoryOptions::new();
    many.senders(31);
    let _never = channel::Receiver::<Value>::register_with(&name("full"), &many).unwrap();
    let _nothing = ["empty0", "empty1"].map(|it| channel::Sender::<Value>::register(&name(it)));
    let _no_slice = channel::Sender::<[u64]>::register(&name("empty2")).unwrap();
    let mut writer = Writer::<Value>::register(&name("snapshot")).unwrap();
    let mut sender = broadcast::Sender::<Value>::register(&name("broadcast")).unwrap();
    for tick in 0..parent.argument(1).parse().unwrap() {
        writer.publish(&[tick; 4]);
        sender.send(&[tick; 4]);
    }
    let [fast, kernel] = [("fast", LockMode::Fast), ("kernel", LockMode::Kernel)].map(|it| {
        let mut options = SharedMemoryOptions::new();
        options.lock_mode(it.1);
        let shared = SharedMutex::get_or_create_with(&name(it.0), &[0_u64; 4], &options);
        shared.unwrap()
    });
    let mutex = Mutex::create(&name("mutex")).unwrap();
    let _event = Event::create(&name("event"), Reset::Auto).unwrap();
    let _semaphore = Semaphore::create(&name("semaphore"), 0, 1).unwrap();
    let companions = [
        "snapshot",
        "slices",
        "broadcast",
        "messages",
        "full",
        "empty0",
        "fast",
        "kernel",
    ]
    .map(|it| Mutex::get_or_create(&format!("{}~mutex", name(it))).unwrap());
    parent.tell("created");
    assert_eq!(parent.hear(), "lock");
    let draft = writer.draft_from_last();
    draft.place().write(&[7; 4]);
    let message = sender.draft_from_zeros();
    message.place().write(&[7; 4]);
    let _locked = (fast.lock().unwrap(), kernel.lock().unwrap());
    let _held = mutex.lock().unwrap();
    parent.tell("locked");
    assert_eq!(parent.hear(), "register");
    let _registering = companions.each_ref().map(|it| it.lock().unwrap());
    parent.tell("registers");
    parent.stay();
}

/// A child that has created everything, after so many values were published, and rows about that.
fn child(values: u32) -> (Child, World) {
    let name = fresh_name();
    let values = values.to_string();
    let mut child = Child::start(child_that_holds_everything, &[&name, &values]);
    assert_eq!(child.answer(), "created");
    let process = child.id();
    (child, World { name, process })
}

fn ready(rows: &[Row], world: &World) -> Vec<(&'static str, Call)> {
    rows.iter().map(|(name, row)| (*name, row(world))).collect()
}

#[track_caller]
fn order(child: &mut Child, order: &str, answer: &str) {
    child.tell(order);
    assert_eq!(child.answer(), answer);
}

/// That the call is back in time, if not always. Says what it said.
#[track_caller]
fn assert_in_time(row: &mut (&str, Call), timeout: Duration, limit: Duration, why: &str) -> String {
    let mut late = Vec::new();
    let began = Instant::now();
    while began.elapsed() < TRIES {
        let start = Instant::now();
        let said = row.1(timeout);
        let took = start.elapsed();
        if took <= limit + SLACK {
            return said;
        }
        late.push(format!("{took:?}: {said}"));
    }
    panic!(
        "{} with a timeout of {timeout:?}, {why}, each time: {late:#?}",
        row.0
    );
}

/// All rows, with each timeout.
#[track_caller]
fn assert_all_in_time(rows: &mut [(&'static str, Call)], why: &str) {
    for timeout in TIMEOUTS {
        for row in &mut *rows {
            let said = assert_in_time(row, timeout, timeout, why);
            println!("{why}: {} {timeout:?}: {said}", row.0);
        }
    }
}

/// Those that register, at the same time.
fn assert_registered_in_time(rows: Vec<(&'static str, Call)>, why: &str) {
    thread::scope(|scope| {
        for mut row in rows {
            scope.spawn(move || {
                let said = assert_in_time(&mut row, REGISTRATION, REGISTRATION, why);
                println!("{why}: {}: {said}", row.0);
            });
        }
    });
}

#[test]
fn calls_are_back_in_time_where_there_is_nothing() {
    let _watchdog = watchdog();
    let world = World {
        name: fresh_name(),
        process: 0,
    };
    let opens = ROWS.iter().filter(|it| {
        it.0.starts_with("SharedMemoryOptions::open") || it.0.ends_with("::open_with")
    });
    for row in opens {
        let mut row = (row.0, row.1(&world));
        for timeout in TIMEOUTS {
            let said = assert_in_time(&mut row, timeout, timeout, "nothing there");
            assert!(said.contains("TimedOut"), "{}: {said}", row.0);
        }
    }
}

#[test]
fn calls_are_back_in_time_while_others_hold_the_locks_and_register() {
    let _watchdog = watchdog();
    let (mut child, world) = child(1);
    let mut rows = ready(ROWS, &world);
    let register = ready(REGISTER, &world);
    order(&mut child, "lock", "locked");
    assert_all_in_time(&mut rows, "locked");
    order(&mut child, "register", "registers");
    assert_all_in_time(&mut rows, "registering");
    assert_registered_in_time(register, "registering");
}

#[test]
fn calls_are_back_in_time_while_others_are_suspended() {
    let _watchdog = watchdog();
    for registering in [false, true] {
        let (mut child, world) = child(1);
        let mut rows = ready(ROWS, &world);
        let register = ready(REGISTER, &world);
        order(&mut child, "lock", "locked");
        if registering {
            order(&mut child, "register", "registers");
        }
        child.suspend();
        assert_all_in_time(&mut rows, "suspended");
        assert_registered_in_time(register, "suspended");
    }
}

/// A word of which region, where, and what a hostile process stores there.
type Store = (&'static str, usize, u32);

const HOSTILE: &[Store] = &[
    ("snapshot~1", LATEST, 40),
    ("snapshot~1", LATEST, 1),
    ("snapshot~1", LATEST, 0),
    ("snapshot~1", LATEST, u32::MAX),
    ("snapshot~1", 0, 0),
    ("snapshot~1", 12, 0),
    ("snapshot", 0, 0),
    ("snapshot", 8, 2),
    ("snapshot", RECORD_SEQUENCE, 1),
    ("snapshot", RECORD_SEQUENCE, 1000),
    ("snapshot", WRITER_ID, 0),
    ("snapshot", WRITER_ID, 4),
    ("snapshot", GENERATION, 0),
    ("snapshot", GENERATION, u32::MAX),
    ("slices~1", LATEST, 40),
    ("slices~1", LATEST, 0),
    ("slices", RECORD_SEQUENCE, 1000),
    ("broadcast~1", LATEST, 40),
    ("broadcast~1", LATEST, 0),
    ("broadcast~1", LATEST, u32::MAX),
    ("broadcast~1", 12, 1),
    ("broadcast", RECORD_SEQUENCE, 1),
    ("broadcast", RECORD_SEQUENCE, 1000),
    ("broadcast", WRITER_ID, 0),
    ("broadcast", GENERATION, u32::MAX),
    ("messages~1", LATEST, 40),
    ("fast", LOCK, 7),
    ("fast", LOCK, 240),
    ("fast", LOCK, u32::MAX),
    ("fast", LOCK, 1 << 31),
    ("fast", LOCK + 4, u32::MAX),
    ("fast", 256, 0),
    ("fast", 256, 4),
    ("fast", 264, 1),
    ("fast", RECORD_SEQUENCE, 1),
    ("fast", GENERATION, 9),
    ("fast~1", LATEST, 40),
    ("fast~1", LATEST, 0),
    ("kernel", LOCK + 4, 1),
    ("kernel", 12, 3),
    ("kernel~1", LATEST, u32::MAX),
];

#[test]
fn calls_are_back_in_time_whatever_is_stored() {
    let _watchdog = watchdog();
    // Before anything was published, and with slots that hold a value or do not yet.
    for values in [0, 1, 70] {
        let (mut child, world) = child(values);
        let mut rows = ready(ROWS, &world);
        order(&mut child, "lock", "locked");
        let protocols = |it: &&mut (&str, Call)| {
            let it = it.0;
            ["Reader", "Writer", "Receiver", "Sender", "SharedMutex"]
                .iter()
                .any(|of| it.contains(of))
        };
        let store = |region: &str, at, word| {
            let words = Words::of(Section::open_existing(&world.name(region)).unwrap());
            let before = words.get(at);
            words.set(at, word);
            (words, before)
        };
        let mut attack = |region: &str, at, word| {
            let (words, before) = store(region, at, word);
            let why = format!("{word:#x} at {at} of {region}, {values} values");
            for timeout in TIMEOUTS {
                for row in rows.iter_mut().filter(protocols) {
                    assert_in_time(row, timeout, timeout, &why);
                }
            }
            words.set(at, before);
        };
        for (region, at, word) in HOSTILE {
            attack(region, *at, *word);
        }
        // A slot that is being written for ever, and one of another version.
        for region in ["snapshot", "broadcast", "fast", "kernel"] {
            let payload = Payload::open(&world.name(region));
            let latest = payload.words.get(LATEST) as usize;
            let slot = payload.first + latest % payload.slots as usize * payload.stride();
            for word in [1, 2, u32::MAX] {
                attack(&format!("{region}~1"), slot, word);
            }
        }
    }
}

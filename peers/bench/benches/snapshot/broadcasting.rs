//! What `send` costs while receivers in other processes receive all they can.

use std::fmt::Write as _;
use std::hint::black_box;
use std::thread;
use std::time::Duration;

use bench::{Orders, Pace, Peer, Side, Table, Target};
use win_shared_memory::broadcast::{News, Receiver, Sender};
use win_shared_memory::snapshot::{Reader, Writer};

use crate::{KIB, SMALL, Value, label, mode, name};

pub(crate) const PAGE: usize = 4 * KIB / 8;

const RECEIVERS: [usize; 3] = [0, 1, 3];

fn broadcast(name: &str) -> String {
    format!("{name}-broadcast")
}

/// The peer: receives every message it can, or reads every value it can.
pub(crate) fn receive<const WORDS: usize>(orders: &Orders) {
    const SLICE: Duration = Duration::from_millis(5);
    let (name, _) = orders.name.rsplit_once('-').expect("a name and a number");
    let mut receiver =
        Receiver::<Value<WORDS>>::open(&broadcast(name)).expect("the parent made it");
    let mut reader = Reader::<Value<WORDS>>::open(name).expect("the parent made it");
    let mut value = Box::new([0; WORDS]);
    loop {
        let order = orders.next();
        orders.accept(order);
        while orders.stands(order) {
            match order {
                mode::OURS => match receiver.recv_timeout(SLICE).expect("no error") {
                    Some(News::Message(message)) => {
                        black_box(&message);
                        orders.count();
                    }
                    Some(News::Lagged(_)) | None => {}
                },
                mode::FLOOR => {
                    if reader.wait_changed(SLICE).expect("no error") {
                        // The writer may be too fast.
                        let _ = reader.latest_into(&mut value);
                        black_box(&value);
                    }
                }
                _ => thread::sleep(Duration::from_millis(1)),
            }
        }
    }
}

pub(crate) fn table() -> String {
    let title = "send, as fast as it goes, while receivers receive all they can; the floor is publish of a \
                 snapshot of the same size, while as many readers read all they can";
    let mut table = Table::new("snapshot", title, Pace::SHARED);
    let mut facts = String::new();
    send_rows::<SMALL>(&mut table, &mut facts, "receiver-64");
    send_rows::<PAGE>(&mut table, &mut facts, "receiver-4K");
    format!("{table}{facts}")
}

fn send_rows<const WORDS: usize>(table: &mut Table, facts: &mut String, role: &str) {
    for receivers in RECEIVERS {
        let what = format!("send, {}, receivers: {receivers}", label(WORDS));
        if !table.is_wanted(&what) {
            continue;
        }
        let name = name(&format!("{role}{receivers}"));
        let mut writer = Writer::<Value<WORDS>>::create(&name).expect("nobody has the name");
        let mut sender =
            Sender::<Value<WORDS>>::create(&broadcast(&name)).expect("nobody has the name");
        let peers: Vec<Peer> = (0..receivers)
            .map(|it| Peer::start(role, &format!("{name}-{it}")))
            .collect();
        for peer in &peers {
            peer.switch(mode::IDLE);
        }
        let from = Box::new([7_u64; WORDS]);
        let switch = |side| {
            for peer in &peers {
                peer.switch(match side {
                    Side::Floor => mode::FLOOR,
                    Side::Ours => mode::OURS,
                });
            }
        };
        table.row_around(
            &what,
            Target::None,
            switch,
            || writer.publish(black_box(&from)),
            || sender.send(black_box(&from)),
        );
        if receivers > 0 {
            let sent = sender.number();
            let received: Vec<u32> = peers.iter().map(Peer::count).collect();
            let _ = writeln!(
                facts,
                "{what}: of {sent} messages each received {received:?}"
            );
        }
    }
}

//! Typed access without `unsafe`: whole values through links here, and the rest below. The derive and
//! `field!` are in `derive`.

use std::array;
use std::mem::MaybeUninit;
use std::thread;

use win_shared_memory::{
    ReadOnly, ReadWrite, SharedData, SharedMemoryLink, SharedMemoryOptions, field,
};

use crate::support::{Child, Parent, fresh_name, watchdog};

mod atomics;
mod large;
mod padding;
mod places;
mod schemas;
mod slices;
mod tables;
mod texts;
mod values;
mod views;

/// The example of 0.1.0.
#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(C)]
struct GameState {
    score: u32,
    lives: u8,
}

const STATE: GameState = GameState {
    score: 42,
    lives: 3,
};

#[test]
fn what_one_link_writes_all_others_read() {
    let name = fresh_name();
    let first: SharedMemoryLink<GameState, ReadWrite> = SharedMemoryLink::create(&name).unwrap();
    let second: SharedMemoryLink<GameState, ReadWrite> =
        SharedMemoryLink::open_existing(&name).unwrap();
    let reader: SharedMemoryLink<GameState, ReadOnly> = SharedMemoryLink::open(&name).unwrap();
    let zeros = GameState { score: 0, lives: 0 };
    assert_eq!(reader.read(), zeros, "a new region");
    for (score, writer) in [(7, &first), (8, &second), (u32::MAX, &first)] {
        let state = GameState { score, lives: 200 };
        writer.write(&state);
        let mut copy = zeros;
        reader.read_into(&mut copy);
        assert_eq!(copy, state);
        assert_eq!([first.read(), second.read(), reader.read()], [state; 3]);
        assert_eq!(reader.try_read(), Ok(state));
        assert_eq!(reader.place().read(), state);
    }
}

#[test]
fn what_another_process_writes_is_read() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let link: SharedMemoryLink<GameState, ReadWrite> = SharedMemoryLink::create(&name).unwrap();
    link.write(&STATE);
    let mut child = Child::start(doubling_child, &[&name]);
    assert_eq!(child.answer(), "42 3");
    assert_eq!(
        link.read(),
        GameState {
            score: 84,
            lives: 6
        }
    );
    child.kill();
    assert_eq!(link.read().score, 84, "the writer's end changes nothing");
}

#[test]
#[ignore = "a child of the test above"]
fn doubling_child() {
    let Some(parent) = Parent::find() else { return };
    let link: SharedMemoryLink<GameState, ReadWrite> =
        SharedMemoryLink::open_existing(parent.argument(0)).unwrap();
    let GameState { score, lives } = link.read();
    link.write(&GameState {
        score: 2 * score,
        lives: 2 * lives,
    });
    parent.tell(&format!("{score} {lives}"));
    parent.stay();
}

#[test]
fn values_of_all_sizes_come_back() {
    fn check<const N: usize>() {
        let name = fresh_name();
        let link: SharedMemoryLink<[u8; N], ReadWrite> = SharedMemoryLink::create(&name).unwrap();
        let reader = SharedMemoryLink::<[u8; N]>::open(&name).unwrap();
        let value = array::from_fn(|at| (at * 7 + N) as u8 | 1);
        link.write(&value);
        assert_eq!(reader.read(), value);
        assert_eq!(reader.try_read(), Ok(value));
        let mut copy = [0; N];
        reader.read_into(&mut copy);
        assert_eq!(copy, value);
        // To the last byte, and none after it.
        let rest = link.section().map().unwrap();
        if N < rest.len() {
            assert_eq!(rest.read::<u8>(N).unwrap(), 0, "{N} bytes");
        }
    }
    check::<1>();
    check::<2>();
    check::<3>();
    check::<4>();
    check::<5>();
    check::<7>();
    check::<8>();
    check::<9>();
    check::<15>();
    check::<16>();
    check::<17>();
    check::<63>();
    check::<64>();
    check::<65>();
    check::<4095>();
    check::<4096>();
    check::<4097>();
    check::<70_001>();
}

/// 4 MiB and a little.
#[derive(SharedData)]
#[repr(C)]
struct Frame {
    tick: u32,
    pixels: [u32; 1 << 20],
    complete: u8,
}

#[test]
fn a_value_of_4_mib_needs_no_stack() {
    let work = || {
        let name = fresh_name();
        let link: SharedMemoryLink<Frame, ReadWrite> = SharedMemoryLink::create(&name).unwrap();
        let reader = SharedMemoryLink::<Frame>::open(&name).unwrap();

        // The one way to a large value on the heap without `unsafe`.
        let mut memory: Box<MaybeUninit<Frame>> = Box::new_uninit();
        let frame = link.place().try_read_into(&mut memory).unwrap();
        assert_eq!((frame.tick, frame.complete), (0, 0));
        frame.tick = 9;
        frame.complete = 1;
        for (pixel, at) in frame.pixels.iter_mut().zip(0..) {
            *pixel = at ^ 0x5555_5555;
        }
        link.write(frame);

        frame.pixels.fill(0);
        frame.tick = 0;
        reader.read_into(frame);
        assert_eq!((frame.tick, frame.complete), (9, 1));
        for (pixel, at) in frame.pixels.iter().zip(0..) {
            assert_eq!(*pixel, at ^ 0x5555_5555);
        }
        assert_eq!(
            field!(reader.pixels[1_000_000]).read(),
            1_000_000 ^ 0x5555_5555
        );
    };
    let thread = thread::Builder::new().stack_size(64 * 1024).spawn(work);
    thread.unwrap().join().unwrap();
}

#[test]
fn what_a_copy_on_write_link_writes_it_alone_reads() {
    let name = fresh_name();
    let options = SharedMemoryOptions::new();
    let original: SharedMemoryLink<GameState, ReadWrite> = SharedMemoryLink::create(&name).unwrap();
    original.write(&STATE);
    let private = options.open_copy_on_write::<GameState>(&name).unwrap();
    assert_eq!(private.read(), STATE);

    field!(private.score).write(&1);
    assert_eq!(private.read(), GameState { score: 1, ..STATE });
    private.write(&GameState { score: 2, lives: 1 });
    assert_eq!(private.read(), GameState { score: 2, lives: 1 });
    let other = options.open_copy_on_write::<GameState>(&name).unwrap();
    let reader = SharedMemoryLink::<GameState>::open(&name).unwrap();
    assert_eq!(
        [original.read(), other.read(), reader.read()],
        [STATE; 3],
        "others"
    );

    drop(private);
    let again = options.open_copy_on_write::<GameState>(&name).unwrap();
    assert_eq!(again.read(), STATE, "opened again");
}

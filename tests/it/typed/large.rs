//! Values of 4 MiB on a stack of 1 MiB. `read` and `try_read` return the value, and so need a stack for
//! it; everything else here does not, in a debug build either.

use std::mem::{MaybeUninit, offset_of};
use std::slice;
use std::thread;

use win_shared_memory::{ReadWrite, SharedData, SharedMemoryLink, SharedSlice, field};

use crate::support::fresh_name;

const LEN: usize = 4 << 20;

#[derive(SharedData)]
#[repr(C)]
struct Bytes {
    tick: u32,
    bytes: [u8; LEN],
}

#[derive(SharedData)]
#[repr(C)]
struct Flags {
    tick: u32,
    flags: [bool; LEN],
}

fn on_a_small_stack(work: fn()) {
    let thread = thread::Builder::new().stack_size(1 << 20).spawn(work);
    thread.unwrap().join().unwrap();
}

#[test]
fn large_values_of_any_bytes_need_no_stack() {
    on_a_small_stack(|| {
        let link: SharedMemoryLink<Bytes, ReadWrite> =
            SharedMemoryLink::create(&fresh_name()).unwrap();
        let mut memory: Box<MaybeUninit<Bytes>> = Box::new_uninit();
        let value = link.try_read_into(&mut memory).unwrap();
        let mut expected = 0;
        let mut next = |value: &mut Bytes| {
            expected += 1;
            value.tick = expected;
            value.bytes[LEN - 1] = expected as u8;
            expected
        };
        let check = |value: &mut Bytes, expected: u32| {
            assert_eq!(
                (value.tick, value.bytes[LEN - 1]),
                (expected, expected as u8)
            );
            (value.tick, value.bytes[LEN - 1]) = (0, 0);
        };

        let tick = next(value);
        link.write(value);
        link.read_into(value);
        check(value, tick);

        let tick = next(value);
        link.place().write(value);
        link.place().read_into(value);
        check(value, tick);
        assert_eq!(field!(link.bytes[LEN - 1]).read(), tick as u8);
        assert_eq!(field!(link.bytes).iter().len(), LEN);

        let tick = next(value);
        let view = link.view();
        view.write(0, value).unwrap();
        view.place::<Bytes>(0).unwrap().read_into(value);
        check(value, tick);

        let table = view
            .table::<Bytes>(0, size_of::<Bytes>() as u64, 1)
            .unwrap();
        let tick = next(value);
        table.get(0).unwrap().write(value);
        table.iter().for_each(|row| row.read_into(value));
        check(value, tick);

        let elements = SharedSlice::<Bytes, ReadWrite>::create(&fresh_name(), 2).unwrap();
        let tick = next(value);
        elements.write_from(1, slice::from_ref(value)).unwrap();
        elements.read_into(1, slice::from_mut(value)).unwrap();
        check(value, tick);
        elements.get(1).unwrap().read_into(value);
        check(value, tick);
    });
}

#[test]
fn large_values_with_a_bool_need_no_stack() {
    on_a_small_stack(|| {
        let link: SharedMemoryLink<Flags, ReadWrite> =
            SharedMemoryLink::create(&fresh_name()).unwrap();
        let elements = SharedSlice::<Flags, ReadWrite>::create(&fresh_name(), 2).unwrap();
        let (mut first, mut memory) = (Box::new_uninit(), Box::new_uninit());
        let value = link.try_read_into(&mut first).unwrap();
        value.tick = 7;
        value.flags[LEN - 1] = true;
        link.write(value);
        link.view().write(0, value).unwrap();
        elements.write_from(1, slice::from_ref(value)).unwrap();

        let row = size_of::<Flags>() as u64;
        let table = link.view().table::<Flags>(0, row, 1).unwrap();
        let places = [
            link.place(),
            link.view().place(0).unwrap(),
            table.get(0).unwrap(),
            elements.get(1).unwrap(),
        ];
        for place in places {
            let read = place.try_read_into(&mut memory).unwrap();
            assert_eq!(
                (read.tick, read.flags[LEN - 2], read.flags[LEN - 1]),
                (7, false, true)
            );
        }
        let last = offset_of!(Flags, flags) + LEN - 1;
        link.view().write(last, &2_u8).unwrap();
        let error = link.try_read_into(&mut memory).err().unwrap();
        assert_eq!((error.offset(), error.value()), (last, 2));
    });
}

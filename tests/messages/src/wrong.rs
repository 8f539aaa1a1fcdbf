//! A line `//~` has a text that an error must contain which points into the lines after it, up to the next blank
//! one. Each error must be expected.

use std::time::Duration;

use win_shared_memory::snapshot::{Reader, Writer};
use win_shared_memory::{
    ReadWrite, SharedData, SharedMemoryLink, SharedMutex, SharedSlice, View, field,
};

struct Plain {
    a: u32,
}

#[derive(SharedData)]
#[repr(C)]
struct WithBool {
    on: bool,
}

#[derive(SharedData)]
#[repr(u8)]
enum Gear {
    Neutral,
}

#[derive(SharedData)]
#[repr(C)]
struct Car {
    gears: [Gear; 2],
}

//~ `Plain` cannot live in shared memory
//~ add `#[derive(SharedData)]`, with `#[repr(C)]` for a struct
fn read(link: &SharedMemoryLink<Plain>) -> Plain {
    link.read()
}

//~ add `#[derive(SharedData)]`
fn read_into(link: &SharedMemoryLink<Plain>, to: &mut Plain) {
    link.read_into(to);
}

//~ add `#[derive(SharedData)]`
fn try_read(link: &SharedMemoryLink<Plain>) {
    let _ = link.try_read();
}

//~ add `#[derive(SharedData)]`
fn write(link: &SharedMemoryLink<Plain, ReadWrite>) {
    link.write(&Plain { a: 1 });
}

//~ `Plain` has no such field, or does not derive `SharedData`
//~ add `#[derive(SharedData)]` to `Plain`
fn field_of_plain(link: &SharedMemoryLink<Plain>) {
    let _ = field!(link.a);
}

//~ `Plain` is not made of atomics only
//~ `AtomicU8` … `AtomicU64` for all of its fields and `#[derive(SharedData)]`
fn shared(link: &SharedMemoryLink<Plain, ReadWrite>) {
    let _ = link.shared();
}

//~ add `#[derive(SharedData)]`
fn at_an_offset(view: &View) {
    let _ = view.read::<Plain>(0);
}

//~ add `#[derive(SharedData)]`
fn slice() {
    let _ = SharedSlice::<Plain>::open("x");
}

//~ add `#[derive(SharedData)]`
fn reader() {
    let _ = Reader::<Plain>::open("x");
}

//~ add `#[derive(SharedData)]`
fn writer() {
    let _ = Writer::<Plain>::register("x");
}

//~ add `#[derive(SharedData)]`
fn mutex() {
    let _ = SharedMutex::<Plain>::open("x");
}

//~ `Duration` cannot live in shared memory
//~ `Zerocopy` (feature `zerocopy`)
fn of_another_crate(link: &SharedMemoryLink<Duration>) {
    let _ = link.read();
}

//~ in place of `usize` use `u32` or `u64`
fn read_usize(link: &SharedMemoryLink<usize>) {
    let _ = link.read();
}

//~ another program may leave bytes that are not a valid `bool`
//~ use `try_read` or `try_read_into`, which check
fn read_with_bool(link: &SharedMemoryLink<WithBool>) {
    let _ = link.read();
}

//~ use `try_read` or `try_read_into`, which check
fn read_bool(link: &SharedMemoryLink<WithBool>) {
    let _ = field!(link.on).read();
}

//~ not a valid `Gear`
//~ use `try_read` or `try_read_into`, which check
fn read_enum(link: &SharedMemoryLink<Car>) {
    let _ = link.read();
}

//~ not a valid `char`
fn values(slice: &SharedSlice<[char; 4]>) {
    let _ = slice.values();
}

//~ `Plain` cannot live in shared memory
//~ add `#[derive(SharedData)]`
#[derive(SharedData)]
#[repr(C)]
struct OfPlain {
    plain: Plain,
}

//~ `String` cannot live in shared memory
//~ of `Vec`, `String` and references an array
#[derive(SharedData)]
#[repr(C)]
struct OfPath {
    name: std::string::String,
}

//~ use an array (`[u8; 64]`
#[derive(SharedData)]
#[repr(C)]
struct OfString {
    name: String,
}

//~ use an array, and a field for how many
#[derive(SharedData)]
#[repr(C)]
struct OfVec {
    names: Vec<u8>,
}

//~ use the value, and a `bool`
#[derive(SharedData)]
#[repr(C)]
struct OfOption {
    name: Option<u8>,
}

//~ an address means nothing in another process
#[derive(SharedData)]
#[repr(C)]
struct OfReference {
    name: &'static str,
}

//~ add `#[repr(C)]`
#[derive(SharedData)]
struct WithoutRepr {
    a: u32,
}

//~ add `#[repr(u32)]`
#[derive(SharedData)]
enum EnumWithoutRepr {
    A,
}

//~ a generic type has no one layout
#[derive(SharedData)]
#[repr(C)]
struct Generic<T> {
    a: T,
}

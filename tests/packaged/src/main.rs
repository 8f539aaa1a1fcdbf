//! A user's program: the packages hold all that it needs.

use win_shared_memory::SharedData;
use win_shared_memory_catalogue::mumble_link::LinkedMem;
use win_shared_memory_layouts::{Plan, catalogue};

#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(C)]
struct Telemetry {
    tick: u32,
    speed: f32,
}

fn main() {
    let layout = catalogue::find(r"Local\MumbleLink").expect("the catalogue is packaged");
    let plan = Plan::new(layout).expect("it is sound");
    assert_eq!(plan.size(), size_of::<LinkedMem>());
    share(Telemetry {
        tick: 1,
        speed: 2.5,
    });
    println!("The packages are whole.");
}

#[cfg(windows)]
fn share(telemetry: Telemetry) {
    use win_shared_memory::SharedMemoryLink;

    let name = format!(r"Local\win-shared-memory-packaged-{}", std::process::id());
    let game = SharedMemoryLink::create(&name).expect("nobody else has the name");
    game.write(&telemetry);
    let overlay = SharedMemoryLink::<Telemetry>::open(&name).expect("the game has made it");
    assert_eq!(overlay.read(), telemetry);
}

#[cfg(not(windows))]
fn share(telemetry: Telemetry) {
    let bytes = [1, 0, 0, 0, 0, 0, 0x20, 0x40];
    let recorded = win_shared_memory::layout::from_bytes::<Telemetry>(&bytes);
    assert_eq!(recorded, Ok(telemetry));
}

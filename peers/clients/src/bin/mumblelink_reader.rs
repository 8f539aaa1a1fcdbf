//! `mumblelink_reader COUNT`: what the crate mumblelink_reader reads.
//!
//! The region has no convention, and the crate copies it once: values of one sample may be of two writes.

use clients::Sample;
use mumblelink_reader::mumble_link::{MumbleLinkData, MumbleLinkReader};
use mumblelink_reader::mumble_link_handler::MumbleLinkHandler;

fn main() {
    let link = MumbleLinkHandler::new().expect("there is no region, and none can be made");
    let read = || link.read().expect("it is mapped");
    about(&read()).print();
    clients::print_samples(clients::count(), || {
        let data = read();
        Sample::default()
            .with("uiTick", data.ui_tick)
            .with("fAvatarPosition[2]", data.avatar.position[2])
            .with("fCameraTop[0]", data.camera.top[0])
    });
}

fn about(data: &MumbleLinkData) -> Sample {
    let len = usize::try_from(data.context_len).unwrap_or(0).min(256);
    Sample::default()
        .with("uiVersion", data.ui_version)
        .with("name", &data.name)
        .with("identity", &data.identity)
        .with("description", &data.description)
        .with("context", data.context[..len].escape_ascii())
        .with("fAvatarFront[1]", data.avatar.front[1])
}

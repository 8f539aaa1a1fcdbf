//! Shows the first bytes of any named region, whoever made it, and again whenever they change.
//!
//! `peek NAME [BYTES]`, for example `peek MumbleLink 64`.

use std::process::ExitCode;
use std::time::Duration;

use win_shared_memory::{ReadOnly, Section, SharedMemoryError, SharedMemoryOptions};

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let (name, len) = (args.next(), args.next().map_or(Ok(256), |it| it.parse()));
    let (Some(name), Ok(len)) = (name, len) else {
        eprintln!("usage: peek NAME [BYTES]");
        return ExitCode::from(2);
    };
    match peek(&name, len) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn peek(name: &str, len: usize) -> Result<(), SharedMemoryError> {
    println!("waiting for {name}");
    let section: Section<ReadOnly> =
        Section::open_with(name, SharedMemoryOptions::new().wait(Duration::MAX))?;
    let view = section.map()?;
    println!("it has {} bytes", view.len());

    let mut seen = Vec::new();
    let mut bytes = vec![0; len.min(view.len())];
    loop {
        view.read_bytes(0, &mut bytes)?;
        if bytes != seen {
            seen.clone_from(&bytes);
            print_bytes(&bytes);
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn print_bytes(bytes: &[u8]) {
    println!();
    for (line, part) in bytes.chunks(16).enumerate() {
        let hex: String = part.iter().map(|it| format!("{it:02x} ")).collect();
        let text: String = part
            .iter()
            .map(|&it| match it {
                b' '..=b'~' => char::from(it),
                _ => '.',
            })
            .collect();
        println!("{:06x}  {hex:48} {text}", line * 16);
    }
}

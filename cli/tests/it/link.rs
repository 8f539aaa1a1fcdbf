//! A connection that can be cut, fall silent, and be slow.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// How long it waits for bytes before it looks in which state it is.
const LOOK: Duration = Duration::from_millis(10);

/// How many bytes a slow connection carries in that time.
const SLOW: usize = 3 * 1024;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Open,
    /// 300 KB a second.
    Slow,
    /// Nothing comes, and nothing says so.
    Silent,
    Cut,
}

/// Stands between a server and its clients.
pub(crate) struct Link {
    pub(crate) address: SocketAddr,
    state: Arc<Mutex<State>>,
}

impl Link {
    pub(crate) fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(Mutex::new(State::Open));
        let seen = Arc::clone(&state);
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                if *seen.lock().unwrap() == State::Cut {
                    continue;
                }
                let Ok(server) = TcpStream::connect(server) else {
                    continue;
                };
                for (from, to) in [(&client, &server), (&server, &client)] {
                    let (from, to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
                    let seen = Arc::clone(&seen);
                    thread::spawn(move || carry(from, to, &seen));
                }
            }
        });
        Self { address, state }
    }

    pub(crate) fn set(&self, state: State) {
        *self.state.lock().unwrap() = state;
    }
}

fn carry(mut from: TcpStream, mut to: TcpStream, state: &Mutex<State>) {
    from.set_read_timeout(Some(LOOK)).unwrap();
    let mut bytes = [0; 16 * 1024];
    loop {
        let state = *state.lock().unwrap();
        let most = match state {
            State::Cut => break,
            State::Silent => {
                thread::sleep(LOOK);
                continue;
            }
            State::Slow => SLOW,
            State::Open => bytes.len(),
        };
        match from.read(&mut bytes[..most]) {
            Ok(0) => break,
            Ok(count) if to.write_all(&bytes[..count]).is_err() => break,
            Ok(_) if state == State::Slow => thread::sleep(LOOK),
            Ok(_) => {}
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(_) => break,
        }
    }
    from.shutdown(Shutdown::Both).ok();
    to.shutdown(Shutdown::Both).ok();
}

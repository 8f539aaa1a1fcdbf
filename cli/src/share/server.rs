//! The server: connections, and how many of them.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::runtime::{self, Runtime};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::AbortHandle;

use super::answers::answer;
use super::guard::Guard;
use super::hub::Hub;
use super::patient::Patient;

/// How many connections there may be.
const MOST: usize = 256;

/// How long a request line and headers may be together.
const LONGEST_REQUEST: usize = 16 * 1024;

/// How long it waits when the system has no connection to give, as when there are too many open files.
const PAUSE: Duration = Duration::from_millis(50);

/// How many connections may wait to be accepted. Where clients storm in, another waits for a second.
const BACKLOG: u32 = 1024;

/// How much the system holds of what a slow client has not received. Were it more, as systems like, such a client would
/// see the past.
const SEND_BUFFER: u32 = 256 * 1024;

/// An address at which clients can connect.
pub(crate) struct Listener {
    runtime: Runtime,
    listener: TcpListener,
}

impl Listener {
    pub(crate) fn bind(address: SocketAddr) -> io::Result<Self> {
        let runtime = runtime::Builder::new_current_thread()
            .enable_io()
            .enable_time()
            .build()?;
        let listener = {
            let _inside = runtime.enter();
            let socket = if address.is_ipv4() {
                TcpSocket::new_v4()?
            } else {
                TcpSocket::new_v6()?
            };
            // Under Windows it would let two programs have the same address.
            #[cfg(not(windows))]
            socket.set_reuseaddr(true)?;
            // Each connection inherits it.
            socket.set_send_buffer_size(SEND_BUFFER)?;
            socket.bind(address)?;
            socket.listen(BACKLOG)?
        };
        Ok(Self { runtime, listener })
    }

    /// The address, with the port that was found if it was asked for any.
    pub(crate) fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Answers what is asked, in a thread of its own, until the program ends.
    pub(crate) fn serve(self, hub: Arc<Hub>, guard: Guard) -> io::Result<()> {
        let Self { runtime, listener } = self;
        let server = Server {
            hub,
            guard: Arc::new(guard),
            room: Arc::new(Semaphore::new(MOST)),
            open: VecDeque::new(),
        };
        let thread = thread::Builder::new().name("share".to_owned());
        thread.spawn(move || runtime.block_on(server.run(listener)))?;
        Ok(())
    }
}

struct Server {
    hub: Arc<Hub>,
    guard: Arc<Guard>,
    room: Arc<Semaphore>,
    /// The oldest first.
    open: VecDeque<Connection>,
}

struct Connection {
    task: AbortHandle,
    has_asked: Arc<AtomicBool>,
}

impl Server {
    async fn run(mut self, listener: TcpListener) {
        loop {
            match listener.accept().await {
                Ok((stream, _)) => {
                    if let Some(place) = self.make_room().await {
                        self.accept(stream, place);
                    }
                }
                Err(_) => tokio::time::sleep(PAUSE).await,
            }
        }
    }

    /// A place for a connection. If there is none, the one that has waited longest for a request has to go; `None` if
    /// all have made theirs.
    async fn make_room(&mut self) -> Option<OwnedSemaphorePermit> {
        self.open.retain(|it| !it.task.is_finished());
        let room = Arc::clone(&self.room);
        if let Ok(place) = Arc::clone(&room).try_acquire_owned() {
            return Some(place);
        }
        let silent = self
            .open
            .iter()
            .position(|it| !it.has_asked.load(Ordering::Relaxed))?;
        let silent = self.open.remove(silent)?;
        silent.task.abort();
        room.acquire_owned().await.ok()
    }

    fn accept(&mut self, stream: TcpStream, place: OwnedSemaphorePermit) {
        let has_asked = Arc::new(AtomicBool::new(false));
        let (hub, guard) = (Arc::clone(&self.hub), Arc::clone(&self.guard));
        let asked = Arc::clone(&has_asked);
        let task = tokio::spawn(async move {
            let place = Arc::new(place);
            let stream = Patient::new(stream, Arc::clone(&asked));
            let service = service_fn(|request| {
                asked.store(true, Ordering::Relaxed);
                let answer = answer(request, &hub, &guard, Arc::clone(&place));
                async move { Ok::<_, Infallible>(answer) }
            });
            // How a client goes is its own affair.
            let _ = http1::Builder::new()
                .max_buf_size(LONGEST_REQUEST)
                .serve_connection(TokioIo::new(stream), service)
                .with_upgrades()
                .await;
        });
        self.open.push_back(Connection {
            task: task.abort_handle(),
            has_asked,
        });
    }
}

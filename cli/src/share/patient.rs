//! [`Patient`]

use std::io::{self, ErrorKind, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

/// How long a request may take to arrive.
const REQUEST: Duration = Duration::from_secs(10);

/// How long a client may read nothing while there is something for it.
const STALL: Duration = Duration::from_secs(10);

/// A connection that waits only so long: for the whole request, and for a client to read.
pub(crate) struct Patient<S> {
    stream: S,
    has_asked: Arc<AtomicBool>,
    request: Pin<Box<Sleep>>,
    stall: Option<Pin<Box<Sleep>>>,
}

impl<S> Patient<S> {
    /// `has_asked` says that the request has arrived.
    pub(crate) fn new(stream: S, has_asked: Arc<AtomicBool>) -> Self {
        Self {
            stream,
            has_asked,
            request: Box::pin(sleep(REQUEST)),
            stall: None,
        }
    }

    /// What came of a write, unless the client has stalled.
    fn written<T>(
        &mut self,
        context: &mut Context<'_>,
        outcome: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if outcome.is_ready() {
            self.stall = None;
            return outcome;
        }
        let stall = self.stall.get_or_insert_with(|| Box::pin(sleep(STALL)));
        ready!(stall.as_mut().poll(context));
        Poll::Ready(Err(ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Patient<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.has_asked.load(Ordering::Relaxed) && self.request.as_mut().poll(context).is_ready()
        {
            return Poll::Ready(Err(ErrorKind::TimedOut.into()));
        }
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Patient<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.written(context, outcome)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write_vectored(context, parts);
        self.written(context, outcome)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test")]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
    use tokio::runtime;
    use tokio::time::Instant;

    use super::*;

    /// Runs `test` with both ends of a connection. The clock is paused, and jumps to the next timer when every task waits.
    fn with_connection<F: Future>(
        test: impl FnOnce(Patient<DuplexStream>, Arc<AtomicBool>, DuplexStream) -> F,
    ) {
        let mut runtime = runtime::Builder::new_current_thread();
        let runtime = runtime.enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let (client, server) = duplex(1024);
            let has_asked = Arc::new(AtomicBool::new(false));
            let patient = Patient::new(server, Arc::clone(&has_asked));
            test(patient, has_asked, client).await;
        });
    }

    #[test]
    fn a_client_that_reads_nothing_is_let_go_after_a_time() {
        with_connection(|mut patient, _, client| async move {
            let _client = client;
            let begun = Instant::now();
            let error = patient.write_all(&[0; 1025]).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::TimedOut);
            assert_eq!(begun.elapsed(), STALL);
        });
    }

    #[test]
    fn a_client_that_reads_slowly_is_kept() {
        with_connection(|mut patient, _, mut client| async move {
            let slow = tokio::spawn(async move {
                let mut bytes = [0; 16];
                for _ in 0..10 {
                    sleep(STALL - Duration::from_millis(1)).await;
                    client.read_exact(&mut bytes).await.unwrap();
                }
                client
            });
            patient.write_all(&[0; 1024 + 10 * 16]).await.unwrap();
            slow.await.unwrap();
        });
    }

    #[test]
    fn a_request_has_to_arrive_in_time_but_what_follows_does_not() {
        with_connection(|mut patient, has_asked, mut client| async move {
            client.write_all(b"GET / HT").await.unwrap();
            let begun = Instant::now();
            let mut bytes = [0; 8];
            patient.read_exact(&mut bytes).await.unwrap();
            let error = patient.read(&mut bytes).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::TimedOut);
            assert_eq!(begun.elapsed(), REQUEST);
            has_asked.store(true, Ordering::Relaxed);
            let read = tokio::time::timeout(10 * REQUEST, patient.read(&mut bytes));
            assert!(read.await.is_err(), "it is waited for");
        });
    }
}

//! What there is at which path.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::header::{self, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::time::timeout;
use winshm_core::share;

use super::guard::Guard;
use super::hub::Hub;
use super::socket;

/// How often a client that listens is sent something even if there is nothing new, so that a lost one is noticed.
const STILL_THERE: Duration = Duration::from_secs(15);

/// What the server answers with.
pub(crate) enum Answer {
    Whole(Option<Bytes>),
    Events(mpsc::Receiver<Bytes>),
}

impl Body for Answer {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let next = match self.get_mut() {
            Self::Whole(bytes) => Poll::Ready(bytes.take()),
            Self::Events(events) => events.poll_recv(context),
        };
        next.map(|it| it.map(|it| Ok(Frame::data(it))))
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Whole(None))
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => {
                SizeHint::with_exact(bytes.as_ref().map_or(0, |it| it.len() as u64))
            }
            Self::Events(_) => SizeHint::default(),
        }
    }
}

/// Answers a request. `place` is held while the answer goes on.
pub(crate) fn answer(
    request: Request<Incoming>,
    hub: &Arc<Hub>,
    guard: &Guard,
    place: Arc<OwnedSemaphorePermit>,
) -> Response<Answer> {
    if let Err((status, why)) = guard.check(request.uri(), request.headers()) {
        return text(status, why);
    }
    if request.method() != Method::GET && request.method() != Method::HEAD {
        let mut refused = text(
            StatusCode::METHOD_NOT_ALLOWED,
            "Regions can only be read here.\n",
        );
        let allowed = HeaderValue::from_static("GET, HEAD");
        refused.headers_mut().insert(header::ALLOW, allowed);
        return refused;
    }
    if request.headers().contains_key(header::UPGRADE) {
        return match socket::accept(request, Arc::clone(hub), place) {
            Ok(headers) => {
                let mut answer = Response::new(Answer::Whole(None));
                *answer.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
                *answer.headers_mut() = headers;
                answer
            }
            Err(why) => text(StatusCode::BAD_REQUEST, why),
        };
    }
    match request.uri().path() {
        "/" => {
            let page = Bytes::from_static(share::page().as_bytes());
            let mut answer = respond("text/html; charset=utf-8", Answer::Whole(Some(page)));
            let policy = HeaderValue::from_static(share::PAGE_POLICY);
            answer
                .headers_mut()
                .insert(header::CONTENT_SECURITY_POLICY, policy);
            answer
        }
        "/events" => respond("text/event-stream", Answer::Events(events(Arc::clone(hub)))),
        "/json" => made(hub, "application/json", hub.json()),
        "/metrics" => made(
            hub,
            "text/plain; version=0.0.4; charset=utf-8",
            hub.metrics(),
        ),
        _ => text(
            StatusCode::NOT_FOUND,
            "There are /, /events, /json and /metrics, and a WebSocket.\n",
        ),
    }
}

/// An answer that was made for this request, if there is room for it.
fn made(hub: &Hub, kind: &'static str, body: String) -> Response<Answer> {
    match hub.budget().hold(body.into_bytes()) {
        Some(body) => respond(kind, Answer::Whole(Some(body))),
        None => text(
            StatusCode::SERVICE_UNAVAILABLE,
            "Too much is on its way to clients that read slowly; try again.\n",
        ),
    }
}

fn text(status: StatusCode, text: &'static str) -> Response<Answer> {
    let body = Answer::Whole(Some(Bytes::from_static(text.as_bytes())));
    let mut answer = respond("text/plain; charset=utf-8", body);
    *answer.status_mut() = status;
    answer
}

fn respond(kind: &'static str, body: Answer) -> Response<Answer> {
    let mut answer = Response::new(body);
    let headers = answer.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "no-store"),
        // A connection that waits for another request would take a place.
        (header::CONNECTION, "close"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (
            header::HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    answer
}

/// What happens, for one client. One event is on its way; while the client has not taken it, those that follow
/// replace each other.
fn events(hub: Arc<Hub>) -> mpsc::Receiver<Bytes> {
    let (sender, receiver) = mpsc::channel(1);
    tokio::spawn(async move {
        let mut news = hub.listen();
        let mut known = Vec::new();
        loop {
            for event in hub.since(&mut known) {
                if sender.send(event).await.is_err() {
                    return;
                }
            }
            match timeout(STILL_THERE, news.changed()).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) => return,
                Err(_) => {
                    if sender.send(Bytes::from_static(b":\n\n")).await.is_err() {
                        return;
                    }
                }
            }
        }
    });
    receiver
}

//! [`Guard`]

use std::collections::BTreeSet;
use std::hint::black_box;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use hyper::header::{AUTHORIZATION, HOST, HeaderName, HeaderValue, ORIGIN};
use hyper::http::uri::Authority;
use hyper::{HeaderMap, StatusCode, Uri};
use winshm_core::escape;

/// Of so many sites the person is told that they were refused, and of none with a longer name.
const TOLD: usize = 8;
const LONGEST: usize = 100;

/// Whom the server answers.
///
/// A browser lets every page that a person visits send requests to this computer. The page of another site cannot read
/// the answers as long as its requests are refused: they have its `Origin`, or come under its name as `Host`, which it
/// can make denote this computer (DNS rebinding). An address or `localhost` cannot be made to denote another.
pub(crate) struct Guard {
    /// Names of this computer, in lower case, besides its addresses and `localhost`.
    pub(crate) hosts: Vec<String>,
    /// Other sites whose pages may read, such as `https://app.foxglove.dev`.
    pub(crate) origins: Vec<String>,
    /// What a client has to know.
    pub(crate) token: Option<String>,
    /// The sites of which the person was told that they were refused.
    pub(crate) refused: Mutex<BTreeSet<String>>,
}

/// Why a request is refused.
pub(crate) type Refusal = (StatusCode, &'static str);

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");

impl Guard {
    pub(crate) fn check(&self, uri: &Uri, headers: &HeaderMap) -> Result<(), Refusal> {
        let host = one(headers, &HOST).and_then(|it| it.parse::<Authority>().ok());
        let host = host.filter(|it| self.is_ours(it.host())).ok_or((
            StatusCode::FORBIDDEN,
            "This is not a name of this computer that winshm knows; ask for its address, or share with --host NAME.\n",
        ))?;
        let is_other_site = match headers.get(ORIGIN) {
            Some(_) => one(headers, &ORIGIN).is_none_or(|it| !self.may_read(it, &host)),
            // Not every request of another site has an origin. A person may follow a link to the page.
            None => {
                is(headers.get(FETCH_SITE), &["cross-site", "same-site"])
                    && !is(headers.get(FETCH_MODE), &["navigate"])
            }
        };
        if is_other_site {
            if let Some(origin) = one(headers, &ORIGIN).filter(|it| self.is_first(it)) {
                let origin = escape(origin);
                eprintln!(
                    "winshm: a page of {origin} was refused; --origin {origin} lets its pages read"
                );
            }
            return Err((
                StatusCode::FORBIDDEN,
                "A page of another site asks for this; share with --origin SITE to let it read.\n",
            ));
        }
        match &self.token {
            Some(token) if !given(uri, headers).is_some_and(|it| is_same(it, token)) => Err((
                StatusCode::UNAUTHORIZED,
                "This takes the token that winshm has printed: …/?token=TOKEN, or the header `Authorization: Bearer TOKEN`.\n",
            )),
            _ => Ok(()),
        }
    }

    /// Whether the person has to be told of this site: a page such as Foxglove's shows only that it is not connected.
    fn is_first(&self, origin: &str) -> bool {
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        // Others can take the origin `null` as well.
        let is_site = origin.len() <= LONGEST && origin != "null";
        refused.len() < TOLD && is_site && refused.insert(origin.to_owned())
    }

    fn is_ours(&self, host: &str) -> bool {
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let host = host.to_ascii_lowercase();
        bare.parse::<IpAddr>().is_ok() || host == "localhost" || self.hosts.contains(&host)
    }

    /// Whether a page of this site may read what it asks for under this name of ours.
    fn may_read(&self, origin: &str, host: &Authority) -> bool {
        let own = origin
            .split_once("://")
            .is_some_and(|(_, it)| it.eq_ignore_ascii_case(host.as_str()));
        own || self
            .origins
            .iter()
            .any(|it| it.eq_ignore_ascii_case(origin))
    }
}

/// The value of a header that is there once.
fn one<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut all = headers.get_all(name).iter();
    let value = all.next()?;
    all.next().is_none().then(|| value.to_str().ok())?
}

fn is(value: Option<&HeaderValue>, any: &[&str]) -> bool {
    value.is_some_and(|it| any.iter().any(|any| it == any))
}

/// The token that a client has given.
fn given<'a>(uri: &'a Uri, headers: &'a HeaderMap) -> Option<&'a str> {
    let bearer = one(headers, &AUTHORIZATION).and_then(|it| it.strip_prefix("Bearer "));
    bearer.or_else(|| {
        let parts = uri.query()?.split('&');
        parts.filter_map(|it| it.strip_prefix("token=")).next()
    })
}

/// Compares in a time that does not tell how much is right.
fn is_same(given: &str, token: &str) -> bool {
    let pairs = given.bytes().zip(token.bytes());
    let differences = pairs.fold(0, |all, (a, b)| black_box(all | (a ^ b)));
    given.len() == token.len() && differences == 0
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test")]
mod tests {
    use std::sync::Mutex;

    use hyper::{Request, StatusCode};

    use super::{Guard, TOLD};

    fn check(guard: &Guard, uri: &str, headers: &[(&str, &str)]) -> u16 {
        let mut request = Request::get(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(()).unwrap();
        let outcome = guard.check(request.uri(), request.headers());
        outcome.map_or_else(|it| it.0, |()| StatusCode::OK).as_u16()
    }

    #[test]
    fn other_names_and_other_sites_are_refused() {
        let guard = Guard {
            hosts: vec!["rig".to_owned()],
            origins: vec!["https://app.foxglove.dev".to_owned()],
            token: None,
            refused: Mutex::default(),
        };
        for host in [
            "127.0.0.1:8765",
            "[::1]:8765",
            "localhost",
            "RIG:80",
            "192.168.1.4",
        ] {
            assert_eq!(check(&guard, "/", &[("host", host)]), 200, "{host}");
        }
        for host in [
            "evil.example",
            "rig.evil.example",
            "localhost.evil.example:8765",
            "",
            "a b",
        ] {
            assert_eq!(check(&guard, "/", &[("host", host)]), 403, "{host}");
        }
        assert_eq!(check(&guard, "/", &[]), 403);
        let twice = [("host", "localhost"), ("host", "evil.example")];
        assert_eq!(check(&guard, "/", &twice), 403);
        for (origin, code) in [
            ("http://localhost:8765", 200),
            ("https://app.foxglove.dev", 200),
            ("http://localhost:9999", 403),
            ("https://evil.example", 403),
            ("null", 403),
        ] {
            let headers = [("host", "localhost:8765"), ("origin", origin)];
            assert_eq!(check(&guard, "/json", &headers), code, "{origin}");
        }
        let mut script = vec![("host", "localhost"), ("sec-fetch-site", "cross-site")];
        script.push(("sec-fetch-mode", "no-cors"));
        assert_eq!(check(&guard, "/json", &script), 403);
        script[2] = ("sec-fetch-mode", "navigate");
        assert_eq!(check(&guard, "/", &script), 200);
    }

    #[test]
    fn a_person_is_told_of_a_refused_site_once_and_of_few() {
        let guard = Guard {
            hosts: Vec::new(),
            origins: Vec::new(),
            token: None,
            refused: Mutex::default(),
        };
        let site = |it: usize| format!("https://{it}.example");
        let told = (0..2 * TOLD).flat_map(|it| ["null".to_owned(), site(it), site(it)]);
        let told = told.filter(|it| guard.is_first(it));
        assert_eq!(Vec::from_iter(told), Vec::from_iter((0..TOLD).map(site)));
    }

    #[test]
    fn a_token_has_to_be_given_whole() {
        let guard = Guard {
            hosts: Vec::new(),
            origins: Vec::new(),
            token: Some("0123456789abcdef".to_owned()),
            refused: Mutex::default(),
        };
        let host = ("host", "localhost");
        for (uri, code) in [
            ("/", 401),
            ("/?token=", 401),
            ("/?token=0123456789abcde", 401),
            ("/?token=0123456789abcdef0", 401),
            ("/?token=0123456789abcdeX", 401),
            ("/?token=0123456789abcdef", 200),
            ("/?a=b&token=0123456789abcdef", 200),
        ] {
            assert_eq!(check(&guard, uri, &[host]), code, "{uri}");
        }
        let bearer = ("authorization", "Bearer 0123456789abcdef");
        assert_eq!(check(&guard, "/json", &[host, bearer]), 200);
    }
}

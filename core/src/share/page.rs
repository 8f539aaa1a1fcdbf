//! The page.

use std::sync::OnceLock;

use crate::{palette, uplot};

const HTML: &str = include_str!("../../assets/share.html");
const STYLE: &str = include_str!("../../assets/share.css");
const SCRIPT: &str = include_str!("../../assets/share.js");

/// What the page may do: run its own script, and ask the server that it comes from. The value of a
/// `Content-Security-Policy` header.
pub const PAGE_POLICY: &str = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; \
                               img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
                               frame-ancestors 'none'";

/// A page with charts that move, in one file that loads no other. It gets its values as server-sent events from
/// `events`, beside itself: [`Values::heading`](super::Values::heading) as `region` and
/// [`Values::numbers`](super::Values::numbers) as `values`.
#[must_use]
pub fn page() -> &'static str {
    static PAGE: OnceLock<String> = OnceLock::new();
    PAGE.get_or_init(|| {
        let colours: Vec<_> = (0..palette::COUNT).map(palette::css).collect();
        let colours = serde_json::json!(colours).to_string();
        let parts = [
            ("{uplot-style}", uplot::STYLE),
            ("{style}", STYLE),
            ("{uplot}", uplot::SCRIPT),
            ("{colours}", &colours),
            ("{script}", SCRIPT),
        ];
        let mut page = String::new();
        let mut rest = HTML;
        for (mark, part) in parts {
            let (before, after) = rest.split_once(mark).unwrap_or((rest, ""));
            page.push_str(before);
            page.push_str(part);
            rest = after;
        }
        page + rest
    })
}

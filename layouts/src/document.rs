//! Where in a text its keys and values stand. Only errors ask.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A value of a TOML or JSON text, and where it stands.
pub(crate) struct Node {
    span: Range<usize>,
    kind: Kind,
}

enum Kind {
    Map(Vec<Entry>),
    List(Vec<Node>),
    Leaf,
}

struct Entry {
    key: String,
    span: Range<usize>,
    value: Node,
}

impl Node {
    /// From TOML. A text that is not TOML has no places to ask for.
    pub(crate) fn toml(text: &str) -> Option<Self> {
        let table = DeTable::parse(text).ok()?;
        let span = table.span();
        Some(Self {
            span,
            kind: toml_map(table.get_ref()),
        })
    }

    /// From a text that `serde_json` has found to be JSON, and not deeper than it goes itself.
    pub(crate) fn json(text: &str) -> Option<Self> {
        Json { text, at: 0 }.value()
    }

    /// The span of the value at a place such as `struct[1].fields[0].type`, or as far as it leads.
    pub(crate) fn locate(&self, place: &str) -> Range<usize> {
        let mut node = self;
        for part in place.split(['.', '[']).filter(|it| !it.is_empty()) {
            let next = match &node.kind {
                Kind::Map(entries) => {
                    let entry = entries.iter().find(|it| it.key == part);
                    entry.map(|it| &it.value)
                }
                Kind::List(items) => {
                    let index = part.trim_end_matches(']').parse::<usize>().ok();
                    index.and_then(|it| items.get(it))
                }
                Kind::Leaf => None,
            };
            let Some(next) = next else { break };
            node = next;
        }
        node.span.clone()
    }

    /// The span of the first key of this name that stands within a span.
    pub(crate) fn key(&self, name: &str, within: &Range<usize>) -> Option<Range<usize>> {
        match &self.kind {
            Kind::Map(entries) => entries.iter().find_map(|entry| {
                let here = entry.key == name
                    && entry.span.start >= within.start
                    && entry.span.end <= within.end;
                here.then(|| entry.span.clone())
                    .or_else(|| entry.value.key(name, within))
            }),
            Kind::List(items) => items.iter().find_map(|item| item.key(name, within)),
            Kind::Leaf => None,
        }
    }
}

fn toml_map(table: &DeTable<'_>) -> Kind {
    let entry = |(key, value): (&Spanned<_>, &Spanned<DeValue<'_>>)| Entry {
        key: String::from(AsRef::<str>::as_ref(
            key.get_ref() as &std::borrow::Cow<'_, str>
        )),
        span: key.span(),
        value: toml_value(value),
    };
    Kind::Map(table.iter().map(entry).collect())
}

fn toml_value(value: &Spanned<DeValue<'_>>) -> Node {
    let kind = match value.get_ref() {
        DeValue::Table(table) => toml_map(table),
        DeValue::Array(items) => Kind::List(items.iter().map(toml_value).collect()),
        _ => Kind::Leaf,
    };
    Node {
        span: value.span(),
        kind,
    }
}

/// Walks a text that is JSON.
struct Json<'a> {
    text: &'a str,
    at: usize,
}

impl Json<'_> {
    fn value(&mut self) -> Option<Node> {
        self.space();
        let start = self.at;
        let kind = match self.peek()? {
            b'{' => {
                let entries = self.items(b'}', |json| {
                    let start = json.at;
                    let key = json.string()?;
                    let span = start..json.at;
                    json.space();
                    json.at += 1;
                    let value = json.value()?;
                    Some(Entry { key, span, value })
                })?;
                Kind::Map(entries)
            }
            b'[' => Kind::List(self.items(b']', Self::value)?),
            b'"' => {
                self.string()?;
                Kind::Leaf
            }
            _ => {
                let rest = &self.text[self.at..];
                let ends = |it: char| it.is_whitespace() || matches!(it, ',' | ']' | '}');
                self.at += rest.find(ends).unwrap_or(rest.len());
                Kind::Leaf
            }
        };
        Some(Node {
            span: start..self.at,
            kind,
        })
    }

    /// What stands between two brackets, with commas.
    fn items<T>(&mut self, end: u8, item: impl Fn(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let mut found = Vec::new();
        self.at += 1;
        loop {
            self.space();
            match self.peek()? {
                b',' => self.at += 1,
                it if it == end => {
                    self.at += 1;
                    return Some(found);
                }
                _ => found.push(item(self)?),
            }
        }
    }

    fn string(&mut self) -> Option<String> {
        let start = self.at;
        self.at += 1;
        loop {
            match self.peek()? {
                b'"' => break,
                b'\\' => self.at += 2,
                _ => self.at += 1,
            }
        }
        self.at += 1;
        serde_json::from_str(self.text.get(start..self.at)?).ok()
    }

    fn space(&mut self) {
        while self.peek().is_some_and(|it| it.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }
}

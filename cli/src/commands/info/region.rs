//! `winshm info`, of a region that lives.

use std::io::Write;
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};
use win_shared_memory::namespace::{self, Details};
use win_shared_memory::untyped::{BytesReader, Content};
use win_shared_memory::{Liveness, SharedMemoryOptions};
use win_shared_memory_layouts::Consistency;
use winshm_core::{News, Source, State, escape};

use crate::failure::Result;
use crate::live::{self, Live, listing};

/// How long it is looked how often the producer writes.
const WATCHED: Duration = Duration::from_millis(500);

/// What is told, in this order: a name for people, a key for programs, and the value.
#[derive(Default)]
struct Facts(Vec<(&'static str, &'static str, Value)>);

impl Facts {
    fn add(&mut self, name: &'static str, key: &'static str, value: impl Into<Value>) {
        let value = value.into();
        if !value.is_null() {
            self.0.push((name, key, value));
        }
    }
}

pub(super) fn print(
    name: &str,
    layout: Option<&str>,
    is_json: bool,
    out: &mut impl Write,
) -> Result<()> {
    let details = namespace::details(name).map_err(|error| live::refused(name, error))?;
    let mut facts = Facts::default();
    facts.add("name", "name", name);
    section(&mut facts, &details);
    if details.may_read {
        let mut live = live::open(name, layout)?;
        live.wait(Duration::ZERO)?;
        let options = SharedMemoryOptions::new().wait(Duration::ZERO).clone();
        if let Ok(reader) = BytesReader::open_with(name, &options) {
            own(&mut facts, &reader);
        }
        known(&mut facts, &live);
        behaviour(&mut facts, &mut live)?;
    }
    if is_json {
        let object: Map<_, _> = facts
            .0
            .into_iter()
            .map(|(_, key, value)| (key.to_owned(), value))
            .collect();
        writeln!(out, "{}", Value::Object(object))?;
        return Ok(());
    }
    let width = facts.0.iter().map(|(name, ..)| name.len()).max();
    let width = width.unwrap_or(0);
    for (name, key, value) in &facts.0 {
        let value = match value {
            Value::String(text) => escape(text).to_string(),
            Value::Number(bytes) if key.ends_with("size") => {
                let bytes = bytes.as_u64().unwrap_or(0);
                format!("{bytes} bytes ({})", listing::size(bytes))
            }
            Value::Number(count) if *key == "handles" && count.as_u64() == Some(0) => {
                "0: no other program holds it open, it is gone when the views are".to_owned()
            }
            Value::Number(count) if *key == "handles" => format!("{count} of other programs"),
            other => other.to_string(),
        };
        writeln!(out, "{name:width$}  {value}")?;
    }
    Ok(())
}

/// What the system tells.
fn section(facts: &mut Facts, details: &Details) {
    facts.add("size", "size", details.size);
    facts.add("kind", "kind", listing::kind(details.kind));
    let rights = match (details.may_read, details.may_write) {
        (true, true) => "read, write",
        (true, false) => "read",
        (false, true) => "write",
        (false, false) => "none",
    };
    facts.add("rights", "rights", rights);
    // Under Wine there may be none.
    let security = details.security.as_deref().filter(|it| !it.is_empty());
    facts.add("security", "security", security);
    facts.add("handles", "handles", details.handles);
}

/// What a region says that describes itself.
fn own(facts: &mut Facts, reader: &BytesReader) {
    facts.add("content", "content", listing::content(reader));
    facts.add("value's size", "value_size", reader.size());
    facts.add("generation", "generation", reader.generation());
    if reader.content() != Content::SharedMutex {
        let liveness = match reader.writer_liveness() {
            Liveness::Alive => "alive",
            Liveness::Gone => "gone",
            Liveness::Unknown => "unknown",
        };
        let process = reader.writer().map(|it| it.id);
        facts.add("writer's process", "writer", process);
        facts.add("writer is", "writer_liveness", liveness);
    }
    facts.add("schema", "schema", reader.schema());
}

/// What the layout says.
fn known(facts: &mut Facts, live: &Live) {
    let Some(plan) = live.plan() else { return };
    let layout = plan.layout();
    if layout.name.is_empty() && layout.id == "schema" {
        return;
    }
    facts.add("layout", "layout", layout.id.as_str());
    let candidates = live.candidates().iter().map(|it| it.layout().id.as_str());
    let others: Vec<_> = candidates.filter(|it| *it != layout.id).collect();
    if !others.is_empty() {
        facts.add("or", "other_layouts", others.join(", "));
    }
    facts.add("about", "about", layout.doc.as_deref());
    facts.add("used", "layout_size", layout.size);
    facts.add(
        "convention",
        "consistency",
        layout.consistency.as_ref().map(convention),
    );
    let heartbeat = layout.heartbeat.as_ref().map(|it| it.field.as_str());
    facts.add("heartbeat", "heartbeat", heartbeat);
}

/// What the region does, looked at for a moment.
fn behaviour(facts: &mut Facts, live: &mut Live) -> Result<()> {
    // Only with a copy it is known whether the convention can be kept; that it may fail is told by `read`.
    let _ = live.copy(&mut Vec::new());
    let begun = Instant::now();
    let mut writes = 0_u64;
    while live.state() == State::Live && begun.elapsed() < WATCHED {
        let left = WATCHED.saturating_sub(begun.elapsed());
        writes += u64::from(live.wait(left)? == Some(News::Written));
    }
    facts.add("state", "state", live.state().to_string());
    if writes > 0 {
        let rate = writes as f64 / begun.elapsed().as_secs_f64();
        facts.add(
            "writes per second",
            "rate",
            json!((rate * 10.0).round() / 10.0),
        );
    }
    if let Some(caveat) = live.caveat() {
        facts.add("caveat", "caveat", caveat);
    }
    Ok(())
}

fn convention(it: &Consistency) -> &'static str {
    match it {
        Consistency::DoubleRead { .. } => "two equal reads",
        Consistency::Counter { .. } => "a counter is the same before and after",
        Consistency::BeginEnd { .. } => "counters before and after a write",
        Consistency::Sequence { .. } => "a sequence, odd during a write",
        Consistency::LatestOf { .. } => "the newest of several buffers",
        Consistency::Busy { .. } => "a busy flag",
        Consistency::Mutex { .. } => "a mutex",
        Consistency::LockRegion { .. } => "a lock in another region",
        _ => "unknown",
    }
}

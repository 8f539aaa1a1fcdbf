//! [`Metrics`]

use std::collections::{BTreeMap, HashSet};
use std::fmt::Write;

use win_shared_memory_layouts::{Path, Plan, Segment, Value};

use crate::columns::{Columns, Kind};
use crate::select::Selection;
use crate::source::Counts;
use crate::state::State;

/// More numbers than this are not told at once: about 2 MB.
const MOST: usize = 20_000;

/// Regions as metrics, in Prometheus' text format 0.0.4.
///
/// A number is a gauge. Its name is `winshm_`, the id of the layout and its path without rows and elements; these are
/// labels: `readings["CPU"].Value` is `winshm_hwinfo_readings_value{readings="CPU"}`. Each has the labels `region` and,
/// if it has one, `unit`. Texts are left out. Of more than 20 000 numbers the rest is left out, and
/// `winshm_values_left_out` tells how many. `winshm_up` is 1 while a region is live.
///
/// ```
/// use win_shared_memory_layouts::{Plan, catalogue};
/// use winshm_core::share::Metrics;
/// use winshm_core::{Counts, Selection, State};
///
/// let plan = Plan::new(catalogue::by_id("core-temp").expect("it is in the catalogue"))?;
/// let mut bytes = vec![0; plan.size()];
/// plan.edit(&mut bytes).set("fTemp[1]", 61.5)?;
/// let mut metrics = Metrics::default();
/// metrics.region("CoreTemp", State::Live, Counts::default());
/// metrics.values("CoreTemp", &plan, &bytes, &Selection::new(["fTemp[1]"]));
/// let text = metrics.to_string();
/// assert!(text.contains("winshm_up{region=\"CoreTemp\"} 1\n"));
/// assert!(text.contains("winshm_core_temp_f_temp{region=\"CoreTemp\",f_temp=\"1\"} 61.5\n"), "{text}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Default)]
pub struct Metrics {
    /// By name: they have to stand together.
    families: BTreeMap<String, Family>,
    /// Name and labels, each of which may be there once.
    taken: HashSet<String>,
    count: usize,
}

#[derive(Debug)]
struct Family {
    kind: &'static str,
    help: String,
    samples: String,
}

impl Metrics {
    /// Tells what is known of a region itself.
    pub fn region(&mut self, name: &str, state: State, counts: Counts) {
        let up = u8::from(state == State::Live);
        let told = [
            (
                "winshm_up",
                "gauge",
                "Whether the region is live.",
                u64::from(up),
            ),
            (
                "winshm_copies_total",
                "counter",
                "Whole copies of the region.",
                counts.whole,
            ),
            (
                "winshm_torn_total",
                "counter",
                "Copies that were given up because the producer was writing.",
                counts.torn,
            ),
        ];
        for (metric, kind, help, value) in told {
            let labels = labels(&[("region".to_owned(), name.to_owned())]);
            self.sample(metric.to_owned(), kind, help, labels, &value.to_string());
        }
    }

    /// Tells the numbers of a copy that are selected.
    pub fn values(&mut self, name: &str, plan: &Plan, bytes: &[u8], selection: &Selection) {
        let region = plan.view(bytes);
        let Ok(columns) = Columns::new(&region, selection) else {
            return self.left_out(name, u64::MAX);
        };
        let mut left_out = 0;
        for column in columns.iter() {
            if !matches!(column.kind, Kind::Number(_) | Kind::Named(_)) {
                continue;
            }
            let Some(value) = region.read(&column.cell).as_ref().and_then(number) else {
                continue;
            };
            if self.count == MOST {
                left_out += 1;
                continue;
            }
            self.count += 1;
            let (metric, help, mut all) = named(&plan.layout().id, &column.path);
            all.insert(0, ("region".to_owned(), name.to_owned()));
            if let Some(unit) = column.unit.as_deref().filter(|it| !it.is_empty()) {
                all.push(("unit".to_owned(), unit.to_owned()));
            }
            let mut written = labels(&distinct(all.clone()));
            if self.taken.contains(&format!("{metric}{written}")) {
                all.push(("path".to_owned(), column.path.clone()));
                written = labels(&distinct(all));
            }
            self.sample(metric, "gauge", &help, written, &value);
        }
        self.left_out(name, left_out);
    }

    fn left_out(&mut self, name: &str, count: u64) {
        if count > 0 {
            let labels = labels(&[("region".to_owned(), name.to_owned())]);
            self.sample(
                "winshm_values_left_out".to_owned(),
                "gauge",
                "Numbers that are too many to be told; --fields chooses.",
                labels,
                &count.to_string(),
            );
        }
    }

    fn sample(
        &mut self,
        metric: String,
        kind: &'static str,
        help: &str,
        labels: String,
        value: &str,
    ) {
        if !self.taken.insert(format!("{metric}{labels}")) {
            return;
        }
        let family = self
            .families
            .entry(metric.clone())
            .or_insert_with(|| Family {
                kind,
                help: help.to_owned(),
                samples: String::new(),
            });
        // Writing to a string does not fail.
        let _ = writeln!(family.samples, "{metric}{labels} {value}");
    }
}

impl std::fmt::Display for Metrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (name, family) in &self.families {
            writeln!(f, "# HELP {name} {}", family.help)?;
            writeln!(f, "# TYPE {name} {}", family.kind)?;
            f.write_str(&family.samples)?;
        }
        Ok(())
    }
}

/// The metric of a path, what it is, and the labels that its rows and elements make.
fn named(layout: &str, path: &str) -> (String, String, Vec<(String, String)>) {
    let mut metric = format!("winshm_{}", identifier(layout));
    let mut help = String::new();
    let mut labels: Vec<(String, String)> = Vec::new();
    let parsed = path.parse::<Path>();
    let mut last = "row";
    for segment in parsed.iter().flat_map(Path::segments) {
        let row = match segment {
            Segment::Name(name) => {
                last = name;
                metric.push('_');
                metric.push_str(&identifier(name));
                if !help.is_empty() {
                    help.push('.');
                }
                help.push_str(&text(name));
                continue;
            }
            Segment::Index(index) => index.to_string(),
            Segment::Label(label) => label.clone(),
        };
        labels.push((identifier(last), row));
    }
    (metric, format!("{help} of {}", text(layout)), labels)
}

/// Labels of the same name get numbers.
fn distinct(mut labels: Vec<(String, String)>) -> Vec<(String, String)> {
    let mut taken = HashSet::new();
    for (name, _) in &mut labels {
        let mut number = 2;
        let first = name.clone();
        while !taken.insert(name.clone()) {
            *name = format!("{first}_{number}");
            number += 1;
        }
    }
    labels
}

/// A name of small letters, digits and `_`, which begins with a letter: those that begin with `_` are Prometheus' own.
pub(super) fn identifier(name: &str) -> String {
    let mut identifier = String::new();
    let mut before = '_';
    for character in name.chars() {
        let begins_word = character.is_ascii_uppercase() && before.is_ascii_lowercase();
        let is_gap = !character.is_ascii_alphanumeric();
        if (begins_word || is_gap) && !identifier.is_empty() && !identifier.ends_with('_') {
            identifier.push('_');
        }
        if !is_gap {
            identifier.push(character.to_ascii_lowercase());
        }
        before = character;
    }
    let identifier = identifier.trim_end_matches('_');
    match identifier.bytes().next() {
        None => "value".to_owned(),
        Some(b'0'..=b'9') => format!("n{identifier}"),
        Some(_) => identifier.to_owned(),
    }
}

fn labels(labels: &[(String, String)]) -> String {
    let labels: Vec<_> = labels
        .iter()
        .map(|(name, value)| format!("{name}=\"{}\"", quoted(value)))
        .collect();
    format!("{{{}}}", labels.join(","))
}

/// The value of a label.
fn quoted(value: &str) -> String {
    value
        .replace('\\', r"\\")
        .replace('"', "\\\"")
        .replace('\n', r"\n")
}

/// A text of a help line.
fn text(text: &str) -> String {
    text.replace('\\', r"\\").replace('\n', r"\n")
}

fn number(value: &Value<'_>) -> Option<String> {
    let float = |it: f64| {
        if it.is_nan() {
            "NaN".to_owned()
        } else if it.is_infinite() {
            if it > 0.0 { "+Inf" } else { "-Inf" }.to_owned()
        } else {
            it.to_string()
        }
    };
    Some(match *value {
        // The digits that a person sees, and not those of the nearest double.
        Value::F32(it) if it.is_finite() => it.to_string(),
        Value::F32(it) => float(f64::from(it)),
        Value::F64(it) => float(it),
        Value::Bool(it) => u8::from(it).to_string(),
        Value::Enum(it) => it.number.to_string(),
        Value::Bits(it) => it.to_string(),
        Value::Unsigned(it) => it.to_string(),
        Value::Signed(it) => it.to_string(),
        _ => return None,
    })
}

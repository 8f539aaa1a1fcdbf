//! [`Values`]

use std::fmt::Write;
use std::sync::Arc;

use serde_json::{Value as Json, json};
use win_shared_memory_layouts::{Named, Plan, Value};

use crate::columns::{Columns, Kind, TooManyColumns};
use crate::escape::escape;
use crate::select::Selection;
use crate::state::State;
use crate::time::Time;

/// More values than this are not shown: a person chooses, and a phone has to keep up.
const MOST: usize = 2000;

/// Of a text or of bytes, this much is shown.
const LONGEST: usize = 120;

/// The values of one region as a page shows them: what they are, once, and then their numbers in that order.
///
/// ```
/// use std::sync::Arc;
/// use win_shared_memory_layouts::{Plan, catalogue};
/// use winshm_core::share::Values;
/// use winshm_core::{Selection, State, Time};
///
/// let plan = Plan::new(catalogue::by_id("core-temp").expect("it is in the catalogue"))?;
/// let plan = Arc::new(plan);
/// let mut bytes = vec![0; plan.size()];
/// plan.edit(&mut bytes).set("fTemp[0]", 61.5)?;
///
/// let mut values = Values::new("CoreTemp", Selection::new(["fTemp[0]"]));
/// assert!(values.arrange(Some(&plan), &bytes));
/// let heading: serde_json::Value = serde_json::from_str(&values.heading(0, State::Live, None))?;
/// assert_eq!(heading["columns"][0]["path"], "fTemp[0]");
/// assert_eq!(values.numbers(0, Time::default(), &bytes), r#"{"region":0,"key":1,"time":0.000,"values":[61.5]}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Values {
    name: String,
    selection: Selection,
    /// Which arrangement this is: numbers belong to the heading that has the same.
    key: u64,
    arranged: Option<Arranged>,
}

#[derive(Debug)]
struct Arranged {
    plan: Arc<Plan>,
    columns: Result<Columns, TooManyColumns>,
}

impl Values {
    /// What is selected of the region of this name.
    #[must_use]
    pub fn new(name: &str, selection: Selection) -> Self {
        Self {
            name: name.to_owned(),
            selection,
            key: 0,
            arranged: None,
        }
    }

    /// Looks where a copy has its values. Tells whether they are others than before: then the heading is another.
    pub fn arrange(&mut self, plan: Option<&Arc<Plan>>, bytes: &[u8]) -> bool {
        let is_same = match (&self.arranged, plan) {
            (Some(arranged), Some(plan)) => {
                let columns = arranged.columns.as_ref();
                Arc::ptr_eq(&arranged.plan, plan)
                    && columns.is_ok_and(|it| it.are_those_of(&plan.view(bytes)))
            }
            (arranged, None) => arranged.is_none() && self.key > 0,
            (None, Some(_)) => false,
        };
        if is_same {
            return false;
        }
        self.key += 1;
        self.arranged = plan.map(|plan| Arranged {
            plan: Arc::clone(plan),
            columns: Columns::new(&plan.view(bytes), &self.selection),
        });
        true
    }

    /// What the region is and what its values are, as an object: its number as `region`, `name`, `state`, the id of its
    /// `layout`, the `key` of this arrangement, and `columns`, each with its `path`, `unit`, and whether it is a
    /// number. Of more than 2000 values the rest is only counted, as `left_out`. `problem` is for the person.
    #[must_use]
    pub fn heading(&self, number: usize, state: State, problem: Option<&str>) -> String {
        let layout = self.arranged.as_ref().map(|it| &it.plan.layout().id);
        let (columns, left_out, too_many) = match self.arranged.as_ref().map(|it| &it.columns) {
            Some(Ok(columns)) => {
                let shown = columns.iter().take(MOST).map(|it| {
                    json!({
                        "path": escape(&it.path).to_string(),
                        "unit": it.unit.as_deref().map(|it| escape(it).to_string()),
                        "is_number": matches!(it.kind, Kind::Number(_)),
                    })
                });
                (shown.collect(), columns.len().saturating_sub(MOST), None)
            }
            Some(Err(error)) => (Vec::new(), 0, Some(error.to_string())),
            None if self.key > 0 => {
                let told = "nobody knows what is in this region; --layout tells";
                (Vec::new(), 0, Some(told.to_owned()))
            }
            None => (Vec::new(), 0, None),
        };
        json!({
            "region": number,
            "name": escape(&self.name).to_string(),
            "state": state,
            "layout": layout,
            "key": self.key,
            "columns": columns,
            "left_out": left_out,
            "problem": problem.map(str::to_owned).or(too_many),
        })
        .to_string()
    }

    /// The numbers and texts of a copy, as an object: `region`, `key`, `time` in seconds since 1970, and `values` in the
    /// order of the heading's columns. What is not a number, such as an infinity, is `null`.
    #[must_use]
    pub fn numbers(&self, number: usize, time: Time, bytes: &[u8]) -> String {
        let seconds = time.nanoseconds() / 1_000_000_000;
        let milliseconds = time.nanoseconds() / 1_000_000 % 1000;
        let mut out = format!(
            "{{\"region\":{number},\"key\":{},\"time\":{seconds}.{milliseconds:03},\"values\":[",
            self.key
        );
        if let Some(Arranged {
            plan,
            columns: Ok(columns),
        }) = &self.arranged
        {
            let region = plan.view(bytes);
            for (index, column) in columns.iter().take(MOST).enumerate() {
                if index > 0 {
                    out.push(',');
                }
                value(region.read(&column.cell), &mut out);
            }
        }
        out.push_str("]}");
        out
    }
}

fn value(value: Option<Value<'_>>, out: &mut String) {
    // Writing to a string does not fail.
    let _ = match value {
        None => write!(out, "null"),
        Some(Value::F32(it)) if !it.is_finite() => write!(out, "null"),
        Some(Value::F64(it)) if !it.is_finite() => write!(out, "null"),
        Some(Value::Bits(it)) => write!(out, "{it}"),
        Some(Value::Bool(it)) => write!(out, "{}", u8::from(it)),
        Some(
            it @ (Value::F32(_)
            | Value::F64(_)
            | Value::Unsigned(_)
            | Value::Signed(_)
            | Value::Enum(Named { name: None, .. })),
        ) => write!(out, "{it}"),
        Some(it) => write!(out, "{}", Json::from(shown(&it))),
    };
}

/// The beginning of a text.
fn shown(value: &Value<'_>) -> String {
    let bytes;
    let value = match value {
        Value::Bytes(all) if all.len() > LONGEST / 3 => {
            bytes = Value::Bytes(&all[..LONGEST / 3]);
            format!("{bytes} …")
        }
        value => value.to_string(),
    };
    if value.len() <= LONGEST {
        return escape(&value).to_string();
    }
    let mut text: String = value.chars().take(LONGEST).collect();
    text.push('…');
    escape(&text).to_string()
}

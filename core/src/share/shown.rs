//! [`Shown`]

use std::fmt::Write;
use std::sync::Arc;

use serde_json::Value as Json;
use win_shared_memory_layouts::{Named, Plan, Region, Value};

use crate::columns::{Column, Columns, TooManyColumns};
use crate::escape::escape;
use crate::select::Selection;

/// More values than this are not shown: a person chooses, and a phone has to keep up.
const MOST: usize = 2000;

/// Of a text or of bytes, so many characters are shown. Home Assistant refuses states of more than 255.
const LONGEST: usize = 120;

/// The values of one region that people and small devices are shown: where they are is found once.
#[derive(Debug)]
pub(super) struct Shown {
    selection: Selection,
    /// Which arrangement this is; 0 before the first copy.
    key: u64,
    arranged: Option<Arranged>,
}

#[derive(Debug)]
struct Arranged {
    plan: Arc<Plan>,
    columns: Result<Columns, TooManyColumns>,
}

impl Shown {
    pub(super) fn new(selection: Selection) -> Self {
        Self {
            selection,
            key: 0,
            arranged: None,
        }
    }

    /// Looks where a copy has its values. Tells whether they are others than before: then the key is another.
    pub(super) fn arrange(&mut self, plan: Option<&Arc<Plan>>, bytes: &[u8]) -> bool {
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

    pub(super) fn key(&self) -> u64 {
        self.key
    }

    pub(super) fn plan(&self) -> Option<&Arc<Plan>> {
        self.arranged.as_ref().map(|it| &it.plan)
    }

    pub(super) fn columns(&self) -> &[Column] {
        let all = self.all();
        &all[..all.len().min(MOST)]
    }

    /// How many values are selected and not shown.
    pub(super) fn left_out(&self) -> usize {
        self.all().len().saturating_sub(MOST)
    }

    /// Tells the user why there are no values.
    pub(super) fn problem(&self) -> Option<String> {
        match &self.arranged {
            Some(arranged) => arranged.columns.as_ref().err().map(ToString::to_string),
            None if self.key == 0 => None,
            None => Some("nobody knows what is in this region; --layout tells".to_owned()),
        }
    }

    fn all(&self) -> &[Column] {
        match &self.arranged {
            Some(Arranged {
                columns: Ok(columns),
                ..
            }) => columns,
            _ => &[],
        }
    }
}

/// The value of a column as JSON: a number, a text, or `null`.
pub(super) fn json(region: &Region<'_>, column: &Column) -> String {
    match plain(region, column) {
        Plain::Number(number) => number,
        Plain::Text(text) => Json::from(text).to_string(),
        Plain::Nothing => "null".to_owned(),
    }
}

/// A value as it is shown.
pub(super) enum Plain {
    Number(String),
    /// The beginning of a text or of bytes, or the name of a number.
    Text(String),
    /// No number, such as an infinity.
    Nothing,
}

pub(super) fn plain(region: &Region<'_>, column: &Column) -> Plain {
    match region.read(&column.cell) {
        None => Plain::Nothing,
        Some(Value::F32(it)) if !it.is_finite() => Plain::Nothing,
        Some(Value::F64(it)) if !it.is_finite() => Plain::Nothing,
        Some(Value::Bits(it)) => Plain::Number(it.to_string()),
        Some(Value::Bool(it)) => Plain::Number(u8::from(it).to_string()),
        Some(
            it @ (Value::F32(_)
            | Value::F64(_)
            | Value::Unsigned(_)
            | Value::Signed(_)
            | Value::Enum(Named { name: None, .. })),
        ) => Plain::Number(it.to_string()),
        Some(it) => Plain::Text(beginning(&it)),
    }
}

fn beginning(value: &Value<'_>) -> String {
    let text = match value {
        Value::Bytes(all) if all.len() > LONGEST / 3 => {
            let mut text = Value::Bytes(&all[..LONGEST / 3]).to_string();
            // Writing to a string does not fail.
            let _ = write!(text, " …");
            text
        }
        value => value.to_string(),
    };
    let text = escape(&text).to_string();
    if text.chars().nth(LONGEST).is_none() {
        return text;
    }
    let mut beginning: String = text.chars().take(LONGEST).collect();
    beginning.push('…');
    beginning
}

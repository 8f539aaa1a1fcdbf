//! [`Values`]

use std::sync::Arc;

use serde_json::json;
use win_shared_memory_layouts::Plan;

use super::shown::{self, Shown};
use crate::columns::Kind;
use crate::escape::escape;
use crate::select::Selection;
use crate::state::State;
use crate::time::Time;

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
    shown: Shown,
}

impl Values {
    /// What is selected of the region of this name.
    #[must_use]
    pub fn new(name: &str, selection: Selection) -> Self {
        Self {
            name: name.to_owned(),
            shown: Shown::new(selection),
        }
    }

    /// Looks where a copy has its values. Tells whether they are others than before: then the heading is another.
    pub fn arrange(&mut self, plan: Option<&Arc<Plan>>, bytes: &[u8]) -> bool {
        self.shown.arrange(plan, bytes)
    }

    /// What the region is and what its values are, as an object: its number as `region`, `name`, `state`, the id of its
    /// `layout`, the `key` of this arrangement, and `columns`, each with its `path`, `unit`, and whether it is a
    /// number. Of more than 2000 values the rest is only counted, as `left_out`. `problem` is for the person.
    #[must_use]
    pub fn heading(&self, number: usize, state: State, problem: Option<&str>) -> String {
        let columns = self.shown.columns().iter().map(|it| {
            json!({
                "path": escape(&it.path).to_string(),
                "unit": it.unit.as_deref().map(|it| escape(it).to_string()),
                "is_number": matches!(it.kind, Kind::Number(_)),
            })
        });
        json!({
            "region": number,
            "name": escape(&self.name).to_string(),
            "state": state,
            "layout": self.shown.plan().map(|it| &it.layout().id),
            "key": self.shown.key(),
            "columns": columns.collect::<Vec<_>>(),
            "left_out": self.shown.left_out(),
            "problem": problem.map(str::to_owned).or_else(|| self.shown.problem()),
        })
        .to_string()
    }

    /// The numbers and texts of a copy, as an object: `region`, `key`, `time` in seconds since 1970, and `values` in the
    /// order of the heading's columns. What is not a number, such as an infinity, is `null`.
    #[must_use]
    pub fn numbers(&self, number: usize, time: Time, bytes: &[u8]) -> String {
        let seconds = time.nanoseconds() / 1_000_000_000;
        let milliseconds = time.nanoseconds() / 1_000_000 % 1000;
        let values = self.shown.plan().map(|plan| {
            let region = plan.view(bytes);
            let columns = self.shown.columns().iter();
            let values: Vec<_> = columns.map(|it| shown::json(&region, it)).collect();
            values.join(",")
        });
        format!(
            "{{\"region\":{number},\"key\":{},\"time\":{seconds}.{milliseconds:03},\"values\":[{}]}}",
            self.shown.key(),
            values.unwrap_or_default()
        )
    }
}

//! The latest copy of a region as an object.

use win_shared_memory_layouts::Plan;

use crate::print::{Format, Printer};
use crate::select::Selection;
use crate::state::State;
use crate::time::Time;

/// The latest copy of a region as an object: its `state`, its name as `region`, and what there is of it as
/// [`Format::Json`] prints it, `time` and `values`. Without a copy it has only the first two.
///
/// ```
/// use winshm_core::{Selection, State, Time, share};
///
/// let selection = Selection::default();
/// let told = share::json("Car", State::Live, &selection, Some((Time::default(), None, &[1, 2])));
/// assert_eq!(told, r#"{"state":"live","region":"Car","time":"1970-01-01T00:00:00.000Z","bytes":"0102"}"#);
/// assert_eq!(share::json("Car", State::Absent, &selection, None), r#"{"state":"absent","region":"Car"}"#);
/// ```
#[must_use]
pub fn json(
    name: &str,
    state: State,
    selection: &Selection,
    copy: Option<(Time, Option<&Plan>, &[u8])>,
) -> String {
    let state = serde_json::json!(state);
    let Some((time, plan, bytes)) = copy else {
        let name = serde_json::json!(name);
        return format!("{{\"state\":{state},\"region\":{name}}}");
    };
    let mut line = Vec::new();
    let mut printer = Printer::new(name, Format::Json, selection.clone());
    // Writing to memory does not fail.
    let _ = printer.print(&mut line, time, plan, bytes);
    let line = String::from_utf8_lossy(&line);
    format!(
        "{{\"state\":{state},{}",
        line.trim_end().trim_start_matches('{')
    )
}

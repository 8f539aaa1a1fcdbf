//! Paths and numbers, as they are shown.

use ratatui::text::Span;

use super::looks::Looks;

/// A path whose last name and whose label stand out from the way to them.
pub(super) fn named(path: String, looks: Looks) -> Vec<Span<'static>> {
    let last = path.rfind('.').map_or(0, |at| at + 1);
    let label = path.find('"').zip(path.rfind('"'));
    let Some((from, to)) = label.filter(|(from, to)| from < to) else {
        let (way, name) = path.split_at(last);
        return vec![
            Span::styled(way.to_owned(), looks.dim()),
            Span::raw(name.to_owned()),
        ];
    };
    let last = if last > to { last } else { path.len() };
    vec![
        Span::styled(path[..=from].to_owned(), looks.dim()),
        Span::raw(path[from + 1..to].to_owned()),
        Span::styled(path[to..last].to_owned(), looks.dim()),
        Span::raw(path[last..].to_owned()),
    ]
}

/// A number in at most nine characters.
pub(super) fn short(number: f64) -> String {
    let magnitude = number.abs();
    if magnitude >= 1e9 || (magnitude > 0.0 && magnitude < 1e-4) {
        format!("{number:.2e}")
    } else if number.fract() == 0.0 {
        format!("{number:.0}")
    } else {
        let digits = if magnitude >= 1000.0 {
            1
        } else if magnitude >= 10.0 {
            2
        } else {
            4
        };
        format!("{number:.digits$}")
    }
}

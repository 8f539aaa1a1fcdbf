//! [`Table`]

use std::fmt;

/// Within what a figure is to stay.
#[derive(Clone, Copy)]
pub(crate) enum Target {
    /// Nothing: it is reported.
    None,
    AtMost(f64),
    AtLeast(f64),
}

/// What was measured. It is printed when it is displayed, with whether each target is met.
#[derive(Default)]
pub(crate) struct Table(Vec<Row>);

struct Row {
    what: String,
    figure: f64,
    unit: &'static str,
    target: Target,
}

impl Table {
    pub(crate) fn row(&mut self, what: &str, figure: f64, unit: &'static str, target: Target) {
        self.0.push(Row {
            what: what.to_owned(),
            figure,
            unit,
            target,
        });
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.0.iter().map(|it| it.what.len()).max().unwrap_or(0);
        writeln!(
            f,
            "| {:width$} | {:>12} | {:>12} | met |",
            "what", "measured", "target"
        )?;
        writeln!(f, "|-{:-<width$}-|-------------:|-------------:|-----|", "")?;
        for row in &self.0 {
            let unit = row.unit;
            let (target, met) = match row.target {
                Target::None => (String::new(), ""),
                Target::AtMost(most) => (format!("≤ {most} {unit}"), verdict(row.figure <= most)),
                Target::AtLeast(least) => {
                    (format!("≥ {least} {unit}"), verdict(row.figure >= least))
                }
            };
            let figure = format!("{:.1} {unit}", row.figure);
            writeln!(
                f,
                "| {:width$} | {figure:>12} | {target:>12} | {met:<3} |",
                row.what
            )?;
        }
        Ok(())
    }
}

fn verdict(is_met: bool) -> &'static str {
    if is_met { "yes" } else { "NO" }
}

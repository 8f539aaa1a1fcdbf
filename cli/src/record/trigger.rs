//! Conditions such as `speed_kmh>100`.

use std::str::FromStr;

use win_shared_memory_layouts::{Path, Plan};

/// A comparison of a field with a number. It triggers when it becomes true.
#[derive(Clone, Debug)]
pub(crate) struct Trigger {
    text: String,
    path: Path,
    comparison: Comparison,
    number: f64,
    /// Whether it was true of the last copy.
    was_true: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
    Equal,
    NotEqual,
}

/// The longer ones first: the others begin like them.
const COMPARISONS: [(&str, Comparison); 6] = [
    (">=", Comparison::GreaterOrEqual),
    ("<=", Comparison::LessOrEqual),
    ("!=", Comparison::NotEqual),
    (">", Comparison::Greater),
    ("<", Comparison::Less),
    ("=", Comparison::Equal),
];

impl FromStr for Trigger {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = COMPARISONS.iter().find_map(|(sign, comparison)| {
            let (path, number) = text.rsplit_once(sign)?;
            Some((path.trim(), *comparison, number.trim()))
        });
        let (path, comparison, number) = found
            .ok_or_else(|| "a trigger is a field, one of > >= < <= = != and a number".to_owned())?;
        Ok(Self {
            text: text.to_owned(),
            path: path.parse().map_err(|error| format!("`{path}`: {error}"))?,
            comparison,
            number: number
                .parse()
                .map_err(|_| format!("`{number}` is not a number"))?,
            was_true: false,
        })
    }
}

impl Trigger {
    /// The text that it was made of.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Whether it has become true with this copy. A region that does not have the field leaves it as it is.
    pub(crate) fn looks_at(&mut self, plan: &Plan, bytes: &[u8]) -> bool {
        let value = plan
            .view(bytes)
            .get_path(&self.path)
            .ok()
            .and_then(|it| it.as_f64());
        let Some(value) = value else { return false };
        let is_true = match self.comparison {
            Comparison::Greater => value > self.number,
            Comparison::GreaterOrEqual => value >= self.number,
            Comparison::Less => value < self.number,
            Comparison::LessOrEqual => value <= self.number,
            Comparison::Equal => value == self.number,
            Comparison::NotEqual => value != self.number,
        };
        let was_true = std::mem::replace(&mut self.was_true, is_true);
        is_true && !was_true
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use win_shared_memory_layouts::{Plan, catalogue};

    use super::Trigger;

    #[test]
    fn it_triggers_when_it_becomes_true_and_not_while_it_is() {
        let plan = Plan::new(catalogue::by_id("core-temp").unwrap()).unwrap();
        let mut trigger: Trigger = "fTemp[0] >= 80".parse().unwrap();
        let mut bytes = vec![0; plan.size()];
        let triggered = [20, 80, 90, 79, 85].map(|temperature| {
            plan.edit(&mut bytes).set("fTemp[0]", temperature).unwrap();
            trigger.looks_at(&plan, &bytes)
        });
        assert_eq!(triggered, [false, true, false, false, true]);
        let mut other: Trigger = "no such field<1".parse().unwrap();
        assert!(!other.looks_at(&plan, &bytes));
    }

    #[test]
    fn what_is_not_a_comparison_is_refused() {
        for text in ["", "fTemp", "fTemp>", "fTemp>hot", ">3", "a[>3"] {
            assert!(text.parse::<Trigger>().is_err(), "{text}");
        }
    }
}

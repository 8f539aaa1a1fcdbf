//! From the names of a layout to those of a programming language.

use std::collections::HashMap;

/// Short words that C programmers put before a name for its type: `mGear`, `dwSize`, `szLabel`.
const TYPE_PREFIXES: [&str; 9] = ["m", "dw", "qw", "sz", "ui", "uc", "f", "b", "t"];

/// The words of a name: `mEngineRPM` has three, `RTSS_SHARED_MEMORY` has three.
pub(crate) fn words(name: &str) -> Vec<String> {
    let mut words = Vec::new();
    for part in name.split(|it: char| !it.is_ascii_alphanumeric()) {
        let letters: Vec<char> = part.chars().collect();
        let mut word = String::new();
        for (at, letter) in letters.iter().enumerate() {
            let before = at.checked_sub(1).map(|it| letters[it]);
            let after = letters.get(at + 1);
            let begins = letter.is_ascii_uppercase()
                && before.is_some_and(|before| {
                    !before.is_ascii_uppercase() || after.is_some_and(char::is_ascii_lowercase)
                });
            if begins && !word.is_empty() {
                words.push(std::mem::take(&mut word));
            }
            word.push(*letter);
        }
        if !word.is_empty() {
            words.push(word);
        }
    }
    words
}

/// `engine_rpm`, of `mEngineRPM`: without a prefix for the type.
pub(crate) fn snake(name: &str) -> String {
    let words = words(name);
    let rest = match &words[..] {
        [first, second, ..]
            if TYPE_PREFIXES.contains(&&**first)
                && name.starts_with(&format!("{first}{second}"))
                && second.starts_with(|it: char| it.is_ascii_alphabetic()) =>
        {
            &words[1..]
        }
        all => all,
    };
    identifier(rest.join("_").to_ascii_lowercase())
}

/// `ENGINE_RPM`, of `mEngineRPM`.
pub(crate) fn upper(name: &str) -> String {
    snake(name).to_ascii_uppercase()
}

/// `EngineRpm`, of these words.
pub(crate) fn pascal(words: &[String]) -> String {
    let words = words.iter().map(|word| {
        let (first, rest) = word.split_at(1);
        first.to_ascii_uppercase() + &rest.to_ascii_lowercase()
    });
    identifier(words.collect())
}

/// The same, such that it is an identifier: it has a letter, and does not begin with a digit.
pub(crate) fn identifier(name: String) -> String {
    if name.trim_matches('_').is_empty() {
        return "unnamed".to_owned();
    }
    if name.starts_with(|it: char| it.is_ascii_digit()) {
        return format!("_{name}");
    }
    name
}

/// The name itself where it is an identifier of C, or what comes near.
pub(crate) fn plain(name: &str) -> String {
    let letters = name.chars();
    let letters = letters.map(|it| if it.is_ascii_alphanumeric() { it } else { '_' });
    identifier(letters.collect())
}

/// Gives out each name once, and a number with it from the second time on.
#[derive(Default)]
pub(crate) struct Unique {
    /// Names that are taken, with the last number that each was given out with.
    taken: HashMap<String, u64>,
}

impl Unique {
    /// With words that are taken from the beginning, between spaces.
    pub(crate) fn reserving(words: &str) -> Self {
        let taken = words.split(' ').map(|it| (it.to_owned(), 1));
        Self {
            taken: taken.collect(),
        }
    }

    pub(crate) fn is_taken(&self, name: &str) -> bool {
        self.taken.contains_key(name)
    }

    pub(crate) fn name(&mut self, name: String) -> String {
        let Some(last) = self.taken.get(&name) else {
            self.taken.insert(name.clone(), 1);
            return name;
        };
        let free = (last + 1..).find(|number| !self.is_taken(&format!("{name}_{number}")));
        let number = free.unwrap_or(u64::MAX);
        let found = format!("{name}_{number}");
        self.taken.insert(found.clone(), 1);
        self.taken.insert(name, number);
        found
    }
}

/// How many words all these names begin with; at least one of each stays.
pub(crate) fn common_prefix(names: &[Vec<String>]) -> usize {
    let [first, rest @ ..] = names else { return 0 };
    if rest.is_empty() {
        return 0;
    }
    let shortest = names.iter().map(Vec::len).min().unwrap_or(0);
    let same = |at: &usize| rest.iter().all(|it| it[*at] == first[*at]);
    let mut count = (0..shortest.saturating_sub(1)).take_while(same).count();
    // What stays begins with a letter.
    let digit = |it: &Vec<String>, at: usize| it[at].starts_with(|it: char| it.is_ascii_digit());
    while count > 0 && names.iter().any(|it| digit(it, count)) {
        count -= 1;
    }
    count
}

/// A text of the layout for a comment: on one line, and with nothing that changes how a line reads.
pub(crate) fn comment(text: &str) -> String {
    let shown = text.chars().map(|it| match it {
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' => '\u{fffd}',
        it if it.is_control() || matches!(it, '\u{2028}' | '\u{2029}') => ' ',
        it => it,
    });
    shown.collect()
}

/// A text of the layout as a literal, in any of the languages.
pub(crate) fn quoted(text: &str) -> String {
    let text = comment(text).replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{text}\"")
}

#[cfg(test)]
mod tests {
    use super::{Unique, common_prefix, pascal, snake, words};

    #[test]
    fn names_are_split_where_a_reader_sees_words() {
        for (name, expected) in [
            ("mEngineRPM", "engine_rpm"),
            ("mFFBTorque", "ffb_torque"),
            ("dwOffsetOfReadingSection", "offset_of_reading_section"),
            ("szOSDEx2", "osd_ex2"),
            ("packet_id", "packet_id"),
            ("speedKmh", "speed_kmh"),
            ("mz", "mz"),
            ("m", "m"),
            ("is64bit", "is64bit"),
            ("f_x", "f_x"),
            ("3d", "_3d"),
            ("ö", "unnamed"),
        ] {
            assert_eq!(snake(name), expected, "{name}");
        }
        assert_eq!(pascal(&words("RTSS_SHARED_MEMORY")), "RtssSharedMemory");
    }

    #[test]
    fn what_all_names_begin_with_is_found() {
        let names = |all: &[&str]| all.iter().map(|it| words(it)).collect::<Vec<_>>();
        assert_eq!(common_prefix(&names(&["irsdk_header", "irsdk_varBuf"])), 1);
        assert_eq!(common_prefix(&names(&["rF2Wheel", "rF2VehicleScoring"])), 2);
        assert_eq!(common_prefix(&names(&["A", "A_B"])), 0);
        assert_eq!(common_prefix(&names(&["A_B"])), 0);
    }

    #[test]
    fn a_name_that_is_taken_gets_a_number() {
        let mut unique = Unique::reserving("fn type");
        let all = ["a", "a", "type"].map(|it| unique.name(it.to_owned()));
        assert_eq!(all, ["a", "a_2", "type_2"]);
    }
}

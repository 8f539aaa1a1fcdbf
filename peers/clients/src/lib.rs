//! What the programs print: a value a line, `name=value`, and an empty line after each sample.

use std::env;
use std::fmt::{Display, Write};

/// What one read gave.
#[derive(Debug, Default, PartialEq)]
pub struct Sample(String);

impl Sample {
    /// Adds a value.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Display) -> Self {
        // A `String` takes all that is written to it.
        let _ = writeln!(self.0, "{name}={value}");
        self
    }

    /// Prints it.
    pub fn print(&self) {
        println!("{}", self.0);
    }
}

/// Prints a number of samples, each different from the one before.
pub fn print_samples(count: usize, mut next: impl FnMut() -> Sample) {
    let mut last = Sample::default();
    for _ in 0..count {
        let mut sample = next();
        while sample == last {
            sample = next();
        }
        sample.print();
        last = sample;
    }
}

/// The words after the program's name.
#[must_use]
pub fn words() -> Vec<String> {
    env::args().skip(1).collect()
}

/// The first word: how many samples are to be printed.
#[must_use]
pub fn count() -> usize {
    let first = env::args().nth(1).and_then(|it| it.parse().ok());
    first.expect("the first word is not the number of samples")
}

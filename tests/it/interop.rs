//! Regions shared with programs in other languages.

//! Which features a manifest declares.

use std::collections::BTreeSet;
use std::fs;

use crate::paths::Paths;

/// The packages whose tests run on Windows.
const MEMBERS: [&str; 3] = ["", "derive", "cli"];

/// Whether turning all features on changes anything.
pub(crate) fn more_than_default(paths: &Paths) -> bool {
    MEMBERS.iter().any(|member| {
        fs::read_to_string(paths.root().join(member).join("Cargo.toml"))
            .is_ok_and(|manifest| has_more_than_default(&manifest))
    })
}

/// Whether a manifest has a feature that is not among the default ones.
fn has_more_than_default(manifest: &str) -> bool {
    let mut declared = BTreeSet::new();
    let mut default = String::new();
    let mut in_features = false;
    let mut in_default = false;
    for line in manifest.lines().map(str::trim) {
        if line.starts_with('[') && !in_default {
            in_features = line == "[features]";
            continue;
        }
        if !in_features || line.starts_with('#') {
            continue;
        }
        if in_default {
            default.push_str(line);
            in_default = !line.contains(']');
        } else if let Some((name, value)) = line.split_once('=') {
            if name.trim() == "default" {
                default.push_str(value);
                in_default = !value.contains(']');
            } else {
                declared.insert(name.trim().trim_matches('"'));
            }
        }
    }
    declared
        .iter()
        .any(|name| !default.contains(&format!("\"{name}\"")))
}

#[cfg(test)]
mod tests {
    use super::has_more_than_default;

    #[test]
    fn a_manifest_without_features_has_no_more() {
        assert!(!has_more_than_default(
            "[package]\nname = \"x\"\n[dependencies]\na = \"1\"\n"
        ));
    }

    #[test]
    fn default_features_are_no_more() {
        assert!(!has_more_than_default(
            "[features]\ndefault = [\"derive\"]\nderive = [\"dep:d\"]\n"
        ));
        assert!(!has_more_than_default(
            "[features]\ndefault = [\n  \"derive\",\n]\nderive = [\"dep:d\"]\n\n[lints]\nworkspace = true\n"
        ));
    }

    #[test]
    fn any_other_feature_is_more() {
        assert!(has_more_than_default(
            "[features]\ndefault = []\nzerocopy = [\"dep:zerocopy\"]\n"
        ));
        assert!(has_more_than_default(
            "[features]\nzerocopy = [\"dep:zerocopy\"]\n"
        ));
    }
}

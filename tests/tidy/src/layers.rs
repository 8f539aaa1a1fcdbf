//! Layers point one way. The `mod` lines of a crate's root are the layers, the lowest first, a blank line
//! between two: a module may name those of the groups above its own, and within its group no two modules
//! may need each other. The same holds in every folder.

use std::collections::{BTreeMap, BTreeSet};

use crate::sources::{self, Source};

/// The sources of the crates that have layers.
const CRATES: [&str; 5] = [
    "src/",
    "layouts/src/",
    "core/src/",
    "cli/src/",
    "zenoh/src/",
];

/// Modules of one folder, and the imports between them.
#[derive(Default)]
struct Folder {
    groups: BTreeMap<String, usize>,
    /// From one module to another, with a place where the first names the second.
    arrows: BTreeMap<(String, String), String>,
}

#[test]
fn imports_point_down() {
    let wrong: Vec<_> = CRATES
        .iter()
        .flat_map(|root| wrong(root, &sources::read(&[root])))
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// What is wrong in a crate, a line each.
fn wrong(root: &str, sources: &[Source]) -> Vec<String> {
    let mut wrong = Vec::new();
    for (name, folder) in folders(root, sources) {
        for ((from, to), place) in &folder.arrows {
            let (Some(above), Some(below)) = (folder.groups.get(from), folder.groups.get(to))
            else {
                continue;
            };
            if below > above {
                wrong.push(format!(
                    "{place}: `{name}{from}` names `{to}`, which stands in a layer above it"
                ));
            }
        }
        if let Some(circle) = circle(&folder) {
            wrong.push(format!(
                "the modules {} of `{name}` need each other",
                circle.join(" → ")
            ));
        }
    }
    for source in sources {
        for named in source.names() {
            if let [first, second, ..] = &named.path[..]
                && first == "crate"
                && second.starts_with(char::is_uppercase)
            {
                wrong.push(format!(
                    "{}:{}: names `crate::{second}` by the root, which stands in no layer: name it by its module",
                    source.path, named.line
                ));
            }
        }
    }
    wrong
}

#[test]
fn an_import_that_points_up_would_be_seen() {
    let wrong = |low: &str, middle: &str| {
        let root = "mod low;\n\nmod middle;\nmod beside;\n\npub use middle::Item;";
        let sources =
            [("lib", root), ("low", low), ("middle", middle)].map(|(name, text)| Source {
                path: format!("src/{name}.rs"),
                syntax: syn::parse_str(text).unwrap(),
            });
        let beside = Source {
            path: "src/beside.rs".into(),
            syntax: syn::parse_str("use crate::middle::Item;").unwrap(),
        };
        wrong("src/", &[&sources[..], &[beside]].concat())
    };
    assert_eq!(wrong("", "use crate::low::Thing;"), [""; 0]);
    assert_eq!(
        wrong("fn f() { crate::middle::g() }", ""),
        ["src/low.rs:1: `low` names `middle`, which stands in a layer above it"]
    );
    assert_eq!(
        wrong("", "use super::beside::Thing;"),
        ["the modules beside → middle → beside of `` need each other"]
    );
    let by_the_root = wrong("use crate::Item;", "");
    assert!(by_the_root[0].starts_with("src/low.rs:1: names `crate::Item` by the root"));
}

/// Those of a crate, by the path of their module, such as `sync::`; empty for the root.
fn folders(root: &str, sources: &[Source]) -> BTreeMap<String, Folder> {
    let mut folders: BTreeMap<String, Folder> = BTreeMap::new();
    for source in sources {
        if let Some(module) = module(root, source) {
            let declared = source.modules();
            if !declared.is_empty() {
                let prefix: String = module.iter().map(|it| format!("{it}::")).collect();
                folders.entry(prefix).or_default().groups.extend(declared);
            }
        }
    }
    for source in sources {
        let Some(from) = module(root, source) else {
            continue;
        };
        for named in source.names() {
            let Some(to) = absolute(&from, &named.path) else {
                continue;
            };
            let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
            let (Some(here), Some(there)) = (from.get(common), to.get(common)) else {
                continue;
            };
            let prefix: String = from[..common].iter().map(|it| format!("{it}::")).collect();
            let Some(folder) = folders.get_mut(&prefix) else {
                continue;
            };
            if folder.groups.contains_key(there) {
                let place = format!("{}:{}", source.path, named.line);
                folder
                    .arrows
                    .entry((here.clone(), there.clone()))
                    .or_insert(place);
            }
        }
    }
    folders
}

/// The module that a file of a crate is.
fn module(root: &str, source: &Source) -> Option<Vec<String>> {
    let path = source.path.strip_prefix(root)?.strip_suffix(".rs")?;
    let mut parts: Vec<String> = path.split('/').map(str::to_owned).collect();
    let last = parts.last().map(String::as_str);
    if let Some("mod" | "lib" | "main") = last {
        parts.pop();
    }
    Some(parts)
}

/// The path from the root of the crate; `None` for one that leads elsewhere.
fn absolute(from: &[String], path: &[String]) -> Option<Vec<String>> {
    let (first, rest) = path.split_first()?;
    match first.as_str() {
        "crate" => Some(rest.to_vec()),
        "super" => {
            let parent = from.split_last()?.1;
            match rest.first().map(String::as_str) {
                Some("super") => absolute(parent, rest),
                _ => Some([parent, rest].concat()),
            }
        }
        _ => None,
    }
}

/// Modules that need each other, from one of them back to it.
fn circle(folder: &Folder) -> Option<Vec<String>> {
    let mut below: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (from, to) in folder.arrows.keys() {
        below.entry(from).or_default().push(to);
    }
    let mut done = BTreeSet::new();
    below
        .keys()
        .find_map(|start| walk(start, &below, &mut Vec::new(), &mut done))
}

fn walk<'a>(
    at: &'a str,
    below: &BTreeMap<&str, Vec<&'a str>>,
    way: &mut Vec<&'a str>,
    done: &mut BTreeSet<&'a str>,
) -> Option<Vec<String>> {
    if let Some(first) = way.iter().position(|it| *it == at) {
        return Some(
            way[first..]
                .iter()
                .chain([&at])
                .map(|it| (*it).to_owned())
                .collect(),
        );
    }
    if !done.contains(at) {
        way.push(at);
        for next in below.get(at).into_iter().flatten() {
            if let Some(found) = walk(next, below, way, done) {
                return Some(found);
            }
        }
        way.pop();
        done.insert(at);
    }
    None
}

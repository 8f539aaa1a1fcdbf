//! The members of a region, as a tree.

use win_shared_memory_layouts::{Content, Plan, Record, Value, catalogue};

use crate::regions::{hwinfo, iracing};

fn collect<'a>(content: Content<'a>, values: &mut Vec<Value<'a>>) {
    match content {
        Content::Value(value) => values.push(value),
        Content::Record(record) => members(record, values),
        Content::Elements(elements) => elements.iter().for_each(|it| collect(it, values)),
        Content::Table(table) => table.rows().for_each(|it| members(it, values)),
        _ => {}
    }
}

fn members<'a>(record: Record<'a>, values: &mut Vec<Value<'a>>) {
    for member in record.members() {
        collect(member.content, values);
    }
}

/// The tree has what a walk finds, at every length of the region.
fn assert_same_as_walk(id: &str, bytes: &[u8]) {
    let plan = Plan::new(catalogue::by_id(id).unwrap()).unwrap();
    for len in [bytes.len(), bytes.len() / 2, 60, 13, 0] {
        let region = plan.view(&bytes[..len.min(bytes.len())]);
        let mut values = Vec::new();
        members(region.root(), &mut values);
        assert_eq!(
            values,
            region.walk().collect::<Vec<_>>(),
            "{id}, {len} bytes"
        );
    }
}

#[test]
fn a_tree_has_the_values_of_a_walk() {
    assert_same_as_walk("hwinfo", &hwinfo(3, 316));
    assert_same_as_walk("iracing", &iracing());
    for layout in catalogue::all() {
        let bytes = vec![1; Plan::new(layout).unwrap().size().min(1 << 16)];
        assert_same_as_walk(&layout.id, &bytes);
    }
}

#[test]
fn the_members_of_a_row_have_its_unit() {
    let bytes = hwinfo(3, 316);
    let plan = Plan::new(catalogue::by_id("hwinfo").unwrap()).unwrap();
    let row = plan.view(&bytes).table("readings").unwrap().row(0).unwrap();
    let value = row.members().find(|it| it.name == "Value").unwrap();
    assert_eq!(
        value.unit.as_deref(),
        row.unit().map(|it| it.to_str()).as_deref()
    );
    assert!(value.unit.is_some());
    let names: Vec<_> = row.members().map(|it| it.name.into_owned()).collect();
    assert!(
        plan.member_names("HWiNFO_SENSORS_READING_ELEMENT")
            .eq(&names)
    );
}

#[test]
fn variables_are_members_with_their_names_and_units() {
    let bytes = iracing();
    let plan = Plan::new(catalogue::by_id("iracing").unwrap()).unwrap();
    let fixed = plan.member_names("irsdk_header").count();
    let region = plan.view(&bytes);
    let variables: Vec<_> = region.root().members().skip(fixed).collect();
    assert!(!variables.is_empty());
    for variable in variables {
        let value = region.get(&variable.name).unwrap();
        assert!(matches!(variable.content, Content::Value(found) if found == value));
    }
}

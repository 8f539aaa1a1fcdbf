//! What an MQTT broker is told of regions.

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::Value;
use win_shared_memory_layouts::{Layout, Plan, catalogue};
use winshm_core::share::{Message, Shape, TopicOptions, Topics};
use winshm_core::{Selection, State};

/// Two sensors whose names a hostile program has chosen.
const SENSORS: &str = r#"
format = 1
id = "sensors"
[[struct]]
name = "Root"
fields = [
  { offset = 0, name = "count", type = "u32" },
  { offset = 4, name = "a/+#", type = "f32", unit = "°C" },
]
[[struct.table]]
name = "rows"
of = "Row"
at = 8
stride = 40
count = "count"
max = 4
label = "name"
[[struct]]
name = "Row"
fields = [
  { offset = 0,  name = "name",  type = "utf8[32]" },
  { offset = 32, name = "value", type = "f64", unit = "V" },
]
"#;

fn plan() -> Arc<Plan> {
    Arc::new(Plan::new(&Layout::from_toml(SENSORS).unwrap()).unwrap())
}

fn rows(plan: &Plan, names: &[&str]) -> Vec<u8> {
    let mut bytes = vec![0; 8 + 40 * names.len()];
    let mut edit = plan.edit(&mut bytes);
    edit.set("count", names.len() as u32).unwrap();
    for (row, name) in names.iter().enumerate() {
        edit.set(&format!("rows[{row}].name"), *name).unwrap();
        edit.set(&format!("rows[{row}].value"), 1.5).unwrap();
    }
    bytes
}

fn topics(name: &str, shape: Shape, fields: &[&str]) -> Topics {
    let options = TopicOptions {
        base: "home/rig".to_owned(),
        shape,
        home_assistant: Some("homeassistant".to_owned()),
    };
    let selection = Selection::new(fields.iter().copied());
    Topics::of(&[name.to_owned()], &selection, &options).remove(0)
}

fn is_valid(topic: &str) -> bool {
    !topic.contains(['+', '#', '\0']) && !topic.contains(char::is_control) && topic.len() < 2048
}

fn payload<'m>(news: &'m [Message], topic: &str) -> Option<&'m str> {
    let mut all = news.iter().filter(|it| it.topic == topic);
    let found = all.next().map(|it| it.payload.as_str());
    assert!(all.next().is_none(), "{topic} twice");
    found
}

#[test]
fn names_of_hostile_programs_are_levels_of_their_own() {
    let plan = plan();
    let bytes = rows(&plan, &["+/#\u{ffff}", "0", "", "a%2F"]);
    let mut topics = topics("Global\\a/+\0#\u{202e}", Shape::Value, &[]);
    let news = topics.news(State::Live, Some((Some(&plan), &bytes)));
    assert!(news.iter().all(|it| is_valid(&it.topic)), "{news:?}");
    let distinct: HashSet<_> = news.iter().map(|it| &it.topic).collect();
    assert_eq!(distinct.len(), news.len());
    let root = "home/rig/Global_a_%2B_%23%E2%80%AE";
    assert_eq!(topics.state(), format!("{root}/state"));
    for topic in [
        "a%2F%2B%23",
        "rows/%2B%2F%23%EF%BF%BF/value",
        "rows/%30/value",
        "rows/2/value",
        "rows/a%252F/value",
    ] {
        assert!(
            payload(&news, &format!("{root}/values/{topic}")).is_some(),
            "{topic}: {news:?}"
        );
    }
    let long = "x".repeat(100_000);
    let mut first = self::topics(&long, Shape::Region, &[]);
    let second = self::topics(&format!("{long}y"), Shape::Region, &[]);
    assert_ne!(first.state(), second.state());
    let news = first.news(State::Live, Some((Some(&plan), &bytes)));
    assert!(news.iter().all(|it| is_valid(&it.topic)));
}

#[test]
fn home_assistant_is_told_where_each_value_is() {
    let plan = plan();
    let bytes = rows(&plan, &["CPU \"1\" }}", "Fan"]);
    for shape in [Shape::Region, Shape::Value] {
        let mut topics = topics("Board", shape, &["a/+#", "rows[*].value"]);
        let news = topics.news(State::Live, Some((Some(&plan), &bytes)));
        let is_told = |it: &&Message| it.topic.starts_with("homeassistant/sensor/home_rig_board/");
        let sensors: Vec<_> = news.iter().filter(is_told).collect();
        assert_eq!(sensors.len(), 3);
        let mut ids = HashSet::new();
        for sensor in sensors {
            let parts: Vec<_> = sensor.topic.split('/').collect();
            let is_plain = |it: char| it.is_ascii_alphanumeric() || "_-".contains(it);
            assert!(
                parts.len() == 5 && parts[3].chars().all(is_plain),
                "{parts:?}"
            );
            let told: Value = serde_json::from_str(&sensor.payload).unwrap();
            assert!(ids.insert(told["unique_id"].as_str().unwrap().to_owned()));
            assert!(payload(&news, told["state_topic"].as_str().unwrap()).is_some());
            assert_eq!(told["availability_topic"], topics.state());
            assert_eq!(told["device"]["identifiers"][0], "home/rig/Board");
            assert_eq!(told["device"]["name"], "Board (rig)");
            let unit = told["unit_of_measurement"].as_str().unwrap();
            let class = if unit == "V" {
                "voltage"
            } else {
                "temperature"
            };
            assert_eq!(told["device_class"], class);
            let template = told["value_template"].as_str().unwrap();
            assert_eq!(template.matches("}}").count(), 1, "{template}");
        }
        assert!(
            ids.contains("home/rig/Board/values/rows/Fan/value"),
            "{ids:?}"
        );
    }
}

#[test]
fn what_changes_is_told_once_and_everything_again_when_it_was_lost() {
    let plan = plan();
    let mut bytes = rows(&plan, &["A", "B"]);
    let mut topics = topics("Board", Shape::Value, &[]);
    let all = topics.news(State::Live, Some((Some(&plan), &bytes)));
    assert!(
        topics
            .news(State::Live, Some((Some(&plan), &bytes)))
            .is_empty()
    );
    plan.edit(&mut bytes).set("rows[1].value", 2.5).unwrap();
    let news = topics.news(State::Live, Some((Some(&plan), &bytes)));
    assert_eq!(news.len(), 1);
    assert_eq!(
        payload(&news, "home/rig/Board/values/rows/B/value"),
        Some("2.5")
    );
    let news = topics.news(State::Frozen, Some((Some(&plan), &bytes)));
    assert_eq!(news.len(), 1);
    assert_eq!(payload(&news, "home/rig/Board/state"), Some("frozen"));
    topics.forget();
    let again = topics.news(State::Frozen, Some((Some(&plan), &bytes)));
    assert_eq!(again.len(), all.len());
}

#[test]
fn a_value_that_is_no_more_is_removed_also_after_the_broker_was_away() {
    let plan = plan();
    let mut topics = topics("Board", Shape::Value, &[]);
    let bytes = rows(&plan, &["A", "B"]);
    let news = topics.news(State::Live, Some((Some(&plan), &bytes)));
    let gone = |it: &&Message| it.payload.contains("/rows/B/") || it.topic.contains("/rows/B/");
    let gone: Vec<_> = news.iter().filter(gone).map(|it| &it.topic).collect();
    assert_eq!(gone.len(), 4, "two values and two sensors");
    topics.forget();
    let bytes = rows(&plan, &["A"]);
    let news = topics.news(State::Live, Some((Some(&plan), &bytes)));
    for topic in gone {
        assert_eq!(payload(&news, topic), Some(""), "{topic}");
    }
}

#[test]
fn a_text_is_short_as_it_is_shown_and_cut_only_if_it_is_long() {
    const TEXTS: &str = r#"
format = 1
id = "texts"
[[struct]]
name = "Root"
fields = [
  { offset = 0,   name = "controls", type = "utf8[256]" },
  { offset = 256, name = "letters",  type = "utf8[256]" },
]
"#;
    let plan = Arc::new(Plan::new(&Layout::from_toml(TEXTS).unwrap()).unwrap());
    let mut bytes = vec![0; plan.size()];
    let mut edit = plan.edit(&mut bytes);
    edit.set("controls", "\u{1}".repeat(200).as_str()).unwrap();
    let letters = "ä".repeat(120);
    edit.set("letters", letters.as_str()).unwrap();
    let mut topics = topics("Texts", Shape::Value, &["controls", "letters"]);
    let news = topics.news(State::Live, Some((Some(&plan), &bytes)));
    let controls = payload(&news, "home/rig/Texts/values/controls").unwrap();
    assert!(controls.starts_with(r"\u{1}\u{1}") && controls.ends_with('…'));
    // Home Assistant refuses states of more than 255 characters.
    assert_eq!(controls.chars().count(), 121);
    let told = payload(&news, "home/rig/Texts/values/letters");
    assert_eq!(told, Some(letters.as_str()));
}

#[test]
fn too_many_values_are_counted_for_the_person() {
    let plan = catalogue::by_id("rfactor2-telemetry").unwrap();
    let plan = Arc::new(Plan::new(plan).unwrap());
    let mut bytes = vec![0; plan.size()];
    plan.edit(&mut bytes).set("mNumVehicles", 128).unwrap();
    let mut topics = topics("$rFactor2SMMP_Telemetry$", Shape::Region, &[]);
    let news = topics.news(State::Live, Some((Some(&plan), &bytes)));
    let values = payload(&news, "home/rig/$rFactor2SMMP_Telemetry$/values").unwrap();
    let values: Value = serde_json::from_str(values).unwrap();
    assert!(values.as_object().unwrap().len() <= 2000);
    let problem = topics.take_problem().unwrap();
    assert!(
        problem.contains("too many") && problem.contains("--fields"),
        "{problem}"
    );
    assert_eq!(topics.take_problem(), None);
    // Without a layout there is only its state.
    let mut topics = self::topics("Unknown", Shape::Region, &[]);
    let news = topics.news(State::Live, Some((None, &[1, 2])));
    assert_eq!(news.len(), 1);
    assert!(topics.take_problem().unwrap().contains("--layout"));
}

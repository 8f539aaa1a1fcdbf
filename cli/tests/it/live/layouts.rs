//! Layouts of regions that describe themselves.

use win_shared_memory::SharedData;
use win_shared_memory::snapshot::Writer;

use crate::tool::winshm;

#[derive(Clone, Copy, SharedData)]
#[repr(C)]
struct Lap {
    number: u32,
    seconds: f32,
}

#[test]
fn a_region_of_ours_becomes_a_struct_of_another_language() {
    let name = super::fresh_name();
    let mut writer = Writer::register(&name).unwrap();
    writer.publish(&Lap {
        number: 3,
        seconds: 91.5,
    });
    let ran = winshm(&["layout", "export", &name, "--as", "c"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    assert!(ran.out.contains("float seconds;"), "{}", ran.out);
    let ran = winshm(&["layout", "show", &name]);
    assert!(ran.out.contains("name = \"number\""), "{}", ran.out);
    let ran = winshm(&["layout", "check", "core-temp", &name]);
    assert!(
        ran.out.contains("is sound") || ran.out.contains("needs"),
        "{}",
        ran.out
    );
}

//! A recording, which is played as a region that lives.

use std::fs::File;
use std::path::PathBuf;
use std::time::Duration;

use win_shared_memory_layouts::{Layout, Plan};
use winshm_core::Time;
use winshm_core::recording::{Options, Recorder};

/// The region.
pub(crate) const NAME: &str = "Local\\a/b *$ car";

const CAR: &str = r#"
format = 1
id = "Car-1"
[[struct]]
name = "Car"
fields = [
  { offset = 0, name = "speed",  type = "f32", unit = "km/h" },
  { offset = 8, name = "driver", type = "utf8[8]" },
]
"#;

/// A file that is removed when it is dropped.
pub(crate) struct Drive {
    _folder: tempfile::TempDir,
    path: PathBuf,
}

impl Drive {
    /// So many seconds at 50 Hz: the speed is the number of the copy.
    pub(crate) fn of(seconds: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("drive.mcap");
        let plan = Plan::new(&Layout::from_toml(CAR).unwrap()).unwrap();
        let mut recorder = Recorder::new(File::create(&path).unwrap(), Options::default()).unwrap();
        let region = recorder.add_region(NAME, Some(&plan)).unwrap();
        let begin = Time::from_nanoseconds(1_700_000_000_000_000_000);
        let mut bytes = vec![0; 16];
        for copy in 0..50 * seconds {
            plan.edit(&mut bytes).set("speed", copy).unwrap();
            let time = begin + copy * Duration::from_millis(20);
            recorder.frame(region, time, &bytes).unwrap();
        }
        recorder.finish().unwrap();
        Self {
            _folder: folder,
            path,
        }
    }

    pub(crate) fn path(&self) -> &str {
        self.path.to_str().unwrap()
    }
}

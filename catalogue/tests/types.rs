//! The types have their fields where the files of `win-shared-memory-layouts` say.

#![allow(clippy::unwrap_used, reason = "a test")]

use win_shared_memory::schema;
use win_shared_memory_layouts::catalogue;

/// Compares each type with the struct of its name. What it holds is compared with it.
macro_rules! assert_types {
    ($($module:ident { $($ty:ident = $id:literal $structure:literal)* })*) => {
        $($({
            let layout = catalogue::by_id($id).unwrap();
            let schema = schema!(win_shared_memory_catalogue::$module::$ty);
            assert_eq!(layout.compare_type($structure, schema), Ok(()), $structure);
        })*)*
    };
}

#[test]
fn the_types_lie_in_memory_as_the_layouts_say() {
    assert_types! {
        acc {
            Physics = "acc-physics" "PageFilePhysics"
            Graphics = "acc-graphics" "PageFileGraphics"
            Static = "acc-static" "PageFileStatic"
        }
        assetto_corsa {
            Physics = "assetto-corsa-physics" "PageFilePhysics"
            Graphics = "assetto-corsa-graphics" "PageFileGraphics"
            Static = "assetto-corsa-static" "PageFileStatic"
        }
        automobilista2 { SharedMemory = "automobilista2" "SharedMemory" }
        core_temp { CoreTempSharedDataEx = "core-temp" "CoreTempSharedDataEx" }
        gpu_z { ShMem = "gpu-z" "GPUZ_SH_MEM" }
        hwinfo {
            SharedMem2 = "hwinfo" "HWiNFO_SENSORS_SHARED_MEM2"
            SensorElement = "hwinfo" "HWiNFO_SENSORS_SENSOR_ELEMENT"
            ReadingElement = "hwinfo" "HWiNFO_SENSORS_READING_ELEMENT"
        }
        iracing {
            Header = "iracing" "irsdk_header"
            Variable = "iracing" "Variable"
        }
        le_mans_ultimate {
            SharedMemoryObjectOut = "le-mans-ultimate" "SharedMemoryObjectOut"
        }
        mahm {
            Header = "mahm" "MAHM_SHARED_MEMORY_HEADER"
            Entry = "mahm" "MAHM_SHARED_MEMORY_ENTRY"
        }
        mumble_link { LinkedMem = "mumble-link" "LinkedMem" }
        rfactor2 {
            Telemetry = "rfactor2-telemetry" "rF2Telemetry"
            Scoring = "rfactor2-scoring" "rF2Scoring"
            Extended = "rfactor2-extended" "rF2Extended"
        }
        rtss {
            RtssSharedMemory = "rtss" "RTSS_SHARED_MEMORY"
            RtssSharedMemoryOsdEntry = "rtss" "RTSS_SHARED_MEMORY_OSD_ENTRY"
            RtssSharedMemoryAppEntry = "rtss" "RTSS_SHARED_MEMORY_APP_ENTRY"
            VideoCaptureParam = "rtss" "VIDEO_CAPTURE_PARAM"
        }
    }
}

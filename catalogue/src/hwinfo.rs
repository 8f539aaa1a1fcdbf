// @generated from the layout `hwinfo`.

use win_shared_memory::SharedData;
#[cfg(windows)]
use win_shared_memory::{SharedMemoryError, Table, View};

/// `HWiNFO_SENSORS_SHARED_MEM2`
///
/// Sensors and their readings. Free versions stop after 12 hours.
///
/// The region is called `Global\HWiNFO_SENS_SM2` or `Global\HWiNFO_SENS_SM2_REMOTE_*`.
///
/// A copy is whole if the reader holds the mutex `MUTEX` meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(C, packed(4))]
pub struct SharedMem2 {
    /// `dwSignature`
    pub signature: u32,
    /// `dwVersion`
    pub version: u32,
    /// `dwRevision`
    pub revision: u32,
    /// `poll_time`: seconds since 1970.
    pub poll_time: i64,
    /// `dwOffsetOfSensorSection`
    pub offset_of_sensor_section: u32,
    /// `dwSizeOfSensorElement`
    pub size_of_sensor_element: u32,
    /// `dwNumSensorElements`
    pub num_sensor_elements: u32,
    /// `dwOffsetOfReadingSection`
    pub offset_of_reading_section: u32,
    /// `dwSizeOfReadingElement`
    pub size_of_reading_element: u32,
    /// `dwNumReadingElements`
    pub num_reading_elements: u32,
}

const _: () = assert!(size_of::<SharedMem2>() == 44);

impl SharedMem2 {
    /// The name of the region.
    pub const NAME: &str = "Global\\HWiNFO_SENS_SM2";

    /// The name of the mutex that the producer holds while it writes.
    pub const MUTEX: &str = "Global\\HWiNFO_SM2_MUTEX";

    /// The producer counts as frozen after this time without a change of its heartbeat.
    pub const FROZEN: ::core::time::Duration = ::core::time::Duration::from_millis(10000);

    /// The value of `dwSignature` while the producer runs.
    pub const LIVE: u32 = 0x53695748;

    /// The value of `dwSignature` after the producer has left.
    pub const DEAD: u32 = 0x44414544;

    /// The rows of `sensors` in the view of the region.
    ///
    /// # Errors
    ///
    /// `InvalidTable`: the numbers in these fields are not those of a table in this view.
    #[cfg(windows)]
    pub fn sensors<'v, A>(
        &self,
        view: &'v View<A>,
    ) -> Result<Table<'v, SensorElement, A>, SharedMemoryError> {
        view.table(self.offset_of_sensor_section, self.size_of_sensor_element, self.num_sensor_elements)
    }

    /// The rows of `readings` in the view of the region.
    ///
    /// # Errors
    ///
    /// `InvalidTable`: the numbers in these fields are not those of a table in this view.
    #[cfg(windows)]
    pub fn readings<'v, A>(
        &self,
        view: &'v View<A>,
    ) -> Result<Table<'v, ReadingElement, A>, SharedMemoryError> {
        view.table(self.offset_of_reading_section, self.size_of_reading_element, self.num_reading_elements)
    }
}

/// `HWiNFO_SENSORS_SENSOR_ELEMENT`
#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(C)]
pub struct SensorElement {
    /// `dwSensorID`
    pub sensor_id: u32,
    /// `dwSensorInst`
    pub sensor_inst: u32,
    /// `szSensorNameOrig`: text in Windows-1252.
    pub sensor_name_orig: [u8; 128],
    /// `szSensorNameUser`: text in Windows-1252.
    pub sensor_name_user: [u8; 128],
}

const _: () = assert!(size_of::<SensorElement>() == 264);

/// `HWiNFO_SENSORS_READING_ELEMENT`
#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(C, packed(4))]
pub struct ReadingElement {
    /// `tReading`
    pub reading: Reading,
    /// `dwSensorIndex`: the number of a row of `sensors`.
    pub sensor_index: u32,
    /// `dwReadingID`
    pub reading_id: u32,
    /// `szLabelOrig`: text in Windows-1252.
    pub label_orig: [u8; 128],
    /// `szLabelUser`: text in Windows-1252.
    pub label_user: [u8; 128],
    /// `szUnit`: text in Windows-1252.
    pub unit: [u8; 16],
    /// `Value`
    pub value: f64,
    /// `ValueMin`
    pub value_min: f64,
    /// `ValueMax`
    pub value_max: f64,
    /// `ValueAvg`
    pub value_avg: f64,
}

const _: () = assert!(size_of::<ReadingElement>() == 316);

/// The values of [`ReadingElement::reading`]; there may be others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, SharedData)]
#[repr(transparent)]
pub struct Reading(
    /// The number.
    pub u32,
);

impl Reading {
    /// `none`
    pub const NONE: Self = Self(0);

    /// `temp`
    pub const TEMP: Self = Self(1);

    /// `volt`
    pub const VOLT: Self = Self(2);

    /// `fan`
    pub const FAN: Self = Self(3);

    /// `current`
    pub const CURRENT: Self = Self(4);

    /// `power`
    pub const POWER: Self = Self(5);

    /// `clock`
    pub const CLOCK: Self = Self(6);

    /// `usage`
    pub const USAGE: Self = Self(7);

    /// `other`
    pub const OTHER: Self = Self(8);

    /// The name of this value, if it has one.
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        match self {
            Self::NONE => Some("none"),
            Self::TEMP => Some("temp"),
            Self::VOLT => Some("volt"),
            Self::FAN => Some("fan"),
            Self::CURRENT => Some("current"),
            Self::POWER => Some("power"),
            Self::CLOCK => Some("clock"),
            Self::USAGE => Some("usage"),
            Self::OTHER => Some("other"),
            _ => None,
        }
    }
}

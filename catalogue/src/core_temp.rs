// @generated from the layout `core-temp`.

use win_shared_memory::SharedData;

/// `CoreTempSharedDataEx`
///
/// The region is called `CoreTempMappingObjectEx`.
///
/// A copy is whole if the reader holds the mutex `MUTEX` meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(C)]
pub struct CoreTempSharedDataEx {
    /// `uiLoad`: in %.
    pub load: [u32; 256],
    /// `uiTjMax`
    pub tj_max: [u32; 128],
    /// `uiCoreCnt`
    pub core_cnt: u32,
    /// `uiCPUCnt`
    pub cpu_cnt: u32,
    /// `fTemp`: °C, or °F where ucFahrenheit is set; below uiTjMax where ucDeltaToTjMax is set.
    pub temp: [f32; 256],
    /// `fVID`: in V.
    pub vid: f32,
    /// `fCPUSpeed`: in MHz.
    pub cpu_speed: f32,
    /// `fFSBSpeed`: in MHz.
    pub fsb_speed: f32,
    /// `fMultiplier`
    pub multiplier: f32,
    /// `sCPUName`: text in Windows-1252.
    pub s_cpu_name: [u8; 100],
    /// `ucFahrenheit`
    pub fahrenheit: u8,
    /// `ucDeltaToTjMax`
    pub delta_to_tj_max: u8,
    /// `ucTdpSupported`
    pub tdp_supported: u8,
    /// `ucPowerSupported`
    pub power_supported: u8,
    /// `uiStructVersion`
    pub struct_version: u32,
    /// `uiTdp`: in W.
    pub tdp: [u32; 128],
    /// `fPower`: in W.
    pub power: [f32; 128],
    /// `fMultipliers`
    pub multipliers: [f32; 256],
}

const _: () = assert!(size_of::<CoreTempSharedDataEx>() == 4740);

impl CoreTempSharedDataEx {
    /// The name of the region.
    pub const NAME: &str = "CoreTempMappingObjectEx";

    /// The name of the mutex that the producer holds while it writes.
    pub const MUTEX: &str = "CoreTempMutexObject";

    /// The units of its fields.
    pub const UNITS: &[(&str, &str)] = &[
        ("load", "%"),
        ("vid", "V"),
        ("cpu_speed", "MHz"),
        ("fsb_speed", "MHz"),
        ("tdp", "W"),
        ("power", "W"),
    ];
}

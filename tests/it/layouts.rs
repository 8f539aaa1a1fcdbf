//! The layouts of the examples against those their programs publish, as a C or Rust compiler has laid
//! them out: offset, size, type and name of each field.

use win_shared_memory::SharedData;
use win_shared_memory::layout::{Kind, Layout};

#[path = "../../examples/layouts/assetto.rs"]
mod assetto;
#[path = "../../examples/layouts/hwinfo.rs"]
mod hwinfo;
#[path = "../../examples/layouts/iracing.rs"]
mod iracing;
#[path = "../../examples/layouts/mumble.rs"]
mod mumble;

/// A layout as its program publishes it. A line is offset, size, type, name.
struct Published {
    size: usize,
    fields: &'static str,
}

#[track_caller]
fn assert_published<T: SharedData>(published: &Published) {
    assert_eq!(T::LAYOUT.size(), published.size);
    let Kind::Struct(fields) = T::LAYOUT.kind() else {
        panic!("no struct");
    };
    let lines = published.fields.trim().lines();
    assert_eq!(fields.len(), lines.clone().count());
    for (field, line) in fields.iter().zip(lines) {
        let words: Vec<_> = line.split_whitespace().collect();
        let [offset, size, ty @ .., _] = words.as_slice() else {
            panic!("{line}");
        };
        let ours = (
            field.offset().to_string(),
            field.layout().size().to_string(),
            shape(field.layout()),
        );
        let theirs = (
            offset.to_string(),
            size.to_string(),
            published_shape(&ty.join(" ")),
        );
        assert_eq!(ours, theirs, "`{}` as published: {line}", field.name());
    }
}

/// What a field is made of, and how often.
fn shape(layout: &Layout) -> (&'static str, usize) {
    match layout.kind() {
        Kind::Primitive(primitive) => (primitive.name(), 1),
        Kind::Enum { repr, .. } => (repr.name(), 1),
        Kind::Array { element, count, .. } => {
            let (name, inner) = shape(element);
            (name, inner * count)
        }
        Kind::Struct(_) => ("struct", 1),
        _ => ("opaque", 1),
    }
}

/// The same of `float[3][4]`.
fn published_shape(ty: &str) -> (&'static str, usize) {
    let (element, counts) = ty.split_once('[').unwrap_or((ty, ""));
    let name = match element {
        "unsigned char" | "char" => "u8",
        "wchar_t" => "u16",
        // An enum of C has 4 bytes; this one has no negative values.
        "DWORD" | "UINT32" | "SENSOR_READING_TYPE" => "u32",
        "int" | "i32" => "i32",
        "__time64_t" => "i64",
        "float" | "f32" => "f32",
        "double" => "f64",
        "bool" => "bool",
        "irsdk_varBuf" => "struct",
        _ => panic!("unknown type {ty}"),
    };
    let counts = counts.split(['[', ']']).filter(|it| !it.is_empty());
    let count = counts.map(|it| it.parse::<usize>().unwrap()).product();
    (name, count)
}

fn names_and_numbers<T: SharedData>() -> Vec<(&'static str, i128)> {
    match T::LAYOUT.kind() {
        Kind::Enum { variants, .. } => variants.iter().map(|it| (it.name(), it.value())).collect(),
        other => panic!("no enum: {other:?}"),
    }
}

#[test]
fn mumble() {
    assert_published::<mumble::LinkedMem>(&LINKED_MEM);
    assert_eq!(mumble::NAME, "MumbleLink");
}

#[test]
fn hwinfo() {
    assert_published::<hwinfo::Header>(&HWINFO_HEADER);
    assert_published::<hwinfo::Sensor>(&HWINFO_SENSOR);
    assert_published::<hwinfo::Reading>(&HWINFO_READING);
    assert_eq!(hwinfo::NAME, r"Global\HWiNFO_SENS_SM2");
    assert_eq!(hwinfo::MUTEX, r"Global\HWiNFO_SM2_MUTEX");
    assert_eq!(hwinfo::ACTIVE, 0x5369_5748);
    assert_eq!(hwinfo::DEAD, 0x4441_4544);
    assert_eq!(
        names_and_numbers::<hwinfo::ReadingKind>(),
        [
            ("None", 0),
            ("Temperature", 1),
            ("Voltage", 2),
            ("Fan", 3),
            ("Current", 4),
            ("Power", 5),
            ("Clock", 6),
            ("Usage", 7),
            ("Other", 8),
        ]
    );
}

#[test]
fn iracing() {
    assert_published::<iracing::Header>(&IRSDK_HEADER);
    assert_published::<iracing::Buffer>(&IRSDK_VAR_BUF);
    assert_published::<iracing::Var>(&IRSDK_VAR_HEADER);
    assert_eq!(iracing::NAME, r"Local\IRSDKMemMapFileName");
    assert_eq!(iracing::EVENT, r"Local\IRSDKDataValidEvent");
    assert_eq!(iracing::CONNECTED, 1);
    assert_eq!(
        names_and_numbers::<iracing::VarKind>(),
        [
            ("Char", 0),
            ("Bool", 1),
            ("Int", 2),
            ("BitField", 3),
            ("Float", 4),
            ("Double", 5),
        ]
    );
}

/// That of Competizione is the same.
#[test]
fn assetto() {
    assert_published::<assetto::Physics>(&PHYSICS);
    assert_eq!(assetto::NAME, r"Local\acpmf_physics");
}

const LINKED_MEM: Published = Published {
    size: 5460,
    fields: "
   0    4  UINT32              uiVersion
   4    4  DWORD               uiTick
   8   12  float[3]            fAvatarPosition
  20   12  float[3]            fAvatarFront
  32   12  float[3]            fAvatarTop
  44  512  wchar_t[256]        name
 556   12  float[3]            fCameraPosition
 568   12  float[3]            fCameraFront
 580   12  float[3]            fCameraTop
 592  512  wchar_t[256]        identity
1104    4  UINT32              context_len
1108  256  unsigned char[256]  context
1364 4096  wchar_t[2048]       description
",
};

const HWINFO_HEADER: Published = Published {
    size: 44,
    fields: "
   0    4  DWORD       dwSignature
   4    4  DWORD       dwVersion
   8    4  DWORD       dwRevision
  12    8  __time64_t  poll_time
  20    4  DWORD       dwOffsetOfSensorSection
  24    4  DWORD       dwSizeOfSensorElement
  28    4  DWORD       dwNumSensorElements
  32    4  DWORD       dwOffsetOfReadingSection
  36    4  DWORD       dwSizeOfReadingElement
  40    4  DWORD       dwNumReadingElements
",
};

const HWINFO_SENSOR: Published = Published {
    size: 264,
    fields: "
   0    4  DWORD      dwSensorID
   4    4  DWORD      dwSensorInst
   8  128  char[128]  szSensorNameOrig
 136  128  char[128]  szSensorNameUser
",
};

const HWINFO_READING: Published = Published {
    size: 316,
    fields: "
   0    4  SENSOR_READING_TYPE  tReading
   4    4  DWORD                dwSensorIndex
   8    4  DWORD                dwReadingID
  12  128  char[128]            szLabelOrig
 140  128  char[128]            szLabelUser
 268   16  char[16]             szUnit
 284    8  double               Value
 292    8  double               ValueMin
 300    8  double               ValueMax
 308    8  double               ValueAvg
",
};

const IRSDK_HEADER: Published = Published {
    size: 112,
    fields: "
   0    4  int              ver
   4    4  int              status
   8    4  int              tickRate
  12    4  int              sessionInfoUpdate
  16    4  int              sessionInfoLen
  20    4  int              sessionInfoOffset
  24    4  int              numVars
  28    4  int              varHeaderOffset
  32    4  int              numBuf
  36    4  int              bufLen
  40    8  int[2]           pad1
  48   64  irsdk_varBuf[4]  varBuf
",
};

const IRSDK_VAR_BUF: Published = Published {
    size: 16,
    fields: "
   0    4  int     tickCount
   4    4  int     bufOffset
   8    8  int[2]  pad
",
};

const IRSDK_VAR_HEADER: Published = Published {
    size: 144,
    fields: "
   0    4  int       type
   4    4  int       offset
   8    4  int       count
  12    1  bool      countAsTime
  13    3  char[3]   pad
  16   32  char[32]  name
  48   64  char[64]  desc
 112   32  char[32]  unit
",
};

const PHYSICS: Published = Published {
    size: 800,
    fields: "
   0    4  i32        packet_id
   4    4  f32        gas
   8    4  f32        brake
  12    4  f32        fuel
  16    4  i32        gear
  20    4  i32        rpm
  24    4  f32        steer_angle
  28    4  f32        speed_kmh
  32   12  f32[3]     velocity
  44   12  f32[3]     acc_g
  56   16  f32[4]     wheel_slip
  72   16  f32[4]     wheel_load
  88   16  f32[4]     wheels_pressure
 104   16  f32[4]     wheel_angular_speed
 120   16  f32[4]     tyre_wear
 136   16  f32[4]     tyre_dirty_level
 152   16  f32[4]     tyre_core_temperature
 168   16  f32[4]     camber_rad
 184   16  f32[4]     suspension_travel
 200    4  f32        drs
 204    4  f32        tc
 208    4  f32        heading
 212    4  f32        pitch
 216    4  f32        roll
 220    4  f32        cg_height
 224   20  f32[5]     car_damage
 244    4  i32        number_of_tyres_out
 248    4  i32        pit_limiter_on
 252    4  f32        abs
 256    4  f32        kers_charge
 260    4  f32        kers_input
 264    4  i32        auto_shifter_on
 268    8  f32[2]     ride_height
 276    4  f32        turbo_boost
 280    4  f32        ballast
 284    4  f32        air_density
 288    4  f32        air_temp
 292    4  f32        road_temp
 296   12  f32[3]     local_angular_vel
 308    4  f32        final_ff
 312    4  f32        performance_meter
 316    4  i32        engine_brake
 320    4  i32        ers_recovery_level
 324    4  i32        ers_power_level
 328    4  i32        ers_heat_charging
 332    4  i32        ers_is_charging
 336    4  f32        kers_current_kj
 340    4  i32        drs_available
 344    4  i32        drs_enabled
 348   16  f32[4]     brake_temp
 364    4  f32        clutch
 368   16  f32[4]     tyre_temp_i
 384   16  f32[4]     tyre_temp_m
 400   16  f32[4]     tyre_temp_o
 416    4  i32        is_ai_controlled
 420   48  f32[3][4]  tyre_contact_point
 468   48  f32[3][4]  tyre_contact_normal
 516   48  f32[3][4]  tyre_contact_heading
 564    4  f32        brake_bias
 568   12  f32[3]     local_velocity
 580    4  i32        p2p_activations
 584    4  i32        p2p_status
 588    4  i32        current_max_rpm
 592   16  f32[4]     mz
 608   16  f32[4]     fx
 624   16  f32[4]     fy
 640   16  f32[4]     slip_ratio
 656   16  f32[4]     slip_angle
 672    4  i32        tc_in_action
 676    4  i32        abs_in_action
 680   16  f32[4]     suspension_damage
 696   16  f32[4]     tyre_temp
 712    4  f32        water_temp
 716   16  f32[4]     brake_pressure
 732    4  i32        front_brake_compound
 736    4  i32        rear_brake_compound
 740   16  f32[4]     pad_life
 756   16  f32[4]     disc_life
 772    4  i32        ignition_on
 776    4  i32        starter_engine_on
 780    4  i32        is_engine_running
 784    4  f32        kerb_vibration
 788    4  f32        slip_vibrations
 792    4  f32        g_vibrations
 796    4  f32        abs_vibrations
",
};

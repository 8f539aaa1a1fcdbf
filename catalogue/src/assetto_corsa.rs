// @generated from the layouts `assetto-corsa-physics`, `assetto-corsa-graphics`, `assetto-corsa-static`.

use win_shared_memory::SharedData;

/// `PageFilePhysics`
///
/// The region is called `Local\acpmf_physics`.
///
/// A copy is whole if `packet_id` is the same before and after it.
#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(C)]
pub struct Physics {
    /// `packet_id`
    pub packet_id: i32,
    /// `gas`
    pub gas: f32,
    /// `brake`
    pub brake: f32,
    /// `fuel`: in l.
    pub fuel: f32,
    /// `gear`
    pub gear: i32,
    /// `rpm`: in 1/min.
    pub rpm: i32,
    /// `steer_angle`
    pub steer_angle: f32,
    /// `speed_kmh`: in km/h.
    pub speed_kmh: f32,
    /// `velocity`: in m/s.
    pub velocity: [f32; 3],
    /// `acc_g`
    pub acc_g: [f32; 3],
    /// `wheel_slip`
    pub wheel_slip: [f32; 4],
    /// `wheel_load`
    pub wheel_load: [f32; 4],
    /// `wheels_pressure`: in psi.
    pub wheels_pressure: [f32; 4],
    /// `wheel_angular_speed`
    pub wheel_angular_speed: [f32; 4],
    /// `tyre_wear`
    pub tyre_wear: [f32; 4],
    /// `tyre_dirty_level`
    pub tyre_dirty_level: [f32; 4],
    /// `tyre_core_temperature`: in °C.
    pub tyre_core_temperature: [f32; 4],
    /// `camber_rad`
    pub camber_rad: [f32; 4],
    /// `suspension_travel`
    pub suspension_travel: [f32; 4],
    /// `drs`
    pub drs: f32,
    /// `tc`
    pub tc: f32,
    /// `heading`
    pub heading: f32,
    /// `pitch`
    pub pitch: f32,
    /// `roll`
    pub roll: f32,
    /// `cg_height`
    pub cg_height: f32,
    /// `car_damage`
    pub car_damage: [f32; 5],
    /// `number_of_tyres_out`
    pub number_of_tyres_out: i32,
    /// `pit_limiter_on`
    pub pit_limiter_on: i32,
    /// `abs`
    pub abs: f32,
    /// `kers_charge`
    pub kers_charge: f32,
    /// `kers_input`
    pub kers_input: f32,
    /// `auto_shifter_on`
    pub auto_shifter_on: i32,
    /// `ride_height`
    pub ride_height: [f32; 2],
    /// `turbo_boost`
    pub turbo_boost: f32,
    /// `ballast`
    pub ballast: f32,
    /// `air_density`
    pub air_density: f32,
    /// `air_temp`: in °C.
    pub air_temp: f32,
    /// `road_temp`: in °C.
    pub road_temp: f32,
    /// `local_angular_vel`
    pub local_angular_vel: [f32; 3],
    /// `final_ff`
    pub final_ff: f32,
    /// `performance_meter`
    pub performance_meter: f32,
    /// `engine_brake`
    pub engine_brake: i32,
    /// `ers_recovery_level`
    pub ers_recovery_level: i32,
    /// `ers_power_level`
    pub ers_power_level: i32,
    /// `ers_heat_charging`
    pub ers_heat_charging: i32,
    /// `ers_is_charging`
    pub ers_is_charging: i32,
    /// `kers_current_kj`
    pub kers_current_kj: f32,
    /// `drs_available`
    pub drs_available: i32,
    /// `drs_enabled`
    pub drs_enabled: i32,
    /// `brake_temp`: in °C.
    pub brake_temp: [f32; 4],
    /// `clutch`
    pub clutch: f32,
    /// `tyre_temp_i`
    pub tyre_temp_i: [f32; 4],
    /// `tyre_temp_m`
    pub tyre_temp_m: [f32; 4],
    /// `tyre_temp_o`
    pub tyre_temp_o: [f32; 4],
    /// `is_ai_controlled`
    pub is_ai_controlled: i32,
    /// `tyre_contact_point`
    pub tyre_contact_point: [[f32; 3]; 4],
    /// `tyre_contact_normal`
    pub tyre_contact_normal: [[f32; 3]; 4],
    /// `tyre_contact_heading`
    pub tyre_contact_heading: [[f32; 3]; 4],
    /// `brake_bias`
    pub brake_bias: f32,
    /// `local_velocity`
    pub local_velocity: [f32; 3],
    /// `p2p_activations`
    pub p2p_activations: i32,
    /// `p2p_status`
    pub p2p_status: i32,
    /// `current_max_rpm`: in 1/min.
    pub current_max_rpm: i32,
    /// `mz`
    pub mz: [f32; 4],
    /// `fx`
    pub fx: [f32; 4],
    /// `fy`
    pub fy: [f32; 4],
    /// `slip_ratio`
    pub slip_ratio: [f32; 4],
    /// `slip_angle`
    pub slip_angle: [f32; 4],
    /// `tc_in_action`
    pub tc_in_action: i32,
    /// `abs_in_action`
    pub abs_in_action: i32,
    /// `suspension_damage`
    pub suspension_damage: [f32; 4],
    /// `tyre_temp`: in °C.
    pub tyre_temp: [f32; 4],
    /// `water_temp`: in °C.
    pub water_temp: f32,
    /// `brake_pressure`
    pub brake_pressure: [f32; 4],
    /// `front_brake_compound`
    pub front_brake_compound: i32,
    /// `rear_brake_compound`
    pub rear_brake_compound: i32,
    /// `pad_life`
    pub pad_life: [f32; 4],
    /// `disc_life`
    pub disc_life: [f32; 4],
    /// `ignition_on`
    pub ignition_on: i32,
    /// `starter_engine_on`
    pub starter_engine_on: i32,
    /// `is_engine_running`
    pub is_engine_running: i32,
    /// `kerb_vibration`
    pub kerb_vibration: f32,
    /// `slip_vibrations`
    pub slip_vibrations: f32,
    /// `g_vibrations`
    pub g_vibrations: f32,
    /// `abs_vibrations`
    pub abs_vibrations: f32,
}

const _: () = assert!(size_of::<Physics>() == 800);

impl Physics {
    /// The name of the region.
    pub const NAME: &str = "Local\\acpmf_physics";

    /// The producer counts as frozen after this time without a change of its heartbeat.
    pub const FROZEN: ::core::time::Duration = ::core::time::Duration::from_millis(5000);

    /// The units of its fields.
    pub const UNITS: &[(&str, &str)] = &[
        ("fuel", "l"),
        ("rpm", "1/min"),
        ("speed_kmh", "km/h"),
        ("velocity", "m/s"),
        ("wheels_pressure", "psi"),
        ("tyre_core_temperature", "°C"),
        ("air_temp", "°C"),
        ("road_temp", "°C"),
        ("brake_temp", "°C"),
        ("current_max_rpm", "1/min"),
        ("tyre_temp", "°C"),
        ("water_temp", "°C"),
    ];
}

/// `PageFileGraphics`
///
/// The region is called `Local\acpmf_graphics`.
///
/// A copy is whole if `packet_id` is the same before and after it.
#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(C)]
pub struct Graphics {
    /// `packet_id`
    pub packet_id: i32,
    /// `status`
    pub status: Status,
    /// `session`
    pub session: Session,
    /// `current_time`: text in UTF-16.
    pub current_time: [u16; 15],
    /// `last_time`: text in UTF-16.
    pub last_time: [u16; 15],
    /// `best_time`: text in UTF-16.
    pub best_time: [u16; 15],
    /// `split`: text in UTF-16.
    pub split: [u16; 15],
    /// `completed_laps`
    pub completed_laps: i32,
    /// `position`
    pub position: i32,
    /// `i_current_time`: in ms.
    pub i_current_time: i32,
    /// `i_last_time`: in ms.
    pub i_last_time: i32,
    /// `i_best_time`: in ms.
    pub i_best_time: i32,
    /// `session_time_left`: in ms.
    pub session_time_left: f32,
    /// `distance_traveled`: in m.
    pub distance_traveled: f32,
    /// `is_in_pit`
    pub is_in_pit: i32,
    /// `current_sector_index`
    pub current_sector_index: i32,
    /// `last_sector_time`
    pub last_sector_time: i32,
    /// `number_of_laps`
    pub number_of_laps: i32,
    /// `tyre_compound`: text in UTF-16.
    pub tyre_compound: [u16; 33],
    /// Padding, or unknown.
    pub gap_242: [u8; 2],
    /// `replay_time_multiplier`
    pub replay_time_multiplier: f32,
    /// `normalized_car_position`
    pub normalized_car_position: f32,
    /// `active_cars`
    pub active_cars: i32,
    /// `car_coordinates`
    pub car_coordinates: [[f32; 3]; 60],
    /// `car_id`
    pub car_id: [i32; 60],
    /// `player_car_id`
    pub player_car_id: i32,
    /// `penalty_time`
    pub penalty_time: f32,
    /// `flag`
    pub flag: Flag,
    /// `penalty`
    pub penalty: i32,
    /// `ideal_line_on`
    pub ideal_line_on: i32,
    /// `is_in_pit_lane`
    pub is_in_pit_lane: i32,
    /// `surface_grip`
    pub surface_grip: f32,
    /// `mandatory_pit_done`
    pub mandatory_pit_done: i32,
    /// `wind_speed`
    pub wind_speed: f32,
    /// `wind_direction`
    pub wind_direction: f32,
    /// `is_setup_menu_visible`
    pub is_setup_menu_visible: i32,
    /// `main_display_index`
    pub main_display_index: i32,
    /// `secondary_display_index`
    pub secondary_display_index: i32,
    /// `tc`
    pub tc: i32,
    /// `tc_cut`
    pub tc_cut: i32,
    /// `engine_map`
    pub engine_map: i32,
    /// `abs`
    pub abs: i32,
    /// `fuel_used_per_lap`
    pub fuel_used_per_lap: f32,
    /// `rain_lights`
    pub rain_lights: i32,
    /// `flashing_lights`
    pub flashing_lights: i32,
    /// `lights_stage`
    pub lights_stage: i32,
    /// `exhaust_temperature`
    pub exhaust_temperature: f32,
    /// `wiper_lv`
    pub wiper_lv: i32,
    /// `driver_stint_total_time_left`
    pub driver_stint_total_time_left: i32,
    /// `driver_stint_time_left`
    pub driver_stint_time_left: i32,
    /// `rain_tyres`
    pub rain_tyres: i32,
    /// `session_index`
    pub session_index: i32,
    /// `used_fuel`
    pub used_fuel: f32,
    /// `delta_lap_time`: text in UTF-16.
    pub delta_lap_time: [u16; 15],
    /// Padding, or unknown.
    pub gap_1358: [u8; 2],
    /// `i_delta_lap_time`
    pub i_delta_lap_time: i32,
    /// `estimated_lap_time`: text in UTF-16.
    pub estimated_lap_time: [u16; 15],
    /// Padding, or unknown.
    pub gap_1394: [u8; 2],
    /// `i_estimated_lap_time`
    pub i_estimated_lap_time: i32,
    /// `is_delta_positive`
    pub is_delta_positive: i32,
    /// `i_split`
    pub i_split: i32,
    /// `is_valid_lap`
    pub is_valid_lap: i32,
    /// `fuel_estimated_laps`
    pub fuel_estimated_laps: f32,
    /// `track_status`: text in UTF-16.
    pub track_status: [u16; 33],
    /// Padding, or unknown.
    pub gap_1482: [u8; 2],
    /// `missing_mandatory_pits`
    pub missing_mandatory_pits: i32,
    /// `clock`
    pub clock: f32,
    /// `direction_lights_left`
    pub direction_lights_left: i32,
    /// `direction_lights_right`
    pub direction_lights_right: i32,
}

const _: () = assert!(size_of::<Graphics>() == 1500);

impl Graphics {
    /// The name of the region.
    pub const NAME: &str = "Local\\acpmf_graphics";

    /// The producer counts as frozen after this time without a change of its heartbeat.
    pub const FROZEN: ::core::time::Duration = ::core::time::Duration::from_millis(5000);

    /// The units of its fields.
    pub const UNITS: &[(&str, &str)] = &[
        ("i_current_time", "ms"),
        ("i_last_time", "ms"),
        ("i_best_time", "ms"),
        ("session_time_left", "ms"),
        ("distance_traveled", "m"),
    ];
}

/// `PageFileStatic`
///
/// The region is called `Local\acpmf_static`.
///
/// A copy is whole if a second copy is equal.
#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(C)]
pub struct Static {
    /// `sm_version`: text in UTF-16.
    pub sm_version: [u16; 15],
    /// `ac_version`: text in UTF-16.
    pub ac_version: [u16; 15],
    /// `number_of_sessions`
    pub number_of_sessions: i32,
    /// `num_cars`
    pub num_cars: i32,
    /// `car_model`: text in UTF-16.
    pub car_model: [u16; 33],
    /// `track`: text in UTF-16.
    pub track: [u16; 33],
    /// `player_name`: text in UTF-16.
    pub player_name: [u16; 33],
    /// `player_surname`: text in UTF-16.
    pub player_surname: [u16; 33],
    /// `player_nick`: text in UTF-16.
    pub player_nick: [u16; 33],
    /// Padding, or unknown.
    pub gap_398: [u8; 2],
    /// `sector_count`
    pub sector_count: i32,
    /// `max_torque`
    pub max_torque: f32,
    /// `max_power`
    pub max_power: f32,
    /// `max_rpm`: in 1/min.
    pub max_rpm: i32,
    /// `max_fuel`: in l.
    pub max_fuel: f32,
    /// `suspension_max_travel`
    pub suspension_max_travel: [f32; 4],
    /// `tyre_radius`
    pub tyre_radius: [f32; 4],
    /// `max_turbo_boost`
    pub max_turbo_boost: f32,
    /// `deprecated_1`
    pub deprecated_1: f32,
    /// `deprecated_2`
    pub deprecated_2: f32,
    /// `penalties_enabled`
    pub penalties_enabled: i32,
    /// `aid_fuel_rate`
    pub aid_fuel_rate: f32,
    /// `aid_tire_rate`
    pub aid_tire_rate: f32,
    /// `aid_mechanical_damage`
    pub aid_mechanical_damage: f32,
    /// `aid_allow_tyre_blankets`
    pub aid_allow_tyre_blankets: i32,
    /// `aid_stability`
    pub aid_stability: f32,
    /// `aid_auto_clutch`
    pub aid_auto_clutch: i32,
    /// `aid_auto_blip`
    pub aid_auto_blip: i32,
    /// `has_drs`
    pub has_drs: i32,
    /// `has_ers`
    pub has_ers: i32,
    /// `has_kers`
    pub has_kers: i32,
    /// `kers_max_j`
    pub kers_max_j: f32,
    /// `engine_brake_settings_count`
    pub engine_brake_settings_count: i32,
    /// `ers_power_controller_count`
    pub ers_power_controller_count: i32,
    /// `track_spline_length`: in m.
    pub track_spline_length: f32,
    /// `track_configuration`: text in UTF-16.
    pub track_configuration: [u16; 33],
    /// Padding, or unknown.
    pub gap_590: [u8; 2],
    /// `ers_max_j`
    pub ers_max_j: f32,
    /// `is_timed_race`
    pub is_timed_race: i32,
    /// `has_extra_lap`
    pub has_extra_lap: i32,
    /// `car_skin`: text in UTF-16.
    pub car_skin: [u16; 33],
    /// Padding, or unknown.
    pub gap_670: [u8; 2],
    /// `reversed_grid_positions`
    pub reversed_grid_positions: i32,
    /// `pit_window_start`
    pub pit_window_start: i32,
    /// `pit_window_end`
    pub pit_window_end: i32,
    /// `is_online`
    pub is_online: i32,
}

const _: () = assert!(size_of::<Static>() == 688);

impl Static {
    /// The name of the region.
    pub const NAME: &str = "Local\\acpmf_static";

    /// The units of its fields.
    pub const UNITS: &[(&str, &str)] = &[
        ("max_rpm", "1/min"),
        ("max_fuel", "l"),
        ("track_spline_length", "m"),
    ];
}

/// The values of [`Graphics::status`]; there may be others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, SharedData)]
#[repr(transparent)]
pub struct Status(
    /// The number.
    pub i32,
);

impl Status {
    /// `off`
    pub const OFF: Self = Self(0);

    /// `replay`
    pub const REPLAY: Self = Self(1);

    /// `live`
    pub const LIVE: Self = Self(2);

    /// `pause`
    pub const PAUSE: Self = Self(3);

    /// The name of this value, if it has one.
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        match self {
            Self::OFF => Some("off"),
            Self::REPLAY => Some("replay"),
            Self::LIVE => Some("live"),
            Self::PAUSE => Some("pause"),
            _ => None,
        }
    }
}

/// The values of [`Graphics::session`]; there may be others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, SharedData)]
#[repr(transparent)]
pub struct Session(
    /// The number.
    pub i32,
);

impl Session {
    /// `unknown`
    pub const UNKNOWN: Self = Self(-1);

    /// `practice`
    pub const PRACTICE: Self = Self(0);

    /// `qualify`
    pub const QUALIFY: Self = Self(1);

    /// `race`
    pub const RACE: Self = Self(2);

    /// `hotlap`
    pub const HOTLAP: Self = Self(3);

    /// `time_attack`
    pub const TIME_ATTACK: Self = Self(4);

    /// `drift`
    pub const DRIFT: Self = Self(5);

    /// `drag`
    pub const DRAG: Self = Self(6);

    /// The name of this value, if it has one.
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        match self {
            Self::UNKNOWN => Some("unknown"),
            Self::PRACTICE => Some("practice"),
            Self::QUALIFY => Some("qualify"),
            Self::RACE => Some("race"),
            Self::HOTLAP => Some("hotlap"),
            Self::TIME_ATTACK => Some("time_attack"),
            Self::DRIFT => Some("drift"),
            Self::DRAG => Some("drag"),
            _ => None,
        }
    }
}

/// The values of [`Graphics::flag`]; there may be others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, SharedData)]
#[repr(transparent)]
pub struct Flag(
    /// The number.
    pub i32,
);

impl Flag {
    /// `none`
    pub const NONE: Self = Self(0);

    /// `blue`
    pub const BLUE: Self = Self(1);

    /// `yellow`
    pub const YELLOW: Self = Self(2);

    /// `black`
    pub const BLACK: Self = Self(3);

    /// `white`
    pub const WHITE: Self = Self(4);

    /// `chequered`
    pub const CHEQUERED: Self = Self(5);

    /// `penalty`
    pub const PENALTY: Self = Self(6);

    /// The name of this value, if it has one.
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        match self {
            Self::NONE => Some("none"),
            Self::BLUE => Some("blue"),
            Self::YELLOW => Some("yellow"),
            Self::BLACK => Some("black"),
            Self::WHITE => Some("white"),
            Self::CHEQUERED => Some("chequered"),
            Self::PENALTY => Some("penalty"),
            _ => None,
        }
    }
}

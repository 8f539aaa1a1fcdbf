// @generated from the layout `automobilista2`.

use win_shared_memory::SharedData;

/// `SharedMemory`
///
/// The region is called `$pcars2$`.
///
/// A copy is whole if `sequence_number` is even, and the same before and after it.
#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(C)]
pub struct SharedMemory {
    /// `mVersion`
    pub version: u32,
    /// `mBuildVersionNumber`
    pub build_version_number: u32,
    /// `mGameState`
    pub game_state: GameState,
    /// `mSessionState`
    pub session_state: SessionState,
    /// `mRaceState`
    pub race_state: RaceState,
    /// `mViewedParticipantIndex`
    pub viewed_participant_index: i32,
    /// `mNumParticipants`
    pub num_participants: i32,
    /// `mParticipantInfo`: `mNumParticipants` of them are in use.
    pub participant_info: [ParticipantInfo; 64],
    /// `mUnfilteredThrottle`
    pub unfiltered_throttle: f32,
    /// `mUnfilteredBrake`
    pub unfiltered_brake: f32,
    /// `mUnfilteredSteering`
    pub unfiltered_steering: f32,
    /// `mUnfilteredClutch`
    pub unfiltered_clutch: f32,
    /// `mCarName`: text in UTF-8.
    pub car_name: [u8; 64],
    /// `mCarClassName`: text in UTF-8.
    pub car_class_name: [u8; 64],
    /// `mLapsInEvent`
    pub laps_in_event: u32,
    /// `mTrackLocation`: text in UTF-8.
    pub track_location: [u8; 64],
    /// `mTrackVariation`: text in UTF-8.
    pub track_variation: [u8; 64],
    /// `mTrackLength`: in m.
    pub track_length: f32,
    /// `mNumSectors`
    pub num_sectors: i32,
    /// `mLapInvalidated`: true if it is not 0.
    pub lap_invalidated: u8,
    /// Padding, or unknown.
    pub gap_6713: [u8; 3],
    /// `mBestLapTime`: in s.
    pub best_lap_time: f32,
    /// `mLastLapTime`: in s.
    pub last_lap_time: f32,
    /// `mCurrentTime`: in s.
    pub current_time: f32,
    /// `mSplitTimeAhead`: in s.
    pub split_time_ahead: f32,
    /// `mSplitTimeBehind`: in s.
    pub split_time_behind: f32,
    /// `mSplitTime`: in s.
    pub split_time: f32,
    /// `mEventTimeRemaining`: in ms.
    pub event_time_remaining: f32,
    /// `mPersonalFastestLapTime`: in s.
    pub personal_fastest_lap_time: f32,
    /// `mWorldFastestLapTime`: in s.
    pub world_fastest_lap_time: f32,
    /// `mCurrentSector1Time`: in s.
    pub current_sector1_time: f32,
    /// `mCurrentSector2Time`: in s.
    pub current_sector2_time: f32,
    /// `mCurrentSector3Time`: in s.
    pub current_sector3_time: f32,
    /// `mFastestSector1Time`: in s.
    pub fastest_sector1_time: f32,
    /// `mFastestSector2Time`: in s.
    pub fastest_sector2_time: f32,
    /// `mFastestSector3Time`: in s.
    pub fastest_sector3_time: f32,
    /// `mPersonalFastestSector1Time`: in s.
    pub personal_fastest_sector1_time: f32,
    /// `mPersonalFastestSector2Time`: in s.
    pub personal_fastest_sector2_time: f32,
    /// `mPersonalFastestSector3Time`: in s.
    pub personal_fastest_sector3_time: f32,
    /// `mWorldFastestSector1Time`: in s.
    pub world_fastest_sector1_time: f32,
    /// `mWorldFastestSector2Time`: in s.
    pub world_fastest_sector2_time: f32,
    /// `mWorldFastestSector3Time`: in s.
    pub world_fastest_sector3_time: f32,
    /// `mHighestFlagColour`
    pub highest_flag_colour: HighestFlagColour,
    /// `mHighestFlagReason`
    pub highest_flag_reason: HighestFlagReason,
    /// `mPitMode`
    pub pit_mode: PitMode,
    /// `mPitSchedule`
    pub pit_schedule: PitSchedule,
    /// `mCarFlags`
    pub car_flags: CarFlags,
    /// `mOilTempCelsius`: in °C.
    pub oil_temp_celsius: f32,
    /// `mOilPressureKPa`: in kPa.
    pub oil_pressure_k_pa: f32,
    /// `mWaterTempCelsius`: in °C.
    pub water_temp_celsius: f32,
    /// `mWaterPressureKPa`: in kPa.
    pub water_pressure_k_pa: f32,
    /// `mFuelPressureKPa`: in kPa.
    pub fuel_pressure_k_pa: f32,
    /// `mFuelLevel`
    pub fuel_level: f32,
    /// `mFuelCapacity`: in l.
    pub fuel_capacity: f32,
    /// `mSpeed`: in m/s.
    pub speed: f32,
    /// `mRpm`: in 1/min.
    pub rpm: f32,
    /// `mMaxRPM`: in 1/min.
    pub max_rpm: f32,
    /// `mBrake`
    pub brake: f32,
    /// `mThrottle`
    pub throttle: f32,
    /// `mClutch`
    pub clutch: f32,
    /// `mSteering`
    pub steering: f32,
    /// `mGear`
    pub gear: i32,
    /// `mNumGears`
    pub num_gears: i32,
    /// `mOdometerKM`: in km.
    pub odometer_km: f32,
    /// `mAntiLockActive`: true if it is not 0.
    pub anti_lock_active: u8,
    /// Padding, or unknown.
    pub gap_6889: [u8; 3],
    /// `mLastOpponentCollisionIndex`
    pub last_opponent_collision_index: i32,
    /// `mLastOpponentCollisionMagnitude`
    pub last_opponent_collision_magnitude: f32,
    /// `mBoostActive`: true if it is not 0.
    pub boost_active: u8,
    /// Padding, or unknown.
    pub gap_6901: [u8; 3],
    /// `mBoostAmount`
    pub boost_amount: f32,
    /// `mOrientation`
    pub orientation: [f32; 3],
    /// `mLocalVelocity`: in m/s.
    pub local_velocity: [f32; 3],
    /// `mWorldVelocity`: in m/s.
    pub world_velocity: [f32; 3],
    /// `mAngularVelocity`: in rad/s.
    pub angular_velocity: [f32; 3],
    /// `mLocalAcceleration`: in m/s².
    pub local_acceleration: [f32; 3],
    /// `mWorldAcceleration`: in m/s².
    pub world_acceleration: [f32; 3],
    /// `mExtentsCentre`
    pub extents_centre: [f32; 3],
    /// `mTyreFlags`
    pub tyre_flags: [TyreFlags; 4],
    /// `mTerrain`
    pub terrain: [u32; 4],
    /// `mTyreY`
    pub tyre_y: [f32; 4],
    /// `mTyreRPS`: in 1/s.
    pub tyre_rps: [f32; 4],
    /// `mTyreSlipSpeed`
    pub tyre_slip_speed: [f32; 4],
    /// `mTyreTemp`: in °C.
    pub tyre_temp: [f32; 4],
    /// `mTyreGrip`
    pub tyre_grip: [f32; 4],
    /// `mTyreHeightAboveGround`
    pub tyre_height_above_ground: [f32; 4],
    /// `mTyreLateralStiffness`
    pub tyre_lateral_stiffness: [f32; 4],
    /// `mTyreWear`
    pub tyre_wear: [f32; 4],
    /// `mBrakeDamage`
    pub brake_damage: [f32; 4],
    /// `mSuspensionDamage`
    pub suspension_damage: [f32; 4],
    /// `mBrakeTempCelsius`: in °C.
    pub brake_temp_celsius: [f32; 4],
    /// `mTyreTreadTemp`: in K.
    pub tyre_tread_temp: [f32; 4],
    /// `mTyreLayerTemp`: in K.
    pub tyre_layer_temp: [f32; 4],
    /// `mTyreCarcassTemp`: in K.
    pub tyre_carcass_temp: [f32; 4],
    /// `mTyreRimTemp`: in K.
    pub tyre_rim_temp: [f32; 4],
    /// `mTyreInternalAirTemp`: in K.
    pub tyre_internal_air_temp: [f32; 4],
    /// `mCrashState`
    pub crash_state: CrashState,
    /// `mAeroDamage`
    pub aero_damage: f32,
    /// `mEngineDamage`
    pub engine_damage: f32,
    /// `mAmbientTemperature`: in °C.
    pub ambient_temperature: f32,
    /// `mTrackTemperature`: in °C.
    pub track_temperature: f32,
    /// `mRainDensity`
    pub rain_density: f32,
    /// `mWindSpeed`
    pub wind_speed: f32,
    /// `mWindDirectionX`
    pub wind_direction_x: f32,
    /// `mWindDirectionY`
    pub wind_direction_y: f32,
    /// `mCloudBrightness`
    pub cloud_brightness: f32,
    /// `mSequenceNumber`: odd while the game writes.
    pub sequence_number: u32,
    /// `mWheelLocalPositionY`
    pub wheel_local_position_y: [f32; 4],
    /// `mSuspensionTravel`: in m.
    pub suspension_travel: [f32; 4],
    /// `mSuspensionVelocity`
    pub suspension_velocity: [f32; 4],
    /// `mAirPressure`: in psi.
    pub air_pressure: [f32; 4],
    /// `mEngineSpeed`: in rad/s.
    pub engine_speed: f32,
    /// `mEngineTorque`: in Nm.
    pub engine_torque: f32,
    /// `mWings`
    pub wings: [f32; 2],
    /// `mHandBrake`
    pub hand_brake: f32,
    /// `mCurrentSector1Times`: in s.
    pub current_sector1_times: [f32; 64],
    /// `mCurrentSector2Times`: in s.
    pub current_sector2_times: [f32; 64],
    /// `mCurrentSector3Times`: in s.
    pub current_sector3_times: [f32; 64],
    /// `mFastestSector1Times`: in s.
    pub fastest_sector1_times: [f32; 64],
    /// `mFastestSector2Times`: in s.
    pub fastest_sector2_times: [f32; 64],
    /// `mFastestSector3Times`: in s.
    pub fastest_sector3_times: [f32; 64],
    /// `mFastestLapTimes`: in s.
    pub fastest_lap_times: [f32; 64],
    /// `mLastLapTimes`: in s.
    pub last_lap_times: [f32; 64],
    /// `mLapsInvalidated`: true if it is not 0.
    pub laps_invalidated: [u8; 64],
    /// `mRaceStates`
    pub race_states: [u32; 64],
    /// `mPitModes`
    pub pit_modes: [u32; 64],
    /// `mOrientations`
    pub orientations: [[f32; 3]; 64],
    /// `mSpeeds`: in m/s.
    pub speeds: [f32; 64],
    /// `mCarNames`: text in UTF-8.
    pub car_names: [[u8; 64]; 64],
    /// `mCarClassNames`: text in UTF-8.
    pub car_class_names: [[u8; 64]; 64],
    /// `mEnforcedPitStopLap`
    pub enforced_pit_stop_lap: i32,
    /// `mTranslatedTrackLocation`: text in UTF-8.
    pub translated_track_location: [u8; 64],
    /// `mTranslatedTrackVariation`: text in UTF-8.
    pub translated_track_variation: [u8; 64],
    /// `mBrakeBias`
    pub brake_bias: f32,
    /// `mTurboBoostPressure`
    pub turbo_boost_pressure: f32,
    /// `mTyreCompound`: text in UTF-8.
    pub tyre_compound: [[u8; 40]; 4],
    /// `mPitSchedules`
    pub pit_schedules: [u32; 64],
    /// `mHighestFlagColours`
    pub highest_flag_colours: [u32; 64],
    /// `mHighestFlagReasons`
    pub highest_flag_reasons: [u32; 64],
    /// `mNationalities`
    pub nationalities: [u32; 64],
    /// `mSnowDensity`
    pub snow_density: f32,
    /// `mSessionDuration`: in min.
    pub session_duration: f32,
    /// `mSessionAdditionalLaps`
    pub session_additional_laps: i32,
    /// `mTyreTempLeft`: in °C.
    pub tyre_temp_left: [f32; 4],
    /// `mTyreTempCenter`: in °C.
    pub tyre_temp_center: [f32; 4],
    /// `mTyreTempRight`: in °C.
    pub tyre_temp_right: [f32; 4],
    /// `mDrsState`
    pub drs_state: DrsState,
    /// `mRideHeight`: in cm.
    pub ride_height: [f32; 4],
    /// `mJoyPad0`
    pub joy_pad0: u32,
    /// `mDPad`
    pub d_pad: u32,
    /// `mAntiLockSetting`
    pub anti_lock_setting: i32,
    /// `mTractionControlSetting`
    pub traction_control_setting: i32,
    /// `mErsDeploymentMode`
    pub ers_deployment_mode: ErsDeploymentMode,
    /// `mErsAutoModeEnabled`: true if it is not 0.
    pub ers_auto_mode_enabled: u8,
    /// Padding, or unknown.
    pub gap_20673: [u8; 3],
    /// `mClutchTemp`: in K.
    pub clutch_temp: f32,
    /// `mClutchWear`
    pub clutch_wear: f32,
    /// `mClutchOverheated`: true if it is not 0.
    pub clutch_overheated: u8,
    /// `mClutchSlipping`: true if it is not 0.
    pub clutch_slipping: u8,
    /// Padding, or unknown.
    pub gap_20686: [u8; 2],
}

const _: () = assert!(size_of::<SharedMemory>() == 20688);

impl SharedMemory {
    /// The name of the region.
    pub const NAME: &str = "$pcars2$";

    /// The producer counts as frozen after this time without a change of its heartbeat.
    pub const FROZEN: ::core::time::Duration = ::core::time::Duration::from_millis(5000);

    /// The units of its fields.
    pub const UNITS: &[(&str, &str)] = &[
        ("track_length", "m"),
        ("best_lap_time", "s"),
        ("last_lap_time", "s"),
        ("current_time", "s"),
        ("split_time_ahead", "s"),
        ("split_time_behind", "s"),
        ("split_time", "s"),
        ("event_time_remaining", "ms"),
        ("personal_fastest_lap_time", "s"),
        ("world_fastest_lap_time", "s"),
        ("current_sector1_time", "s"),
        ("current_sector2_time", "s"),
        ("current_sector3_time", "s"),
        ("fastest_sector1_time", "s"),
        ("fastest_sector2_time", "s"),
        ("fastest_sector3_time", "s"),
        ("personal_fastest_sector1_time", "s"),
        ("personal_fastest_sector2_time", "s"),
        ("personal_fastest_sector3_time", "s"),
        ("world_fastest_sector1_time", "s"),
        ("world_fastest_sector2_time", "s"),
        ("world_fastest_sector3_time", "s"),
        ("oil_temp_celsius", "°C"),
        ("oil_pressure_k_pa", "kPa"),
        ("water_temp_celsius", "°C"),
        ("water_pressure_k_pa", "kPa"),
        ("fuel_pressure_k_pa", "kPa"),
        ("fuel_capacity", "l"),
        ("speed", "m/s"),
        ("rpm", "1/min"),
        ("max_rpm", "1/min"),
        ("odometer_km", "km"),
        ("local_velocity", "m/s"),
        ("world_velocity", "m/s"),
        ("angular_velocity", "rad/s"),
        ("local_acceleration", "m/s²"),
        ("world_acceleration", "m/s²"),
        ("tyre_rps", "1/s"),
        ("tyre_temp", "°C"),
        ("brake_temp_celsius", "°C"),
        ("tyre_tread_temp", "K"),
        ("tyre_layer_temp", "K"),
        ("tyre_carcass_temp", "K"),
        ("tyre_rim_temp", "K"),
        ("tyre_internal_air_temp", "K"),
        ("ambient_temperature", "°C"),
        ("track_temperature", "°C"),
        ("suspension_travel", "m"),
        ("air_pressure", "psi"),
        ("engine_speed", "rad/s"),
        ("engine_torque", "Nm"),
        ("current_sector1_times", "s"),
        ("current_sector2_times", "s"),
        ("current_sector3_times", "s"),
        ("fastest_sector1_times", "s"),
        ("fastest_sector2_times", "s"),
        ("fastest_sector3_times", "s"),
        ("fastest_lap_times", "s"),
        ("last_lap_times", "s"),
        ("speeds", "m/s"),
        ("session_duration", "min"),
        ("tyre_temp_left", "°C"),
        ("tyre_temp_center", "°C"),
        ("tyre_temp_right", "°C"),
        ("ride_height", "cm"),
        ("clutch_temp", "K"),
    ];
}

/// `ParticipantInfo`
#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(C)]
pub struct ParticipantInfo {
    /// `mIsActive`: true if it is not 0.
    pub is_active: u8,
    /// `mName`: text in UTF-8.
    pub name: [u8; 64],
    /// Padding, or unknown.
    pub gap_65: [u8; 3],
    /// `mWorldPosition`: in m.
    pub world_position: [f32; 3],
    /// `mCurrentLapDistance`: in m.
    pub current_lap_distance: f32,
    /// `mRacePosition`
    pub race_position: u32,
    /// `mLapsCompleted`
    pub laps_completed: u32,
    /// `mCurrentLap`
    pub current_lap: u32,
    /// `mCurrentSector`
    pub current_sector: i32,
}

const _: () = assert!(size_of::<ParticipantInfo>() == 100);

impl ParticipantInfo {
    /// The units of its fields.
    pub const UNITS: &[(&str, &str)] = &[
        ("world_position", "m"),
        ("current_lap_distance", "m"),
    ];
}

/// The values of [`SharedMemory::game_state`]; there may be others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, SharedData)]
#[repr(transparent)]
pub struct GameState(
    /// The number.
    pub u32,
);

impl GameState {
    /// `exited`
    pub const EXITED: Self = Self(0);

    /// `front_end`
    pub const FRONT_END: Self = Self(1);

    /// `ingame_playing`
    pub const INGAME_PLAYING: Self = Self(2);

    /// `ingame_paused`
    pub const INGAME_PAUSED: Self = Self(3);

    /// `ingame_inmenu_time_ticking`
    pub const INGAME_INMENU_TIME_TICKING: Self = Self(4);

    /// `ingame_restarting`
    pub const INGAME_RESTARTING: Self = Self(5);

    /// `ingame_replay`
    pub const INGAME_REPLAY: Self = Self(6);

    /// `front_end_replay`
    pub const FRONT_END_REPLAY: Self = Self(7);

    /// The name of this value, if it has one.
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        match self {
            Self::EXITED => Some("exited"),
            Self::FRONT_END => Some("front_end"),
            Self::INGAME_PLAYING => Some("ingame_playing"),
            Self::INGAME_PAUSED => Some("ingame_paused"),
            Self::INGAME_INMENU_TIME_TICKING => Some("ingame_inmenu_time_ticking"),
            Self::INGAME_RESTARTING => Some("ingame_restarting"),
            Self::INGAME_REPLAY => Some("ingame_replay"),
            Self::FRONT_END_REPLAY => Some("front_end_replay"),
            _ => None,
        }
    }
}

/// The values of [`SharedMemory::session_state`]; there may be others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, SharedData)]
#[repr(transparent)]
pub struct SessionState(
    /// The number.
    pub u32,
);

impl SessionState {
    /// `invalid`
    pub const INVALID: Self = Self(0);

    /// `practice`
    pub const PRACTICE: Self = Self(1);

    /// `test`
    pub const TEST: Self = Self(2);

    /// `qualify`
    pub const QUALIFY: Self = Self(3);

    /// `formation_lap`
    pub const FORMATION_LAP: Self = Self(4);

    /// `race`
    pub const RACE: Self = Self(5);

    /// `time_attack`
    pub const TIME_ATTACK: Self = Self(6);

    /// The name of this value, if it has one.
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        match self {
            Self::INVALID => Some("invalid"),
            Self::PRACTICE => Some("practice"),
            Self::TEST => Some("test"),
            Self::QUALIFY => Some("qualify"),
            Self::FORMATION_LAP => Some("formation_lap"),
            Self::RACE => Some("race"),
            Self::TIME_ATTACK => Some("time_attack"),
            _ => None,
        }
    }
}

/// The values of [`SharedMemory::race_state`]; there may be others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, SharedData)]
#[repr(transparent)]
pub struct RaceState(
    /// The number.
    pub u32,
);

impl RaceState {
    /// `invalid`
    pub const INVALID: Self = Self(0);

    /// `not_started`
    pub const NOT_STARTED: Self = Self(1);

    /// `racing`
    pub const RACING: Self = Self(2);

    /// `finished`
    pub const FINISHED: Self = Self(3);

    /// `disqualified`
    pub const DISQUALIFIED: Self = Self(4);

    /// `retired`
    pub const RETIRED: Self = Self(5);

    /// `dnf`
    pub const DNF: Self = Self(6);

    /// The name of this value, if it has one.
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        match self {
            Self::INVALID => Some("invalid"),
            Self::NOT_STARTED => Some("not_started"),
            Self::RACING => Some("racing"),
            Self::FINISHED => Some("finished"),
            Self::DISQUALIFIED => Some("disqualified"),
            Self::RETIRED => Some("retired"),
            Self::DNF => Some("dnf"),
            _ => None,
        }
    }
}

/// The values of [`SharedMemory::highest_flag_colour`]; there may be others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, SharedData)]
#[repr(transparent)]
pub struct HighestFlagColour(
    /// The number.
    pub u32,
);

impl HighestFlagColour {
    /// `none`
    pub const NONE: Self = Self(0);

    /// `green`
    pub const GREEN: Self = Self(1);

    /// `blue`
    pub const BLUE: Self = Self(2);

    /// `white_slow_car`
    pub const WHITE_SLOW_CAR: Self = Self(3);

    /// `white_final_lap`
    pub const WHITE_FINAL_LAP: Self = Self(4);

    /// `red`
    pub const RED: Self = Self(5);

    /// `yellow`
    pub const YELLOW: Self = Self(6);

    /// `double_yellow`
    pub const DOUBLE_YELLOW: Self = Self(7);

    /// `black_and_white`
    pub const BLACK_AND_WHITE: Self = Self(8);

    /// `black_orange_circle`
    pub const BLACK_ORANGE_CIRCLE: Self = Self(9);

    /// `black`
    pub const BLACK: Self = Self(10);

    /// `chequered`
    pub const CHEQUERED: Self = Self(11);

    /// The name of this value, if it has one.
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        match self {
            Self::NONE => Some("none"),
            Self::GREEN => Some("green"),
            Self::BLUE => Some("blue"),
            Self::WHITE_SLOW_CAR => Some("white_slow_car"),
            Self::WHITE_FINAL_LAP => Some("white_final_lap"),
            Self::RED => Some("red"),
            Self::YELLOW => Some("yellow"),
            Self::DOUBLE_YELLOW => Some("double_yellow"),
            Self::BLACK_AND_WHITE => Some("black_and_white"),
            Self::BLACK_ORANGE_CIRCLE => Some("black_orange_circle"),
            Self::BLACK => Some("black"),
            Self::CHEQUERED => Some("chequered"),
            _ => None,
        }
    }
}

/// The values of [`SharedMemory::highest_flag_reason`]; there may be others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, SharedData)]
#[repr(transparent)]
pub struct HighestFlagReason(
    /// The number.
    pub u32,
);

impl HighestFlagReason {
    /// `none`
    pub const NONE: Self = Self(0);

    /// `solo_crash`
    pub const SOLO_CRASH: Self = Self(1);

    /// `vehicle_crash`
    pub const VEHICLE_CRASH: Self = Self(2);

    /// `vehicle_obstruction`
    pub const VEHICLE_OBSTRUCTION: Self = Self(3);

    /// The name of this value, if it has one.
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        match self {
            Self::NONE => Some("none"),
            Self::SOLO_CRASH => Some("solo_crash"),
            Self::VEHICLE_CRASH => Some("vehicle_crash"),
            Self::VEHICLE_OBSTRUCTION => Some("vehicle_obstruction"),
            _ => None,
        }
    }
}

/// The values of [`SharedMemory::pit_mode`]; there may be others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, SharedData)]
#[repr(transparent)]
pub struct PitMode(
    /// The number.
    pub u32,
);

impl PitMode {
    /// `none`
    pub const NONE: Self = Self(0);

    /// `driving_into_pits`
    pub const DRIVING_INTO_PITS: Self = Self(1);

    /// `in_pit`
    pub const IN_PIT: Self = Self(2);

    /// `driving_out_of_pits`
    pub const DRIVING_OUT_OF_PITS: Self = Self(3);

    /// `in_garage`
    pub const IN_GARAGE: Self = Self(4);

    /// `driving_out_of_garage`
    pub const DRIVING_OUT_OF_GARAGE: Self = Self(5);

    /// The name of this value, if it has one.
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        match self {
            Self::NONE => Some("none"),
            Self::DRIVING_INTO_PITS => Some("driving_into_pits"),
            Self::IN_PIT => Some("in_pit"),
            Self::DRIVING_OUT_OF_PITS => Some("driving_out_of_pits"),
            Self::IN_GARAGE => Some("in_garage"),
            Self::DRIVING_OUT_OF_GARAGE => Some("driving_out_of_garage"),
            _ => None,
        }
    }
}

/// The values of [`SharedMemory::pit_schedule`]; there may be others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, SharedData)]
#[repr(transparent)]
pub struct PitSchedule(
    /// The number.
    pub u32,
);

impl PitSchedule {
    /// `none`
    pub const NONE: Self = Self(0);

    /// `player_requested`
    pub const PLAYER_REQUESTED: Self = Self(1);

    /// `engineer_requested`
    pub const ENGINEER_REQUESTED: Self = Self(2);

    /// `damage_requested`
    pub const DAMAGE_REQUESTED: Self = Self(3);

    /// `mandatory`
    pub const MANDATORY: Self = Self(4);

    /// `drive_through`
    pub const DRIVE_THROUGH: Self = Self(5);

    /// `stop_go`
    pub const STOP_GO: Self = Self(6);

    /// `pitspot_occupied`
    pub const PITSPOT_OCCUPIED: Self = Self(7);

    /// The name of this value, if it has one.
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        match self {
            Self::NONE => Some("none"),
            Self::PLAYER_REQUESTED => Some("player_requested"),
            Self::ENGINEER_REQUESTED => Some("engineer_requested"),
            Self::DAMAGE_REQUESTED => Some("damage_requested"),
            Self::MANDATORY => Some("mandatory"),
            Self::DRIVE_THROUGH => Some("drive_through"),
            Self::STOP_GO => Some("stop_go"),
            Self::PITSPOT_OCCUPIED => Some("pitspot_occupied"),
            _ => None,
        }
    }
}

/// The flags of [`SharedMemory::car_flags`]; others may be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, SharedData)]
#[repr(transparent)]
pub struct CarFlags(
    /// The number.
    pub u32,
);

impl CarFlags {
    /// `headlight`
    pub const HEADLIGHT: Self = Self(1);

    /// `engine_active`
    pub const ENGINE_ACTIVE: Self = Self(2);

    /// `engine_warning`
    pub const ENGINE_WARNING: Self = Self(4);

    /// `speed_limiter`
    pub const SPEED_LIMITER: Self = Self(8);

    /// `abs`
    pub const ABS: Self = Self(16);

    /// `handbrake`
    pub const HANDBRAKE: Self = Self(32);

    /// `tcs`
    pub const TCS: Self = Self(64);

    /// `scs`
    pub const SCS: Self = Self(128);

    /// Whether all of these flags are set.
    #[must_use]
    pub const fn contains(self, flags: Self) -> bool {
        self.0 & flags.0 == flags.0
    }
}

/// The flags of [`SharedMemory::tyre_flags`]; others may be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, SharedData)]
#[repr(transparent)]
pub struct TyreFlags(
    /// The number.
    pub u32,
);

impl TyreFlags {
    /// `attached`
    pub const ATTACHED: Self = Self(1);

    /// `inflated`
    pub const INFLATED: Self = Self(2);

    /// `is_on_ground`
    pub const IS_ON_GROUND: Self = Self(4);

    /// Whether all of these flags are set.
    #[must_use]
    pub const fn contains(self, flags: Self) -> bool {
        self.0 & flags.0 == flags.0
    }
}

/// The values of [`SharedMemory::crash_state`]; there may be others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, SharedData)]
#[repr(transparent)]
pub struct CrashState(
    /// The number.
    pub u32,
);

impl CrashState {
    /// `none`
    pub const NONE: Self = Self(0);

    /// `offtrack`
    pub const OFFTRACK: Self = Self(1);

    /// `large_prop`
    pub const LARGE_PROP: Self = Self(2);

    /// `spinning`
    pub const SPINNING: Self = Self(3);

    /// `rolling`
    pub const ROLLING: Self = Self(4);

    /// The name of this value, if it has one.
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        match self {
            Self::NONE => Some("none"),
            Self::OFFTRACK => Some("offtrack"),
            Self::LARGE_PROP => Some("large_prop"),
            Self::SPINNING => Some("spinning"),
            Self::ROLLING => Some("rolling"),
            _ => None,
        }
    }
}

/// The flags of [`SharedMemory::drs_state`]; others may be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, SharedData)]
#[repr(transparent)]
pub struct DrsState(
    /// The number.
    pub u32,
);

impl DrsState {
    /// `installed`
    pub const INSTALLED: Self = Self(1);

    /// `zone_rules`
    pub const ZONE_RULES: Self = Self(2);

    /// `available_next`
    pub const AVAILABLE_NEXT: Self = Self(4);

    /// `available_now`
    pub const AVAILABLE_NOW: Self = Self(8);

    /// `active`
    pub const ACTIVE: Self = Self(16);

    /// Whether all of these flags are set.
    #[must_use]
    pub const fn contains(self, flags: Self) -> bool {
        self.0 & flags.0 == flags.0
    }
}

/// The values of [`SharedMemory::ers_deployment_mode`]; there may be others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, SharedData)]
#[repr(transparent)]
pub struct ErsDeploymentMode(
    /// The number.
    pub i32,
);

impl ErsDeploymentMode {
    /// `none`
    pub const NONE: Self = Self(0);

    /// `off`
    pub const OFF: Self = Self(1);

    /// `build`
    pub const BUILD: Self = Self(2);

    /// `balanced`
    pub const BALANCED: Self = Self(3);

    /// `attack`
    pub const ATTACK: Self = Self(4);

    /// `qual`
    pub const QUAL: Self = Self(5);

    /// The name of this value, if it has one.
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        match self {
            Self::NONE => Some("none"),
            Self::OFF => Some("off"),
            Self::BUILD => Some("build"),
            Self::BALANCED => Some("balanced"),
            Self::ATTACK => Some("attack"),
            Self::QUAL => Some("qual"),
            _ => None,
        }
    }
}

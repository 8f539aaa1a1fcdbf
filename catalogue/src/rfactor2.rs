// @generated from the layouts `rfactor2-telemetry`, `rfactor2-scoring`, `rfactor2-extended`.

use win_shared_memory::SharedData;

/// `rF2Telemetry`
///
/// The region is called `$rFactor2SMMP_Telemetry$*`.
///
/// A copy is whole if `version_update_end`, read before it, equals `version_update_begin`, read after it.
#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(C)]
pub struct Telemetry {
    /// `mVersionUpdateBegin`: counted up before each write.
    pub version_update_begin: u32,
    /// `mVersionUpdateEnd`: counted up after each write.
    pub version_update_end: u32,
    /// `mBytesUpdatedHint`
    pub bytes_updated_hint: i32,
    /// `mNumVehicles`
    pub num_vehicles: i32,
    /// `mVehicles`: `mNumVehicles` of them are in use.
    pub vehicles: [VehicleTelemetry; 128],
}

const _: () = assert!(size_of::<Telemetry>() == 241680);

impl Telemetry {
    /// The name of the region.
    pub const NAME: &str = "$rFactor2SMMP_Telemetry$";

    /// The producer counts as frozen after this time without a change of its heartbeat.
    pub const FROZEN: ::core::time::Duration = ::core::time::Duration::from_millis(5000);
}

/// `rF2VehicleTelemetry`
#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(C, packed(4))]
pub struct VehicleTelemetry {
    /// `mID`
    pub id: i32,
    /// `mDeltaTime`: in s.
    pub delta_time: f64,
    /// `mElapsedTime`: in s.
    pub elapsed_time: f64,
    /// `mLapNumber`
    pub lap_number: i32,
    /// `mLapStartET`: in s.
    pub lap_start_et: f64,
    /// `mVehicleName`: text in Windows-1252.
    pub vehicle_name: [u8; 64],
    /// `mTrackName`: text in Windows-1252.
    pub track_name: [u8; 64],
    /// `mPos`
    pub pos: Vec3,
    /// `mLocalVel`
    pub local_vel: Vec3,
    /// `mLocalAccel`
    pub local_accel: Vec3,
    /// `mOri`
    pub ori: [Vec3; 3],
    /// `mLocalRot`
    pub local_rot: Vec3,
    /// `mLocalRotAccel`
    pub local_rot_accel: Vec3,
    /// `mGear`
    pub gear: i32,
    /// `mEngineRPM`: in 1/min.
    pub engine_rpm: f64,
    /// `mEngineWaterTemp`: in °C.
    pub engine_water_temp: f64,
    /// `mEngineOilTemp`: in °C.
    pub engine_oil_temp: f64,
    /// `mClutchRPM`: in 1/min.
    pub clutch_rpm: f64,
    /// `mUnfilteredThrottle`
    pub unfiltered_throttle: f64,
    /// `mUnfilteredBrake`
    pub unfiltered_brake: f64,
    /// `mUnfilteredSteering`
    pub unfiltered_steering: f64,
    /// `mUnfilteredClutch`
    pub unfiltered_clutch: f64,
    /// `mFilteredThrottle`
    pub filtered_throttle: f64,
    /// `mFilteredBrake`
    pub filtered_brake: f64,
    /// `mFilteredSteering`
    pub filtered_steering: f64,
    /// `mFilteredClutch`
    pub filtered_clutch: f64,
    /// `mSteeringShaftTorque`
    pub steering_shaft_torque: f64,
    /// `mFront3rdDeflection`
    pub front3rd_deflection: f64,
    /// `mRear3rdDeflection`
    pub rear3rd_deflection: f64,
    /// `mFrontWingHeight`
    pub front_wing_height: f64,
    /// `mFrontRideHeight`
    pub front_ride_height: f64,
    /// `mRearRideHeight`
    pub rear_ride_height: f64,
    /// `mDrag`
    pub drag: f64,
    /// `mFrontDownforce`
    pub front_downforce: f64,
    /// `mRearDownforce`
    pub rear_downforce: f64,
    /// `mFuel`: in l.
    pub fuel: f64,
    /// `mEngineMaxRPM`: in 1/min.
    pub engine_max_rpm: f64,
    /// `mScheduledStops`
    pub scheduled_stops: u8,
    /// `mOverheating`: true if it is not 0.
    pub overheating: u8,
    /// `mDetached`: true if it is not 0.
    pub detached: u8,
    /// `mHeadlights`: true if it is not 0.
    pub headlights: u8,
    /// `mDentSeverity`
    pub dent_severity: [u8; 8],
    /// `mLastImpactET`
    pub last_impact_et: f64,
    /// `mLastImpactMagnitude`
    pub last_impact_magnitude: f64,
    /// `mLastImpactPos`
    pub last_impact_pos: Vec3,
    /// `mEngineTorque`
    pub engine_torque: f64,
    /// `mCurrentSector`
    pub current_sector: i32,
    /// `mSpeedLimiter`
    pub speed_limiter: u8,
    /// `mMaxGears`
    pub max_gears: u8,
    /// `mFrontTireCompoundIndex`
    pub front_tire_compound_index: u8,
    /// `mRearTireCompoundIndex`
    pub rear_tire_compound_index: u8,
    /// `mFuelCapacity`: in l.
    pub fuel_capacity: f64,
    /// `mFrontFlapActivated`
    pub front_flap_activated: u8,
    /// `mRearFlapActivated`
    pub rear_flap_activated: u8,
    /// `mRearFlapLegalStatus`
    pub rear_flap_legal_status: u8,
    /// `mIgnitionStarter`
    pub ignition_starter: u8,
    /// `mFrontTireCompoundName`: text in Windows-1252.
    pub front_tire_compound_name: [u8; 18],
    /// `mRearTireCompoundName`: text in Windows-1252.
    pub rear_tire_compound_name: [u8; 18],
    /// `mSpeedLimiterAvailable`
    pub speed_limiter_available: u8,
    /// `mAntiStallActivated`
    pub anti_stall_activated: u8,
    /// `mUnused`
    pub unused: [u8; 2],
    /// `mVisualSteeringWheelRange`
    pub visual_steering_wheel_range: f32,
    /// `mRearBrakeBias`
    pub rear_brake_bias: f64,
    /// `mTurboBoostPressure`
    pub turbo_boost_pressure: f64,
    /// `mPhysicsToGraphicsOffset`
    pub physics_to_graphics_offset: [f32; 3],
    /// `mPhysicalSteeringWheelRange`
    pub physical_steering_wheel_range: f32,
    /// `mBatteryChargeFraction`
    pub battery_charge_fraction: f64,
    /// `mElectricBoostMotorTorque`
    pub electric_boost_motor_torque: f64,
    /// `mElectricBoostMotorRPM`: in 1/min.
    pub electric_boost_motor_rpm: f64,
    /// `mElectricBoostMotorTemperature`: in °C.
    pub electric_boost_motor_temperature: f64,
    /// `mElectricBoostWaterTemperature`: in °C.
    pub electric_boost_water_temperature: f64,
    /// `mElectricBoostMotorState`
    pub electric_boost_motor_state: u8,
    /// `mExpansion`
    pub expansion: [u8; 111],
    /// `mWheels`
    pub wheels: [Wheel; 4],
}

const _: () = assert!(size_of::<VehicleTelemetry>() == 1888);

impl VehicleTelemetry {
    /// The units of its fields.
    pub const UNITS: &[(&str, &str)] = &[
        ("delta_time", "s"),
        ("elapsed_time", "s"),
        ("lap_start_et", "s"),
        ("engine_rpm", "1/min"),
        ("engine_water_temp", "°C"),
        ("engine_oil_temp", "°C"),
        ("clutch_rpm", "1/min"),
        ("fuel", "l"),
        ("engine_max_rpm", "1/min"),
        ("fuel_capacity", "l"),
        ("electric_boost_motor_rpm", "1/min"),
        ("electric_boost_motor_temperature", "°C"),
        ("electric_boost_water_temperature", "°C"),
    ];
}

/// `rF2Wheel`
#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(C, packed(4))]
pub struct Wheel {
    /// `mSuspensionDeflection`: in m.
    pub suspension_deflection: f64,
    /// `mRideHeight`: in m.
    pub ride_height: f64,
    /// `mSuspForce`: in N.
    pub susp_force: f64,
    /// `mBrakeTemp`: in °C.
    pub brake_temp: f64,
    /// `mBrakePressure`
    pub brake_pressure: f64,
    /// `mRotation`: in rad/s.
    pub rotation: f64,
    /// `mLateralPatchVel`
    pub lateral_patch_vel: f64,
    /// `mLongitudinalPatchVel`
    pub longitudinal_patch_vel: f64,
    /// `mLateralGroundVel`
    pub lateral_ground_vel: f64,
    /// `mLongitudinalGroundVel`
    pub longitudinal_ground_vel: f64,
    /// `mCamber`: in rad.
    pub camber: f64,
    /// `mLateralForce`: in N.
    pub lateral_force: f64,
    /// `mLongitudinalForce`: in N.
    pub longitudinal_force: f64,
    /// `mTireLoad`: in N.
    pub tire_load: f64,
    /// `mGripFract`
    pub grip_fract: f64,
    /// `mPressure`: in kPa.
    pub pressure: f64,
    /// `mTemperature`: in K.
    pub temperature: [f64; 3],
    /// `mWear`
    pub wear: f64,
    /// `mTerrainName`: text in Windows-1252.
    pub terrain_name: [u8; 16],
    /// `mSurfaceType`
    pub surface_type: u8,
    /// `mFlat`: true if it is not 0.
    pub flat: u8,
    /// `mDetached`: true if it is not 0.
    pub detached: u8,
    /// `mStaticUndeflectedRadius`: in cm.
    pub static_undeflected_radius: u8,
    /// `mVerticalTireDeflection`
    pub vertical_tire_deflection: f64,
    /// `mWheelYLocation`
    pub wheel_y_location: f64,
    /// `mToe`
    pub toe: f64,
    /// `mTireCarcassTemperature`: in K.
    pub tire_carcass_temperature: f64,
    /// `mTireInnerLayerTemperature`: in K.
    pub tire_inner_layer_temperature: [f64; 3],
    /// `mExpansion`
    pub expansion: [u8; 24],
}

const _: () = assert!(size_of::<Wheel>() == 260);

impl Wheel {
    /// The units of its fields.
    pub const UNITS: &[(&str, &str)] = &[
        ("suspension_deflection", "m"),
        ("ride_height", "m"),
        ("susp_force", "N"),
        ("brake_temp", "°C"),
        ("rotation", "rad/s"),
        ("camber", "rad"),
        ("lateral_force", "N"),
        ("longitudinal_force", "N"),
        ("tire_load", "N"),
        ("pressure", "kPa"),
        ("temperature", "K"),
        ("static_undeflected_radius", "cm"),
        ("tire_carcass_temperature", "K"),
        ("tire_inner_layer_temperature", "K"),
    ];
}

/// `rF2Vec3`
#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(C)]
pub struct Vec3 {
    /// `x`
    pub x: f64,
    /// `y`
    pub y: f64,
    /// `z`
    pub z: f64,
}

const _: () = assert!(size_of::<Vec3>() == 24);

/// `rF2Scoring`
///
/// The region is called `$rFactor2SMMP_Scoring$*`.
///
/// A copy is whole if `version_update_end`, read before it, equals `version_update_begin`, read after it.
#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(C)]
pub struct Scoring {
    /// `mVersionUpdateBegin`: counted up before each write.
    pub version_update_begin: u32,
    /// `mVersionUpdateEnd`: counted up after each write.
    pub version_update_end: u32,
    /// `mBytesUpdatedHint`
    pub bytes_updated_hint: i32,
    /// `mScoringInfo`
    pub scoring_info: ScoringInfo,
    /// `mVehicles`: `mScoringInfo.mNumVehicles` of them are in use.
    pub vehicles: [VehicleScoring; 128],
}

const _: () = assert!(size_of::<Scoring>() == 75312);

impl Scoring {
    /// The name of the region.
    pub const NAME: &str = "$rFactor2SMMP_Scoring$";

    /// The producer counts as frozen after this time without a change of its heartbeat.
    pub const FROZEN: ::core::time::Duration = ::core::time::Duration::from_millis(5000);
}

/// `rF2ScoringInfo`
#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(C, packed(4))]
pub struct ScoringInfo {
    /// `mTrackName`: text in Windows-1252.
    pub track_name: [u8; 64],
    /// `mSession`
    pub session: i32,
    /// `mCurrentET`: in s.
    pub current_et: f64,
    /// `mEndET`: in s.
    pub end_et: f64,
    /// `mMaxLaps`
    pub max_laps: i32,
    /// `mLapDist`: in m.
    pub lap_dist: f64,
    /// `pointer1`
    pub pointer1: [u8; 8],
    /// `mNumVehicles`
    pub num_vehicles: i32,
    /// `mGamePhase`
    pub game_phase: u8,
    /// `mYellowFlagState`
    pub yellow_flag_state: i8,
    /// `mSectorFlag`
    pub sector_flag: [i8; 3],
    /// `mStartLight`
    pub start_light: u8,
    /// `mNumRedLights`
    pub num_red_lights: u8,
    /// `mInRealtime`: true if it is not 0.
    pub in_realtime: u8,
    /// `mPlayerName`: text in Windows-1252.
    pub player_name: [u8; 32],
    /// `mPlrFileName`: text in Windows-1252.
    pub plr_file_name: [u8; 64],
    /// `mDarkCloud`
    pub dark_cloud: f64,
    /// `mRaining`
    pub raining: f64,
    /// `mAmbientTemp`: in °C.
    pub ambient_temp: f64,
    /// `mTrackTemp`: in °C.
    pub track_temp: f64,
    /// `mWind`
    pub wind: Vec3,
    /// `mMinPathWetness`
    pub min_path_wetness: f64,
    /// `mMaxPathWetness`
    pub max_path_wetness: f64,
    /// `mGameMode`
    pub game_mode: u8,
    /// `mIsPasswordProtected`: true if it is not 0.
    pub is_password_protected: u8,
    /// `mServerPort`
    pub server_port: u16,
    /// `mServerPublicIP`
    pub server_public_ip: u32,
    /// `mMaxPlayers`
    pub max_players: i32,
    /// `mServerName`: text in Windows-1252.
    pub server_name: [u8; 32],
    /// `mStartET`
    pub start_et: f32,
    /// `mAvgPathWetness`
    pub avg_path_wetness: f64,
    /// `mExpansion`
    pub expansion: [u8; 200],
    /// `pointer2`
    pub pointer2: [u8; 8],
}

const _: () = assert!(size_of::<ScoringInfo>() == 548);

impl ScoringInfo {
    /// The units of its fields.
    pub const UNITS: &[(&str, &str)] = &[
        ("current_et", "s"),
        ("end_et", "s"),
        ("lap_dist", "m"),
        ("ambient_temp", "°C"),
        ("track_temp", "°C"),
    ];
}

/// `rF2VehicleScoring`
#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(C, packed(4))]
pub struct VehicleScoring {
    /// `mID`
    pub id: i32,
    /// `mDriverName`: text in Windows-1252.
    pub driver_name: [u8; 32],
    /// `mVehicleName`: text in Windows-1252.
    pub vehicle_name: [u8; 64],
    /// `mTotalLaps`
    pub total_laps: i16,
    /// `mSector`
    pub sector: i8,
    /// `mFinishStatus`
    pub finish_status: i8,
    /// `mLapDist`: in m.
    pub lap_dist: f64,
    /// `mPathLateral`
    pub path_lateral: f64,
    /// `mTrackEdge`
    pub track_edge: f64,
    /// `mBestSector1`
    pub best_sector1: f64,
    /// `mBestSector2`
    pub best_sector2: f64,
    /// `mBestLapTime`: in s.
    pub best_lap_time: f64,
    /// `mLastSector1`
    pub last_sector1: f64,
    /// `mLastSector2`
    pub last_sector2: f64,
    /// `mLastLapTime`: in s.
    pub last_lap_time: f64,
    /// `mCurSector1`
    pub cur_sector1: f64,
    /// `mCurSector2`
    pub cur_sector2: f64,
    /// `mNumPitstops`
    pub num_pitstops: i16,
    /// `mNumPenalties`
    pub num_penalties: i16,
    /// `mIsPlayer`: true if it is not 0.
    pub is_player: u8,
    /// `mControl`
    pub control: i8,
    /// `mInPits`: true if it is not 0.
    pub in_pits: u8,
    /// `mPlace`
    pub place: u8,
    /// `mVehicleClass`: text in Windows-1252.
    pub vehicle_class: [u8; 32],
    /// `mTimeBehindNext`: in s.
    pub time_behind_next: f64,
    /// `mLapsBehindNext`
    pub laps_behind_next: i32,
    /// `mTimeBehindLeader`: in s.
    pub time_behind_leader: f64,
    /// `mLapsBehindLeader`
    pub laps_behind_leader: i32,
    /// `mLapStartET`: in s.
    pub lap_start_et: f64,
    /// `mPos`
    pub pos: Vec3,
    /// `mLocalVel`
    pub local_vel: Vec3,
    /// `mLocalAccel`
    pub local_accel: Vec3,
    /// `mOri`
    pub ori: [Vec3; 3],
    /// `mLocalRot`
    pub local_rot: Vec3,
    /// `mLocalRotAccel`
    pub local_rot_accel: Vec3,
    /// `mHeadlights`
    pub headlights: u8,
    /// `mPitState`
    pub pit_state: u8,
    /// `mServerScored`
    pub server_scored: u8,
    /// `mIndividualPhase`
    pub individual_phase: u8,
    /// `mQualification`
    pub qualification: i32,
    /// `mTimeIntoLap`: in s.
    pub time_into_lap: f64,
    /// `mEstimatedLapTime`: in s.
    pub estimated_lap_time: f64,
    /// `mPitGroup`: text in Windows-1252.
    pub pit_group: [u8; 24],
    /// `mFlag`
    pub flag: u8,
    /// `mUnderYellow`: true if it is not 0.
    pub under_yellow: u8,
    /// `mCountLapFlag`
    pub count_lap_flag: u8,
    /// `mInGarageStall`: true if it is not 0.
    pub in_garage_stall: u8,
    /// `mUpgradePack`
    pub upgrade_pack: [u8; 16],
    /// `mPitLapDist`
    pub pit_lap_dist: f32,
    /// `mBestLapSector1`
    pub best_lap_sector1: f32,
    /// `mBestLapSector2`
    pub best_lap_sector2: f32,
    /// `mExpansion`
    pub expansion: [u8; 48],
}

const _: () = assert!(size_of::<VehicleScoring>() == 584);

impl VehicleScoring {
    /// The units of its fields.
    pub const UNITS: &[(&str, &str)] = &[
        ("lap_dist", "m"),
        ("best_lap_time", "s"),
        ("last_lap_time", "s"),
        ("time_behind_next", "s"),
        ("time_behind_leader", "s"),
        ("lap_start_et", "s"),
        ("time_into_lap", "s"),
        ("estimated_lap_time", "s"),
    ];
}

/// `rF2Extended`
///
/// The region is called `$rFactor2SMMP_Extended$*`.
///
/// A copy is whole if `version_update_end`, read before it, equals `version_update_begin`, read after it.
#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(C, packed(4))]
pub struct Extended {
    /// `mVersionUpdateBegin`: counted up before each write.
    pub version_update_begin: u32,
    /// `mVersionUpdateEnd`: counted up after each write.
    pub version_update_end: u32,
    /// `mVersion`: text in Windows-1252.
    pub version: [u8; 12],
    /// `is64bit`: true if it is not 0.
    pub is64bit: u8,
    /// Padding, or unknown.
    pub gap_21: [u8; 3],
    /// `mPhysics`
    pub physics: [u8; 40],
    /// `mTrackedDamages`
    pub tracked_damages: [u8; 8192],
    /// `mInRealtimeFC`: true if it is not 0.
    pub in_realtime_fc: u8,
    /// `mMultimediaThreadStarted`: true if it is not 0.
    pub multimedia_thread_started: u8,
    /// `mSimulationThreadStarted`: true if it is not 0.
    pub simulation_thread_started: u8,
    /// `mSessionStarted`: true if it is not 0.
    pub session_started: u8,
    /// `mTicksSessionStarted`
    pub ticks_session_started: u64,
    /// `mTicksSessionEnded`
    pub ticks_session_ended: u64,
    /// `mSessionTransitionCapture`
    pub session_transition_capture: [u8; 1036],
    /// `mDisplayedMessageUpdateCapture`: text in Windows-1252.
    pub displayed_message_update_capture: [u8; 128],
    /// `mDirectMemoryAccessEnabled`: true if it is not 0.
    pub direct_memory_access_enabled: u8,
    /// Padding, or unknown.
    pub gap_9441: [u8; 3],
    /// `mTicksStatusMessageUpdated`
    pub ticks_status_message_updated: u64,
    /// `mStatusMessage`: text in Windows-1252.
    pub status_message: [u8; 128],
    /// `mTicksLastHistoryMessageUpdated`
    pub ticks_last_history_message_updated: u64,
    /// `mLastHistoryMessage`: text in Windows-1252.
    pub last_history_message: [u8; 128],
    /// `mCurrentPitSpeedLimit`
    pub current_pit_speed_limit: f32,
    /// `mSCRPluginEnabled`: true if it is not 0.
    pub scr_plugin_enabled: u8,
    /// Padding, or unknown.
    pub gap_9721: [u8; 3],
    /// `mSCRPluginDoubleFileType`
    pub scr_plugin_double_file_type: i32,
    /// `mTicksLSIPhaseMessageUpdated`
    pub ticks_lsi_phase_message_updated: u64,
    /// `mLSIPhaseMessage`: text in Windows-1252.
    pub lsi_phase_message: [u8; 96],
    /// `mTicksLSIPitStateMessageUpdated`
    pub ticks_lsi_pit_state_message_updated: u64,
    /// `mLSIPitStateMessage`: text in Windows-1252.
    pub lsi_pit_state_message: [u8; 96],
    /// `mTicksLSIOrderInstructionMessageUpdated`
    pub ticks_lsi_order_instruction_message_updated: u64,
    /// `mLSIOrderInstructionMessage`: text in Windows-1252.
    pub lsi_order_instruction_message: [u8; 96],
    /// `mTicksLSIRulesInstructionMessageUpdated`
    pub ticks_lsi_rules_instruction_message_updated: u64,
    /// `mLSIRulesInstructionMessage`: text in Windows-1252.
    pub lsi_rules_instruction_message: [u8; 96],
    /// `mUnsubscribedBuffersMask`
    pub unsubscribed_buffers_mask: i32,
    /// `mHWControlInputEnabled`: true if it is not 0.
    pub hw_control_input_enabled: u8,
    /// `mWeatherControlInputEnabled`: true if it is not 0.
    pub weather_control_input_enabled: u8,
    /// `mRulesControlInputEnabled`: true if it is not 0.
    pub rules_control_input_enabled: u8,
    /// `mPluginControlInputEnabled`: true if it is not 0.
    pub plugin_control_input_enabled: u8,
}

const _: () = assert!(size_of::<Extended>() == 10152);

impl Extended {
    /// The name of the region.
    pub const NAME: &str = "$rFactor2SMMP_Extended$";

    /// The producer counts as frozen after this time without a change of its heartbeat.
    pub const FROZEN: ::core::time::Duration = ::core::time::Duration::from_millis(5000);
}

// @generated from the layout `le-mans-ultimate`.

use win_shared_memory::SharedData;

/// `SharedMemoryObjectOut`
///
/// The region is called `LMU_Data`.
///
/// A copy is whole if the reader holds the lock in the region `LOCK_REGION` meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(C)]
pub struct SharedMemoryObjectOut {
    /// `generic`
    pub generic: SharedMemoryGeneric,
    /// `paths`
    pub paths: SharedMemoryPathData,
    /// `scoring`
    pub scoring: SharedMemoryScoringData,
    /// `telemetry`
    pub telemetry: SharedMemoryTelemetryData,
    /// Padding, or unknown.
    pub gap_324820: [u8; 4],
}

const _: () = assert!(size_of::<SharedMemoryObjectOut>() == 324824);

impl SharedMemoryObjectOut {
    /// The name of the region.
    pub const NAME: &str = "LMU_Data";

    /// The name of the region that has the producer's lock.
    pub const LOCK_REGION: &str = "LMU_SharedMemoryLockData";

    /// The name of the event that is set when the lock is released to a waiter.
    pub const EVENT: &str = "LMU_SharedMemoryLockEvent";

    /// The producer counts as frozen after this time without a change of its heartbeat.
    pub const FROZEN: ::core::time::Duration = ::core::time::Duration::from_millis(5000);
}

/// `SharedMemoryGeneric`
#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(C)]
pub struct SharedMemoryGeneric {
    /// `events`
    pub events: [u32; 16],
    /// `gameVersion`
    pub game_version: i32,
    /// `FFBTorque`
    pub ffb_torque: f32,
    /// `appInfo`
    pub app_info: ApplicationStateV01,
}

const _: () = assert!(size_of::<SharedMemoryGeneric>() == 332);

/// `ApplicationStateV01`
#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(C, packed(4))]
pub struct ApplicationStateV01 {
    /// `mAppWindow`
    pub app_window: u64,
    /// `mWidth`
    pub width: u32,
    /// `mHeight`
    pub height: u32,
    /// `mRefreshRate`
    pub refresh_rate: u32,
    /// `mWindowed`
    pub windowed: u32,
    /// `mOptionsLocation`
    pub options_location: u8,
    /// `mOptionsPage`: text in UTF-8.
    pub options_page: [u8; 31],
    /// `mExpansion`
    pub expansion: [u8; 204],
}

const _: () = assert!(size_of::<ApplicationStateV01>() == 260);

/// `SharedMemoryPathData`
#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(C)]
pub struct SharedMemoryPathData {
    /// `userData`: text in UTF-8.
    pub user_data: [u8; 260],
    /// `customVariables`: text in UTF-8.
    pub custom_variables: [u8; 260],
    /// `stewardResults`: text in UTF-8.
    pub steward_results: [u8; 260],
    /// `playerProfile`: text in UTF-8.
    pub player_profile: [u8; 260],
    /// `pluginsFolder`: text in UTF-8.
    pub plugins_folder: [u8; 260],
}

const _: () = assert!(size_of::<SharedMemoryPathData>() == 1300);

/// `SharedMemoryScoringData`
#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(C)]
pub struct SharedMemoryScoringData {
    /// `scoringInfo`
    pub scoring_info: ScoringInfoV01,
    /// Padding, or unknown.
    pub gap_548: [u8; 4],
    /// `scoringStreamSize`
    pub scoring_stream_size: u64,
    /// `vehScoringInfo`: `scoringInfo.mNumVehicles` of them are in use.
    pub veh_scoring_info: [VehicleScoringInfoV01; 104],
    /// `scoringStream`: text in UTF-8; `scoringStreamSize` of them are in use.
    pub scoring_stream: [u8; 65536],
}

const _: () = assert!(size_of::<SharedMemoryScoringData>() == 126832);

/// `ScoringInfoV01`
#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(C, packed(4))]
pub struct ScoringInfoV01 {
    /// `mTrackName`: text in UTF-8.
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
    /// `mResultsStream`: a pointer of the game: see scoringStream.
    pub results_stream: u64,
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
    /// `mPlayerName`: text in UTF-8.
    pub player_name: [u8; 32],
    /// `mPlrFileName`: text in UTF-8.
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
    pub wind: TelemVect3,
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
    /// `mServerName`: text in UTF-8.
    pub server_name: [u8; 32],
    /// `mStartET`
    pub start_et: f32,
    /// `mAvgPathWetness`
    pub avg_path_wetness: f64,
    /// `mSessionTimeRemaining`
    pub session_time_remaining: f32,
    /// `mTimeOfDay`
    pub time_of_day: f32,
    /// `mIsFixedSetup`: true if it is not 0.
    pub is_fixed_setup: u8,
    /// `mTrackGripLevel`
    pub track_grip_level: u8,
    /// `mCloudCoverage`
    pub cloud_coverage: u8,
    /// `mTrackLimitsStepsPerPenalty`
    pub track_limits_steps_per_penalty: u8,
    /// `mTrackLimitsStepsPerPoint`
    pub track_limits_steps_per_point: u8,
    /// `mExpansion`
    pub expansion: [u8; 187],
    /// `mVehicle`: a pointer of the game: see vehScoringInfo.
    pub vehicle: u64,
}

const _: () = assert!(size_of::<ScoringInfoV01>() == 548);

impl ScoringInfoV01 {
    /// The units of its fields.
    pub const UNITS: &[(&str, &str)] = &[
        ("current_et", "s"),
        ("end_et", "s"),
        ("lap_dist", "m"),
        ("ambient_temp", "°C"),
        ("track_temp", "°C"),
    ];
}

/// `VehicleScoringInfoV01`
#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(C, packed(4))]
pub struct VehicleScoringInfoV01 {
    /// `mID`
    pub id: i32,
    /// `mDriverName`: text in UTF-8.
    pub driver_name: [u8; 32],
    /// `mVehicleName`: text in UTF-8.
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
    /// `mVehicleClass`: text in UTF-8.
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
    pub pos: TelemVect3,
    /// `mLocalVel`
    pub local_vel: TelemVect3,
    /// `mLocalAccel`
    pub local_accel: TelemVect3,
    /// `mOri`
    pub ori: [TelemVect3; 3],
    /// `mLocalRot`
    pub local_rot: TelemVect3,
    /// `mLocalRotAccel`
    pub local_rot_accel: TelemVect3,
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
    /// `mPitGroup`: text in UTF-8.
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
    /// `mSteamID`
    pub steam_id: u64,
    /// `mVehFilename`: text in UTF-8.
    pub veh_filename: [u8; 32],
    /// `mAttackMode`
    pub attack_mode: i16,
    /// `mFuelFraction`
    pub fuel_fraction: u8,
    /// `mDRSState`: true if it is not 0.
    pub drs_state: u8,
    /// `mExpansion`
    pub expansion: [u8; 4],
}

const _: () = assert!(size_of::<VehicleScoringInfoV01>() == 584);

impl VehicleScoringInfoV01 {
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

/// `SharedMemoryTelemetryData`
#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(C)]
pub struct SharedMemoryTelemetryData {
    /// `activeVehicles`
    pub active_vehicles: u8,
    /// `playerVehicleIdx`
    pub player_vehicle_idx: u8,
    /// `playerHasVehicle`: true if it is not 0.
    pub player_has_vehicle: u8,
    /// Padding, or unknown.
    pub gap_3: [u8; 1],
    /// `telemInfo`: `activeVehicles` of them are in use.
    pub telem_info: [TelemInfoV01; 104],
}

const _: () = assert!(size_of::<SharedMemoryTelemetryData>() == 196356);

/// `TelemInfoV01`
#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(C, packed(4))]
pub struct TelemInfoV01 {
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
    /// `mVehicleName`: text in UTF-8.
    pub vehicle_name: [u8; 64],
    /// `mTrackName`: text in UTF-8.
    pub track_name: [u8; 64],
    /// `mPos`
    pub pos: TelemVect3,
    /// `mLocalVel`
    pub local_vel: TelemVect3,
    /// `mLocalAccel`
    pub local_accel: TelemVect3,
    /// `mOri`
    pub ori: [TelemVect3; 3],
    /// `mLocalRot`
    pub local_rot: TelemVect3,
    /// `mLocalRotAccel`
    pub local_rot_accel: TelemVect3,
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
    pub last_impact_pos: TelemVect3,
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
    /// `mFrontTireCompoundName`: text in UTF-8.
    pub front_tire_compound_name: [u8; 18],
    /// `mRearTireCompoundName`: text in UTF-8.
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
    /// `mDeltaBest`
    pub delta_best: f64,
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
    /// `mLapInvalidated`: true if it is not 0.
    pub lap_invalidated: u8,
    /// `mABSActive`: true if it is not 0.
    pub abs_active: u8,
    /// `mTCActive`: true if it is not 0.
    pub tc_active: u8,
    /// `mSpeedLimiterActive`: true if it is not 0.
    pub speed_limiter_active: u8,
    /// `mWiperState`
    pub wiper_state: u8,
    /// `mTC`
    pub tc: u8,
    /// `mTCMax`
    pub tc_max: u8,
    /// `mTCSlip`
    pub tc_slip: u8,
    /// `mTCSlipMax`
    pub tc_slip_max: u8,
    /// `mTCCut`
    pub tc_cut: u8,
    /// `mTCCutMax`
    pub tc_cut_max: u8,
    /// `mABS`
    pub abs: u8,
    /// `mABSMax`
    pub abs_max: u8,
    /// `mMotorMap`
    pub motor_map: u8,
    /// `mMotorMapMax`
    pub motor_map_max: u8,
    /// `mMigration`
    pub migration: u8,
    /// `mMigrationMax`
    pub migration_max: u8,
    /// `mFrontAntiSway`
    pub front_anti_sway: u8,
    /// `mFrontAntiSwayMax`
    pub front_anti_sway_max: u8,
    /// `mRearAntiSway`
    pub rear_anti_sway: u8,
    /// `mRearAntiSwayMax`
    pub rear_anti_sway_max: u8,
    /// `mLiftAndCoastProgress`
    pub lift_and_coast_progress: u8,
    /// `mTrackLimitsSteps`
    pub track_limits_steps: u8,
    /// `mRegen`: in kW.
    pub regen: f32,
    /// `mSoC`
    pub so_c: f32,
    /// `mVirtualEnergy`
    pub virtual_energy: f32,
    /// `mTimeGapCarAhead`
    pub time_gap_car_ahead: f32,
    /// `mTimeGapCarBehind`
    pub time_gap_car_behind: f32,
    /// `mTimeGapPlaceAhead`
    pub time_gap_place_ahead: f32,
    /// `mTimeGapPlaceBehind`
    pub time_gap_place_behind: f32,
    /// `mVehicleModel`: text in UTF-8.
    pub vehicle_model: [u8; 30],
    /// `mVehicleClass`
    pub vehicle_class: u8,
    /// `mVehicleChampionship`
    pub vehicle_championship: u8,
    /// `mExpansion`
    pub expansion: [u8; 20],
    /// `mWheel`
    pub wheel: [TelemWheelV01; 4],
}

const _: () = assert!(size_of::<TelemInfoV01>() == 1888);

impl TelemInfoV01 {
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
        ("regen", "kW"),
    ];
}

/// `TelemWheelV01`
#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(C, packed(4))]
pub struct TelemWheelV01 {
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
    /// `mTerrainName`: text in UTF-8.
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
    /// `mOptimalTemp`
    pub optimal_temp: f32,
    /// `mCompoundIndex`
    pub compound_index: u8,
    /// `mCompoundType`
    pub compound_type: u8,
    /// `mExpansion`
    pub expansion: [u8; 18],
}

const _: () = assert!(size_of::<TelemWheelV01>() == 260);

impl TelemWheelV01 {
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

/// `TelemVect3`
#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(C)]
pub struct TelemVect3 {
    /// `x`
    pub x: f64,
    /// `y`
    pub y: f64,
    /// `z`
    pub z: f64,
}

const _: () = assert!(size_of::<TelemVect3>() == 24);

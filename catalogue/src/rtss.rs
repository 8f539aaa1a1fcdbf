// @generated from the layout `rtss`.

use win_shared_memory::SharedData;
#[cfg(windows)]
use win_shared_memory::{SharedMemoryError, Table, View};

/// `RTSS_SHARED_MEMORY`
///
/// The region is called `RTSSSharedMemoryV2`.
///
/// A copy is whole if no bit of 0x1 is set in `busy` before and after it.
#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(C)]
pub struct RtssSharedMemory {
    /// `dwSignature`
    pub signature: u32,
    /// `dwVersion`
    pub version: u32,
    /// `dwAppEntrySize`
    pub app_entry_size: u32,
    /// `dwAppArrOffset`
    pub app_arr_offset: u32,
    /// `dwAppArrSize`
    pub app_arr_size: u32,
    /// `dwOSDEntrySize`
    pub osd_entry_size: u32,
    /// `dwOSDArrOffset`
    pub osd_arr_offset: u32,
    /// `dwOSDArrSize`
    pub osd_arr_size: u32,
    /// `dwOSDFrame`
    pub osd_frame: u32,
    /// `dwBusy`
    pub busy: i32,
    /// `dwDesktopVideoCaptureFlags`
    pub desktop_video_capture_flags: u32,
    /// `dwDesktopVideoCaptureStat`
    pub desktop_video_capture_stat: [u32; 5],
    /// `dwLastForegroundApp`
    pub last_foreground_app: u32,
    /// `dwLastForegroundAppProcessID`
    pub last_foreground_app_process_id: u32,
    /// `dwProcessPerfCountersEntrySize`
    pub process_perf_counters_entry_size: u32,
    /// `dwProcessPerfCountersArrOffset`
    pub process_perf_counters_arr_offset: u32,
    /// `qwLatencyMarkerSetTimestamp`
    pub latency_marker_set_timestamp: i64,
    /// `qwLatencyMarkerResetTimestamp`
    pub latency_marker_reset_timestamp: i64,
}

const _: () = assert!(size_of::<RtssSharedMemory>() == 96);

impl RtssSharedMemory {
    /// The name of the region.
    pub const NAME: &str = "RTSSSharedMemoryV2";

    /// The producer counts as frozen after this time without a change of its heartbeat.
    pub const FROZEN: ::core::time::Duration = ::core::time::Duration::from_millis(10000);

    /// The value of `dwSignature` while the producer runs.
    pub const LIVE: u32 = 0x52545353;

    /// The value of `dwSignature` after the producer has left.
    pub const DEAD: u32 = 0xdead;

    /// Where the region has `autoVideoCaptureParam`, a `VIDEO_CAPTURE_PARAM`.
    pub const AUTO_VIDEO_CAPTURE_PARAM_OFFSET: usize = 5546080;

    /// The rows of `arrOSD` in the view of the region.
    ///
    /// # Errors
    ///
    /// `InvalidTable`: the numbers in these fields are not those of a table in this view.
    #[cfg(windows)]
    pub fn arr_osd<'v, A>(
        &self,
        view: &'v View<A>,
    ) -> Result<Table<'v, RtssSharedMemoryOsdEntry, A>, SharedMemoryError> {
        view.table(self.osd_arr_offset, self.osd_entry_size, self.osd_arr_size)
    }

    /// The rows of `arrApp` in the view of the region.
    ///
    /// # Errors
    ///
    /// `InvalidTable`: the numbers in these fields are not those of a table in this view.
    #[cfg(windows)]
    pub fn arr_app<'v, A>(
        &self,
        view: &'v View<A>,
    ) -> Result<Table<'v, RtssSharedMemoryAppEntry, A>, SharedMemoryError> {
        view.table(self.app_arr_offset, self.app_entry_size, self.app_arr_size)
    }
}

/// `RTSS_SHARED_MEMORY_OSD_ENTRY`
#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(C)]
pub struct RtssSharedMemoryOsdEntry {
    /// `szOSD`: text in Windows-1252.
    pub osd: [u8; 256],
    /// `szOSDOwner`: text in Windows-1252.
    pub osd_owner: [u8; 256],
    /// `szOSDEx`: text in Windows-1252.
    pub osd_ex: [u8; 4096],
    /// `buffer`
    pub buffer: [u8; 262144],
    /// `szOSDEx2`: text in Windows-1252.
    pub osd_ex2: [u8; 32768],
}

const _: () = assert!(size_of::<RtssSharedMemoryOsdEntry>() == 299520);

/// `RTSS_SHARED_MEMORY_APP_ENTRY`
#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(C)]
pub struct RtssSharedMemoryAppEntry {
    /// `dwProcessID`
    pub process_id: u32,
    /// `szName`: text in Windows-1252.
    pub name: [u8; 260],
    /// `dwFlags`
    pub flags: u32,
    /// `dwTime0`: in ms.
    pub time0: u32,
    /// `dwTime1`: in ms.
    pub time1: u32,
    /// `dwFrames`
    pub frames: u32,
    /// `dwFrameTime`: in µs.
    pub frame_time: u32,
    /// `dwStatFlags`
    pub stat_flags: u32,
    /// `dwStatTime0`
    pub stat_time0: u32,
    /// `dwStatTime1`
    pub stat_time1: u32,
    /// `dwStatFrames`
    pub stat_frames: u32,
    /// `dwStatCount`
    pub stat_count: u32,
    /// `dwStatFramerateMin`
    pub stat_framerate_min: u32,
    /// `dwStatFramerateAvg`
    pub stat_framerate_avg: u32,
    /// `dwStatFramerateMax`
    pub stat_framerate_max: u32,
    /// `dwOSDX`
    pub osdx: u32,
    /// `dwOSDY`
    pub osdy: u32,
    /// `dwOSDPixel`
    pub osd_pixel: u32,
    /// `dwOSDColor`
    pub osd_color: u32,
    /// `dwOSDFrame`
    pub osd_frame: u32,
    /// `dwScreenCaptureFlags`
    pub screen_capture_flags: u32,
    /// `szScreenCapturePath`: text in Windows-1252.
    pub screen_capture_path: [u8; 260],
    /// `dwOSDBgndColor`
    pub osd_bgnd_color: u32,
    /// `dwVideoCaptureFlags`
    pub video_capture_flags: u32,
    /// `szVideoCapturePath`: text in Windows-1252.
    pub video_capture_path: [u8; 260],
    /// `dwVideoFramerate`
    pub video_framerate: u32,
    /// `dwVideoFramesize`
    pub video_framesize: u32,
    /// `dwVideoFormat`
    pub video_format: u32,
    /// `dwVideoQuality`
    pub video_quality: u32,
    /// `dwVideoCaptureThreads`
    pub video_capture_threads: u32,
    /// `dwScreenCaptureQuality`
    pub screen_capture_quality: u32,
    /// `dwScreenCaptureThreads`
    pub screen_capture_threads: u32,
    /// `dwAudioCaptureFlags`
    pub audio_capture_flags: u32,
    /// `dwVideoCaptureFlagsEx`
    pub video_capture_flags_ex: u32,
    /// `dwAudioCaptureFlags2`
    pub audio_capture_flags2: u32,
    /// `dwStatFrameTimeMin`
    pub stat_frame_time_min: u32,
    /// `dwStatFrameTimeAvg`
    pub stat_frame_time_avg: u32,
    /// `dwStatFrameTimeMax`
    pub stat_frame_time_max: u32,
    /// `dwStatFrameTimeCount`
    pub stat_frame_time_count: u32,
    /// `dwStatFrameTimeBuf`
    pub stat_frame_time_buf: [u32; 1024],
    /// `dwStatFrameTimeBufPos`
    pub stat_frame_time_buf_pos: u32,
    /// `dwStatFrameTimeBufFramerate`
    pub stat_frame_time_buf_framerate: u32,
    /// Padding, or unknown.
    pub gap_5028: [u8; 4],
    /// `qwAudioCapturePTTEventPush`
    pub audio_capture_ptt_event_push: i64,
    /// `qwAudioCapturePTTEventRelease`
    pub audio_capture_ptt_event_release: i64,
    /// `qwAudioCapturePTTEventPush2`
    pub audio_capture_ptt_event_push2: i64,
    /// `qwAudioCapturePTTEventRelease2`
    pub audio_capture_ptt_event_release2: i64,
    /// `dwPrerecordSizeLimit`
    pub prerecord_size_limit: u32,
    /// `dwPrerecordTimeLimit`
    pub prerecord_time_limit: u32,
    /// `qwStatTotalTime`
    pub stat_total_time: i64,
    /// `dwStatFrameTimeLowBuf`
    pub stat_frame_time_low_buf: [u32; 1024],
    /// `dwStatFramerate1Dot0PercentLow`
    pub stat_framerate1_dot0_percent_low: u32,
    /// `dwStatFramerate0Dot1PercentLow`
    pub stat_framerate0_dot1_percent_low: u32,
    /// `dw1Dot0PercentLowBufPos`
    pub dw1_dot0_percent_low_buf_pos: u32,
    /// `dw0Dot1PercentLowBufPos`
    pub dw0_dot1_percent_low_buf_pos: u32,
    /// `dwProcessPerfCountersFlags`
    pub process_perf_counters_flags: u32,
    /// `dwProcessPerfCountersCount`
    pub process_perf_counters_count: u32,
    /// `dwProcessPerfCountersSamplingPeriod`
    pub process_perf_counters_sampling_period: u32,
    /// `dwProcessPerfCountersSamplingTime`
    pub process_perf_counters_sampling_time: u32,
    /// `dwProcessPerfCountersTimestamp`
    pub process_perf_counters_timestamp: u32,
    /// Padding, or unknown.
    pub gap_9212: [u8; 4],
    /// `qwLatencyMarkerPresentTimestamp`
    pub latency_marker_present_timestamp: i64,
    /// `dwResolutionX`
    pub resolution_x: u32,
    /// `dwResolutionY`
    pub resolution_y: u32,
    /// `arrPerfCounters`: `dwProcessPerfCountersCount` of them are in use.
    pub arr_perf_counters: [RtssSharedMemoryProcessPerfCounterEntry; 256],
}

const _: () = assert!(size_of::<RtssSharedMemoryAppEntry>() == 12304);

impl RtssSharedMemoryAppEntry {
    /// The units of its fields.
    pub const UNITS: &[(&str, &str)] = &[
        ("time0", "ms"),
        ("time1", "ms"),
        ("frame_time", "µs"),
    ];
}

/// `RTSS_SHARED_MEMORY_PROCESS_PERF_COUNTER_ENTRY`
#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(C)]
pub struct RtssSharedMemoryProcessPerfCounterEntry {
    /// `dwID`
    pub id: u32,
    /// `dwParam`
    pub param: u32,
    /// `dwData`
    pub data: u32,
}

const _: () = assert!(size_of::<RtssSharedMemoryProcessPerfCounterEntry>() == 12);

/// `VIDEO_CAPTURE_PARAM`
#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(C)]
pub struct VideoCaptureParam {
    /// `dwVersion`
    pub version: u32,
    /// `szFilename`: text in Windows-1252.
    pub filename: [u8; 260],
    /// `dwFramerate`
    pub framerate: u32,
    /// `dwFramesize`
    pub framesize: u32,
    /// `dwFormat`
    pub format: u32,
    /// `dwQuality`
    pub quality: u32,
    /// `dwThreads`
    pub threads: u32,
    /// `bCaptureOSD`: true if it is not 0.
    pub capture_osd: i32,
    /// `dwAudioCaptureFlags`
    pub audio_capture_flags: u32,
    /// `dwVideoCaptureFlagsEx`
    pub video_capture_flags_ex: u32,
    /// `dwAudioCaptureFlags2`
    pub audio_capture_flags2: u32,
    /// `dwPrerecordSizeLimit`
    pub prerecord_size_limit: u32,
    /// `dwPrerecordTimeLimit`
    pub prerecord_time_limit: u32,
}

const _: () = assert!(size_of::<VideoCaptureParam>() == 308);

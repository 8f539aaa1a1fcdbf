//! [`Recorder`]

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Seek, Write};
use std::time::Duration;

use mcap::records::{MessageHeader, Metadata};
use win_shared_memory_layouts::Plan;

use super::error::RecordError;
use super::region::{Decoded, Region, Text, topic};
use super::{CHANNEL, DELTA, FIELDS, LAYOUT, LONGEST, NAME, NOTES, Note, PROFILE, REGION};
use crate::delta;
use crate::message::MessageType;
use crate::select::Selection;
use crate::time::Time;

/// After this many bytes, before they are compressed, a chunk is closed.
const CHUNK: u64 = 1 << 20;

/// A chunk never has more: what is compressed badly, and what else the chunk declares, still leaves it shorter than what
/// is read.
const FULLEST: u64 = LONGEST - (4 << 20);

/// The longest frame: it finds room in a chunk that is not closed yet.
const LONGEST_FRAME: u64 = FULLEST - (4 << 20);

/// Decoded values that take more than this are left out, if nobody has asked for them: programs that show a recording
/// load all of them.
const DECODED: usize = 16 << 10;

/// The channel of the first region; the others follow. Those that are numbered by themselves begin at 0.
const FIRST_REGION: u16 = 10_000;

/// How regions are recorded.
///
/// ```
/// use winshm_core::recording::Options;
///
/// assert_eq!(Options::default().flush.as_secs(), 2);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// After this time a chunk is closed and can be read: what a kill costs at most.
    pub flush: Duration,
    /// The fields that are recorded as decoded values, too. By default all, if they take at most 16 KiB.
    pub fields: Selection,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            flush: Duration::from_secs(2),
            fields: Selection::default(),
        }
    }
}

/// A region that is being recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RegionId(usize);

/// Writes a recording.
///
/// ```
/// use std::io::Cursor;
/// use std::time::Duration;
/// use win_shared_memory_layouts::{Plan, catalogue};
/// use winshm_core::Time;
/// use winshm_core::recording::{Event, Options, Recorder, Recording};
///
/// let plan = Plan::new(catalogue::by_id("mumble-link").expect("it is in the catalogue"))?;
/// let mut file = Cursor::new(Vec::new());
/// let mut recorder = Recorder::new(&mut file, Options::default())?;
/// let region = recorder.add_region("MumbleLink", Some(&plan))?;
/// let mut bytes = vec![0; plan.size()];
/// let mut time = Time::now();
/// for tick in 0..100_u32 {
///     plan.edit(&mut bytes).set("uiTick", tick)?;
///     recorder.frame(region, time, &bytes)?;
///     time = time + Duration::from_millis(16);
/// }
/// recorder.finish()?;
///
/// let mut recording = Recording::read(file)?;
/// assert_eq!(recording.regions()[0].name, "MumbleLink");
/// let mut ticks = Vec::new();
/// while let Some(event) = recording.next()? {
///     if let Event::Frame { bytes, .. } = event {
///         ticks.extend(plan.view(bytes).get("uiTick")?.as_i64());
///     }
/// }
/// assert_eq!(ticks, Vec::from_iter(0..100));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Recorder<W: Write + Seek> {
    writer: mcap::Writer<W>,
    options: Options,
    regions: Vec<Region>,
    /// The channel of notes, once there is one.
    notes: Option<u16>,
    /// Of the chunk that is open: what it has, and when it began.
    chunk: Option<(u64, Time)>,
    last: Time,
    /// Up to when everything is in whole chunks.
    safe: Option<Time>,
    message: Vec<u8>,
}

/// What a recording that was finished has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finished {
    /// The time of the last thing in it, if there is one.
    pub until: Option<Time>,
}

type Result<T, E = RecordError> = std::result::Result<T, E>;

impl<W: Write + Seek> Recorder<W> {
    /// Begins a recording.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub fn new(file: W, options: Options) -> Result<Self> {
        let written = mcap::WriteOptions::new()
            .profile(PROFILE)
            .library(concat!("winshm ", env!("CARGO_PKG_VERSION")))
            // They are closed here.
            .chunk_size(None)
            .compression_level(3)
            .compression_threads(0)
            // A chunk is written whole, so a kill leaves no half one whose length says it is whole.
            .disable_seeking(true)
            .create(file);
        Ok(Self {
            writer: written.map_err(|error| RecordError { error, safe: None })?,
            notes: None,
            options,
            regions: Vec::new(),
            chunk: None,
            last: Time::default(),
            safe: None,
            message: Vec::new(),
        })
    }

    /// Records another region. Its values are decoded if it has a plan.
    ///
    /// # Errors
    ///
    /// The file cannot be written; there are 10 000 regions.
    pub fn add_region(&mut self, name: &str, plan: Option<&Plan>) -> Result<RegionId> {
        // Its metadata stands outside of chunks.
        self.close_chunk()?;
        let number = self.regions.len();
        let raw = u16::try_from(number).map_or(u16::MAX, |it| it.saturating_add(FIRST_REGION));
        let mut metadata = about(name);
        metadata.insert(CHANNEL.to_owned(), raw.to_string());
        metadata.extend(plan.map(|it| (LAYOUT.to_owned(), it.layout().to_json())));
        metadata.insert(FIELDS.to_owned(), self.options.fields.to_json());
        let metadata = Metadata {
            name: REGION.to_owned(),
            metadata,
        };
        let written = self.writer.write_metadata(&metadata);
        written.map_err(|error| self.failed(error))?;
        let texts = plan.iter().flat_map(|it| &it.layout().text);
        self.regions.push(Region {
            name: name.to_owned(),
            topic: topic(name, number, self.regions.iter().map(|it| &*it.topic)),
            decoded: if plan.is_some() {
                Decoded::NotYet
            } else {
                Decoded::No
            },
            text: texts
                .map(|it| Text {
                    name: it.name.clone(),
                    channel: None,
                    last: None,
                })
                .collect(),
            plan: plan.cloned(),
            raw,
            is_declared: false,
            last: None,
            frames: 0,
        });
        Ok(RegionId(self.regions.len() - 1))
    }

    /// Records the bytes of a region. A time before that of what was recorded last counts as that.
    ///
    /// # Errors
    ///
    /// The file cannot be written; the region has more than 56 MiB.
    pub fn frame(&mut self, id: RegionId, time: Time, bytes: &[u8]) -> Result<()> {
        self.check_room(bytes.len() as u64, LONGEST_FRAME)?;
        let time = self.at(time)?;
        if !self.regions[id.0].is_declared {
            self.declare(id.0).map_err(|error| self.failed(error))?;
        }
        let region = &mut self.regions[id.0];
        let mut message = std::mem::take(&mut self.message);
        match &region.last {
            None => delta::key(bytes, &mut message),
            Some(last) => delta::delta(last, bytes, &mut message),
        }
        let last = region.last.get_or_insert_default();
        last.clear();
        last.extend_from_slice(bytes);
        region.frames = region.frames.wrapping_add(1);
        let (raw, sequence) = (region.raw, region.frames);
        let written = self.message(raw, sequence, time, &message);
        let decoded = written.and_then(|()| self.decoded(id.0, time, bytes, &mut message));
        self.message = message;
        decoded
    }

    /// Records what happened beside the frames.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub fn note(&mut self, time: Time, note: &Note) -> Result<()> {
        let time = self.at(time)?;
        // A note has strings as keys, so it can be written as JSON.
        let text = serde_json::to_vec(note).unwrap_or_default();
        let lost = match note {
            Note::Lost { region, .. } => self.regions.iter().find(|it| it.name == *region),
            _ => None,
        };
        if let Some(Region { raw, frames, .. }) = lost {
            let mut message = Vec::with_capacity(1);
            delta::gap(&mut message);
            self.message(*raw, *frames, time, &message)?;
        }
        let notes = match self.notes {
            Some(notes) => notes,
            None => self.declare_notes().map_err(|error| self.failed(error))?,
        };
        self.message(notes, 0, time, &text)
    }

    /// The name that a region was added with.
    #[must_use]
    pub fn name(&self, region: RegionId) -> &str {
        &self.regions[region.0].name
    }

    /// Closes the open chunk, if it is time: what was recorded until then can be read. A program calls it when it has
    /// nothing to record for a while.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub fn flush_if_due(&mut self, now: Time) -> Result<()> {
        match self.chunk {
            Some((_, began)) if now.since(began) >= self.options.flush => self.close_chunk(),
            _ => Ok(()),
        }
    }

    /// Ends the recording, with an index.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub fn finish(mut self) -> Result<Finished> {
        self.close_chunk()?;
        self.writer.finish().map_err(|error| self.failed(error))?;
        Ok(Finished { until: self.safe })
    }

    /// The time that is recorded, with room for more in the chunk.
    fn at(&mut self, time: Time) -> Result<Time> {
        let time = self.last.max(time);
        let is_full = self
            .chunk
            .is_some_and(|(len, began)| len >= CHUNK || time.since(began) >= self.options.flush);
        if is_full {
            self.close_chunk()?;
        }
        self.last = time;
        Ok(time)
    }

    fn close_chunk(&mut self) -> Result<()> {
        if self.chunk.take().is_some() {
            self.writer.flush().map_err(|error| self.failed(error))?;
            self.safe = Some(self.last);
            for region in &mut self.regions {
                region.last = None;
            }
        }
        Ok(())
    }

    fn message(
        &mut self,
        channel_id: u16,
        sequence: u32,
        time: Time,
        message: &[u8],
    ) -> Result<()> {
        let time_ns = time.nanoseconds();
        let header = MessageHeader {
            channel_id,
            sequence,
            log_time: time_ns,
            publish_time: time_ns,
        };
        let taken = self.chunk.map_or(0, |(len, _)| len) + message.len() as u64 + 31;
        self.check_room(taken, FULLEST)?;
        self.chunk.get_or_insert((0, time)).0 = taken;
        let written = self.writer.write_to_known_channel(&header, message);
        written.map_err(|error| self.failed(error))
    }

    /// Records the values of a frame, and its texts if they have changed.
    fn decoded(
        &mut self,
        region: usize,
        time: Time,
        bytes: &[u8],
        message: &mut Vec<u8>,
    ) -> Result<()> {
        let Some(plan) = self.regions[region].plan.take() else {
            return Ok(());
        };
        let written = self.values(region, &plan, time, bytes, message);
        let written = written.and_then(|()| self.texts(region, &plan, time, bytes));
        self.regions[region].plan = Some(plan);
        written
    }

    fn values(
        &mut self,
        region: usize,
        plan: &Plan,
        time: Time,
        bytes: &[u8],
        message: &mut Vec<u8>,
    ) -> Result<()> {
        let view = plan.view(bytes);
        let is_current = match &self.regions[region].decoded {
            Decoded::No => return Ok(()),
            Decoded::NotYet => false,
            Decoded::Yes(_, ty) => ty.fits(plan, bytes),
        };
        if !is_current {
            let ty = MessageType::new(plan, bytes);
            let fits = ty.encode(&view, &self.options.fields, message);
            let is_wanted = message.len() <= DECODED || !self.options.fields.is_everything();
            self.regions[region].decoded = if fits && is_wanted {
                let topic = self.regions[region].topic.clone();
                let channel = self.decoded_channel(&topic, &ty);
                Decoded::Yes(channel.map_err(|error| self.failed(error))?, Box::new(ty))
            } else {
                Decoded::No
            };
        }
        let Region {
            decoded: Decoded::Yes(channel, ty),
            frames,
            ..
        } = &self.regions[region]
        else {
            return Ok(());
        };
        let (channel, frames) = (*channel, *frames);
        if !ty.encode(&view, &self.options.fields, message) {
            return Ok(());
        }
        self.message(channel, frames, time, message)
    }

    fn texts(&mut self, region: usize, plan: &Plan, time: Time, bytes: &[u8]) -> Result<()> {
        let mut texts = std::mem::take(&mut self.regions[region].text);
        let mut written = Ok(());
        for text in &mut texts {
            let value = plan
                .view(bytes)
                .get(&text.name)
                .ok()
                .and_then(|it| it.as_text());
            let Some(now) = value.map(|it| it.to_str()) else {
                continue;
            };
            if written.is_ok() && text.last.as_deref() != Some(&*now) {
                written = self.text(region, text, time, &now);
                text.last = Some(now.into_owned());
            }
        }
        self.regions[region].text = texts;
        written
    }

    fn text(&mut self, region: usize, text: &mut Text, time: Time, now: &str) -> Result<()> {
        let channel = match text.channel {
            Some(channel) => channel,
            None => {
                let topic = format!("{}/text", self.regions[region].topic);
                let channel = self.json_channel("winshm.Text", &topic, about(&text.name));
                *text
                    .channel
                    .insert(channel.map_err(|error| self.failed(error))?)
            }
        };
        let json = serde_json::json!({ "name": text.name, "text": now });
        self.message(channel, 0, time, json.to_string().as_bytes())
    }

    /// Declares the channel of a region's bytes.
    fn declare(&mut self, region: usize) -> mcap::McapResult<()> {
        let Region {
            name,
            topic,
            plan,
            raw,
            is_declared,
            ..
        } = &mut self.regions[region];
        let layout = plan
            .as_ref()
            .map_or("{}".to_owned(), |it| it.layout().to_json());
        let schema = self.writer.add_schema(LAYOUT, LAYOUT, layout.as_bytes())?;
        let topic = format!("{topic}/raw");
        self.writer
            .add_channel_with_id(*raw, schema, &topic, DELTA, &about(name))?;
        *is_declared = true;
        Ok(())
    }

    fn declare_notes(&mut self) -> mcap::McapResult<u16> {
        let notes = self.json_channel("winshm.Note", NOTES, BTreeMap::new())?;
        self.notes = Some(notes);
        Ok(notes)
    }

    fn json_channel(
        &mut self,
        schema: &str,
        topic: &str,
        about: BTreeMap<String, String>,
    ) -> mcap::McapResult<u16> {
        let schema = self
            .writer
            .add_schema(schema, "jsonschema", br#"{"type":"object"}"#)?;
        self.writer.add_channel(schema, topic, "json", &about)
    }

    fn decoded_channel(&mut self, topic: &str, ty: &MessageType) -> mcap::McapResult<u16> {
        let schema = self
            .writer
            .add_schema(&ty.name(), "protobuf", &ty.descriptor())?;
        self.writer
            .add_channel(schema, topic, "protobuf", &BTreeMap::new())
    }

    /// What is longer would be recorded, and not be read.
    fn check_room(&self, len: u64, most: u64) -> Result<()> {
        if len <= most {
            return Ok(());
        }
        let told =
            format!("a frame of {len} bytes is too long, at most {most} are recorded at once");
        Err(self.failed(io::Error::new(io::ErrorKind::InvalidInput, told).into()))
    }

    fn failed(&self, error: mcap::McapError) -> RecordError {
        RecordError {
            error,
            safe: self.safe,
        }
    }
}

impl<W: Write + Seek> fmt::Debug for Recorder<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.regions.iter().map(|it| &it.name).collect();
        f.debug_struct("Recorder")
            .field("regions", &names)
            .field("options", &self.options)
            .field("safe", &self.safe)
            .finish_non_exhaustive()
    }
}

fn about(name: &str) -> BTreeMap<String, String> {
    BTreeMap::from([(NAME.to_owned(), name.to_owned())])
}

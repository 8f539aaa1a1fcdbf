//! [`Recording`]

use std::collections::HashMap;
use std::fmt;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use mcap::records::{ChunkHeader, Record, op};

use super::error::{Damage, OpenError};
use super::parse::parse;
use super::region::{RegionInfo, fields};
use super::{Event, LONGEST, NOTES, Note};
use crate::delta::{self, Applied};
use crate::select::Selection;
use crate::time::Time;

/// How a file begins, and ends when it was finished.
const MAGIC: [u8; 8] = *b"\x89MCAP0\r\n";

/// How many regions a recording may have.
const MOST_REGIONS: usize = 10_000;

/// A recording that is read, from its beginning to its end.
///
/// It need not be finished, and what is damaged is skipped: [`damage`](Self::damage) tells how much was. Memory is bounded,
/// whatever the file says.
///
/// ```
/// # use std::io::Cursor;
/// use winshm_core::recording::{Event, Recording};
/// # use winshm_core::recording::{Options, Recorder};
/// # use winshm_core::Time;
///
/// # let mut file = Cursor::new(Vec::new());
/// # let mut recorder = Recorder::new(&mut file, Options::default())?;
/// # let region = recorder.add_region("Lamp", None)?;
/// # recorder.frame(region, Time::from_nanoseconds(1), &[0])?;
/// # recorder.frame(region, Time::from_nanoseconds(2), &[1])?;
/// # recorder.finish()?;
/// // Of a file, `Recording::open(path)`.
/// let mut recording = Recording::read(file)?;
/// let mut copies = Vec::new();
/// while let Some(event) = recording.next()? {
///     if let Event::Frame { bytes, .. } = event {
///         copies.push(bytes.to_vec());
///     }
/// }
/// assert_eq!(copies, [[0], [1]]);
/// assert!(recording.is_finished() && recording.damage().is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Recording<R> {
    file: R,
    /// The length of the file when it was opened.
    len: u64,
    regions: Vec<RegionInfo>,
    fields: Selection,
    /// Which region a channel is of.
    channels: HashMap<u16, usize>,
    /// The channel of [`NOTES`], once it was declared.
    notes: Option<u16>,
    span: Option<(Time, Time)>,
    is_finished: bool,
    damage: Damage,
    from: Time,
    to: Time,
    chunk: Chunk,
    /// Memory for the chunk as it is in the file: allocating it for each chunk would take longer than filling it.
    body: Vec<u8>,
    /// By region, the frame before; `None` if only a key can follow.
    frames: Vec<Option<Vec<u8>>>,
    at_end: bool,
}

/// The messages of one chunk.
#[derive(Default)]
struct Chunk {
    bytes: Vec<u8>,
    /// What of the bytes comes next.
    at: usize,
}

impl Recording<BufReader<File>> {
    /// Opens a file.
    ///
    /// # Errors
    ///
    /// It cannot be read, or is not a recording.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        Self::read(BufReader::with_capacity(1 << 16, File::open(path)?))
    }
}

impl<R: Read + Seek> Recording<R> {
    /// Reads a recording, from its beginning wherever the file stands.
    ///
    /// # Errors
    ///
    /// As those of [`open`](Recording::open).
    pub fn read(mut file: R) -> Result<Self, OpenError> {
        let mut this = Self {
            len: file.seek(SeekFrom::End(0))?,
            file,
            regions: Vec::new(),
            fields: Selection::default(),
            channels: HashMap::new(),
            notes: None,
            span: None,
            is_finished: false,
            damage: Damage::default(),
            from: Time::default(),
            to: Time::from_nanoseconds(u64::MAX),
            chunk: Chunk::default(),
            body: Vec::new(),
            frames: Vec::new(),
            at_end: false,
        };
        this.look_through()?;
        this.rewind()?;
        Ok(this)
    }

    /// Begins again, with what lies between two moments, these included. A [`Player`](super::Player) starts its clock
    /// at the first moment, so it waits for what comes later.
    ///
    /// # Errors
    ///
    /// The file cannot be read.
    pub fn restart(&mut self, from: Time, to: Time) -> io::Result<()> {
        (self.from, self.to) = (from, to);
        self.rewind()
    }

    /// The moment from which it reads, if it was given one.
    pub(super) fn start(&self) -> Option<Time> {
        (self.from > Time::default()).then_some(self.from)
    }

    /// Its regions.
    #[must_use]
    pub fn regions(&self) -> &[RegionInfo] {
        &self.regions
    }

    /// The fields that were chosen to be recorded as decoded values: [`Options::fields`](super::Options::fields).
    #[must_use]
    pub fn fields(&self) -> &Selection {
        &self.fields
    }

    /// The times of the first and of the last thing in it, if there is anything.
    #[must_use]
    pub fn span(&self) -> Option<(Time, Time)> {
        self.span
    }

    /// Whether it was finished: if not, the program that recorded it was killed, or records on.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.is_finished
    }

    /// What could not be read, up to now.
    #[must_use]
    pub fn damage(&self) -> Damage {
        self.damage
    }

    /// How far it has been read, from 0 to the length of the file.
    ///
    /// # Errors
    ///
    /// The file cannot be read.
    pub fn position(&mut self) -> io::Result<u64> {
        self.file.stream_position()
    }

    /// What was recorded next; `None` at the end.
    ///
    /// # Errors
    ///
    /// The file cannot be read. What is damaged is skipped.
    #[expect(
        clippy::should_implement_trait,
        reason = "what it gives out borrows from it"
    )]
    pub fn next(&mut self) -> io::Result<Option<Event<'_>>> {
        loop {
            match self.step()? {
                None => return Ok(None),
                Some(Step::Nothing) => {}
                Some(Step::Note(time, note)) => return Ok(Some(Event::Note { time, note })),
                Some(Step::Frame(region, time)) => {
                    let bytes = self.frames[region].as_deref().unwrap_or_default();
                    return Ok(Some(Event::Frame {
                        region,
                        time,
                        bytes,
                    }));
                }
            }
        }
    }

    fn step(&mut self) -> io::Result<Option<Step>> {
        let Some((opcode, body)) = self.chunk.next() else {
            return Ok(self.next_chunk()?.then_some(Step::Nothing));
        };
        let Some(record) = parse(opcode, &self.chunk.bytes[body]) else {
            self.damage.frames += 1;
            return Ok(Some(Step::Nothing));
        };
        Ok(Some(match record {
            Record::Channel(channel) if channel.topic == NOTES => {
                self.notes = Some(channel.id);
                Step::Nothing
            }
            Record::Message { header, data } => {
                let time = Time::from_nanoseconds(header.log_time);
                let is_wanted = (self.from..=self.to).contains(&time);
                if Some(header.channel_id) == self.notes {
                    match serde_json::from_slice(&data) {
                        Ok(note) if is_wanted => Step::Note(time, note),
                        _ => Step::Nothing,
                    }
                } else {
                    let Some(&region) = self.channels.get(&header.channel_id) else {
                        return Ok(Some(Step::Nothing));
                    };
                    match applied(&mut self.frames[region], &data) {
                        Some(Applied::Frame) if is_wanted => Step::Frame(region, time),
                        Some(_) => Step::Nothing,
                        None => {
                            self.damage.frames += 1;
                            Step::Nothing
                        }
                    }
                }
            }
            _ => Step::Nothing,
        }))
    }

    /// Reads the next chunk that has something of the time that is wanted.
    fn next_chunk(&mut self) -> io::Result<bool> {
        self.chunk.clear();
        while let Some((opcode, len)) = self.record()? {
            match opcode {
                op::CHUNK if len > LONGEST => {
                    self.damage.chunks += 1;
                    self.skip(len)?;
                }
                op::CHUNK => {
                    let Some(body) = self.body(len)? else { break };
                    let Some(Record::Chunk { header, data }) = parse(opcode, &body) else {
                        self.damage.chunks += 1;
                        continue;
                    };
                    let times = [header.message_start_time, header.message_end_time]
                        .map(Time::from_nanoseconds);
                    if times[1] < self.from || times[0] > self.to {
                        continue;
                    }
                    self.frames.fill(None);
                    let is_whole = decompress(&header, &data, &mut self.chunk.bytes);
                    self.body = body;
                    if is_whole {
                        return Ok(true);
                    }
                    self.chunk.clear();
                    self.damage.chunks += 1;
                }
                // Outside of chunks: `/winshm` may be declared before the first.
                op::CHANNEL if len <= LONGEST => {
                    let Some(body) = self.body(len)? else { break };
                    let record = parse(opcode, &body);
                    if let Some(Record::Channel(it)) = record
                        && it.topic == NOTES
                    {
                        self.notes = Some(it.id);
                    }
                }
                op::DATA_END | op::FOOTER => break,
                _ => self.skip(len)?,
            }
        }
        self.at_end = true;
        Ok(false)
    }

    /// Looks for the regions, the times and the end.
    fn look_through(&mut self) -> Result<(), OpenError> {
        let mut magic = [0; MAGIC.len()];
        self.file.rewind()?;
        if let Err(error) = self.file.read_exact(&mut magic) {
            return Err(match error.kind() {
                io::ErrorKind::UnexpectedEof if self.len == 0 => OpenError::Empty,
                io::ErrorKind::UnexpectedEof => OpenError::NotMcap,
                _ => error.into(),
            });
        }
        if magic != MAGIC {
            return Err(OpenError::NotMcap);
        }
        while let Some((opcode, len)) = self.record()? {
            match opcode {
                op::METADATA if len <= LONGEST => {
                    let Some(body) = self.body(len)? else { break };
                    if let Some(Record::Metadata(it)) = parse(opcode, &body) {
                        if self.regions.is_empty() {
                            self.fields = fields(&it).unwrap_or_default();
                        }
                        self.regions.extend(RegionInfo::of(&it));
                        self.regions.truncate(MOST_REGIONS);
                    }
                }
                op::CHUNK if len >= 16 => {
                    let mut times = [0; 16];
                    self.file.read_exact(&mut times)?;
                    self.skip(len - 16)?;
                    let (first, last) = times.split_at(8);
                    self.include(first);
                    self.include(last);
                }
                op::FOOTER => {
                    self.skip(len)?;
                    let mut magic = [0; MAGIC.len()];
                    self.is_finished = self.file.read_exact(&mut magic).is_ok() && magic == MAGIC;
                    break;
                }
                _ => self.skip(len)?,
            }
        }
        if self.regions.is_empty() {
            return Err(OpenError::NoRegion);
        }
        for (number, region) in self.regions.iter().enumerate() {
            self.channels.entry(region.channel).or_insert(number);
        }
        self.frames = vec![None; self.regions.len()];
        Ok(())
    }

    fn include(&mut self, time: &[u8]) {
        let time = time.first_chunk().map_or(0, |it| u64::from_le_bytes(*it));
        let time = Time::from_nanoseconds(time);
        let (first, last) = self.span.unwrap_or((time, time));
        self.span = Some((first.min(time), last.max(time)));
    }

    fn rewind(&mut self) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(MAGIC.len() as u64))?;
        self.chunk.clear();
        self.frames.fill(None);
        self.damage = Damage {
            is_cut: self.damage.is_cut,
            ..Damage::default()
        };
        self.at_end = false;
        Ok(())
    }

    /// The next record: its kind and its length. `None` at the end of the file, and where it is cut off.
    fn record(&mut self) -> io::Result<Option<(u8, u64)>> {
        if self.at_end {
            return Ok(None);
        }
        let mut head = [0; 9];
        let mut len = 0;
        while len < head.len() {
            match self.file.read(&mut head[len..]) {
                Ok(0) => {
                    self.damage.is_cut |= len > 0;
                    return Ok(None);
                }
                Ok(read) => len += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        let [opcode, len @ ..] = head;
        let len = u64::from_le_bytes(len);
        // No record has the kind 0. After a power failure, a file can end in zeros.
        if opcode == 0 || len > self.len.saturating_sub(self.file.stream_position()?) {
            self.damage.is_cut = true;
            return Ok(None);
        }
        Ok(Some((opcode, len)))
    }

    fn body(&mut self, len: u64) -> io::Result<Option<Vec<u8>>> {
        let mut body = std::mem::take(&mut self.body);
        body.clear();
        self.file.by_ref().take(len).read_to_end(&mut body)?;
        Ok((body.len() as u64 == len).then_some(body))
    }

    fn skip(&mut self, len: u64) -> io::Result<()> {
        // It fits: the record lies within the file.
        self.file
            .seek_relative(i64::try_from(len).unwrap_or(i64::MAX))
    }
}

/// What one record of a chunk was.
enum Step {
    Nothing,
    Note(Time, Note),
    Frame(usize, Time),
}

impl Chunk {
    fn clear(&mut self) {
        self.bytes.clear();
        self.at = 0;
    }

    /// The next record: its kind, and where its body is.
    fn next(&mut self) -> Option<(u8, std::ops::Range<usize>)> {
        let (head, _) = self.bytes.get(self.at..)?.split_first_chunk::<9>()?;
        let [opcode, len @ ..] = *head;
        let start = self.at + head.len();
        let len = usize::try_from(u64::from_le_bytes(len)).ok()?;
        let end = start
            .checked_add(len)
            .filter(|it| *it <= self.bytes.len())?;
        self.at = end;
        Some((opcode, start..end))
    }
}

/// The frame that a message makes of the one before; `None` if it makes none.
fn applied(frame: &mut Option<Vec<u8>>, message: &[u8]) -> Option<Applied> {
    let can_follow = frame.is_some() || message.first() == Some(&delta::KEY);
    let mut bytes = frame.take().unwrap_or_default();
    let applied = delta::apply(message, &mut bytes).ok()?;
    if can_follow {
        *frame = Some(bytes);
        return Some(applied);
    }
    // A chunk may begin with a gap, which is of no frame.
    matches!(applied, Applied::Gap).then_some(applied)
}

/// Replaces `bytes` with the records of a chunk; `false` if they are damaged.
fn decompress(header: &ChunkHeader, data: &[u8], bytes: &mut Vec<u8>) -> bool {
    bytes.clear();
    if header.uncompressed_size > LONGEST {
        return false;
    }
    match header.compression.as_str() {
        "" => bytes.extend_from_slice(data),
        "zstd" => {
            let Ok(decoder) = zstd::stream::read::Decoder::with_buffer(data) else {
                return false;
            };
            // One byte more, so that a chunk that is longer than it says is refused.
            let mut decoder = decoder.take(header.uncompressed_size + 1);
            if decoder.read_to_end(bytes).is_err() {
                return false;
            }
        }
        _ => return false,
    }
    let crc = header.uncompressed_crc;
    bytes.len() as u64 == header.uncompressed_size && (crc == 0 || crc == crc32fast::hash(bytes))
}

impl<R> fmt::Debug for Recording<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recording")
            .field("regions", &self.regions)
            .field("span", &self.span)
            .field("is_finished", &self.is_finished)
            .field("damage", &self.damage)
            .finish_non_exhaustive()
    }
}

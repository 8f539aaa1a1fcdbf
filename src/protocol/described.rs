//! [`Described`].

use crate::access::{Access, ReadWrite};
use crate::backing::Backing;
use crate::data::encoding::Encoding;
use crate::data::layout::LONGEST_SCHEMA;
use crate::error::SharedMemoryError;
use crate::error::layout_mismatch::LayoutMismatch;
use crate::error::unknown_format::UnknownFormat;
use crate::protocol::companions::Companions;
use crate::protocol::directory::{FORMAT, Kind};
use crate::protocol::header::{self, WORDS, word};
use crate::protocol::shape::{Element, Shape};
use crate::region::options::SharedMemoryOptions;
use crate::region::section::Section;
use crate::region::view::View;

/// How many names are tried for a new region: a bound on what squatters can cost.
const GENERATIONS: u64 = 1000;

/// A region that says by a header and a schema what it holds, and says so of the kind and the type that were
/// asked for. Where in it that is remains to be checked.
pub(crate) struct Described<A> {
    pub(crate) view: View<A>,
    pub(crate) section: Section<A>,
    /// Copied once: it may change in the region.
    pub(crate) header: [u32; WORDS],
    pub(crate) schema: Box<str>,
    pub(crate) element: Element,
}

impl Described<ReadWrite> {
    /// Creates the region of a generation, under a name that must be free, with this header.
    pub(crate) fn create(
        names: &Companions,
        generation: u64,
        shape: &Shape,
        header: [u32; WORDS],
        len: usize,
        options: &SharedMemoryOptions,
    ) -> Result<Self, SharedMemoryError> {
        let mut options = options.clone();
        options.backing(Backing::Committed);
        let section: Section<ReadWrite> =
            Section::create_with(&names.payload(generation), len as u64, &options)?;
        let view = section.map_range(0, len)?;
        step!();
        view.write_bytes(header::SCHEMA, shape.schema.as_bytes())?;
        step!();
        view.write(0, &header)?;
        step!();
        Ok(Self {
            view,
            section,
            header,
            schema: shape.schema.as_str().into(),
            element: shape.element,
        })
    }
}

impl<A: Access> Described<A> {
    /// Opens the region of a generation, if it can be used as this shape; `None` is for whatever it holds.
    pub(crate) fn open(
        names: &Companions,
        generation: u64,
        kind: Kind,
        shape: Option<&Shape>,
    ) -> Result<Self, SharedMemoryError> {
        let (section, view) = map(names, generation)?;
        // From here on only the copy counts.
        let header: [u32; WORDS] = view.read(0)?;
        match [word::MAGIC, word::FORMAT, word::KIND].map(|at| header[at]) {
            [header::MAGIC, FORMAT, it] if it == kind as u32 => {}
            [header::MAGIC, FORMAT, _] => return Err(unknown(names, UnknownFormat::OtherKind)),
            [header::MAGIC, found, _] => {
                return Err(unknown(names, UnknownFormat::OtherVersion { found }));
            }
            _ => {
                let companion = names.payload(generation);
                return Err(unknown(
                    names,
                    UnknownFormat::ForeignCompanion { companion },
                ));
            }
        }
        // The bound also holds for what is read for the message alone.
        let len = match header[word::SCHEMA_LEN] as usize {
            len if shape.is_some_and(|it| len == it.schema.len()) => len,
            len => len.min(LONGEST_SCHEMA),
        };
        let theirs = view.read_text(header::SCHEMA, len, Encoding::Utf8)?;
        let (size, align) = (header::wide(&header, word::SIZE), header[word::ALIGN]);
        let element = match shape {
            Some(shape) => shape.find(&theirs, size, align).ok_or_else(|| {
                SharedMemoryError::from(LayoutMismatch::new(&names.name, &shape.schema, &theirs))
            })?,
            None => Element::found(&theirs, size, align)
                .ok_or_else(|| unknown(names, UnknownFormat::DamagedHeader))?,
        };
        Ok(Self {
            view,
            section,
            header,
            schema: theirs.into(),
            element,
        })
    }
}

/// Maps the region of a generation, whatever it is.
pub(crate) fn map<A: Access>(
    names: &Companions,
    generation: u64,
) -> Result<(Section<A>, View<A>), SharedMemoryError> {
    let section: Section<A> =
        Section::open_with(&names.payload(generation), &SharedMemoryOptions::new())?;
    let view = section.map()?.committed()?;
    Ok((section, view))
}

/// Creates the region of the first generation from this one on that is free. A name may be taken by the region of a
/// process that died before it registered, as long as another process has that region open.
pub(crate) fn create_next<R>(
    first: u64,
    create: impl Fn(u64) -> Result<R, SharedMemoryError>,
) -> Result<(u64, R), SharedMemoryError> {
    // 0 is none.
    let next = (0..GENERATIONS).map(|it| first.wrapping_add(it));
    for generation in next.filter(|it| *it > 0) {
        match create(generation) {
            Err(SharedMemoryError::AlreadyExists | SharedMemoryError::NameInUse { .. }) => {}
            Err(error) if error.is_access_denied() => {}
            created => return Ok((generation, created?)),
        }
    }
    Err(SharedMemoryError::AlreadyExists)
}

fn unknown(names: &Companions, reason: UnknownFormat) -> SharedMemoryError {
    SharedMemoryError::UnknownFormat {
        name: names.name.to_string(),
        reason,
    }
}

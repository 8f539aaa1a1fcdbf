//! The messages of `/R/raw`, compressed.

use std::fmt;
use std::io::{self, ErrorKind, Write};

use zstd::stream::write::{Decoder, Encoder};
use zstd::zstd_safe::{CParameter, DParameter};

use crate::delta::KEY;

/// The fastest.
const LEVEL: i32 = 1;

/// How far back a message refers at most, as a power of two. One that claims more gets no memory for it.
const WINDOW: u32 = 20;

/// Compresses messages: the first byte, which is their kind, stays, and the rest is compressed. A key and what follows it
/// up to the next are one frame of zstd (RFC 8878), flushed after each message: of bytes that change again and again at
/// the same places, only the first message has to say where they are.
#[derive(Default)]
pub(super) struct Packer(Option<Encoder<'static, Vec<u8>>>);

impl Packer {
    /// The first message has to be a key.
    pub(super) fn pack(&mut self, message: &[u8]) -> io::Result<Vec<u8>> {
        let Some((kind, rest)) = message.split_first() else {
            return Err(ErrorKind::InvalidInput.into());
        };
        if *kind == KEY {
            let mut encoder = Encoder::new(Vec::new(), LEVEL)?;
            encoder.set_parameter(CParameter::WindowLog(WINDOW))?;
            self.0 = Some(encoder);
        }
        let encoder = self.0.as_mut().ok_or(ErrorKind::InvalidInput)?;
        encoder.get_mut().push(*kind);
        encoder.write_all(rest)?;
        encoder.flush()?;
        Ok(std::mem::take(encoder.get_mut()))
    }
}

impl fmt::Debug for Packer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Packer").finish_non_exhaustive()
    }
}

/// Makes the messages again.
#[derive(Default)]
pub(super) struct Unpacker(Option<Decoder<'static, Limited>>);

impl Unpacker {
    /// The message, if it has at most so many bytes. After an error a key has to follow.
    pub(super) fn unpack(&mut self, packed: &[u8], most: usize) -> io::Result<Vec<u8>> {
        let Some((kind, rest)) = packed.split_first() else {
            return Err(ErrorKind::InvalidData.into());
        };
        if *kind == KEY {
            let mut decoder = Decoder::new(Limited::default())?;
            decoder.set_parameter(DParameter::WindowLogMax(WINDOW))?;
            self.0 = Some(decoder);
        }
        let decoder = self.0.as_mut().ok_or(ErrorKind::InvalidData)?;
        decoder.get_mut().most = most;
        decoder.get_mut().write_all(&[*kind])?;
        decoder.write_all(rest)?;
        decoder.flush()?;
        Ok(std::mem::take(&mut decoder.get_mut().bytes))
    }
}

impl fmt::Debug for Unpacker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unpacker").finish_non_exhaustive()
    }
}

/// So many bytes at most: a few that are compressed may claim to be any number.
#[derive(Default)]
struct Limited {
    bytes: Vec<u8>,
    most: usize,
}

impl Write for Limited {
    fn write(&mut self, more: &[u8]) -> io::Result<usize> {
        if more.len() > self.most - self.bytes.len() {
            return Err(ErrorKind::FileTooLarge.into());
        }
        self.bytes.extend_from_slice(more);
        Ok(more.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

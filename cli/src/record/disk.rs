//! The file of a recording, on a disk that may lose its power.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// How often what was written is stored on the disk. The system keeps what a killed program has written, but only the disk
/// keeps it when the power fails. Storing it oftener would keep a slow disk busy, and other programs waiting for it.
const STORED: Duration = Duration::from_secs(10);

/// A file that is being written.
pub(super) struct Disk {
    file: Arc<File>,
    written: Arc<AtomicU64>,
    stored: Instant,
    /// Stores, because that can take longer than a region waits.
    storing: Option<JoinHandle<io::Result<()>>>,
}

/// The same file, for whoever ends it.
pub(super) struct Written {
    file: Arc<File>,
    written: Arc<AtomicU64>,
}

impl Disk {
    pub(super) fn new(file: File) -> (Self, Written) {
        let (file, written) = (Arc::new(file), Arc::new(AtomicU64::new(0)));
        let disk = Self {
            file: Arc::clone(&file),
            written: Arc::clone(&written),
            stored: Instant::now(),
            storing: None,
        };
        (disk, Written { file, written })
    }

    /// Begins to store what was written, unless that still goes on. Fails if it did not work the last time.
    fn store(&mut self) -> io::Result<()> {
        if self.storing.as_ref().is_some_and(|it| !it.is_finished()) {
            return Ok(());
        }
        if let Some(storing) = self.storing.take() {
            storing
                .join()
                .map_err(|_| io::Error::other("a thread has panicked"))??;
        }
        self.stored = Instant::now();
        let file = Arc::clone(&self.file);
        self.storing = Some(thread::spawn(move || file.sync_data()));
        Ok(())
    }
}

impl Write for Disk {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let len = self.file.write(bytes)?;
        self.written.fetch_add(len as u64, Ordering::Relaxed);
        Ok(len)
    }

    /// Called at the end of each chunk.
    fn flush(&mut self) -> io::Result<()> {
        if self.stored.elapsed() >= STORED {
            self.store()?;
        }
        self.file.flush()
    }
}

impl Seek for Disk {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

impl Written {
    /// How many bytes the file has.
    pub(super) fn len(&self) -> u64 {
        self.written.load(Ordering::Relaxed)
    }

    /// Stores everything, before anybody is told that it is there.
    pub(super) fn store(&self) -> io::Result<()> {
        self.file.sync_data()
    }
}

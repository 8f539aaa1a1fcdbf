//! What is recorded can be read, whatever has become of the file.

mod python;
mod recordings;
mod regions;

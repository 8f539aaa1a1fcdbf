//! Integration tests: one binary, a module per subject.

#![cfg(windows)]

mod interop;

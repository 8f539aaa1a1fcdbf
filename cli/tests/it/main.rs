//! The program as its users run it: one binary, a module a subject. Live regions are there under Windows alone.

mod help;
mod tool;

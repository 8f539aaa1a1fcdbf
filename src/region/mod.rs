//! Regions: a section, views of it, and how the two come to be.

mod copies;
pub(crate) mod opening;
pub(crate) mod options;
pub(crate) mod section;
pub(crate) mod security;
pub(crate) mod table;
pub(crate) mod view;

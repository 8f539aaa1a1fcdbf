//! uPlot, which draws the charts of pages.

/// Its script, with what its licence asks for.
pub(crate) const SCRIPT: &str = concat!(
    "/* uPlot 1.6.32, MIT, https://github.com/leeoniya/uPlot */\n",
    include_str!("../assets/uPlot.iife.min.js")
);

pub(crate) const STYLE: &str = include_str!("../assets/uPlot.min.css");

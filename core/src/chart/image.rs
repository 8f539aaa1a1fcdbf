//! Charts as images.

use std::sync::Once;

use plotters::prelude::{BitMapBackend, FontStyle, SVGBackend};
use plotters::style::register_font;

use super::draw::{Font, Plan, SCALE};
use super::{Chart, ChartError};

/// DejaVu Sans, reduced to Latin, Greek, Cyrillic and signs.
const DEJAVU: &[u8] = include_bytes!("../../assets/DejaVuSans-subset.ttf");

/// The name that an image knows the font by.
const NAME: &str = "winshm";

/// What is in SVG: whoever shows it has one of these.
const FAMILIES: &str = "system-ui, -apple-system, Segoe UI, DejaVu Sans, sans-serif";

pub(super) fn svg(chart: &Chart) -> Result<String, ChartError> {
    let plan = Plan::new(chart)?;
    let (width, height) = plan.size();
    let mut svg = String::new();
    plan.draw(
        SVGBackend::with_string(&mut svg, (width, height)),
        &Font(FAMILIES),
    )?;
    // Units are parts of pixels, as plotters knows whole ones only.
    let drawn = format!("width=\"{width}\" height=\"{height}\"");
    let scale = SCALE.unsigned_abs();
    let shown = format!("width=\"{}\" height=\"{}\"", width / scale, height / scale);
    Ok(svg.replacen(&drawn, &shown, 1))
}

pub(super) fn png(chart: &Chart) -> Result<Vec<u8>, ChartError> {
    static REGISTERED: Once = Once::new();
    // It is a font: the tests show one.
    REGISTERED.call_once(|| register_font(NAME, FontStyle::Normal, DEJAVU).unwrap_or_default());
    let plan = Plan::new(chart)?;
    let (width, height) = plan.size();
    let mut pixels = vec![0; width as usize * height as usize * 3];
    let bitmap = BitMapBackend::with_buffer(&mut pixels, (width, height));
    plan.draw(bitmap, &Font(NAME))?;
    encode(&pixels, width, height)
}

fn encode(pixels: &[u8], width: u32, height: u32) -> Result<Vec<u8>, ChartError> {
    let failed =
        |error: png::EncodingError| ChartError(format!("the image cannot be made: {error}"));
    let mut image = Vec::new();
    let mut encoder = png::Encoder::new(&mut image, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    // Programs that lay out pages show it half as large: 192 dots an inch, in dots a metre.
    encoder.set_pixel_dims(Some(png::PixelDimensions {
        xppu: 7559,
        yppu: 7559,
        unit: png::Unit::Meter,
    }));
    let mut writer = encoder.write_header().map_err(failed)?;
    writer.write_image_data(pixels).map_err(failed)?;
    writer.finish().map_err(failed)?;
    Ok(image)
}

//! Charts as a page that zooms: uPlot (<https://github.com/leeoniya/uPlot>) and the numbers, in one file.

use serde_json::{Value, json};

use super::Chart;
use crate::{palette, uplot};

const STYLE: &str = include_str!("../../assets/chart.css");
const SCRIPT: &str = include_str!("../../assets/chart.js");

pub(super) fn html(chart: &Chart) -> String {
    let title = text(&chart.title);
    let data = script(&data(chart));
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
         script-src 'unsafe-inline'; style-src 'unsafe-inline'\">\n\
         <title>{title}</title>\n<style>{}\n{STYLE}</style>\n</head>\n<body>\n\
         <header><h1>{title}</h1>\
         <p>Drag to zoom, double-click to see all, click a name to hide its line.</p></header>\n\
         <main id=\"chart\"></main>\n\
         <script>{}</script>\n\
         <script>const chart = {data};\n{SCRIPT}</script>\n</body>\n</html>\n",
        uplot::STYLE,
        uplot::SCRIPT,
    )
}

/// What the page's script draws.
fn data(chart: &Chart) -> Value {
    let panels = chart.units().into_iter().map(|it| {
        let series = it.series.iter().enumerate().map(|(number, series)| {
            let [light, dark] = palette::css(number);
            json!({
                "name": series.name,
                "light": light,
                "dark": dark,
                "dash": palette::series(number).1,
                "values": numbers(&series.values),
            })
        });
        json!({ "unit": it.unit, "series": series.collect::<Vec<_>>() })
    });
    json!({
        "begin": chart.samples.begin.nanoseconds() as f64 / 1e9,
        "times": numbers(&chart.samples.times),
        "panels": panels.collect::<Vec<_>>(),
    })
}

/// Numbers with the digits that a chart shows; what is not one is a gap.
fn numbers(all: &[f64]) -> Vec<Option<f64>> {
    let rounded = |it: f64| {
        format!("{it:.7e}")
            .parse()
            .ok()
            .filter(|it: &f64| it.is_finite())
    };
    all.iter().map(|it| rounded(*it)).collect()
}

/// A text between tags.
fn text(text: &str) -> String {
    let mut out = String::new();
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            it => out.push(it),
        }
    }
    out
}

/// JSON in a script: nothing in a text can end the script, or a line of it.
fn script(data: &Value) -> String {
    let json = data.to_string();
    let mut out = String::with_capacity(json.len());
    for character in json.chars() {
        match character {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                out.push_str(&format!("\\u{:04x}", character as u32));
            }
            it => out.push(it),
        }
    }
    out
}

//! `winshm info`, of a recording.

use std::io::Write;

use serde_json::json;
use winshm_core::escape;
use winshm_core::recording::{Event, Note};

use crate::failure::Result;
use crate::sources;

/// What was counted of a region.
#[derive(Clone, Default)]
struct Counted {
    frames: u64,
    lost: u64,
    /// Of the last frame, in bytes.
    size: usize,
}

pub(super) fn print(name: &str, is_json: bool, out: &mut impl Write) -> Result<()> {
    let mut recording = sources::recording(name)?;
    let names: Vec<_> = recording
        .regions()
        .iter()
        .map(|it| it.name.clone())
        .collect();
    let mut counted = vec![Counted::default(); names.len()];
    let mut markers = Vec::new();
    while let Some(event) = recording.next()? {
        match event {
            Event::Frame { region, bytes, .. } => {
                if let Some(counted) = counted.get_mut(region) {
                    counted.frames += 1;
                    counted.size = bytes.len();
                }
            }
            Event::Note {
                note: Note::Lost { region, frames },
                ..
            } => {
                let found = names.iter().position(|it| *it == region);
                if let Some(counted) = found.and_then(|it| counted.get_mut(it)) {
                    counted.lost = counted.lost.saturating_add(frames);
                }
            }
            Event::Note {
                time,
                note: Note::Marker { text },
            } => markers.push((time, text)),
            _ => {}
        }
    }
    let regions: Vec<_> = recording.regions().iter().zip(&counted).collect();
    let layout = |plan: &Option<_>| {
        plan.as_ref()
            .map(|it: &win_shared_memory_layouts::Plan| it.layout().id.clone())
    };
    let span = recording.span();
    if is_json {
        let regions = regions.iter().map(|(region, counted)| {
            json!({
                "name": region.name,
                "layout": layout(&region.plan),
                "frames": counted.frames,
                "lost": counted.lost,
                "size": counted.size,
            })
        });
        let markers = markers
            .iter()
            .map(|(time, text)| json!({"time": time.to_string(), "text": text}));
        let object = json!({
            "from": span.map(|(from, _)| from.to_string()),
            "to": span.map(|(_, to)| to.to_string()),
            "seconds": span.map(|(from, to)| to.since(from).as_secs_f64()),
            "finished": recording.is_finished(),
            "damage": recording.damage().to_string(),
            "regions": regions.collect::<Vec<_>>(),
            "markers": markers.collect::<Vec<_>>(),
        });
        writeln!(out, "{object}")?;
        return Ok(());
    }
    if let Some((from, to)) = span {
        let seconds = to.since(from).as_secs_f64();
        writeln!(
            out,
            "from      {from}\nto        {to}\nduration  {seconds:.3} s"
        )?;
    }
    let finished = if recording.is_finished() {
        "yes"
    } else {
        "no: its recorder was killed, or records on; `winshm repair` finishes it"
    };
    writeln!(
        out,
        "finished  {finished}\ndamage    {}",
        recording.damage()
    )?;
    for (region, counted) in regions {
        let layout = layout(&region.plan).unwrap_or_else(|| "no layout".to_owned());
        let Counted { frames, lost, size } = counted;
        let name = escape(&region.name);
        writeln!(
            out,
            "region    {name}: {layout}, {frames} frames of {size} bytes, {lost} lost"
        )?;
    }
    for (time, text) in markers {
        writeln!(out, "marker    {time} {}", escape(&text))?;
    }
    Ok(())
}

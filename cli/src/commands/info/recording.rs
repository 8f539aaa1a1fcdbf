//! `winshm info`, of a recording.

use std::io::Write;

use serde_json::json;
use win_shared_memory_layouts::Plan;
use winshm_core::recording::{Event, Note};
use winshm_core::{Time, escape};

use crate::failure::Result;
use crate::progress::Progress;
use crate::sources;

/// What is in a recording.
struct Contents {
    regions: Vec<Region>,
    span: Option<(Time, Time)>,
    is_finished: bool,
    damage: String,
    markers: Vec<(Time, String)>,
}

struct Region {
    name: String,
    layout: Option<String>,
    frames: u64,
    lost: u64,
    /// Of the last frame, in bytes.
    size: usize,
}

pub(super) fn print(name: &str, is_json: bool, out: &mut impl Write) -> Result<()> {
    let contents = read(name)?;
    if is_json {
        writeln!(out, "{}", contents.object())?;
        Ok(())
    } else {
        contents.print(out)
    }
}

fn read(name: &str) -> Result<Contents> {
    let mut recording = sources::recording(name)?;
    let regions = recording.regions().iter().map(|it| Region {
        name: it.name.clone(),
        layout: it.plan.as_ref().map(|it: &Plan| it.layout().id.clone()),
        frames: 0,
        lost: 0,
        size: 0,
    });
    let mut regions: Vec<_> = regions.collect();
    let mut markers = Vec::new();
    let mut progress = Progress::new(name.as_ref());
    progress.begin("looking through");
    while let Some(event) = recording.next()? {
        match event {
            Event::Frame { region, bytes, .. } => {
                if let Some(region) = regions.get_mut(region) {
                    region.frames += 1;
                    region.size = bytes.len();
                }
            }
            Event::Note {
                note: Note::Lost { region, frames },
                ..
            } => {
                if let Some(region) = regions.iter_mut().find(|it| it.name == region) {
                    region.lost = region.lost.saturating_add(frames);
                }
            }
            Event::Note {
                time,
                note: Note::Marker { text },
            } => markers.push((time, text)),
            _ => {}
        }
        progress.step(&mut recording)?;
    }
    Ok(Contents {
        regions,
        span: recording.span(),
        is_finished: recording.is_finished(),
        damage: recording.damage().to_string(),
        markers,
    })
}

impl Contents {
    fn object(&self) -> serde_json::Value {
        let regions = self.regions.iter().map(|it| {
            json!({
                "name": it.name,
                "layout": it.layout,
                "frames": it.frames,
                "lost": it.lost,
                "size": it.size,
            })
        });
        let markers = self
            .markers
            .iter()
            .map(|(time, text)| json!({"time": time.to_string(), "text": text}));
        json!({
            "from": self.span.map(|(from, _)| from.to_string()),
            "to": self.span.map(|(_, to)| to.to_string()),
            "seconds": self.span.map(|(from, to)| to.since(from).as_secs_f64()),
            "finished": self.is_finished,
            "damage": self.damage,
            "regions": regions.collect::<Vec<_>>(),
            "markers": markers.collect::<Vec<_>>(),
        })
    }

    fn print(&self, out: &mut impl Write) -> Result<()> {
        if let Some((from, to)) = self.span {
            let seconds = to.since(from).as_secs_f64();
            writeln!(
                out,
                "from      {from}\nto        {to}\nduration  {seconds:.3} s"
            )?;
        }
        let finished = if self.is_finished {
            "yes"
        } else {
            "no: its recorder was killed, or records on; `winshm repair` finishes it"
        };
        writeln!(out, "finished  {finished}\ndamage    {}", self.damage)?;
        for region in &self.regions {
            let name = escape(&region.name);
            let layout = escape(region.layout.as_deref().unwrap_or("no layout"));
            let Region {
                frames, lost, size, ..
            } = region;
            writeln!(
                out,
                "region    {name}: {layout}, {frames} frames of {size} bytes, {lost} lost"
            )?;
        }
        for (time, text) in &self.markers {
            writeln!(out, "marker    {time} {}", escape(text))?;
        }
        Ok(())
    }
}

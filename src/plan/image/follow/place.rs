//! Where something in a followed text was written.

use super::Region;
use std::ops::Range;

/// A place in a unit's text as the reader of the source knows it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Written {
    /// Bytes of the task's own text.
    pub range: Range<usize>,
    /// The files it was reached through, with the line of each; the last one is where it stands.
    pub steps: Vec<(String, usize)>,
}

/// Where bytes of a unit's text were written.
pub fn written(regions: &[Region], text: &str, range: &Range<usize>) -> Written {
    let mut out = Written { range: range.clone(), steps: Vec::new() };
    let mut level: Option<&Region> = None;
    loop {
        let bounds = level.map_or(0..text.len(), |region| region.body.clone());
        let below: Vec<&Region> = children(regions, level, &bounds).collect();
        let inside = below.iter().find(|child| child.range.contains(&range.start)).copied();
        let at = inside.map_or(range.start, |child| child.range.start);
        // What was put in before the place at this level.
        let earlier = below.iter().filter(|child| child.range.end <= at);
        let mut offset = at.saturating_sub(bounds.start);
        let mut lines = text.get(bounds.start..at).unwrap_or("").matches('\n').count();
        for child in earlier {
            offset = offset.saturating_sub(child.range.len()) + child.call.len();
            let more = text.get(child.range.clone()).unwrap_or("").matches('\n').count();
            lines = lines.saturating_sub(more) + child.call.matches('\n').count();
        }
        match level {
            None => {
                let length = inside.map_or(range.len(), |child| child.call.len());
                out.range = offset..offset + length;
            }
            Some(region) if !region.file.is_empty() => {
                let line = region.lines.get(lines).or(region.lines.last()).copied().unwrap_or(1);
                out.steps.push((region.file.clone(), line));
            }
            Some(_) => {}
        }
        match inside {
            Some(child) if level.is_none_or(|level| level.range != child.range) => level = Some(child),
            _ => return out,
        }
    }
}

/// The regions directly in another one.
fn children<'r>(
    regions: &'r [Region],
    level: Option<&'r Region>,
    bounds: &Range<usize>,
) -> impl Iterator<Item = &'r Region> {
    let mut end = bounds.start;
    let bounds = bounds.clone();
    regions.iter().filter(move |region| {
        let direct = region.range.start >= end
            && bounds.start <= region.range.start
            && region.range.end <= bounds.end
            && level.is_none_or(|level| level.range != region.range);
        if direct {
            end = region.range.end;
        }
        direct
    })
}

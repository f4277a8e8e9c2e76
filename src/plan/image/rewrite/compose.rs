//! From the edits of a unit's text to what the task becomes: texts that were followed go back into calls.

use super::Edits;
use crate::plan::image::follow::{CallForm, Region};
use crate::plan::image::shell::quote;
use crate::plan::image::unit::Unit;
use std::ops::Range;

/// The new text; `None` when nothing changes.
pub(super) fn script(unit: &Unit, edits: Edits) -> Option<String> {
    let edits = edits.sorted();
    if edits.is_empty() {
        return None;
    }
    Some(part(unit, &(0..unit.text.len()), &edits, 0))
}

/// A part of the text with the calls in it as they are written, not what was read in their place.
pub fn as_written(unit: &Unit, range: &Range<usize>) -> String {
    part(unit, range, &[], 0)
}

/// The new words of an `exec` that calls something that was followed.
pub(super) fn words(unit: &Unit, edits: Edits) -> Option<Vec<String>> {
    let edits = edits.sorted();
    let region = unit.regions.first().filter(|region| is_touched(region, &edits))?;
    let text = part(unit, &region.body, &edits, 1);
    match &region.form {
        CallForm::Process { shell, argv: Some((front, behind)), .. } => {
            let middle = shell.iter().cloned().chain(["-c".to_string(), text]);
            Some(front.iter().cloned().chain(middle).chain(behind.iter().cloned()).collect())
        }
        _ => Some(["sh", "-c", &call(region, &text)].map(str::to_string).to_vec()),
    }
}

fn is_touched(region: &Region, edits: &[(Range<usize>, String)]) -> bool {
    edits.iter().any(|(range, _)| region.body.start <= range.start && range.end <= region.body.end)
}

/// A part of the text with its edits made and its calls written back. `first` is the first region that may lie in it.
fn part(unit: &Unit, range: &Range<usize>, edits: &[(Range<usize>, String)], first: usize) -> String {
    let mut out = String::new();
    let mut at = range.start;
    let mut regions = unit.regions.iter().enumerate().skip(first).peekable();
    let mut edits_here =
        edits.iter().filter(|(edit, _)| range.start <= edit.start && edit.end <= range.end).peekable();
    loop {
        while regions.peek().is_some_and(|(_, region)| region.range.start < at) {
            regions.next();
        }
        while edits_here.peek().is_some_and(|(edit, _)| edit.start < at) {
            edits_here.next();
        }
        let region = regions.peek().filter(|(_, region)| region.range.end <= range.end);
        let edit = edits_here.peek();
        let next_edit = edit.map(|(edit, _)| edit.start);
        let end = match (region, edit) {
            (None, None) => break,
            (Some((number, region)), _) if next_edit.is_none_or(|start| region.range.start < start) => {
                let (number, region) = (*number, *region);
                regions.next();
                out.push_str(unit.slice(&(at..region.range.start)));
                match is_touched(region, edits) {
                    true => out.push_str(&call(region, &part(unit, &region.body, edits, number + 1))),
                    false => out.push_str(&region.call),
                }
                region.range.end
            }
            (_, Some((edit, new))) => {
                edits_here.next();
                out.push_str(unit.slice(&(at..edit.start)));
                out.push_str(new);
                edit.end
            }
            (Some(_), None) => break,
        };
        at = end;
    }
    out.push_str(unit.slice(&(at..range.end)));
    out
}

/// The call of a new text.
fn call(region: &Region, text: &str) -> String {
    match &region.form {
        CallForm::Process { front, shell, behind, .. } => {
            let behind = if behind.is_empty() { String::new() } else { format!(" {behind}") };
            let text = format!("'{}'", text.replace('\'', r"'\''"));
            let shell: Vec<String> = shell.iter().map(|word| quote(word)).collect();
            format!("{front}{} -c {text}{behind}", shell.join(" "))
        }
        CallForm::Here => format!("{{\n{text}\n}}"),
        CallForm::Subshell => format!("(\n{text}\n)"),
    }
}

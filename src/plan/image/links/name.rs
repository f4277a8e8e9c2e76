//! Names of images as they can be given to Kaniko at the build, and the files they are saved in.

use super::*;
use crate::plan::image::shell::{FrameId, Part};
use crate::plan::image::value::{self, Value};

impl Linker<'_> {
    /// The word as text at the build, once for each value of a loop that is only around the push.
    pub(super) fn texts(&self, spot: Spot, word: &Word, build: Spot) -> Vec<Option<(Text, Value)>> {
        let (unit, command) = self.command(spot);
        let value = unit.value(command, word);
        let (other, start) = self.command(build);
        if spot.0 == build.0 {
            let there = value::follow(&unit.script, word, start.range.start, start.frame);
            if there.key() == value.key() {
                return vec![Some((Text::word(word, &value), value))];
            }
        }
        let outer = (spot.0 == build.0).then_some(start.frame);
        let values = unrolled(unit, command.frame, outer, &value);
        let carried = |value: Value| {
            let names = value.pieces.iter().filter_map(|piece| match piece {
                Piece::Variable { name, .. } => Some(name.as_str()),
                Piece::Opaque(text) => value::default(text).map(|(name, _)| name),
                _ => None,
            });
            let same = names
                .map(|name| Word {
                    parts: vec![Part::Variable { name: name.to_string(), default: None }],
                    ..Word::default()
                })
                .all(|word| {
                    value::follow(&other.script, &word, start.range.start, start.frame).from_environment()
                });
            let shell = value.portable().filter(|_| same)?;
            let text = Text { shell, literal: value.constant(), shown: value.text() };
            Some((text, value))
        };
        values.into_iter().map(carried).collect()
    }

    pub(super) fn save(&mut self, site: &Site) -> Fate {
        let (unit, command) = self.command(site.spot);
        let Some(handle) = Self::operands(&site.call)
            .first()
            .and_then(|word| self.handles.get(&self.key(site.spot, word)).cloned())
        else {
            return self.unlinked(site);
        };
        // One file has one maker; with several the last one wins, as in the daemon.
        let Some(build) = handle.builds.last().copied() else { return self.unlinked(site) };
        let words = &site.call.words;
        let option = words.iter().position(|word| matches!(word.head(), "-o" | "--output"));
        let glued = words.iter().find_map(|word| word.without("--output="));
        let redirect = command
            .redirects
            .iter()
            .find(|redirect| redirect.operator == ">" && redirect.descriptor.is_none());
        let target = glued.or_else(|| words.get(option? + 1).cloned()).or_else(|| redirect?.target.clone());
        let path =
            target.and_then(|word| folder::path(&unit.script, &word, command, &unit.folders[site.spot.1]));
        let Some(path) = path.filter(|path| request::inside(path) && unit.folders[site.spot.1].certain)
        else {
            self.note(
                &rule::IMAGE_FILE_UNCLEAR,
                site.spot,
                "where the image's file goes is known only when the job runs",
                None,
            );
            self.out.builds[build].used.get_or_insert((site.spot, Use::Save));
            return Fate::Decide(&rule::IMAGE_FILE_UNCLEAR);
        };
        let below = folder::below(&path).unwrap_or(&path).to_string();
        self.note(
            &rule::IMAGE_AS_TAR,
            site.spot,
            format!("Kaniko writes the image to `{below}` while it builds"),
            None,
        );
        let name = Self::operands(&site.call).first().and_then(|word| {
            let (text, value) =
                self.texts(site.spot, word, self.out.builds[build].spot).into_iter().next()??;
            let shown = tagged(&text.shown);
            Some(Destination {
                text,
                known: tagged(&value.with(self.options.variables)),
                shown,
                condition: None,
            })
        });
        self.out.builds[build].wishes.tar = Some((Text { shown: path.clone(), ..Text::of(&path) }, name));
        Fate::Merged(build)
    }
}

/// One value for each word of the loops around `frame` that are not around `outer`.
fn unrolled(unit: &Unit, frame: FrameId, outer: Option<FrameId>, value: &Value) -> Vec<Value> {
    let mut values = vec![value.clone()];
    for (id, around) in unit.script.around(frame) {
        let Kind::Loop { variable: Some(name), over: Some(words) } = &around.kind else { continue };
        if outer.is_some_and(|outer| unit.script.encloses(id, outer)) || values.len() > 100 {
            continue;
        }
        let words: Vec<String> = words.iter().filter_map(Word::constant).collect();
        let put = |value: &Value, word: &String| {
            let pieces = value.pieces.iter().map(|piece| match piece {
                Piece::Variable { name: n, version } if n == name && *version == around.range.start + 1 => {
                    Piece::Text(word.clone())
                }
                piece => piece.clone(),
            });
            Value { pieces: pieces.collect() }
        };
        values = values
            .iter()
            .flat_map(|value| words.iter().map(move |word| put(value, word)))
            .take(100)
            .collect();
        values.dedup();
    }
    values
}

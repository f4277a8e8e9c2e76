//! Images that another job of the pipeline builds or pushes.

use super::*;
use crate::plan::image::across::{Earlier, Wanted};

impl Linker<'_> {
    fn earlier(&self, spot: Spot, word: &Word) -> Option<Earlier> {
        let key = self.key(spot, word);
        self.renamed.get(&key).or_else(|| self.options.joins?.earlier.get(&key)).cloned()
    }

    /// A further name for an image that an earlier job builds.
    pub(super) fn renamed_earlier(&mut self, spot: Spot, from: &Word, to: &Word) -> Option<Fate> {
        let earlier = self.earlier(spot, from)?;
        let gate = earlier.gate;
        self.renamed.insert(self.key(spot, to), earlier);
        Some(gate.map_or(Fate::Joined, Fate::Decide))
    }

    /// The push of an image that an earlier job builds.
    pub(super) fn pushed_earlier(&mut self, spot: Spot, word: &Word) -> Option<Fate> {
        let earlier = self.earlier(spot, word)?;
        let (unit, command) = self.command(spot);
        let shown = short(&unit.shown(command));
        if let Some(rule) = earlier.gate {
            let between =
                if rule.name == rule::PUSHED_BEFORE_TEST.name { "other stages" } else { "an approval" };
            let message = format!(
                "`{shown}` stands behind {between}; the job `{}` would push the image when it builds it",
                earlier.name
            );
            let help = "push a scratch tag when it is built, and copy it to the final one in this place";
            self.note(rule, spot, message, Some(help));
            self.out.foreign.push((earlier, Err(rule)));
            return Some(Fate::Decide(rule));
        }
        let conditional = unit.script.around(command.frame).any(|(_, frame)| {
            matches!(
                frame.kind,
                Kind::Branch { .. } | Kind::Arm { .. } | Kind::Loop { .. } | Kind::Or(_) | Kind::Function(_)
            )
        });
        let value = unit.value(command, word);
        let portable = value.portable().filter(|_| value.from_environment() && !conditional)?;
        let text = Text { shell: portable, literal: value.constant(), shown: tagged(&value.text()) };
        let known = tagged(&value.with(self.options.variables));
        let message = format!("`{shown}` pushes what the job `{}` builds; the build pushes it", earlier.name);
        self.note(&build_rule::BUILD_AND_PUSH_JOINED, spot, message, None);
        self.out.foreign.push((earlier, Ok((text, known))));
        Some(Fate::Joined)
    }

    /// Adds the names that later jobs want.
    pub(super) fn take_wanted(&mut self) {
        let wanted: Vec<Wanted> = self.options.joins.map(|joins| joins.wanted.clone()).unwrap_or_default();
        for Wanted { build, by, destination } in wanted {
            let Some(spot) = self.out.builds.get(build).map(|build| build.spot) else { continue };
            let (text, known) = match destination {
                Ok(destination) => destination,
                Err(rule) => {
                    self.out.builds[build].refused.get_or_insert(rule);
                    let message =
                        format!("the job `{by}` pushes the image later, and Kaniko pushes when it builds");
                    let help = "push a scratch tag here, and copy it to the final one there";
                    self.note(rule, spot, message, Some(help));
                    continue;
                }
            };
            let shown = text.shown.clone();
            let message = format!("the job `{by}` pushes the image as `{shown}`; now the build does");
            self.note(&build_rule::BUILD_AND_PUSH_JOINED, spot, message, None);
            let order = self.handles.len() + self.orders.len();
            self.orders.entry((build, shown.clone())).or_insert(order);
            let destinations = &mut self.out.builds[build].wishes.destinations;
            if !destinations.iter().any(|there| there.shown == shown) {
                destinations.push(Destination { text, shown, condition: None, known });
            }
        }
    }
}

impl Links {
    /// Is an image pushed, tagged or run that this job does not build?
    pub fn has_loose_push(&self) -> bool {
        self.sites
            .iter()
            .any(|site| matches!(site.fate, Fate::Decide(rule) if *rule == rule::PUSH_WITHOUT_BUILD))
    }
}

//! Images that are not built here: pulled or loaded, named, and pushed again.

use super::*;

impl Linker<'_> {
    /// Remembers where a pulled image comes from.
    pub(super) fn pulled(&mut self, site: &Site) {
        if let Some(word) = Self::operands(&site.call).first() {
            self.origins.insert(self.key(site.spot, word), Origin::Registry(site.spot, (*word).clone()));
        }
    }

    /// `docker load -i file`, `docker load < file`.
    pub(super) fn load(&mut self, site: &Site) -> Fate {
        let (unit, command) = self.command(site.spot);
        let words = &site.call.words;
        let option = words.iter().position(|word| matches!(word.head(), "-i" | "--input"));
        let glued = words.iter().find_map(|word| word.without("--input="));
        let redirect = command.redirects.iter().find(|redirect| redirect.operator == "<");
        let target = glued.or_else(|| words.get(option? + 1).cloned()).or_else(|| redirect?.target.clone());
        let folder = &unit.folders[site.spot.1];
        let path = target.and_then(|word| folder::path(&unit.script, &word, command, folder));
        match path.filter(|path| request::inside(path) && folder.certain) {
            Some(path) => {
                self.loaded = Some(Text::of(&path));
                Fate::Nothing("the file is pushed as it is")
            }
            None => self.usage(site),
        }
    }

    /// Does `docker run` run what was loaded from a file? Names with a host, and what was pulled, come from registries.
    pub(super) fn runs_loaded(&self, site: &Site) -> bool {
        let line = crate::plan::image::run::options::read(&site.call.words);
        let Some(image) = line.subject.filter(|_| self.loaded.is_some()) else { return false };
        let key = self.key(site.spot, &image);
        let elsewhere =
            matches!(self.origins.get(&key), Some(Origin::Registry(..))) || self.handles.contains_key(&key);
        let host = key.split_once('/').is_some_and(|(host, _)| host.contains(['.', ':']));
        !elsewhere && !host
    }

    /// The origin of an image that a command names.
    fn origin(&self, spot: Spot, word: &Word) -> Option<Origin> {
        let known = self.origins.get(&self.key(spot, word)).cloned();
        known.or_else(|| self.loaded.clone().map(Origin::File))
    }

    /// A further name for an image that comes from elsewhere.
    pub(super) fn renamed(&mut self, spot: Spot, from: &Word, to: &Word) -> Option<Fate> {
        let origin = self.origin(spot, from)?;
        self.origins.insert(self.key(spot, to), origin);
        Some(Fate::Nothing("named by the copy"))
    }

    /// A further name that an image gets only under a condition, when it is pushed anyway: a copy in the registry, in
    /// the place of the push, so that the script's own condition decides.
    pub(super) fn second_name(&mut self, spot: Spot, to: &Word, build: usize) -> Option<Fate> {
        let made = &self.out.builds[build];
        let always = made.wishes.destinations.iter().find(|destination| destination.condition.is_none())?;
        let here = spot.0 == made.spot.0 || always.text.literal.is_some();
        if !here || self.guards().relation(made.spot, spot) == Relation::Always {
            return None;
        }
        let from = Text { shown: always.shown.clone(), ..always.text.clone() };
        let (unit, command) = self.command(spot);
        let value = unit.value(command, to);
        let to = Text { shown: tagged(&value.text()), ..Text::word(to, &value) };
        let known = tagged(&value.with(self.options.variables));
        if to.shown == from.shown {
            return None;
        }
        let message = format!("`{}` is copied to `{}`", from.shown, to.shown);
        self.note(&rule::IMAGE_COPY_STEP, spot, message, None);
        self.out.copies.push(Transfer { spot, from, file: false, to, known });
        Some(Fate::Copy(self.out.copies.len() - 1))
    }

    /// The push of an image that comes from elsewhere.
    pub(super) fn copied(&mut self, spot: Spot, to: &Word) -> Option<Fate> {
        let (unit, command) = self.command(spot);
        let (from, file) = match self.origin(spot, to)? {
            Origin::File(path) => (path, true),
            Origin::Registry(origin, word) => (self.texts(origin, &word, spot).into_iter().next()??.0, false),
        };
        let value = unit.value(command, to);
        let to = Text { shown: tagged(&value.text()), ..Text::word(to, &value) };
        let shown = tagged(&from.shown);
        let from = Text { shown: if file { from.shown.clone() } else { shown }, ..from };
        if from.shown == to.shown {
            return Some(Fate::Nothing("the registry has it already"));
        }
        let known = tagged(&value.with(self.options.variables));
        let shown = folder::below(&from.shown).unwrap_or(&from.shown).to_string();
        self.note(&rule::IMAGE_COPY_STEP, spot, format!("`{shown}` is copied to `{}`", to.shown), None);
        if crate::plan::image::runs::of(&unit.script, command).unrolled {
            self.note(&build_rule::LOOP_UNROLLED, spot, "each image of the loop is copied", None);
        }
        self.out.copies.push(Transfer { spot, from, file, to, known });
        Some(Fate::Copy(self.out.copies.len() - 1))
    }
}

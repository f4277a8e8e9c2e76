//! Tags, pushes and saved files: what a build's image is to be called.

use super::*;
use crate::plan::image::retry;
use crate::plan::image::value::Value;

/// Most builds of one name that a push asks about: with `n` pushes it is `n` times as many conditions.
const MOST_MAKERS: usize = 20;

impl Linker<'_> {
    /// Operands of a command: the words that are no options.
    pub(super) fn operands(call: &Call) -> Vec<&Word> {
        let valued = ["-o", "--output", "--format", "-f", "--authfile", "--creds", "--cert-dir"];
        let mut out = Vec::new();
        let mut words = call.words.iter();
        while let Some(word) = words.next() {
            match word.head() {
                head if head.len() > 1 && head.starts_with('-') => {
                    if valued.contains(&head) && call.kind != Use::Push {
                        words.next();
                    }
                }
                _ => out.push(word),
            }
        }
        out
    }

    pub(super) fn tag(&mut self, site: &Site) -> Fate {
        let operands = Self::operands(&site.call);
        let (Some(from), Some(to)) = (operands.first(), operands.get(1)) else {
            return self.unlinked(site);
        };
        let Some(handle) = self.handles.get(&self.key(site.spot, from)).cloned() else {
            let elsewhere = self.renamed(site.spot, from, to);
            let elsewhere = elsewhere.or_else(|| self.renamed_earlier(site.spot, from, to));
            return elsewhere.unwrap_or_else(|| self.unlinked(site));
        };
        let key = self.key(site.spot, to);
        let first = handle.builds[0];
        self.name(key, handle.builds);
        Fate::Merged(first)
    }

    pub(super) fn push(&mut self, site: &Site) -> Fate {
        let all = site.call.words.iter().any(|word| matches!(word.head(), "-a" | "--all-tags"));
        let operands = Self::operands(&site.call);
        let Some(image) = operands.first() else { return self.unlinked(site) };
        // `skopeo copy docker-daemon:app:1 docker://registry/app:1`.
        let image = &image.without("docker-daemon:").unwrap_or((*image).clone());
        if all {
            return self.push_all(site, image);
        }
        let Some(handle) = self.handles.get(&self.key(site.spot, image)).cloned() else {
            let elsewhere = self.copied(site.spot, image).or_else(|| self.pushed_earlier(site.spot, image));
            return elsewhere.unwrap_or_else(|| self.unlinked(site));
        };
        if handle.builds.len() > MOST_MAKERS {
            let message = format!("any of {} builds may have made this image", handle.builds.len());
            self.note(
                &rule::PUSH_CONDITION_UNCLEAR,
                site.spot,
                message,
                Some("build it once, with the condition inside"),
            );
            return Fate::Decide(&rule::PUSH_CONDITION_UNCLEAR);
        }
        // `buildah push app docker://registry/app:1`.
        let target = operands.get(1).map(|word| word.without("docker://").unwrap_or((*word).clone()));
        let word = target.unwrap_or((*image).clone());
        if let [build] = handle.builds[..]
            && let Some(fate) = self.second_name(site.spot, &word, build)
        {
            return fate;
        }
        let mut fate = Fate::Merged(handle.builds[0]);
        let insecure = site.call.words.iter().any(|word| word.source == "--tls-verify=false");
        for build in handle.builds {
            self.out.builds[build].wishes.insecure |= insecure;
            if let Some(rule) = self.destination(site.spot, &word, build, Some(handle.order)) {
                fate = Fate::Decide(rule);
            }
        }
        fate
    }

    fn push_all(&mut self, site: &Site, image: &Word) -> Fate {
        let repository = self.key(site.spot, image);
        let repository = format!("{}:", repository.trim_end_matches(":latest"));
        let named: Vec<(usize, Word)> = self
            .out
            .builds
            .iter()
            .enumerate()
            .flat_map(|(number, build)| {
                build.request.tags.iter().map(move |(word, _)| (number, word.clone()))
            })
            .filter(|(number, word)| self.key(self.out.builds[*number].spot, word).starts_with(&repository))
            .collect();
        let Some(number) = named.first().map(|(number, _)| *number) else { return self.unlinked(site) };
        for (number, word) in &named {
            let spot = self.out.builds[*number].spot;
            self.destination(spot, word, *number, None);
        }
        Fate::Merged(number)
    }

    pub(super) fn unlinked(&mut self, site: &Site) -> Fate {
        let (unit, command) = self.command(site.spot);
        let refused = !unit.has_shell() && site.call.words.iter().any(request::looks_expanded);
        if refused {
            let shown = short(&unit.shown(command));
            self.note(
                &build_rule::EXEC_VARIABLE_NOT_EXPANDED,
                site.spot,
                format!("`{shown}` reaches the program as it is: `exec` has no shell that would expand the variable"),
                Some("use a script, or `sh -c`"),
            );
            return Fate::Decide(&build_rule::EXEC_VARIABLE_NOT_EXPANDED);
        }
        let shown = short(&unit.shown(command));
        let help = "build it in this job, or copy it with a registry tool such as `crane copy`";
        self.note(
            &rule::PUSH_WITHOUT_BUILD,
            site.spot,
            format!("`{shown}` names an image that this job does not build"),
            Some(help),
        );
        Fate::Decide(&rule::PUSH_WITHOUT_BUILD)
    }

    /// Adds a destination; says which rule prevents it.
    pub(super) fn destination(
        &mut self,
        spot: Spot,
        word: &Word,
        number: usize,
        order: Option<usize>,
    ) -> Option<&'static Rule> {
        let build = self.out.builds[number].spot;
        let condition = match self.guards().relation(build, spot) {
            Relation::Always => None,
            Relation::When(condition) => {
                self.note(
                    &rule::CONDITIONAL_PUSH,
                    spot,
                    format!("the image is pushed only when `{condition}` holds; this is asked at the build"),
                    None,
                );
                Some(condition)
            }
            Relation::Unclear(what) => {
                let message = format!(
                    "whether the image is pushed depends on `{}`, which cannot be asked at the build",
                    short(&what)
                );
                self.note(
                    &rule::PUSH_CONDITION_UNCLEAR,
                    spot,
                    message,
                    Some("ask the condition before the build, or build where the push is"),
                );
                return Some(&rule::PUSH_CONDITION_UNCLEAR);
            }
        };
        self.order_changes(build, spot);
        self.repeated(build, spot);
        for text in self.texts(spot, word, build) {
            let Some((text, value)) = text else {
                let shown = word.source.clone();
                self.note(
                    &rule::NAME_KNOWN_AFTER_BUILD,
                    spot,
                    format!("`{shown}` is known only after the build, which needs it"),
                    Some("compute the name before the build"),
                );
                return Some(&rule::NAME_KNOWN_AFTER_BUILD);
            };
            let value = find::settled(value, self.options);
            let shown = tagged(&value.text());
            let known = tagged(&value.with(self.options.variables));
            let order = order.unwrap_or(self.handles.len() + self.orders.len());
            if self.is_computed(spot, &value) {
                self.note(
                    &rule::COMPUTED_TAG,
                    spot,
                    format!("`{shown}` is computed when the job runs"),
                    None,
                );
            }
            self.orders.entry((number, shown.clone())).or_insert(order);
            let destinations = &mut self.out.builds[number].wishes.destinations;
            if !destinations.iter().any(|there| there.shown == shown) {
                destinations.push(Destination { text, shown, condition: condition.clone(), known });
            }
        }
        None
    }

    /// A push in a loop: for several names, or because it may fail.
    fn repeated(&mut self, build: Spot, spot: Spot) {
        let (unit, command) = self.command(spot);
        let script = &unit.script;
        let mut retried = retry::again(script, command);
        let mut unrolled = false;
        for (id, frame) in script.around(command.frame) {
            if build.0 == spot.0 && script.encloses(id, self.command(build).1.frame) {
                continue;
            }
            match &frame.kind {
                Kind::Loop { .. } if retry::tries(script, frame, command) => retried = true,
                Kind::Loop { over: Some(_), .. } => unrolled = true,
                _ => {}
            }
        }
        if retried {
            let message = "a failing push was tried again; Kaniko pushes once, with the build";
            self.note(&usage::RETRY_LOST, spot, message, None);
        }
        if unrolled {
            let message = "each name of the loop becomes a destination of the build";
            self.note(&build_rule::LOOP_UNROLLED, spot, message, None);
        }
    }

    /// Is it known only when the job runs? Parameters of functions and variables of loops are told apart.
    fn is_computed(&self, spot: Spot, value: &Value) -> bool {
        let script = &self.command(spot).0.script;
        let looped = |name: &str| {
            script
                .frames
                .iter()
                .any(|frame| matches!(&frame.kind, Kind::Loop { variable: Some(v), .. } if v == name))
        };
        value.pieces.iter().any(|piece| match piece {
            Piece::Text(_) => false,
            Piece::Substitution(_) | Piece::Opaque(_) => true,
            Piece::Variable { name, .. } if name.len() < 2 || looped(name) => false,
            Piece::Variable { name, version } => *version != 0 || !self.options.sets(name),
        })
    }

    /// The push now happens with the build: what stood between comes after it.
    fn order_changes(&mut self, build: Spot, spot: Spot) {
        let (unit, command) = self.command(spot);
        let caught = unit.script.around(command.frame).any(|(id, frame)| {
            matches!(frame.kind, Kind::Caught(_))
                && !(build.0 == spot.0 && unit.script.encloses(id, self.command(build).1.frame))
        });
        if caught {
            self.note(
                &rule::IGNORED_FAILURE_LOST,
                spot,
                "a failing push was forgiven here; now it fails with the build",
                None,
            );
        }
        let Some(between) = self.standing.between(self.units, build, spot) else { return };
        let (other, command) = self.command(between);
        let shown = short(&other.shown(command));
        let runs = self.out.sites.iter().find(|site| site.spot == between).map(|site| site.call.kind);
        if runs == Some(Use::Run) {
            let message = format!("`{shown}` runs before the push; Kaniko would publish the image first");
            self.note(
                &rule::PUSHED_BEFORE_TEST,
                spot,
                message,
                Some("push a scratch tag, test it, and copy it to the final tag"),
            );
            return;
        }
        self.note(
            &rule::PUSH_MOVED_EARLIER,
            spot,
            format!("the image is pushed with its build, before `{shown}` runs"),
            None,
        );
    }
}

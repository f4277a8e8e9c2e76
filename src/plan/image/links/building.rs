//! A build: its request, the names it gets, and the images it starts from.

use super::*;
use crate::plan::image::dockerfile;

impl Linker<'_> {
    pub(super) fn build(&mut self, site: &Site) -> Fate {
        let (unit, command) = self.command(site.spot);
        let request = request::read(unit, site.spot.1, &site.call, self.options.files);
        let number = self.out.builds.len();
        let build = Build {
            spot: site.spot,
            refused: request.refused,
            buildkit: false,
            wishes: Wishes::default(),
            digest_file: None,
            used: None,
            request: request.clone(),
        };
        self.out.builds.push(build);
        self.needs_local(site.spot, number, &request);
        self.needs_a_person(site.spot, number);
        for (word, _) in &request.tags {
            let key = self.key(site.spot, word);
            let makers = self.makers(&key, number);
            self.name(key, makers);
            if request.push {
                self.destination(site.spot, word, number, None);
            }
        }
        if let Some(file) = &request.saved {
            self.saved(site.spot, number, file);
        }
        // `IMG=$(docker build -q .)`: the text of the substitution is a name of the image, too.
        let around =
            unit.script.around(command.frame).find(|(_, frame)| matches!(frame.kind, Kind::Substitution));
        if let Some((_, frame)) = around {
            self.name(tagged(unit.slice(&frame.range)), vec![number]);
        }
        for (rule, message) in request.notes {
            self.note(rule, site.spot, message, None);
        }
        Fate::Build(number)
    }

    /// `--output type=docker,dest=FILE`: the file that Kaniko writes, seen from the command's folder.
    fn saved(&mut self, spot: Spot, number: usize, file: &str) {
        let from = &self.command(spot).0.folders[spot.1];
        let path = from.path.as_deref().map(|base| folder::join(base, file));
        let Some(path) = path.filter(|path| request::inside(path) && from.certain) else {
            self.out.builds[number].refused.get_or_insert(&rule::IMAGE_FILE_UNCLEAR);
            return self.note(
                &rule::IMAGE_FILE_UNCLEAR,
                spot,
                "where the image's file goes is not known",
                None,
            );
        };
        let tag = self.out.builds[number].request.tags.first().map(|(word, _)| word.clone());
        let name = tag.and_then(|word| {
            let (text, value) = self.texts(spot, &word, spot).into_iter().next()??;
            let known = tagged(&value.with(self.options.variables));
            Some(Destination { shown: tagged(&text.shown), text, known, condition: None })
        });
        self.note(
            &rule::IMAGE_AS_TAR,
            spot,
            format!("Kaniko writes the image to `{file}` while it builds"),
            None,
        );
        self.out.builds[number].wishes.tar = Some((Text::of(&path), name));
    }

    /// A build that starts from an image which only the daemon would have.
    fn needs_local(&mut self, spot: Spot, number: usize, request: &Request) {
        let mut names: Vec<String> =
            request.build_args.iter().filter_map(|a| Some(tagged(a.shown.split_once('=')?.1))).collect();
        if let (Context::Folder(_), Recipe::File(path)) = (&request.context, &request.recipe) {
            let text =
                path.literal.as_deref().and_then(folder::below).and_then(|below| (self.options.files)(below));
            if let Some(text) = text {
                names.extend(dockerfile::bases(&text).into_iter().map(|base| tagged(&base)));
                self.dockerfile(spot, number, &text);
            }
        }
        for name in names {
            for build in self.handles.get(&name).map(|handle| handle.builds.clone()).unwrap_or_default() {
                self.out.builds[build].used.get_or_insert((spot, Use::Build));
            }
        }
    }

    fn dockerfile(&mut self, spot: Spot, number: usize, text: &str) {
        if let Some(rule) = dockerfile::needs(text) {
            self.out.builds[number].request.asked.lacking.get_or_insert(rule);
            self.note(rule, spot, "the Dockerfile mounts a secret or an agent into a `RUN`", None);
        } else if dockerfile::is_for_windows(text) {
            let rule = &build_rule::PLATFORM_UNSUPPORTED;
            self.out.builds[number].refused.get_or_insert(rule);
            self.note(
                rule,
                spot,
                "the Dockerfile starts from a Windows image, which Kaniko cannot build",
                None,
            );
        } else if let Some(what) = dockerfile::newer_syntax(text) {
            self.note(
                &build_rule::BUILDKIT_SYNTAX,
                spot,
                format!("the Dockerfile uses {what}, which only BuildKit gives its full effect"),
                None,
            );
        }
    }
}

//! Uses of docker that are no builds: what is left out, what a person decides.

use super::*;
use crate::plan::image::guard;
use crate::plan::image::scripts::{self, Called};

impl Linker<'_> {
    /// The image behind a word of the command, if this job builds it.
    fn used(&self, site: &Site) -> Option<usize> {
        site.call.words.iter().find_map(|word| {
            self.handles.get(&self.key(site.spot, word)).and_then(|handle| handle.builds.last().copied())
        })
    }

    pub(super) fn usage(&mut self, site: &Site) -> Fate {
        let (unit, command) = self.command(site.spot);
        let shown = short(&unit.shown(command));
        if matches!(site.call.kind, Use::Clean | Use::Background | Use::Extract | Use::Commit)
            && let Some(fate) = self.told(site)
        {
            return fate;
        }
        match site.call.kind {
            Use::Login => self.login(site),
            Use::Clean => self.dropped(site, "nothing to clean up"),
            Use::Check => self.dropped(site, "no daemon to ask"),
            Use::Pull => self.pull(site, &shown),
            Use::Environment => self.environment(site),
            Use::Script => self.script(site),
            Use::Run if sets_up_emulation(site) => self.dropped(site, "no builder to set up"),
            Use::Run if self.stays(site) => {
                let message = format!("`{shown}` starts a container that later commands use");
                self.needs(site, &usage::BACKGROUND_CONTAINER, message)
            }
            Use::Run if self.runs_loaded(site) => {
                let message =
                    format!("`{shown}` runs an image that was loaded from a file, and no daemon has it");
                self.needs(site, &rule::LOCAL_IMAGE_NEEDS_REGISTRY, message)
            }
            Use::Run => self.run(site, &shown),
            Use::Extract => self.needs(
                site,
                &rule::EXTRACT_FROM_IMAGE,
                format!("`{shown}` takes files out of an image through the daemon"),
            ),
            Use::Background => self.needs(
                site,
                &usage::BACKGROUND_CONTAINER,
                format!("`{shown}` talks to a container that a daemon keeps running"),
            ),
            Use::Unknown => {
                let message = format!("`{shown}` is no command that docker has");
                self.needs(site, &usage::UNKNOWN_DOCKER_COMMAND, message)
            }
            Use::Commit => {
                self.needs(site, &usage::IMAGE_COMMIT, format!("`{shown}` makes an image of a container"))
            }
            Use::Manifest => self.needs(
                site,
                &build_rule::MULTI_PLATFORM,
                format!("`{shown}` joins images of several platforms"),
            ),
            Use::Bake => {
                self.needs(site, &usage::BAKE_FILE, format!("`{shown}` builds what a bake file describes"))
            }
            Use::ComposeUp | Use::ComposeBuild => self.compose(site, &shown),
            Use::Daemon => {
                self.needs(site, &usage::DAEMON_NEEDED, format!("`{shown}` needs a docker daemon"))
            }
            Use::Each => self.needs(
                site,
                &build_rule::LOOP_NOT_STATIC,
                format!("`{shown}` runs for whatever there is when the job runs"),
            ),
            Use::Windows => self.needs(
                site,
                &build_rule::PLATFORM_UNSUPPORTED,
                format!("`{shown}` runs in a shell of Windows, which builds Windows images"),
            ),
            Use::Nested => self.needs(
                site,
                &usage::SHELL_TEXT_WITH_DOCKER,
                format!("`{shown}` hands a text with docker commands to another program"),
            ),
            _ => self.needs(site, &usage::DOCKER_RUN, format!("`{shown}` needs a docker daemon")),
        }
    }

    /// Does the container keep running, and is that left to a person?
    fn stays(&self, site: &Site) -> bool {
        let options = site.call.words.iter().take_while(|word| word.head().starts_with('-'));
        let detached = |word: &Word| {
            matches!(word.head(), "-d" | "--detach" | "--detach=true" | "-dit" | "-itd" | "-td" | "-id")
        };
        !self.options.at_run_time && (options.chain(site.call.words.first())).any(detached)
    }

    pub(super) fn needs(&mut self, site: &Site, rule: &'static Rule, message: String) -> Fate {
        if let Some(build) = self.used(site) {
            self.out.builds[build].used.get_or_insert((site.spot, site.call.kind));
        }
        self.poison(None, site);
        self.note(rule, site.spot, message, None);
        Fate::Decide(rule)
    }

    fn dropped(&mut self, site: &Site, reason: &'static str) -> Fate {
        let (unit, command) = self.command(site.spot);
        let shown = short(&unit.shown(command));
        self.note(
            &usage::DOCKER_NOOP_REMOVED,
            site.spot,
            format!("`{shown}` has nothing to do without a daemon and is left out"),
            None,
        );
        Fate::Nothing(reason)
    }

    /// A pull is needless, unless its result decides what else runs.
    fn pull(&mut self, site: &Site, shown: &str) -> Fate {
        let (unit, command) = self.command(site.spot);
        let decides = unit.script.around(command.frame).any(|(_, frame)| match &frame.kind {
            Kind::Condition | Kind::Negated => true,
            Kind::Caught(list) => {
                let others = unit.script.within(list).filter(|other| other.range.start > command.range.end);
                others.into_iter().any(|other| !guard::harmless(other))
            }
            _ => false,
        });
        if decides {
            let message = format!("whether `{shown}` finds the image decides what else runs");
            return self.needs(site, &usage::PULL_RESULT_USED, message);
        }
        self.pulled(site);
        self.dropped(site, "images are pulled where they are used")
    }

    fn login(&mut self, site: &Site) -> Fate {
        let (unit, command) = self.command(site.spot);
        let known: Vec<String> = site
            .call
            .words
            .iter()
            .map(|word| unit.value(command, word).with(self.options.variables))
            .collect();
        let host = known.iter().rev().find(|text| {
            let text = text.trim_start_matches("https://");
            text.contains('.') && !text.starts_with(['-', '$']) && !text.contains(['@', '|', ' ', '('])
        });
        let host = host
            .map(|host| host.trim_start_matches("https://").split('/').next().unwrap_or(host).to_string());
        self.out.logins.insert(host.unwrap_or_default());
        Fate::Nothing("credentials come from the pod")
    }

    fn environment(&mut self, site: &Site) -> Fate {
        let (unit, command) = self.command(site.spot);
        let shown = unit.slice(&command.range);
        if shown.contains("DOCKER_HOST") {
            self.note(
                &usage::DOCKER_HOST_DROPPED,
                site.spot,
                "the remote daemon named here is no longer used",
                None,
            );
        } else if shown.contains("BUILDKIT=1") {
            self.note(
                &build_rule::BUILDKIT_REQUESTED,
                site.spot,
                "BuildKit is asked for, and nothing that only BuildKit can do was found",
                None,
            );
        }
        Fate::Nothing("no daemon to set up")
    }

    pub(super) fn inspect(&mut self, site: &Site) -> Fate {
        let (unit, command) = self.command(site.spot);
        let shown = short(&unit.shown(command));
        let digest = site.call.words.iter().any(|word| word.source.contains("RepoDigests"));
        let Some(build) = self.used(site).filter(|_| digest) else {
            return self.needs(
                site,
                &usage::IMAGE_INSPECTED,
                format!("`{shown}` asks the daemon about an image"),
            );
        };
        let target = command
            .redirects
            .iter()
            .find(|redirect| redirect.operator == ">")
            .and_then(|r| r.target.as_ref());
        let path =
            target.and_then(|word| folder::path(&unit.script, word, command, &unit.folders[site.spot.1]));
        self.out.builds[build].digest_file = path.and_then(|path| folder::below(&path).map(str::to_string));
        self.out.builds[build].wishes.digest = true;
        self.note(
            &rule::DIGEST_FROM_INSPECT,
            site.spot,
            "the digest comes from the file that Kaniko writes after the push",
            None,
        );
        Fate::Digest(build)
    }

    fn script(&mut self, site: &Site) -> Fate {
        let (unit, command) = self.command(site.spot);
        let shown = short(&unit.shown(command));
        match scripts::called(&site.call, command, &unit.folders[site.spot.1], self.options.files) {
            Called::Harmless => Fate::Keep,
            Called::Absent(what) => {
                let help = "put the script where the converter can read it, or check that it uses no docker";
                self.note(
                    &usage::SCRIPT_NOT_FOUND,
                    site.spot,
                    format!("`{what}` is not in the repository at hand, and its call speaks of images"),
                    Some(help),
                );
                Fate::Keep
            }
            Called::NotUnderstood(what) => {
                let message = format!("`{what}` is no shell script, and it speaks of docker");
                self.note(&usage::SCRIPT_NOT_UNDERSTOOD, site.spot, message, None);
                Fate::Decide(&usage::SCRIPT_NOT_UNDERSTOOD)
            }
            Called::UsesDocker(what) => {
                let message = format!("`{shown}` runs `{}` in a file of the repository", short(&what));
                self.needs(site, &usage::WRAPPER_USES_DOCKER, message)
            }
        }
    }
}

/// The images that register emulators for builds of other platforms.
fn sets_up_emulation(site: &Site) -> bool {
    site.call.words.iter().any(|word| {
        let name = word.head();
        ["tonistiigi/binfmt", "multiarch/qemu-user-static", "docker/binfmt"]
            .iter()
            .any(|image| name.starts_with(image))
    })
}

//! Materials: what a run is built from, and what they become in the pipeline's description.
//!
//! | GoCD | Argo | exact? |
//! |---|---|---|
//! | git | looked up by `prepare`, checked out by an init container at that revision | yes |
//! | svn, hg | the same, when the tools image has their client | needs an image |
//! | configrepo | git, with the URL that `config-repository` gives | yes, once given |
//! | dependency | a pass of the upstream stage, looked up by `prepare` | yes |
//! | p4, tfs, package, plugin | listed, but neither watched nor checked out | no |
//! | `username`, `password` | Secret per host | once a person fills it in |
//!
//! GoCD: `../shared/spec/gocd-yaml.md` §2.4, §3.1–3.4.

use super::description::{Filter, Material};
use super::{Cx, names, scm_plugin, secret};
use crate::gocd::git_url::without_credentials;
use crate::gocd::{self, GitUrl, MaterialKind};
use crate::settings::{ConfigRepository, Settings};

crate::findings! {
    /// A material of a kind that needs a client program.
    ///
    /// ## Why it matters
    /// The tools image has git only. Until it has the client, a run that needs the material stops at its checkout.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     materials: {code: {svn: "https://svn.example.com/app/trunk"}}
    ///     stages: [build: {tasks: [exec: {command: make}]}]
    /// ```
    ///
    /// ## Instead
    /// svn, hg: name an image with sh, git, jq, kubectl and the client as `images.tools`, or move the repository to git.
    /// p4, tfs: they are not checked out even then. Let a trigger of the server (`p4 triggers`: `change-commit`; TFS: the service hook
    /// *Code checked in*) run `argo submit --from workflowtemplate/<pipeline> -p trigger=manual -p force=true`, and let the
    /// job's first task check the code out.
    pub MATERIAL_NEEDS_CLIENT = "material-needs-client", Migration, Decision, Decision;

    /// A material that lives on the GoCD server: a package, or an SCM plugin.
    ///
    /// ## Why it matters
    /// Its repository and its settings are not in the YAML. It is neither watched nor checked out; other materials and
    /// people still start the pipeline.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     materials: {lib: {package: deb-repo-lib}}
    ///     stages: [build: {tasks: [exec: {command: make}]}]
    /// ```
    ///
    /// ## Instead
    /// A package: let whatever publishes it run `argo submit --from workflowtemplate/<pipeline> -p trigger=manual -p force=true`, or
    /// replace the material by git. A plugin for pull requests: docs/pull-requests.md has WorkflowTemplate and Sensor.
    pub MATERIAL_ON_SERVER = "material-on-server", Migration, Decision, Decision;

    /// A `configrepo` material stands for the repository that the GoCD files are in, and its URL is not known.
    ///
    /// ## Why it matters
    /// It is neither watched nor checked out until the URL is given.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     materials: {self: {type: configrepo}}
    ///     stages: [build: {tasks: [exec: {command: make}]}]
    /// ```
    ///
    /// ## Instead
    /// Set `config-repository: {url: …, branch: …}` in `gocd2argo.yaml`.
    pub CONFIGREPO_URL = "configrepo-url", Guess, Decision, Decision;

    /// A git host may want credentials for cloning, and which ones is not in the YAML: GoCD's agents had them.
    ///
    /// ## Why it matters
    /// Without the Secret, repositories are cloned anonymously, which works for public ones only.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     materials: {code: {git: "git@git.example.com:acme/app.git"}}
    ///     stages: [build: {tasks: [exec: {command: make}]}]
    /// ```
    ///
    /// ## Instead
    /// Create the Secret that the message names, with the keys `username` and `password`, or `ssh-privatekey` and `known_hosts`.
    pub GIT_CREDENTIALS = "git-credentials", Security, Decision, Decision;

    /// A material's URL contains a user name or password.
    ///
    /// ## Why it matters
    /// Credentials in a URL would stand in plain text in the manifests. They are left out.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     materials: {code: {git: "https://bot:hunter2@git.example.com/acme/app.git"}}
    ///     stages: [build: {tasks: [exec: {command: make}]}]
    /// ```
    ///
    /// ## Instead
    /// Put them into the host's Secret, and change them: they were readable for everyone who can read the repository.
    pub CREDENTIALS_IN_URL = "credentials-in-url", Security, Decision, Decision;

    /// A material is not polled: only people, timers and other materials start the pipeline.
    ///
    /// ## Why it matters
    /// The same holds here: pushes to it start nothing. GoCD would also use a revision it saw earlier; here a run looks it up
    /// when it starts, unless nothing asked for it.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     materials: {code: {git: "https://git.example.com/acme/app.git", auto_update: false}}
    ///     stages: [build: {tasks: [exec: {command: make}]}]
    /// ```
    ///
    /// ## Instead
    /// Nothing, or remove `auto_update: false` if pushes should start the pipeline.
    pub AUTO_UPDATE_OFF = "auto-update-off", Migration, Info, Converted;
}

/// What a material becomes in `pipeline.json`.
pub fn plan(material: &gocd::Material, key: &str, cx: &mut Cx) -> Material {
    for place in gocd::places::material_places(material) {
        cx.account.convert("material", place);
    }
    if let Some(flag) = material.auto_update.as_ref().filter(|flag| !flag.value) {
        cx.account.report(&AUTO_UPDATE_OFF, flag, "pushes to this material start nothing");
    }
    let mut planned = Material {
        name: material.name.value.clone(),
        key: key.to_string(),
        variable_suffix: material.variable_suffix(),
        kind: material.kind.value.clone(),
        type_name: "other",
        url: String::new(),
        branch: material.branch().to_string(),
        shallow: material.shallow_clone.as_ref().is_some_and(|flag| flag.value),
        destination: material.destination.as_ref().map_or(String::new(), |d| d.value.clone()),
        auto_update: material.polls(),
        pinned: false,
        filter: filter(material),
        credentials: String::new(),
        upstream: None,
    };
    match &material.kind.value {
        MaterialKind::Git => with_url(&mut planned, material, "git", cx),
        MaterialKind::Svn | MaterialKind::Hg => {
            needs_client(material, cx);
            let name = if material.kind.value == MaterialKind::Svn { "svn" } else { "hg" };
            with_url(&mut planned, material, name, cx);
        }
        MaterialKind::ConfigRepo => config_repository(&mut planned, material, cx),
        MaterialKind::Dependency => planned.upstream = super::upstream::plan(material, cx),
        MaterialKind::P4 | MaterialKind::Tfs => needs_client(material, cx),
        MaterialKind::Package | MaterialKind::Plugin | MaterialKind::Unknown(_) => on_server(material, cx),
    }
    if planned.upstream.is_some() {
        planned.type_name = "dependency";
        planned.branch.clear();
    }
    password(material, &planned.credentials, cx);
    planned
}

fn filter(material: &gocd::Material) -> Option<Filter> {
    let filter = material.filter.as_ref()?;
    let patterns: Vec<String> = filter.patterns.iter().filter_map(|pattern| pattern.value.clone()).collect();
    if patterns.is_empty() {
        return None;
    }
    Some(Filter { kind: if filter.includes { "includes" } else { "ignore" }, patterns })
}

fn with_url(planned: &mut Material, material: &gocd::Material, type_name: &'static str, cx: &mut Cx) {
    let Some(url) = &material.url else { return };
    planned.type_name = type_name;
    let (clean, had_credentials) = without_credentials(&url.value);
    let host = GitUrl::parse(&clean).map(|parsed| parsed.host);
    planned.url = clean;
    if let Some(host) = host {
        let configured = cx.settings.git.hosts.get(&host).and_then(|known| known.secret.clone());
        let secret = configured.clone().unwrap_or_else(|| names::single(&format!("git-{host}"), names::LONG));
        planned.credentials = secret.clone();
        if configured.is_none() {
            let message = match is_ssh(&planned.url) {
                true => {
                    format!("repositories on `{host}` are read by SSH, which needs the Secret `{secret}`")
                }
                false => format!(
                    "repositories on `{host}` are read anonymously unless the Secret `{secret}` exists"
                ),
            };
            cx.guess(&GIT_CREDENTIALS, &["git", "hosts", &host, "secret"], &secret, url.place, message);
        }
        if had_credentials {
            cx.account
                .report(&CREDENTIALS_IN_URL, url, "the URL contains credentials, which are left out")
                .help(format!("put them into the Secret `{secret}` and change them"));
        }
    }
}

/// `git@host:path` or `ssh://…`
fn is_ssh(url: &str) -> bool {
    match url.split_once("://") {
        Some((scheme, _)) => scheme.contains("ssh"),
        None => url.contains('@'),
    }
}

fn needs_client(material: &gocd::Material, cx: &mut Cx) {
    let kind = format!("{:?}", material.kind.value).to_lowercase();
    if let Some(finding) = cx.report_once(&MATERIAL_NEEDS_CLIENT, &kind, material.kind.place, || {
        format!("{kind} materials need a client that the tools image does not have")
    }) {
        finding.help(match material.kind.value {
            MaterialKind::P4 | MaterialKind::Tfs => {
                "move the repository to git, or let a task of the job check it out"
            }
            _ => "name an image that has it as `images.tools`, or move the repository to git",
        });
    }
}

fn on_server(material: &gocd::Material, cx: &mut Cx) {
    let (what, help) = match &material.kind.value {
        MaterialKind::Package => (
            "a package that is configured on the GoCD server".to_string(),
            "let its publisher submit the WorkflowTemplate, or use a git material",
        ),
        _ => scm_plugin::advice(material),
    };
    let message =
        format!("material `{}` is {what}; it is neither watched nor checked out", material.name.value);
    cx.account.report(&MATERIAL_ON_SERVER, material.kind.place, message).help(help);
}

fn config_repository(planned: &mut Material, material: &gocd::Material, cx: &mut Cx) {
    let Some(repository) = cx.settings.config_repository.clone() else {
        let message = "the URL of the repository that these files are in is not known: it is not checked out"
            .to_string();
        cx.guess(&CONFIGREPO_URL, &["config-repository", "url"], "", material.kind.place, message);
        return;
    };
    planned.kind = MaterialKind::Git;
    planned.branch = branch_of(&repository);
    let mut git = material.clone();
    git.url = Some(material.name.with(repository.url));
    with_url(planned, &git, "git", cx);
}

fn branch_of(repository: &ConfigRepository) -> String {
    repository.branch.clone().unwrap_or_else(|| "master".to_string())
}

/// Kind, URL without credentials and branch of a material that the scripts check out: what [`plan`] makes of them.
pub fn repository(material: &gocd::Material, settings: &Settings) -> Option<(&'static str, String, String)> {
    let kind = match material.kind.value {
        MaterialKind::Git => "git",
        MaterialKind::Svn => "svn",
        MaterialKind::Hg => "hg",
        MaterialKind::ConfigRepo => {
            let own = settings.config_repository.as_ref()?;
            return Some(("git", without_credentials(&own.url).0, branch_of(own)));
        }
        _ => return None,
    };
    Some((kind, without_credentials(material.url.as_deref()?).0, material.branch().to_string()))
}

fn password(material: &gocd::Material, credentials: &str, cx: &mut Cx) {
    let Some(password) = material.password.as_ref().or(material.encrypted_password.as_ref()) else { return };
    let name = if credentials.is_empty() { "material-credentials" } else { credentials };
    let what = format!("password of material `{}`", material.name.value);
    secret::refer(name, "password", &what, password.place, cx);
}

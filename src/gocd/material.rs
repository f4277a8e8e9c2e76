//! Materials: what a pipeline is built from, and what starts it.

use crate::span::{Place, Src};

/// What kind of material.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MaterialKind {
    /// A git repository: `git` or `type: git`.
    Git,
    /// Subversion.
    Svn,
    /// Mercurial.
    Hg,
    /// Perforce.
    P4,
    /// Team Foundation Server.
    Tfs,
    /// A stage of another pipeline: `pipeline` and `stage`.
    Dependency,
    /// A package of a server-defined repository.
    Package,
    /// A pluggable SCM, by reference (`scm`) or inline (`plugin_configuration`).
    Plugin,
    /// The repository that the pipeline's own file is in.
    ConfigRepo,
    /// None could be determined, or `type` names none that GoCD knows: the text of `type`.
    Unknown(Option<String>),
}

/// A material. One flat record, as GoCD's plugin passes it on; which members mean something depends on the kind.
#[derive(Clone, Debug)]
pub struct Material {
    /// The map key.
    pub name: Src<String>,
    /// Which kind; the place is the short key or `type`.
    pub kind: Src<MaterialKind>,
    /// `type` as written, when written.
    pub type_key: Option<Src<String>>,
    /// Repository URL (`git`, `svn`, `hg`, `url`).
    pub url: Option<Src<String>>,
    /// Perforce: `host:port`.
    pub port: Option<Src<String>>,
    /// Perforce: client view.
    pub view: Option<Src<String>>,
    /// git, hg: branch. For git also a refspec `source:local-name`. Absent: see [`Material::branch`].
    pub branch: Option<Src<String>>,
    /// Where it is checked out, below the pipeline's working directory; absent: the directory itself.
    pub destination: Option<Src<String>>,
    /// Whether the server polls it; absent: true.
    pub auto_update: Option<Src<bool>>,
    /// git: `shallow_clone`; absent: false.
    pub shallow_clone: Option<Src<bool>>,
    /// svn: `check_externals`.
    pub check_externals: Option<Src<bool>>,
    /// Perforce: `use_tickets`.
    pub use_tickets: Option<Src<bool>>,
    /// tfs: `project`, `domain`.
    pub project: Option<Src<String>>,
    /// tfs: `domain`.
    pub domain: Option<Src<String>>,
    /// User name.
    pub username: Option<Src<String>>,
    /// Password in clear or a `{{SECRET:…}}` reference: never printed.
    pub password: Option<Src<String>>,
    /// Password as GoCD's ciphertext: never printed, except by `show --format gocd-json` as `***`.
    pub encrypted_password: Option<Src<String>>,
    /// `ignore`/`blacklist` or `includes`/`whitelist`.
    pub filter: Option<Filter>,
    /// The filter of the other direction, when both are written: the server refuses that.
    pub other_filter: Option<Filter>,
    /// Dependency: the upstream pipeline's name.
    pub pipeline: Option<Src<String>>,
    /// Dependency: the upstream stage's name.
    pub stage: Option<Src<String>>,
    /// Dependency: a change of it alone starts nothing. Absent: false.
    pub ignore_for_scheduling: Option<Src<bool>>,
    /// Package: id on the server.
    pub package: Option<Src<String>>,
    /// Plugin: id of a server-defined SCM.
    pub scm: Option<Src<String>>,
    /// Plugin, inline: `plugin_configuration`'s `id`.
    pub plugin_id: Option<Src<String>>,
    /// Plugin, inline: `plugin_configuration`'s `version`.
    pub plugin_version: Option<Src<String>>,
    /// Plugin, inline: `options`, name and value.
    pub options: Vec<Src<(String, Option<String>)>>,
    /// Plugin, inline: names of `secure_options` (values are ciphertext and are kept only for `show`).
    pub secure_options: Vec<Src<(String, Option<String>)>>,
    /// Container keys (`filter` lists, `options`, `plugin_configuration`).
    pub containers: Vec<Place>,
    /// Every other key whose value is text: the plugin copies it, the server ignores it.
    pub unknown: Vec<Src<(String, String)>>,
}

impl Material {
    /// Whether it is a source that jobs check out (or would, with a client).
    pub fn is_scm(&self) -> bool {
        !matches!(self.kind.value, MaterialKind::Dependency | MaterialKind::Package)
    }

    /// The branch, or GoCD's default `master`.
    pub fn branch(&self) -> &str {
        self.branch.as_ref().map_or("master", |branch| branch.value.as_str())
    }

    /// Whether a change of it may start a run by itself.
    pub fn polls(&self) -> bool {
        self.auto_update.as_ref().is_none_or(|flag| flag.value)
    }

    /// Its name as it occurs in `GO_REVISION_<NAME>` and the like: upper case, everything else but digits and `_`
    /// replaced by `_`. GoCD keeps lower-case letters out by upper-casing first.
    pub fn variable_suffix(&self) -> String {
        self.name
            .to_uppercase()
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '_' })
            .collect()
    }
}

/// A path filter: decides over the set of all files changed since the last run.
#[derive(Clone, Debug)]
pub struct Filter {
    /// True for `includes`/`whitelist`, false for `ignore`/`blacklist`.
    pub includes: bool,
    /// The key, as written.
    pub key: Src<String>,
    /// The patterns, in GoCD's own dialect (`../shared/spec/gocd-yaml.md` §3.2).
    pub patterns: Vec<Src<Option<String>>>,
}

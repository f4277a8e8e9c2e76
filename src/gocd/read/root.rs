//! The root of a file: four keys, and the format version that all files share.

use super::{item, key_place};
use crate::finding::{Account, Outcome, suggest};
use crate::source::reader::WRONG_FORM;
use crate::source::{At, NodeId, Reader, Tree, Value};
use crate::span::{Place, Src};

crate::findings! {
    /// The root of a file has a key other than `format_version`, `pipelines`, `environments` and `common`.
    ///
    /// ## Why it matters
    /// GoCD's plugin fails for the whole repository, not for this file alone. Keys that begin with `.` or `x-` are no exception.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// x-defaults: &defaults {group: apps}
    /// pipelines:
    ///   app:
    ///     <<: *defaults
    ///     materials: {code: {git: "https://git.example.com/acme/app.git"}}
    ///     stages: [build: {tasks: [exec: {command: make}]}]
    /// ```
    ///
    /// ## Instead
    /// Keep anchors below `common`; correct the spelling of the others.
    pub UNKNOWN_ROOT_KEY = "unknown-root-key", Refused, Error, Refused;

    /// `format_version` is no whole number.
    ///
    /// ## Why it matters
    /// GoCD's plugin fails for the whole repository. It reads `10`, `"10"` and `+10`, but neither `10.0` nor `v10`.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10.0
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     materials: {code: {git: "https://git.example.com/acme/app.git"}}
    ///     stages: [build: {tasks: [exec: {command: make}]}]
    /// ```
    ///
    /// ## Instead
    /// Write `format_version: 10`.
    pub INVALID_FORMAT_VERSION = "invalid-format-version", Refused, Error, Refused;

    /// Two files of the repository declare different format versions.
    ///
    /// ## Why it matters
    /// GoCD reads all files of a repository as one configuration and fails for all of them. Here the first file's version
    /// holds, and nothing is taken from the files that differ.
    ///
    /// ## Example
    /// One file with `format_version: 9`, another with `format_version: 10`.
    ///
    /// ## Instead
    /// Write the same `format_version` in all files.
    pub FORMAT_VERSION_CLASH = "format-version-clash", Refused, Error, Refused;
}

const ROOT_KEYS: [&str; 4] = ["format_version", "pipelines", "environments", "common"];

/// The values of a root's keys. A key may occur in several spellings (`Pipelines`): all of them count.
pub struct Root {
    /// `format_version`
    pub declared: Option<Src<i32>>,
    /// `pipelines`: mappings or nothing.
    pub pipelines: Vec<At>,
    /// `environments`: mappings or nothing.
    pub environments: Vec<At>,
    /// `common`
    pub common: Vec<At>,
}

impl Root {
    /// The version that the plugin transforms this file with.
    pub fn version(&self) -> i32 {
        self.declared.as_ref().map_or(1, |version| version.value)
    }
}

/// Opens the root of a file and books its keys. `None`: GoCD fails on it (reported, everything booked as refused).
pub fn open(tree: &Tree, account: &mut Account) -> Option<Root> {
    let node = tree.root?;
    let opened = read_keys(node, &mut Reader { tree, account });
    if let Err(rule) = &opened {
        account.book_slots(&tree.slots_below(node), Outcome::Refused, rule);
    }
    opened.ok()
}

fn read_keys(node: NodeId, reader: &mut Reader<'_>) -> Result<Root, &'static str> {
    let span = reader.tree.node(node).span;
    let at = At { node, place: Place::unbooked(span), key_span: span };
    if !matches!(reader.tree.node(node).value, Value::Map(_)) {
        reader.wrong_form(at, "the root of a GoCD file", "a mapping");
        return Err(WRONG_FORM.name);
    }
    let entries = item::entries(reader, at);
    let first = reader.account.findings.len();
    let mut root =
        Root { declared: None, pipelines: Vec::new(), environments: Vec::new(), common: Vec::new() };
    for (name, value) in entries {
        root_key(reader, &name, value, &mut root);
    }
    super::refusal(reader.account, first).map_or(Ok(root), Err)
}

fn root_key(reader: &mut Reader<'_>, name: &Src<String>, value: At, root: &mut Root) {
    let known = ROOT_KEYS.into_iter().find(|key| name.eq_ignore_ascii_case(key));
    match known {
        Some("format_version") => root.declared = format_version(reader, value),
        Some("pipelines") if is_mapping(reader, value, "`pipelines`") => root.pipelines.push(value),
        Some("environments") if is_mapping(reader, value, "`environments`") => root.environments.push(value),
        Some("common") => root.common.push(value),
        Some(_) => {}
        None => report_unknown(reader, name),
    }
    if let Some(key) = known {
        reader.account.convert(key, key_place(value));
    }
}

fn report_unknown(reader: &mut Reader<'_>, name: &Src<String>) {
    let text = format!("`{}` is not a key of a GoCD file", name.value);
    let help = match suggest::nearest(name, ROOT_KEYS) {
        Some(key) => format!("did you mean `{key}`? GoCD refuses the whole repository"),
        None => format!("GoCD knows {} here; anchors belong below `common`", ROOT_KEYS.join(", ")),
    };
    reader.account.report(&UNKNOWN_ROOT_KEY, name, text).help(help);
}

fn is_mapping(reader: &mut Reader<'_>, at: At, what: &str) -> bool {
    let fits = matches!(reader.tree.node(at.node).value, Value::Map(_) | Value::Null);
    if !fits {
        reader.wrong_form(at, what, "a mapping of names");
    }
    fits
}

fn format_version(reader: &mut Reader<'_>, at: At) -> Option<Src<i32>> {
    let written = match &reader.tree.node(at.node).value {
        Value::Text(text) => match text.parse::<i32>() {
            Ok(version) => return Some(Src::new(version, at.place)),
            Err(_) => format!("`{text}` is written"),
        },
        Value::Null => "nothing is written".to_string(),
        Value::List(_) => "a list is written".to_string(),
        Value::Map(_) => "a mapping is written".to_string(),
    };
    reader
        .account
        .report(
            &INVALID_FORMAT_VERSION,
            at.place,
            format!("`format_version` must be a whole number, but {written}"),
        )
        .help("write `format_version: 10`");
    None
}

/// Whether the file's version is the repository's; the first file that declares one sets it.
pub fn agrees(root: &Root, tree: &Tree, version: &mut Option<Src<i32>>, account: &mut Account) -> bool {
    let Some(declared) = &root.declared else { return true };
    let Some(first) = version else {
        *version = Some(declared.clone());
        return true;
    };
    if first.value == declared.value {
        return true;
    }
    account
        .report(
            &FORMAT_VERSION_CLASH,
            declared,
            format!("this file declares `format_version` {}, another one {}", declared.value, first.value),
        )
        .related(first.place.span, "declared here first")
        .help("declare the same version in all files; nothing is taken from this one");
    if let Some(node) = tree.root {
        account.book_slots(&tree.slots_below(node), Outcome::Refused, FORMAT_VERSION_CLASH.name);
    }
    false
}

#[cfg(test)]
mod tests {
    use crate::gocd::testing::given;

    #[test]
    fn keys_are_known_in_any_case_and_may_repeat() {
        let p = "{group: g, materials: {m: {git: a}}, stages: [s: {tasks: [exec: {command: a}]}]}";
        let given = given(&format!("FORMAT_VERSION: +010\nPipelines: {{a: {p}}}\npipelines: {{b: {p}}}\n"));
        assert_eq!(given.findings, Vec::<String>::new());
        let names: Vec<_> = given.configuration.pipelines.iter().map(|p| p.name.value.as_str()).collect();
        assert_eq!((given.configuration.format_version, names), (10, vec!["a", "b"]));
    }

    #[test]
    fn an_unknown_key_spoils_the_file() {
        let given = given("x-defaults: 1\npipeline: {}\npipelines: {p: {}}\n");
        assert_eq!(
            given.findings,
            [
                "!1:1 unknown-root-key: `x-defaults` is not a key of a GoCD file",
                "!2:1 unknown-root-key: `pipeline` is not a key of a GoCD file"
            ]
        );
        assert!(given.configuration.pipelines.is_empty());
    }
}

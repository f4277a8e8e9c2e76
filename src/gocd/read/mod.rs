//! From YAML trees to the model: what GoCD's YAML plugin does.

mod artifact;
mod effect;
mod environment;
mod filter;
pub(super) mod item;
pub(super) mod job;
mod material;
mod pipeline;
mod root;
pub(super) mod stage;
mod task;
mod unused;
mod variable;

use super::Configuration;
use crate::finding::{Account, Outcome, Rule, Severity};
use crate::source::{At, Reader, Sources, Tree};
use crate::span::{FileId, Place, Slot, Src};

/// Reads all files as one configuration, as GoCD's YAML plugin does before the server sees it.
///
/// What the plugin refuses is an error finding; the pipeline or environment it concerns is left out and its whole
/// text is booked as refused. A file that makes the plugin fail altogether gives nothing.
pub fn read(sources: &Sources, account: &mut Account) -> Configuration {
    let trees: Vec<(FileId, &Tree)> =
        sources.files.iter().filter_map(|file| Some((file.id, file.tree.as_ref()?))).collect();
    let mut version: Option<Src<i32>> = None;
    let mut roots = Vec::new();
    for (file, tree) in trees {
        if let Some(root) = root::open(file, tree, account)
            && root::agrees(&root, tree, &mut version, account)
        {
            roots.push((file, tree, root));
        }
    }
    let mut configuration = Configuration {
        format_version: version.as_ref().map_or(1, |version| version.value),
        declared_version: version,
        ..Configuration::default()
    };
    for (file, tree, root) in roots {
        let mut reader = Reader { tree, account };
        for at in &root.pipelines {
            read_pipelines(&mut reader, *at, file, root.version(), &mut configuration);
        }
        for at in &root.environments {
            read_environments(&mut reader, *at, file, &mut configuration);
        }
        unused::report(tree, &root, account);
    }
    configuration
}

fn read_pipelines(reader: &mut Reader<'_>, at: At, file: FileId, version: i32, into: &mut Configuration) {
    for (name, body) in item::entries(reader, at) {
        let slots = slots_of(reader.tree, &name, body);
        let first = reader.account.findings.len();
        let read = pipeline::read(reader, file, version, name, body);
        match refusal(reader.account, first) {
            Some(rule) => reader.account.book_slots(&slots, Outcome::Refused, rule),
            None => into.pipelines.extend(read.map(|pipeline| super::Pipeline { slots, ..pipeline })),
        }
    }
}

fn read_environments(reader: &mut Reader<'_>, at: At, file: FileId, into: &mut Configuration) {
    for (name, body) in item::entries(reader, at) {
        let slots = slots_of(reader.tree, &name, body);
        let first = reader.account.findings.len();
        let read = environment::read(reader, file, name, body);
        match refusal(reader.account, first) {
            Some(rule) => reader.account.book_slots(&slots, Outcome::Refused, rule),
            None => {
                into.environments.extend(read.map(|environment| super::Environment { slots, ..environment }))
            }
        }
    }
}

/// The slot of a name and all slots of its body.
fn slots_of(tree: &Tree, name: &Src<String>, body: At) -> Vec<Slot> {
    let mut slots = tree.slots_below(body.node);
    slots.extend(name.place.slot);
    slots.sort_unstable();
    slots.dedup();
    slots
}

/// The rule of the first error reported since the finding of that index.
fn refusal(account: &Account, first: usize) -> Option<&'static str> {
    let since = account.findings.get(first..)?;
    since.iter().find(|finding| finding.rule.severity == Severity::Error).map(|finding| finding.rule.name)
}

/// The key itself, where [`At::place`] is the value.
fn key_place(at: At) -> Place {
    Place { span: at.key_span, ..at.place }
}

/// Books a key without a value: it means the same as no key.
fn absent(reader: &mut Reader<'_>, at: At) -> bool {
    let null = reader.is_null(at);
    if null {
        reader.account.convert("absent-value", at.place);
    }
    null
}

/// The rules of the readers.
pub fn rules() -> Vec<&'static Rule> {
    [
        artifact::RULES,
        effect::RULES,
        filter::RULES,
        item::RULES,
        job::RULES,
        material::RULES,
        pipeline::RULES,
        root::RULES,
        stage::RULES,
        task::RULES,
        unused::RULES,
    ]
    .concat()
}

//! The commands that deploy, replaced where they stand.

use super::recognise::{self, Kind};
use super::{Edits, Form, NewForm, Origin, TaskText, Unit};

/// A command that has to do with a deployment.
pub(super) struct Site {
    /// The task.
    pub unit: usize,
    /// The command in it.
    pub command: usize,
    /// What it does.
    pub kind: Kind,
}

/// The tasks as they are after image builds were replaced.
pub(super) fn units(texts: &[TaskText], forms: &[NewForm]) -> Vec<Unit> {
    let read = |(index, text): (usize, &TaskText)| match forms.get(index) {
        Some(NewForm::Script(new)) => Unit::alone(&TaskText { form: Form::Script(new), ..*text }),
        Some(NewForm::Exec(argv)) => Unit::alone(&TaskText { form: Form::Exec(argv), ..*text }),
        Some(NewForm::Nothing) => Unit::alone(&TaskText { form: Form::Other, ..*text }),
        Some(NewForm::Unchanged) | None => Unit::alone(text),
    };
    texts.iter().enumerate().map(read).collect()
}

/// All commands that have to do with a deployment, in order.
pub(super) fn sites(
    units: &[Unit],
    destinations: &[&str],
    files: &dyn Fn(&str) -> Option<String>,
) -> Vec<Site> {
    let mut sites = Vec::new();
    for (number, unit) in units.iter().enumerate() {
        // What follows `kustomize edit` in the same script commits it; other commits are none of this.
        let mut edits = false;
        for (at, (command, folder)) in unit.script.commands.iter().zip(&unit.folders).enumerate() {
            let kind = recognise::command(&command.words)
                .or_else(|| recognise::script(&command.words, folder, destinations, files));
            edits |= command.words.iter().any(|word| word.head().ends_with("kustomize"));
            if let Some(kind) = kind.filter(|kind| edits || *kind != Kind::Commit) {
                sites.push(Site { unit: number, command: at, kind });
            }
        }
    }
    sites
}

/// The words that ask the container beside the job.
const DELIVER: &[&str] = &["/gocd-lib/run-in.sh", "delivery", "sh", "/gocd-lib/deliver.sh"];

/// Replaces the first deployment by the request, rollbacks by its reversal, and the rest by nothing.
pub(super) fn apply(units: &[Unit], sites: &[Site], forms: &mut Vec<NewForm>) {
    forms.resize(units.len(), NewForm::Unchanged);
    let first = sites.iter().position(|site| site.kind == Kind::Deploy);
    let request = |number: usize, kind: Kind| match kind {
        Kind::Rollback => Some([DELIVER, &["revert"]].concat()),
        Kind::Deploy if Some(number) == first => Some(DELIVER.to_vec()),
        _ => None,
    };
    for (number, unit) in units.iter().enumerate() {
        let own: Vec<(usize, &Site)> =
            sites.iter().enumerate().filter(|(_, site)| site.unit == number).collect();
        let Some((index, site)) = own.first() else { continue };
        if !unit.has_shell() {
            forms[number] = match request(*index, site.kind) {
                Some(words) => NewForm::Exec(words.iter().map(ToString::to_string).collect()),
                None => NewForm::Nothing,
            };
            continue;
        }
        let mut edits = Edits::default();
        for (index, site) in &own {
            let command = &unit.script.commands[site.command];
            for stray in &command.strays {
                edits.put(stray.clone(), "");
            }
            let new = request(*index, site.kind).map_or_else(|| ":".to_string(), |words| words.join(" "));
            edits.put(command.range.clone(), new);
        }
        let text = edits.made_in(unit);
        forms[number] = match unit.origin {
            Origin::Shell { at } => {
                let mut argv = unit.argv.clone();
                argv[at] = text;
                NewForm::Exec(argv)
            }
            _ => NewForm::Script(text),
        };
    }
}

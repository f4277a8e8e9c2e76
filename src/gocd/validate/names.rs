//! Names: of pipelines, groups, stages, materials, parameters, jobs, variables, tabs and resources.

use super::text;
use crate::finding::Account;
use crate::gocd::{Job, Pipeline, Variable};
use crate::span::{Place, Src};

crate::findings! {
    /// A name has characters that GoCD does not allow in it, or is too long.
    ///
    /// ## Why it matters
    /// GoCD's server refuses the whole repository. Pipelines, groups, stages, materials and parameters: letters, digits, `_`,
    /// `-`, `.`, not beginning with `.`, at most 255. Jobs: the same, and they may begin with `.`. Resources: also blanks and
    /// `|`. Tabs: at most 15. Variables: anything, but not blank, and without blanks at the ends.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   my app:
    ///     group: apps
    ///     materials: {code: {git: "https://git.example.com/acme/app.git"}}
    ///     stages: [build: {tasks: [exec: {command: make}]}]
    /// ```
    ///
    /// ## Instead
    /// Rename it, here `my-app`.
    pub INVALID_NAME = "invalid-name", Refused, Error, Refused;

    /// A job's name ends like the name that GoCD gives to one of several instances.
    ///
    /// ## Why it matters
    /// `-runInstance-1` and `-runOnAll-1` are what GoCD appends itself. Its server refuses such a name.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     materials: {code: {git: "https://git.example.com/acme/app.git"}}
    ///     stages: [build: {jobs: {test-runInstance-1: {tasks: [exec: {command: make}]}}}]
    /// ```
    ///
    /// ## Instead
    /// Rename the job.
    pub INSTANCE_LIKE_NAME = "instance-like-name", Refused, Error, Refused;
}

/// Checks all names of a pipeline.
pub fn check(pipeline: &Pipeline, account: &mut Account) {
    let mut names = Names { account };
    names.plain(&pipeline.name, "pipeline");
    if let Some(group) = &pipeline.group {
        names.plain(group, "group");
    }
    for parameter in &pipeline.parameters {
        names.plain_at(&parameter.value.0, parameter.place, "parameter");
    }
    for material in &pipeline.materials {
        names.plain(&material.name, "material");
    }
    names.variables(&pipeline.variables);
    for stage in &pipeline.stages {
        names.plain(&stage.name, "stage");
        names.variables(&stage.variables);
        stage.jobs.iter().for_each(|job| names.job(job));
    }
}

/// Checks the names of an environment's variables.
pub fn check_variables(variables: &[Variable], account: &mut Account) {
    Names { account }.variables(variables);
}

struct Names<'a> {
    account: &'a mut Account,
}

fn is_word(text: &str, more: &str) -> bool {
    text.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c) || more.contains(c))
}

impl Names<'_> {
    fn plain(&mut self, name: &Src<String>, what: &str) {
        self.plain_at(name, name.place, what);
    }

    fn plain_at(&mut self, name: &str, place: Place, what: &str) {
        let allowed = !name.is_empty() && is_word(name, "") && !name.starts_with('.');
        self.judge(
            name,
            place,
            what,
            allowed,
            255,
            "letters, digits, `_`, `-` and `.`, not beginning with `.`",
        );
    }

    fn judge(&mut self, name: &str, place: Place, what: &str, allowed: bool, longest: usize, rule: &str) {
        let length = name.chars().count();
        let message = if !allowed {
            format!("`{name}` is not a valid {what} name")
        } else if length > longest {
            format!("this {what} name has {length} characters, but at most {longest} are allowed")
        } else {
            return;
        };
        let help = match longest {
            usize::MAX => format!("GoCD allows {rule}"),
            longest => format!("GoCD allows {rule}, at most {longest} characters"),
        };
        self.account.report(&INVALID_NAME, place, message).help(help);
    }

    fn job(&mut self, job: &Job) {
        let name = &job.name;
        let allowed = !name.is_empty() && is_word(name, "");
        self.judge(name, name.place, "job", allowed, 255, "letters, digits, `_`, `-` and `.`");
        if is_instance_like(name) {
            self.account
                .report(
                    &INSTANCE_LIKE_NAME,
                    name,
                    format!("`{}` looks like the name of one of several instances", name.value),
                )
                .help("rename the job: GoCD appends `-runInstance-1` and `-runOnAll-1` itself");
        }
        self.variables(&job.variables);
        for resource in &job.resources {
            if let Some(text) = &resource.value {
                let allowed = !text.trim().is_empty() && is_word(text, " |");
                let rule = "letters, digits, `_`, `-`, `.`, `|` and blanks";
                self.judge(text, resource.place, "resource", allowed, 255, rule);
            }
        }
        text::check_items(self.account, &job.resources, "resources");
        for tab in &job.tabs {
            let title = &tab.value.0;
            let allowed = !title.is_empty() && is_word(title, "");
            self.judge(title, tab.place, "tab", allowed, 15, "letters, digits, `_`, `-` and `.`");
        }
    }

    fn variables(&mut self, variables: &[Variable]) {
        for variable in variables {
            let name = &variable.name;
            let allowed = !name.is_empty() && name.trim() == name.value;
            let rule = "any text without blanks at its ends";
            self.judge(name, name.place, "variable", allowed, usize::MAX, rule);
        }
    }
}

fn is_instance_like(name: &str) -> bool {
    let Some((rest, number)) = name.rsplit_once('-') else { return false };
    let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    digits && (rest.ends_with("-runInstance") || rest.ends_with("-runOnAll"))
}

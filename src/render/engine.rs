//! The template engine: the only user of minijinja.
//!
//! Argo's `{{…}}` stand in the templates as they will stand in the output, so the engine has other delimiters:
//! `<< value >>`, `{% … %}`. Every value is written as a YAML scalar; there is no way to print raw text.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context as _;
use minijinja::syntax::SyntaxConfig;
use minijinja::{AutoEscape, Environment, Error, ErrorKind, Output, State, UndefinedBehavior, Value};

use super::yaml_text;

/// The templates that come with the program, by name.
const BUILT_IN: &[(&str, &str)] = &[
    ("argo-cd/application.yaml.j2", include_str!("../../templates/argo-cd/application.yaml.j2")),
    ("argo-cd/kustomization.yaml.j2", include_str!("../../templates/argo-cd/kustomization.yaml.j2")),
    ("argo-cd/project.yaml.j2", include_str!("../../templates/argo-cd/project.yaml.j2")),
    ("artifact-repositories.yaml.j2", include_str!("../../templates/artifact-repositories.yaml.j2")),
    ("bridge.yaml.j2", include_str!("../../templates/bridge.yaml.j2")),
    ("bridge-events.yaml.j2", include_str!("../../templates/bridge-events.yaml.j2")),
    ("components/dashboard.yaml.j2", include_str!("../../templates/components/dashboard.yaml.j2")),
    (
        "components/external-secrets.yaml.j2",
        include_str!("../../templates/components/external-secrets.yaml.j2"),
    ),
    ("components/kustomization.yaml.j2", include_str!("../../templates/components/kustomization.yaml.j2")),
    ("components/monitors.yaml.j2", include_str!("../../templates/components/monitors.yaml.j2")),
    (
        "components/network-policies.yaml.j2",
        include_str!("../../templates/components/network-policies.yaml.j2"),
    ),
    ("components/rules.yaml.j2", include_str!("../../templates/components/rules.yaml.j2")),
    ("components/sealed-secret.yaml.j2", include_str!("../../templates/components/sealed-secret.yaml.j2")),
    ("cron-workflow.yaml.j2", include_str!("../../templates/cron-workflow.yaml.j2")),
    ("environment.yaml.j2", include_str!("../../templates/environment.yaml.j2")),
    ("event-bus.yaml.j2", include_str!("../../templates/event-bus.yaml.j2")),
    ("event-source.yaml.j2", include_str!("../../templates/event-source.yaml.j2")),
    ("http-route.yaml.j2", include_str!("../../templates/http-route.yaml.j2")),
    ("ingress.yaml.j2", include_str!("../../templates/ingress.yaml.j2")),
    ("kustomization.yaml.j2", include_str!("../../templates/kustomization.yaml.j2")),
    ("migration.md.j2", include_str!("../../templates/migration.md.j2")),
    ("overlays/aws.yaml.j2", include_str!("../../templates/overlays/aws.yaml.j2")),
    ("overlays/minio.yaml.j2", include_str!("../../templates/overlays/minio.yaml.j2")),
    ("reconcile.yaml.j2", include_str!("../../templates/reconcile.yaml.j2")),
    ("rights.yaml.j2", include_str!("../../templates/rights.yaml.j2")),
    ("runtime.yaml.j2", include_str!("../../templates/runtime.yaml.j2")),
    ("secrets.md.j2", include_str!("../../templates/secrets.md.j2")),
    ("sensor.yaml.j2", include_str!("../../templates/sensor.yaml.j2")),
    ("stage-events.yaml.j2", include_str!("../../templates/stage-events.yaml.j2")),
    ("webhooks.md.j2", include_str!("../../templates/webhooks.md.j2")),
    ("workflow-template.yaml.j2", include_str!("../../templates/workflow-template.yaml.j2")),
    ("partials/_buildkit.yaml.j2", include_str!("../../templates/partials/_buildkit.yaml.j2")),
    ("partials/_containers.yaml.j2", include_str!("../../templates/partials/_containers.yaml.j2")),
    ("partials/_job.yaml.j2", include_str!("../../templates/partials/_job.yaml.j2")),
    ("partials/_overlay.yaml.j2", include_str!("../../templates/partials/_overlay.yaml.j2")),
    ("partials/_stage.yaml.j2", include_str!("../../templates/partials/_stage.yaml.j2")),
];

/// Templates, ready to be filled in.
pub struct Engine {
    environment: Environment<'static>,
}

impl Engine {
    /// The built-in templates; those that `overrides` has under the same path take their place.
    ///
    /// # Errors
    /// When a template cannot be read or is no valid template, or a file in `overrides` is named like none.
    pub fn new(overrides: Option<&Path>) -> anyhow::Result<Self> {
        let mut sources: BTreeMap<String, String> =
            BUILT_IN.iter().map(|(name, text)| ((*name).to_string(), (*text).to_string())).collect();
        if let Some(folder) = overrides {
            read_overrides(folder, &mut sources)?;
        }
        let mut environment = Environment::new();
        environment.set_syntax(syntax()?);
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_fuel(Some(50_000_000));
        environment.set_auto_escape_callback(|name| {
            AutoEscape::Custom(if name.ends_with(".md.j2") { MARKDOWN } else { YAML }.into())
        });
        environment.set_formatter(write_scalar);
        environment.add_filter("block", |text: &str, indent: usize| {
            Value::from_safe_string(yaml_text::block(text, indent))
        });
        environment.add_filter("code", code);
        environment.add_filter("plain", plain);
        environment.add_filter("yaml", |text: &str| Value::from_safe_string(yaml_text::scalar(text)));
        for (name, text) in sources {
            environment.add_template_owned(name, text).context("a template is not valid")?;
        }
        Ok(Engine { environment })
    }

    /// Fills a template in.
    ///
    /// # Errors
    /// When the template uses a name that the value does not have: with template, line and column.
    pub fn render(&self, template: &str, value: Value) -> anyhow::Result<String> {
        let found = self.environment.get_template(template)?;
        found
            .render(value)
            .map_err(|error| anyhow::anyhow!("{error}"))
            .with_context(|| format!("template `{template}`"))
    }
}

fn syntax() -> anyhow::Result<SyntaxConfig> {
    Ok(SyntaxConfig::builder()
        .block_delimiters("{%", "%}")
        .variable_delimiters("<<", ">>")
        .comment_delimiters("{#", "#}")
        .trim_blocks(true)
        .lstrip_blocks(true)
        .keep_trailing_newline(true)
        .build()?)
}

const YAML: &str = "yaml";
const MARKDOWN: &str = "markdown";

/// Writes a value as one YAML scalar, in Markdown as one line of plain text. Safe strings come from macros, includes
/// and the filter `block`.
fn write_scalar(out: &mut Output, state: &mut State, value: &Value) -> Result<(), Error> {
    if matches!(value.kind(), minijinja::value::ValueKind::Bool) {
        return out.write_str(if value.is_true() { "true" } else { "false" }).map_err(Error::from);
    }
    if value.is_safe() || value.is_number() {
        return out.write_str(&value.to_string()).map_err(Error::from);
    }
    match value.as_str() {
        Some(text) if matches!(state.auto_escape(), AutoEscape::Custom(language) if language == MARKDOWN) => {
            out.write_str(&plain_line(text)).map_err(Error::from)
        }
        Some(text) => out.write_str(&yaml_text::scalar(text)).map_err(Error::from),
        None if value.is_undefined() => Err(Error::from(ErrorKind::UndefinedError)),
        None => Err(Error::new(ErrorKind::InvalidOperation, format!("a {} is no scalar", value.kind()))),
    }
}

/// A text that stays within its cell of a Markdown table and acts on nothing. What stands between back-ticks stays as it
/// is, for there a backslash would be shown.
fn plain_line(text: &str) -> String {
    let has_code = !text.contains("``") && text.matches('`').count().is_multiple_of(2);
    let mut line = String::with_capacity(text.len());
    let mut in_code = false;
    for c in text.chars() {
        match c {
            '`' if has_code => {
                in_code = !in_code;
                line.push(c);
            }
            '|' => line.push_str("\\|"),
            '<' | '>' | '[' | ']' | '*' | '_' | '\\' | '&' | '`' if !in_code => line.extend(['\\', c]),
            c if !yaml_text::is_printable(c) => line.push(' '),
            c => line.push(c),
        }
    }
    line
}

/// A name as code in Markdown.
fn code(text: &str) -> Value {
    Value::from_safe_string(plain_line(&format!("`{}`", text.replace('`', "'"))))
}

/// A text inside a block of code: one word to a shell, on one line.
fn plain(text: &str) -> Value {
    let is_bare = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | ':' | '@' | '=');
    let text: String = text.chars().map(|c| if yaml_text::is_printable(c) { c } else { ' ' }).collect();
    Value::from_safe_string(match text.chars().all(is_bare) {
        true => text,
        false => format!("'{}'", text.replace('\'', r"'\''")),
    })
}

fn read_overrides(folder: &Path, sources: &mut BTreeMap<String, String>) -> anyhow::Result<()> {
    for entry in walkdir::WalkDir::new(folder).sort_by_file_name() {
        let entry = entry.with_context(|| format!("cannot read the templates in `{}`", folder.display()))?;
        if !entry.file_type().is_file() {
            continue;
        }
        let path = entry.path();
        let relative = path.strip_prefix(folder).unwrap_or(path);
        let name =
            relative.components().map(|c| c.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/");
        let text =
            std::fs::read_to_string(path).with_context(|| format!("cannot read `{}`", path.display()))?;
        match sources.get_mut(&name) {
            Some(source) => *source = text,
            None => {
                let known: Vec<&str> = sources.keys().map(String::as_str).collect();
                anyhow::bail!(
                    "`{}` takes no template's place; there are: {}",
                    path.display(),
                    known.join(", ")
                );
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_keeps_code_and_disarms_the_rest() {
        assert_eq!(plain_line("variable `A_B|c` of *it* <b>"), r"variable `A_B\|c` of \*it\* \<b\>");
        assert_eq!(plain_line("odd ` _x_"), r"odd \` \_x\_");
        assert_eq!(plain_line("a\nb"), "a b");
        assert_eq!(code("KUBE_TOKEN").to_string(), "`KUBE_TOKEN`");
        assert_eq!(code("a`<b>`").to_string(), "`a'<b>'`");
        assert_eq!(plain("https://x.example.com/go").to_string(), "https://x.example.com/go");
        assert_eq!(plain("a$(id)\n```").to_string(), "'a$(id) ```'");
    }
}

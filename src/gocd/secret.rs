//! Where secrets stand in the files, so that nobody prints them: not even as a source line under a finding.

use super::Configuration;
use super::git_url::without_credentials;
use crate::source::{NodeId, SourceFile, Sources, Tree, Value};
use crate::span::{FileId, Span};
use std::collections::BTreeSet;

/// Everything that must not be shown: [`secret_spans`], and whole URLs of materials that have credentials in them, where
/// even a user name may be a token.
pub fn secrets(sources: &Sources, configuration: &Configuration) -> Vec<Span> {
    let materials = configuration.pipelines.iter().flat_map(|pipeline| &pipeline.materials);
    let urls = materials.filter_map(|material| material.url.as_ref());
    let urls = urls.filter(|url| without_credentials(url).1).map(|url| url.place.span);
    secret_spans(sources).into_iter().chain(urls).collect()
}

/// The bytes of every secret in all files, in order: values of `secure_variables` and `secure_options`, of `password` and
/// `encrypted_password`, ciphertext (`AES:…`) anywhere, and passwords in URLs. Files that are no valid YAML are searched
/// as text.
pub fn secret_spans(sources: &Sources) -> Vec<Span> {
    let mut spans = BTreeSet::new();
    for file in &sources.files {
        if let Some(tree) = &file.tree {
            in_tree(tree, &mut spans);
        }
        in_text(file, file.tree.is_none(), &mut spans);
    }
    spans.into_iter().collect()
}

fn in_tree(tree: &Tree, spans: &mut BTreeSet<Span>) {
    for node in &tree.nodes {
        let Value::Map(entries) = &node.value else { continue };
        for entry in entries {
            match entry.key.as_str() {
                "password" | "encrypted_password" => texts(tree, &[entry.node], spans),
                "secure_variables" | "secure_options" => texts(tree, &children(tree, entry.node), spans),
                _ => {}
            }
        }
    }
}

/// The values directly below a node.
fn children(tree: &Tree, node: NodeId) -> Vec<NodeId> {
    match &tree.node(node).value {
        Value::Map(entries) => entries.iter().map(|entry| entry.node).collect(),
        Value::List(items) => items.iter().map(|item| item.node).collect(),
        Value::Null | Value::Text(_) => vec![node],
    }
}

fn texts(tree: &Tree, nodes: &[NodeId], spans: &mut BTreeSet<Span>) {
    for node in nodes.iter().map(|id| tree.node(*id)) {
        if matches!(&node.value, Value::Text(text) if !text.is_empty()) {
            spans.insert(node.span);
        }
    }
}

/// Ciphertext and passwords in URLs; with `lines`, also what the keys on a line say.
fn in_text(file: &SourceFile, lines: bool, spans: &mut BTreeSet<Span>) {
    let text = file.text.as_str();
    for (start, _) in text.match_indices("AES:") {
        let length = text[start..].find(|c: char| !(c.is_ascii_alphanumeric() || "+/=:".contains(c)));
        add(file.id, start, length.map_or(text.len(), |length| start + length), spans);
    }
    for (at, _) in text.match_indices("://") {
        let start = at + "://".len();
        let end = text[start..].find(|c: char| c.is_whitespace() || "/\"'".contains(c));
        let authority = &text[start..end.map_or(text.len(), |end| start + end)];
        if let Some((user, _)) = authority.rsplit_once('@')
            && let Some(colon) = user.find(':')
        {
            add(file.id, start + colon + 1, start + user.len(), spans);
        }
    }
    if lines {
        by_lines(file, spans);
    }
}

/// What stands behind `password:` on its line, and behind each key below `secure_variables:` or `secure_options:`.
fn by_lines(file: &SourceFile, spans: &mut BTreeSet<Span>) {
    let mut secure: Option<usize> = None;
    let mut start = 0;
    for line in file.text.as_str().split_inclusive('\n') {
        let indent = line.len() - line.trim_start().len();
        let blank = line.trim().is_empty();
        secure = secure.filter(|outer| blank || indent > *outer);
        let opens = line.contains("secure_variables:") || line.contains("secure_options:");
        if (secure.is_some() || opens || line.contains("password:"))
            && let Some(colon) = line.find(':')
        {
            let value = line[colon + 1..].trim();
            let from = start + colon + 1 + (line[colon + 1..].len() - line[colon + 1..].trim_start().len());
            add(file.id, from, from + value.len(), spans);
        } else if secure.is_some() {
            add(file.id, start + indent, start + line.trim_end().len(), spans);
        }
        if opens {
            secure = Some(indent);
        }
        start += line.len();
    }
}

fn add(file: FileId, start: usize, end: usize, spans: &mut BTreeSet<Span>) {
    if let (Ok(start), Ok(end)) = (u32::try_from(start), u32::try_from(end))
        && start < end
    {
        spans.insert(Span { file, start, end });
    }
}

#[cfg(test)]
mod tests {
    use super::secret_spans;
    use crate::finding::Account;
    use crate::source::Sources;

    fn secrets(text: &str) -> Vec<String> {
        let sources = Sources::from_texts(&[("a.gocd.yaml", text)], &mut Account::default());
        secret_spans(&sources).into_iter().map(|span| sources.slice(span).to_string()).collect()
    }

    #[test]
    fn secrets_are_found_wherever_they_stand() {
        let text = "common: {x: 'AES:YQ==:Yg=='}\npipelines:\n  p:\n    secure_variables: {A: not encrypted, B: }\n    \
                    materials:\n      m: {git: 'https://u:hunter2@x.example.com/a.git', password: 'p w'}\n";
        assert_eq!(secrets(text), ["AES:YQ==:Yg==", "not encrypted", "hunter2", "'p w'"]);
    }

    #[test]
    fn secrets_are_found_in_files_that_are_no_yaml() {
        let text = "a: [\npassword: hunter2\nb: AES:YQ==:Yg==\nsecure_variables:\n  A: |\n    first\n\n  B: \"\\d\"\nc: 1\n";
        assert_eq!(secrets(text), ["hunter2", "AES:YQ==:Yg==", "|", "first", "\"\\d\""]);
        assert_eq!(secrets("a: git@x.example.com:a.git\nb: https://u@x.example.com\n"), Vec::<String>::new());
    }
}

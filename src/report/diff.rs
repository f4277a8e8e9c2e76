//! What would change on disk, as a unified diff. The only user of similar.

use super::terminal::visible;
use crate::output::{Action, FileChange};
use anstyle::{AnsiColor, Style};
use similar::{Algorithm, TextDiff};

const HEADER: Style = Style::new().bold();
const HUNK: Style = AnsiColor::Cyan.on_default();
const ADDED: Style = AnsiColor::Green.on_default();
const REMOVED: Style = AnsiColor::Red.on_default();

/// The diff of all files that differ, as `diff -u` writes it; conflicts show what a person's version would lose.
/// Control characters other than tab are made visible.
pub fn unified(files: &[FileChange]) -> String {
    files.iter().filter(|file| file.action != Action::Unchanged).map(file_diff).collect()
}

/// The same with colours.
pub fn coloured(files: &[FileChange]) -> String {
    let mut text = String::new();
    for line in unified(files).lines() {
        let style = match line.as_bytes() {
            [b'-', b'-', b'-', ..] | [b'+', b'+', b'+', ..] => HEADER,
            [b'@', ..] => HUNK,
            [b'+', ..] => ADDED,
            [b'-', ..] => REMOVED,
            _ => Style::new(),
        };
        text.push_str(&format!("{style}{line}{style:#}\n"));
    }
    text
}

fn file_diff(file: &FileChange) -> String {
    let (old, new) = (file.old.as_deref().unwrap_or(""), file.new.as_deref().unwrap_or(""));
    let header = |side: &str, text: &Option<String>| match text {
        Some(_) => format!("{side}/{}", visible(&file.path)),
        None => "/dev/null".to_string(),
    };
    let (from, to) = (header("a", &file.old), header("b", &file.new));
    // Patience stays fast where two large texts have little in common, and cuts manifests at sensible lines.
    let diff = TextDiff::configure().algorithm(Algorithm::Patience).diff_lines(old, new);
    let text = diff.unified_diff().context_radius(3).header(&from, &to).to_string();
    if text.is_empty() {
        // An empty file that comes or goes has no lines to show.
        return format!("--- {from}\n+++ {to}\n");
    }
    if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t')) { clean(&text) } else { text }
}

fn clean(text: &str) -> String {
    let keep_tabs = |line: &str| line.split('\t').map(visible).collect::<Vec<_>>().join("\t");
    text.split('\n').map(keep_tabs).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(action: Action, old: Option<&str>, new: Option<&str>) -> FileChange {
        let owned = |text: Option<&str>| text.map(str::to_string);
        FileChange { path: "d/a.yaml".into(), action, old: owned(old), new: owned(new), pipelines: vec![] }
    }

    #[test]
    fn the_diff_is_unified() {
        let files = [
            change(Action::Create, None, Some("1\n")),
            change(Action::Unchanged, None, Some("1\n")),
            change(Action::Remove, Some("1\n"), None),
            change(Action::Update, Some("1\n2\n3\n4\n5\n6\n7\n8\n"), Some("1\n2\n3\n4\n5\nsix\n7\n8")),
            change(Action::Conflict, Some("a\u{1b}[2J\tb\n"), Some("c\n")),
        ];
        insta::assert_snapshot!(unified(&files), @r"
        --- /dev/null
        +++ b/d/a.yaml
        @@ -0,0 +1 @@
        +1
        --- a/d/a.yaml
        +++ /dev/null
        @@ -1 +0,0 @@
        -1
        --- a/d/a.yaml
        +++ b/d/a.yaml
        @@ -3,6 +3,6 @@
         3
         4
         5
        -6
        +six
         7
        -8
        +8
        \ No newline at end of file
        --- a/d/a.yaml
        +++ b/d/a.yaml
        @@ -1 +1 @@
        -a␛[2J	b
        +c
        ");
    }

    #[test]
    fn colours_change_no_text() {
        let files = [change(Action::Update, Some("1\n2\n"), Some("1\n3\n"))];
        let coloured = coloured(&files);
        let plain: String = anstream::adapter::strip_str(&coloured).to_string();
        assert_eq!(plain, unified(&files));
        assert!(coloured.contains("\u{1b}[32m+3"));
    }
}

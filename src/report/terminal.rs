//! Findings drawn as rustc draws them. The only user of annotate-snippets.

use super::mask::mask_text;
use super::window::{push_visible, window};
use super::{Report, name};
use crate::finding::{Finding, Severity};
use crate::source::Sources;
use crate::span::{FileId, Span};
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use std::ops::Range;

/// Places at most this many lines apart are drawn in one piece.
const NEAR: usize = 3;

/// How findings are drawn.
#[derive(Clone, Copy, Debug, Default)]
pub struct Drawing<'a> {
    /// With colours.
    pub styled: bool,
    /// Places of secret values, which are never shown. Ciphertext, and what stands below keys that say "secret", is
    /// hidden in any case.
    pub secrets: &'a [Span],
}

/// All findings of a report, each followed by an empty line.
pub fn draw_all(report: &Report<'_>, drawing: Drawing<'_>) -> String {
    let mut text = String::new();
    for finding in report.findings {
        text.push_str(&draw(finding, report.sources, drawing));
        text.push_str("\n\n");
    }
    text
}

/// One finding: severity, rule and message; the source lines with a mark under what is meant; what to do.
pub fn draw(finding: &Finding, sources: &Sources, drawing: Drawing<'_>) -> String {
    let level = level(finding.rule.severity);
    let pieces = pieces(finding, sources);
    let snippets = pieces.iter().enumerate();
    let mut group: Group<'_> =
        level.clone().primary_title(clean(&finding.message)).id(finding.rule.name).elements(
            snippets.map(|(index, piece)| snippet(piece, sources, drawing.secrets).path(marker(index))),
        );
    if let Some(help) = &finding.help {
        group = group.element(Level::HELP.message(clean(help)));
    }
    let renderer = if drawing.styled { Renderer::styled() } else { Renderer::plain() };
    let mut drawn = renderer.render(&[group]);
    for (index, piece) in pieces.iter().enumerate() {
        drawn = locate(&drawn, &marker(index), &place(piece, sources));
    }
    drawn
}

/// What stands for a piece's place in a drawing: the columns there are those of what is shown, and a long line is
/// shortened.
fn marker(index: usize) -> String {
    format!("\u{f8ff}{index}\u{f8ff}")
}

/// `file:line:column` of a piece's first mark, the finding's own if it is among them.
fn place(piece: &Piece, sources: &Sources) -> String {
    let mark = piece.marks.iter().find(|mark| mark.primary).or(piece.marks.first());
    let file = visible(name(sources, piece.file));
    let Some(position) = mark.map(|mark| sources.position(mark.span)) else { return file };
    format!("{file}:{}:{}", position.line, position.column)
}

/// Puts a place where its marker stands, with the line and column that were drawn.
fn locate(drawn: &str, marker: &str, place: &str) -> String {
    let Some((before, after)) = drawn.split_once(marker) else { return drawn.to_string() };
    let after = after.trim_start_matches(|c: char| c == ':' || c.is_ascii_digit());
    format!("{before}{place}{after}")
}

/// A text of one line, safe for a terminal.
pub fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    text.chars().for_each(|c| push_visible(c, &mut shown));
    shown
}

/// A message: its own line breaks stay, everything else is made visible and ciphertext is hidden.
fn clean(text: &str) -> String {
    mask_text(text).split('\n').map(visible).collect::<Vec<_>>().join("\n")
}

fn level(severity: Severity) -> Level<'static> {
    match severity {
        Severity::Error => Level::ERROR,
        Severity::Decision => Level::WARNING.with_name("decision"),
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
    }
}

/// A place to be marked.
struct Mark {
    span: Span,
    line: usize,
    primary: bool,
    label: Option<String>,
}

/// Marks that are near each other in one file.
struct Piece {
    file: FileId,
    marks: Vec<Mark>,
}

/// The marks of a finding in pieces, the one with the finding's own place first.
fn pieces(finding: &Finding, sources: &Sources) -> Vec<Piece> {
    let mark = |span: Span, primary, label: Option<&str>| Mark {
        span,
        line: sources.position(span).line,
        primary,
        label: label.map(clean),
    };
    let mut marks = vec![mark(sources.locate(finding), true, finding.label.as_deref())];
    marks.extend(finding.place.via.map(|via| mark(via, false, Some("reached through this alias"))));
    marks.extend(finding.related.iter().map(|(span, label)| mark(*span, false, Some(label))));
    let mut pieces: Vec<Piece> = Vec::new();
    for mark in marks {
        let near = |piece: &&mut Piece| {
            piece.file == mark.span.file
                && piece.marks.iter().any(|other| other.line.abs_diff(mark.line) <= NEAR)
        };
        match pieces.iter_mut().find(near) {
            Some(piece) => piece.marks.push(mark),
            None => pieces.push(Piece { file: mark.span.file, marks: vec![mark] }),
        }
    }
    pieces
}

fn snippet<'a>(
    piece: &Piece,
    sources: &Sources,
    secrets: &[Span],
) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
    let bytes = |span: &Span| span.start as usize..span.end as usize;
    let marks: Vec<Range<usize>> = piece.marks.iter().map(|mark| bytes(&mark.span)).collect();
    let secrets: Vec<Range<usize>> =
        secrets.iter().filter(|secret| secret.file == piece.file).map(bytes).collect();
    let text = sources.file(piece.file).map_or("", |file| file.text.as_str());
    let window = window(text, &marks, &secrets);
    let first = piece.marks.iter().map(|mark| mark.line).min().unwrap_or(1);
    let annotations = piece.marks.iter().zip(window.marks).map(|(mark, range)| {
        let kind = if mark.primary { AnnotationKind::Primary } else { AnnotationKind::Context };
        kind.span(range).label(mark.label.clone())
    });
    let annotations: Vec<_> = annotations.collect();
    Snippet::source(window.text).line_start(first).fold(false).annotations(annotations)
}

#[cfg(test)]
mod tests {
    use super::super::fake::{ODD_IMAGE, ODD_KEY, ODD_THING, finding, sources, span};
    use super::*;

    const TEXT: &str = "\
format_version: 10
common: &common
  lock_behaviour: unlockWhenFinished
pipelines:
  app:
    <<: *common
    group: g
    secure_variables:
      TOKEN: AES:abc=:def==
    image: go-1.21
    a: 1
    b: 2
    c: 3
    image: go-1.22
";

    #[test]
    fn a_finding_is_drawn_as_rustc_does() {
        let sources = sources(TEXT);
        let mut finding =
            finding(&sources, &ODD_KEY, "lock_behaviour", "`lock_behaviour` is not a key of a pipeline");
        finding.label("GoCD ignores it").help("did you mean `lock_behavior`?");
        finding.place.via = Some(span(&sources, "*common"));
        insta::assert_snapshot!(draw(&finding, &sources, Drawing::default()), @r"
        warning[odd-key]: `lock_behaviour` is not a key of a pipeline
         --> ci/app.gocd.yaml:3:3
          |
        3 |   lock_behaviour: unlockWhenFinished
          |   ^^^^^^^^^^^^^^ GoCD ignores it
        4 | pipelines:
        5 |   app:
        6 |     <<: *common
          |         ------- reached through this alias
          |
          = help: did you mean `lock_behavior`?
        ");
    }

    #[test]
    fn far_places_are_drawn_apart() {
        let sources = sources(TEXT);
        let mut finding = finding(&sources, &ODD_THING, "go-1.22", "`image` is written twice");
        finding.label("again here").related(span(&sources, "image: go-1.21"), "first here");
        insta::assert_snapshot!(draw(&finding, &sources, Drawing::default()), @r"
        error[odd-thing]: `image` is written twice
          --> ci/app.gocd.yaml:14:12
           |
        14 |     image: go-1.22
           |            ^^^^^^^ again here
           |
          ::: ci/app.gocd.yaml:10:5
           |
        10 |     image: go-1.21
           |     -------------- first here
        ");
    }

    #[test]
    fn the_place_is_that_of_the_file_however_little_of_a_line_is_shown() {
        let sources = sources(&format!("format_version: 10\ncommon: {{a: {}, b: x}}\n", "y".repeat(500)));
        let finding = finding(&sources, &ODD_KEY, "b: x", "odd");
        let drawn = draw(&finding, &sources, Drawing::default());
        assert!(drawn.contains("--> ci/app.gocd.yaml:2:515\n") && drawn.contains('…'), "{drawn}");
    }

    #[test]
    fn no_secret_is_drawn() {
        let sources = sources(TEXT);
        let mut finding =
            finding(&sources, &ODD_IMAGE, "AES:abc=:def==", "`TOKEN` is AES:abc=:def==\u{1b}[2J");
        finding.related(span(&sources, "unlockWhenFinished"), "and this");
        let secrets = [span(&sources, "unlockWhenFinished")];
        let drawn = draw(&finding, &sources, Drawing { styled: false, secrets: &secrets });
        insta::assert_snapshot!(drawn, @r"
        decision[odd-image]: `TOKEN` is •••␛[2J
         --> ci/app.gocd.yaml:9:14
          |
        9 |       TOKEN: •••
          |              ^^^
          |
         ::: ci/app.gocd.yaml:3:19
          |
        3 |   lock_behaviour: •••
          |                   --- and this
        ");
    }

    #[test]
    fn colours_only_when_asked_for() {
        let sources = sources(TEXT);
        let finding = finding(&sources, &ODD_KEY, "group", "odd");
        assert!(!draw(&finding, &sources, Drawing::default()).contains('\u{1b}'));
        assert!(draw(&finding, &sources, Drawing { styled: true, secrets: &[] }).contains('\u{1b}'));
    }
}

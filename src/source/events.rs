//! The stream of YAML events. The only file that knows the parser crate; see `docs/dependencies.md`.

use std::borrow::Cow;
use std::ops::Range;

use granit_parser::{ErrorKind, Event as Raw, Parser, ScalarStyle, StrInput, StructureStyle};

/// How a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// Without quotes.
    Plain,
    /// In `"`.
    DoubleQuoted,
    /// In `'`.
    SingleQuoted,
    /// `|` or `>`.
    Block,
}

/// What the parser meets, in the order of the text.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Event<'t> {
    /// A document begins; `too_new` when a `%YAML` directive asks for more than 1.1.
    Document { too_new: bool },
    /// The document ends.
    DocumentEnd,
    /// A scalar; `absent` when nothing is written (`key:`).
    Scalar { text: Cow<'t, str>, style: Style, absent: bool, anchor: Option<usize> },
    /// A list begins; `flow` when written with brackets.
    List { flow: bool, anchor: Option<usize> },
    /// A mapping begins; `flow` when written with braces.
    Map { flow: bool, anchor: Option<usize> },
    /// The innermost list or mapping ends.
    End,
    /// The name of the anchor on the node before.
    Anchor { name: Cow<'t, str> },
    /// `*name` of the anchor with that number.
    Alias { anchor: usize },
    /// `*name` of no anchor.
    UnknownAlias { name: Cow<'t, str> },
}

/// Where and why the text is no YAML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SyntaxError {
    /// Byte at which the parser gave up.
    pub at: u32,
    /// What is wrong.
    pub message: String,
    /// Which kind of mistake it is, when more can be said about it.
    pub kind: SyntaxKind,
}

/// Mistakes that are frequent enough for advice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SyntaxKind {
    /// A text begins with a reserved character.
    Indicator,
    /// A tab in the indentation.
    Tab,
    /// An unknown escape in double quotes.
    Escape,
    /// Something that does not belong to what stands above, mostly by its indentation.
    Indentation,
    /// Anything else.
    Other,
}

/// Events with their byte ranges; ends after the first error.
pub(super) struct Events<'t> {
    parser: Parser<'t, StrInput<'t>>,
    length: u32,
    over: bool,
}

/// Reads a text of at most 4 GiB.
pub(super) fn events(text: &str) -> Events<'_> {
    // Set by name, so that an upgrade of the crate cannot change them. Comments are not wanted: with them, long
    // runs of comments are refused. GoCD's reader adds no line feed to a block scalar at the end of a file.
    let options = granit_parser::options! {
        emit_comments: false,
        emit_anchor_events: true,
        emit_unresolved_aliases: true,
        block_scalar_eof_without_line_feed: true,
        bom_inside_document_as_content: false,
        disallow_directives: false,
        strict_indentation: false,
        block_nesting_limit: 255,
        flow_nesting_limit: 255,
    };
    let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
    Events { parser: Parser::new_from_str_with_options(text, options), length, over: false }
}

impl<'t> Iterator for Events<'t> {
    type Item = Result<(Event<'t>, Range<u32>), SyntaxError>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.over {
            match self.parser.next()? {
                Ok((raw, span)) => {
                    let range = span.byte_range().unwrap_or(0..0);
                    let (start, end) = (self.offset(range.start), self.offset(range.end));
                    if let Some(event) = translate(raw, start == end) {
                        return Some(Ok((event, start..end.max(start))));
                    }
                }
                Err(error) => {
                    self.over = true;
                    let at = self.offset(error.marker().byte_offset().unwrap_or(usize::MAX));
                    let (kind, message) = explain(error.kind());
                    return Some(Err(SyntaxError { at, message, kind }));
                }
            }
        }
        None
    }
}

impl Events<'_> {
    fn offset(&self, offset: usize) -> u32 {
        u32::try_from(offset).unwrap_or(u32::MAX).min(self.length)
    }
}

fn translate(raw: Raw<'_>, empty: bool) -> Option<Event<'_>> {
    let id = |anchor: usize| (anchor != 0).then_some(anchor);
    Some(match raw {
        Raw::DocumentStart(_, version) => {
            Event::Document { too_new: version.is_some_and(|v| (v.major, v.minor) > (1, 1)) }
        }
        Raw::DocumentEnd => Event::DocumentEnd,
        Raw::Scalar(text, style, anchor, _) => Event::Scalar {
            // The parser reports the text `~` for a value that is not there.
            absent: empty && style == ScalarStyle::Plain,
            text,
            style: match style {
                ScalarStyle::Plain => Style::Plain,
                ScalarStyle::SingleQuoted => Style::SingleQuoted,
                ScalarStyle::DoubleQuoted => Style::DoubleQuoted,
                ScalarStyle::Literal | ScalarStyle::Folded => Style::Block,
            },
            anchor: id(anchor),
        },
        Raw::SequenceStart(style, anchor, _) => {
            Event::List { flow: style == StructureStyle::Flow, anchor: id(anchor) }
        }
        Raw::MappingStart(style, anchor, _) => {
            Event::Map { flow: style == StructureStyle::Flow, anchor: id(anchor) }
        }
        Raw::SequenceEnd | Raw::MappingEnd => Event::End,
        Raw::Anchor(_, name) => Event::Anchor { name },
        Raw::Alias(anchor) => Event::Alias { anchor },
        Raw::UnresolvedAlias(name) => Event::UnknownAlias { name },
        _ => return None,
    })
}

/// The parser's messages, the frequent ones in other words.
fn explain(kind: &ErrorKind) -> (SyntaxKind, String) {
    let (kind, message) = match kind {
        ErrorKind::UnexpectedCharacter { .. } => {
            (SyntaxKind::Indicator, "no unquoted text begins with this character")
        }
        ErrorKind::MissingAnchorOrAliasName => (SyntaxKind::Indicator, "a name must follow this character"),
        ErrorKind::TabInBlockIndentation | ErrorKind::TabInIndentation | ErrorKind::TabNotAllowed => {
            (SyntaxKind::Tab, "a tab stands in the indentation")
        }
        ErrorKind::UnknownQuotedScalarEscape => {
            (SyntaxKind::Escape, "this text contains an escape that YAML does not have")
        }
        ErrorKind::MappingValueNotAllowed => (SyntaxKind::Indentation, "a key cannot stand here"),
        ErrorKind::ExpectedBlockMappingKey => (
            SyntaxKind::Indentation,
            "a key of the mapping above is expected here, but something else is written",
        ),
        ErrorKind::ExpectedBlockSequenceEntry => (
            SyntaxKind::Indentation,
            "an item of the list above is expected here, but something else is written",
        ),
        ErrorKind::SimpleKeyExpected => {
            (SyntaxKind::Indentation, "a key is expected here, but no `:` follows")
        }
        ErrorKind::ExpectedFlowMappingSeparator | ErrorKind::ExpectedFlowSequenceSeparator => {
            (SyntaxKind::Other, "a comma or the closing bracket is expected here")
        }
        ErrorKind::UnclosedFlowCollection { .. } => (SyntaxKind::Other, "this bracket is not closed"),
        ErrorKind::UnclosedQuotedScalar => (SyntaxKind::Other, "this quote is not closed"),
        ErrorKind::RecursionLimitExceeded => {
            (SyntaxKind::Other, "lists and mappings are nested deeper than 255 levels")
        }
        other => return (SyntaxKind::Other, format!("this is not YAML: {other}")),
    };
    (kind, message.to_string())
}

//! From a part of a scalar's value to its place in the file.

use std::ops::Range;

use super::read::SourceFile;
use super::tree::Value;
use crate::span::Span;

/// The place of the bytes `part` of the value written at `span`; the whole span where that cannot be shown to be right.
pub(super) fn narrow(file: &SourceFile, span: Span, part: Range<usize>) -> Span {
    let _ = (file, part, Value::Null);
    span
}

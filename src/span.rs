//! Places in the source: which file, which bytes, which ledger slot.

use std::ops::Deref;

/// A file of the source, by its number in the order of discovery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// A range of bytes in one file. Line and column are derived only when something is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file the bytes are in.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// One mapping key or one list item as written: what the ledger counts.
///
/// Slots are numbered over all files of a run. Aliases share the slots of the text they repeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot(pub u32);

/// Where a value was written, and how it got to where it is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The text itself.
    pub span: Span,
    /// The ledger's slot that answers for it; `None` for a whole file.
    pub slot: Option<Slot>,
    /// The alias (`*name` or the value of `<<`) through which it was reached, if any.
    pub via: Option<Span>,
}

impl Place {
    /// A place that no slot answers for, such as a whole file.
    pub fn unbooked(span: Span) -> Self {
        Place { span, slot: None, via: None }
    }
}

/// A value with the place it was written at. Reads like the value itself.
#[derive(Clone, Debug)]
pub struct Src<T> {
    /// The value.
    pub value: T,
    /// Where it was written.
    pub place: Place,
}

impl<T> Src<T> {
    /// Joins a value and its place.
    pub fn new(value: T, place: Place) -> Self {
        Src { value, place }
    }

    /// Another value at the same place.
    pub fn with<U>(&self, value: U) -> Src<U> {
        Src { value, place: self.place }
    }
}

impl<T> Deref for Src<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> From<&Src<T>> for Place {
    fn from(src: &Src<T>) -> Place {
        src.place
    }
}

impl From<&Place> for Place {
    fn from(place: &Place) -> Place {
        *place
    }
}

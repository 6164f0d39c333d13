//! The words of a list: its filter, its order, its positions and rows.

use crate::domain::initiative::InitiativeKind;
use crate::domain::{InitiativeId, InitiativeStatus, Timestamp, UnitId, Version};

/// A condition on initiatives, the same for every caller and every unit.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Filter {
    /// The initiative has one of these; none passes an empty list.
    pub statuses: Vec<InitiativeStatus>,
    pub kinds: Option<Vec<InitiativeKind>>,
    pub field: Option<String>,
    pub featured: Option<bool>,
    /// Folded; each begins a word of the title.
    pub words: Vec<String>,
    /// Submitted at this moment or after it.
    pub from: Option<Timestamp>,
    /// Submitted before this moment.
    pub until: Option<Timestamp>,
    /// Changed after this version.
    pub changed_after: Option<Version>,
    /// Entered with this token.
    pub entered_by: Option<String>,
}

impl Filter {
    /// Bytes of all texts and lists.
    pub fn bytes_of_texts(&self) -> usize {
        let texts = self.words.iter().chain(&self.field).chain(&self.entered_by);
        let kinds = self.kinds.as_ref().map_or(0, Vec::len) * size_of::<InitiativeKind>();
        texts.map(|text| size_of::<String>() + text.len()).sum::<usize>()
            + kinds
            + self.statuses.len() * size_of::<InitiativeStatus>()
    }
}

/// The order of a list; equals are in order of number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Order {
    SubmittedAt,
    /// The order by the version of the last change, since times never fall from one version to the
    /// next.
    UpdatedAt,
    /// The order by the benefit in đồng; a benefit that is not stated, or hidden, stands below 0.
    Benefit,
}

/// The position of a row in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    pub value: i64,
    pub id: InitiativeId,
}

/// The value of a benefit that is not stated, or hidden.
pub const NO_BENEFIT: i64 = -1;

/// A range of positions in an order, read from its beginning or its end. Both bounds are exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyRange {
    pub order: Order,
    pub descending: bool,
    pub after: Option<Position>,
    pub before: Option<Position>,
}

/// The part of a row that a list needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListRow {
    pub unit: UnitId,
    pub status: InitiativeStatus,
    /// Right only where it was asked for; else false.
    pub confidential: bool,
    pub position: Position,
}

/// A unit of a subtree whose rows are asked for.
#[derive(Debug, Clone, Copy)]
pub struct UnitProbe {
    /// Place of the list that it belongs to.
    pub list: usize,
    pub unit: UnitId,
    /// Whether the caller sees all of the unit's initiatives, or only the public ones.
    pub seen: bool,
}

/// The part of the benefit order that an index scan reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BenefitPart {
    Stated,
    /// Not stated, or confidential: the position has the benefit of a confidential one, which some callers see.
    NotStated,
}

impl KeyRange {
    /// `asc` or `desc`, as SQL has it.
    pub(super) const fn direction(&self) -> &'static str {
        if self.descending { "desc" } else { "asc" }
    }
}

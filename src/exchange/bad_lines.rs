//! The faults of a file, reported to the person who made it.

use std::collections::BTreeMap;
use std::fmt;

use super::why::Why;
use crate::auth::Language;
use crate::domain::Refusal;
use crate::limits::{BAD_LINES_KEPT, BAD_LINES_OF_A_KIND, KINDS_OF_FAULTS, TEXTS_OF_A_FAULT};
use crate::messages::outcomes::grouped;

/// One bad line.
#[derive(Debug, Clone, PartialEq)]
pub struct BadLine {
    /// The first of the row, counted from 1; the header has one as well.
    pub line: u64,
    /// The column of the cell; `None` when the fault is of the whole line.
    pub column: Option<&'static str>,
    /// The text of the cell, where `why` does not say it.
    pub value: Option<String>,
    pub why: Why,
}

/// The first bad lines of a file, and how many more there are of each kind of fault.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct BadLines {
    /// The columns that the file calls by other names than ours.
    titles: Vec<(&'static str, String)>,
    kept: Vec<BadLine>,
    kinds: Vec<Kind>,
    /// The kind of the last fault, where it has one.
    last: Option<usize>,
    /// Faults of further kinds.
    others: u64,
}

/// Faults that have one cause: the same column, and the same reason but for its numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Kind {
    column: Option<&'static str>,
    why: String,
    first_line: u64,
    /// Faults that are reported line by line.
    kept: u64,
    more: u64,
    /// The texts of the cells that are only counted.
    texts: BTreeMap<String, u64>,
}

/// Texts that are named with their counts.
const TEXTS_SHOWN: usize = 5;

/// Characters of a cell that are shown.
const SHOWN: usize = 60;

impl BadLine {
    /// A fault of a whole line.
    pub fn new(line: u64, why: Why) -> Self {
        Self { line, column: None, value: None, why }
    }

    /// A fault of a cell, with the beginning of its text.
    pub fn at(line: u64, column: &'static str, value: &str, why: Why) -> Self {
        let mut shown: String = value.chars().take(SHOWN).collect();
        if shown.len() < value.len() {
            shown.push('…');
        }
        Self { line, column: Some(column), value: Some(shown), why }
    }

    /// The refusal of a command, at the column that its input came from.
    pub fn refused(line: u64, refusal: &Refusal) -> Self {
        let why = Why::Refused(refusal.problem.clone());
        Self { line, column: column_of(refusal), value: None, why }
    }

    /// The text for the person who made the file.
    pub fn text(&self, language: Language) -> String {
        self.text_under(&[], language)
    }

    fn text_under(&self, titles: &[(&'static str, String)], language: Language) -> String {
        let mut text = place(self.line, self.column, titles, language);
        if let Some(value) = &self.value {
            text.push_str(&format!(" {value:?}"));
        }
        format!("{text}: {}", self.why.text(language))
    }
}

/// `line 3, kind`; the column by the name that it has in the file.
fn place(
    line: u64,
    column: Option<&'static str>,
    titles: &[(&'static str, String)],
    language: Language,
) -> String {
    let word = language.choose("line", "dòng");
    let Some(column) = column else { return format!("{word} {line}") };
    let title = titles.iter().find(|(of, _)| *of == column).map_or(column, |(_, title)| title);
    format!("{word} {line}, {title}")
}

impl fmt::Display for BadLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(Language::English))
    }
}

impl BadLines {
    /// None yet, of a file that calls columns by these names.
    pub fn under(titles: Vec<(&'static str, String)>) -> Self {
        Self { titles, ..Self::default() }
    }

    /// Adds a fault; only the first of each kind are kept, the others counted.
    pub fn push(&mut self, bad: BadLine) {
        self.last = self.kind_of(&bad);
        let Some(place) = self.last else {
            self.others += 1;
            return;
        };
        let kind = &mut self.kinds[place];
        if kind.kept < BAD_LINES_OF_A_KIND as u64 && self.kept.len() < BAD_LINES_KEPT {
            kind.kept += 1;
            kind.first_line = kind.first_line.min(bad.line);
            self.kept.push(bad);
            return;
        }
        kind.more += 1;
        let Some(text) = bad.value.filter(|text| !text.is_empty()) else { return };
        if let Some(count) = kind.texts.get_mut(&text) {
            *count += 1;
        } else if kind.texts.len() < TEXTS_OF_A_FAULT {
            kind.texts.insert(text, 1);
        }
    }

    /// The place of the fault's kind; `None` when there are too many kinds.
    fn kind_of(&mut self, bad: &BadLine) -> Option<usize> {
        let why = bad.why.text(Language::English);
        let why: String = why.chars().filter(|c| !c.is_ascii_digit()).collect();
        let is_same = |kind: &Kind| kind.column == bad.column && kind.why == why;
        let known = self.kinds.iter().position(is_same);
        if known.is_none() && self.kinds.len() < KINDS_OF_FAULTS {
            let (column, first_line, texts) = (bad.column, bad.line, BTreeMap::new());
            self.kinds.push(Kind { column, why, first_line, kept: 0, more: 0, texts });
            return Some(self.kinds.len() - 1);
        }
        known
    }

    /// Like [`Self::push`], for each.
    pub fn extend(&mut self, bad: impl IntoIterator<Item = BadLine>) {
        for bad in bad {
            self.push(bad);
        }
    }

    /// Counts more faults of the kind that was added last, of which nothing else is known.
    pub fn add_more(&mut self, count: u64) {
        match self.last {
            Some(place) => self.kinds[place].more += count,
            None => self.others += count,
        }
    }

    /// Whether there is no fault.
    pub const fn is_empty(&self) -> bool {
        self.kinds.is_empty()
    }

    /// The number of faults, including those that are not kept.
    pub fn count(&self) -> u64 {
        self.others + self.kinds.iter().map(|kind| kind.kept + kind.more).sum::<u64>()
    }

    /// The bad lines in their order; fails if there are any.
    ///
    /// # Errors
    /// The bad lines.
    pub fn none(mut self) -> Result<(), Self> {
        self.kept.sort_by_cached_key(|it| (it.line, it.column, it.to_string()));
        self.kinds.sort_by_key(|kind| kind.first_line);
        if self.is_empty() { Ok(()) } else { Err(self) }
    }
}

impl BadLines {
    /// The text for the person who made the file.
    pub fn text(&self, language: Language) -> String {
        let mut lines = self.lines(language);
        let count = grouped(self.count(), language);
        lines.push(match language {
            Language::English if self.count() == 1 => "1 fault; nothing was written".to_owned(),
            Language::English => format!("{count} faults; nothing was written"),
            Language::Vietnamese => format!("{count} lỗi; chưa ghi gì"),
        });
        lines.join("\n")
    }

    /// The text about rows that were taken all the same, since the person said so.
    pub fn text_of_taken(&self, language: Language) -> String {
        let head = language.choose("taken, as --yes says:", "vẫn nhận, vì có --yes:");
        let mut lines = vec![head.to_owned()];
        lines.extend(self.lines(language));
        lines.join("\n")
    }

    /// The text about a file that is only read.
    pub fn text_of_list(&self, language: Language) -> String {
        self.lines(language).join("\n")
    }

    fn lines(&self, language: Language) -> Vec<String> {
        let mut lines: Vec<String> =
            self.kept.iter().map(|bad| bad.text_under(&self.titles, language)).collect();
        // A kind of which no line is kept is none that a reader could look up.
        let (shown, hidden): (Vec<&Kind>, Vec<&Kind>) =
            self.kinds.iter().filter(|kind| kind.more > 0).partition(|kind| kind.kept > 0);
        lines.extend(shown.into_iter().map(|kind| kind.text(&self.titles, language)));
        let others = self.others + hidden.into_iter().map(|kind| kind.more).sum::<u64>();
        if others > 0 {
            let more = grouped(others, language);
            lines.push(match language {
                Language::English => format!("… and {more} more"),
                Language::Vietnamese => format!("… và {more} lỗi nữa"),
            });
        }
        lines
    }
}

impl fmt::Display for BadLines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(Language::English))
    }
}

impl Kind {
    /// `… and 2,497 more like line 3, kind: "CĐ ngành" 2,100 times, "Khác" 397 times`
    fn text(&self, titles: &[(&'static str, String)], language: Language) -> String {
        let more = grouped(self.more, language);
        let place = place(self.first_line, self.column, titles, language);
        let like = match language {
            Language::English => format!("… and {more} more like {place}"),
            Language::Vietnamese => format!("… và {more} lỗi nữa như {place}"),
        };
        let mut texts: Vec<(&String, u64)> =
            self.texts.iter().map(|(text, n)| (text, *n)).collect();
        texts.sort_by(|one, other| other.1.cmp(&one.1).then(one.0.cmp(other.0)));
        let told: Vec<String> = texts
            .into_iter()
            .take(TEXTS_SHOWN)
            .map(|(text, count)| match count {
                1 => format!("{text:?}"),
                _ => {
                    let times = language.choose("times", "lần");
                    format!("{text:?} {} {times}", grouped(count, language))
                }
            })
            .collect();
        if told.is_empty() { like } else { format!("{like}: {}", told.join(", ")) }
    }
}

impl std::error::Error for BadLines {}

/// The column that a place of a command's input was read from; `None` when it is the whole row.
fn column_of(refusal: &Refusal) -> Option<&'static str> {
    let path: Vec<&str> = refusal.path.iter().map(String::as_str).collect();
    Some(match path.as_slice() {
        ["code"] => "code",
        ["name"] => "name",
        ["kind"] => "kind",
        ["parent"] => "parent_code",
        ["cluster"] => "cluster",
        ["memberCount"] => "member_count",
        ["on"] => "closed_on",
        ["startsOn"] => "starts_on",
        ["endsOn"] => "ends_on",
        ["owner"] => "owner_code",
        ["appliedUntil"] => "applied_until",
        ["period"] => "period_code",
        ["unit"] | ["goals", _, "unit"] => "unit_code",
        ["goals", _, "goal", "percentOfMembers"] => "percent_from",
        ["goals", _, "group"] => "group",
        ["goals", _, "field"] => "field",
        ["goals", ..] => "goal",
        ["documentNumber"] => "document_number",
        ["key"] => "key",
        ["title"] => "title",
        ["summary"] => "summary",
        ["field"] => "field",
        ["team"] => "team",
        ["authors"] | ["authors", _, "name"] => "author_name",
        ["authors", _, "personCode"] => "person_code",
        ["authors", _, "contact"] => "author_contact",
        ["appliedOn"] => "applied_on",
        ["recognisedBy"] => "recognised_by",
        ["benefitVnd"] => "benefit_vnd",
        ["reviewNote"] => "review_note",
        ["submittedAt"] => "submitted_at",
        ["reviewedAt"] => "reviewed_at",
        _ => return None,
    })
}

/// The index of the author that a refusal is about, if it is about one.
pub fn author_of(refusal: &Refusal) -> Option<usize> {
    match refusal.path.as_slice() {
        [authors, place, ..] if authors == "authors" => place.parse().ok(),
        _ => None,
    }
}

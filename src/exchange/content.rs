//! The content of a column: what its cells are in a spreadsheet.

/// The content of a column's cells, as spreadsheets tell contents apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// A text, although it may be made of digits.
    Code,
    Text,
    Number,
    Day,
    Moment,
    Flag,
}

/// The content of a column, of exports that no import takes back as well.
pub fn content(column: &str) -> Content {
    match column {
        "code" | "new_code" | "parent_code" | "unit_code" | "period_code" | "owner_code"
        | "key" | "person_code" | "document_number" => Content::Code,
        "closed_on" | "starts_on" | "ends_on" | "applied_from" | "applied_until" | "applied_on" => {
            Content::Day
        }
        "submitted_at" | "reviewed_at" | "last_submitted_at" | "at" => Content::Moment,
        "foreign_invested" | "confidential" | "featured" => Content::Flag,
        "member_count"
        | "goal"
        | "percent_from"
        | "percent_to"
        | "benefit_vnd"
        | "version"
        | "submitted"
        | "accepted"
        | "pending"
        | "returned"
        | "rejected"
        | "own"
        | "participants"
        | "grassroots_unions"
        | "active_grassroots_unions"
        | "target" => Content::Number,
        _ => Content::Text,
    }
}

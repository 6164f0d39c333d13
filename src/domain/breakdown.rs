//! The properties by which a breakdown tells the initiatives of a unit apart.

use super::text_enum::text_enum;

text_enum! {
    /// The property of an initiative, or of its unit, whose values are the rows of a breakdown.
    pub enum BreakdownBy {
        /// The sector of the initiative's unit, or of the nearest above that states one.
        Sector = "SECTOR",
        /// Whether the initiative's unit, or one above it, is of a foreign-invested enterprise.
        Ownership = "OWNERSHIP",
        UnitKind = "UNIT_KIND",
        InitiativeKind = "INITIATIVE_KIND",
        Field = "FIELD",
        /// The group of the first author.
        AuthorGroup = "AUTHOR_GROUP",
        RejectionReason = "REJECTION_REASON",
        /// The team of the unit itself. No event tells it.
        Team = "TEAM",
    }
}

text_enum! {
    /// The side on which an enterprise's owners are.
    pub enum Ownership {
        ForeignInvested = "FOREIGN_INVESTED",
        Other = "OTHER",
    }
}

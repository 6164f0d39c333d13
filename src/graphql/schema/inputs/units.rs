//! Changes of units.

use async_graphql::{InputObject, MaybeUndefined};

use super::{UnitRef, patch, same};
use crate::domain::{Command, command};
use crate::graphql::schema::enums::{Sector, UnitKind};
use crate::graphql::schema::scalars::Date;

/// A unit to make or to change, by its code. A field left out stays as it is; null clears it, or is
/// refused with INVALID for a value that every unit has (thêm hoặc sửa đơn vị).
#[derive(InputObject)]
pub struct UpsertUnitInput {
    /// The unit's code, 1 to 100 characters; the unit with this code is changed, else one is made
    /// (mã đơn vị).
    code: String,
    /// The unit's name, 1 to 300 characters; a new unit needs it (tên đơn vị).
    name: MaybeUndefined<String>,
    /// The unit's kind of organisation; a new unit needs it (loại đơn vị).
    kind: MaybeUndefined<UnitKind>,
    /// The unit above. A new unit needs it, except the first root; another parent moves the unit
    /// with everything under it (cấp trên).
    parent: MaybeUndefined<UnitRef>,
    /// The emulation cluster that the unit belongs to among its siblings, at most 300 characters
    /// (cụm, khối thi đua).
    cluster: MaybeUndefined<String>,
    /// The side of working life that the unit belongs to (khu vực).
    sector: MaybeUndefined<Sector>,
    /// True if the unit is of a foreign-invested enterprise; null stands for false (doanh nghiệp có
    /// vốn đầu tư nước ngoài).
    foreign_invested: MaybeUndefined<bool>,
    /// Number of the unit's members and workers, 0 or more (số đoàn viên, người lao động).
    member_count: MaybeUndefined<i32>,
}

impl From<UpsertUnitInput> for Command {
    fn from(input: UpsertUnitInput) -> Self {
        Self::UpsertUnit(command::UpsertUnit {
            code: input.code,
            name: patch(input.name, same),
            kind: patch(input.kind, Into::into),
            parent: patch(input.parent, Into::into),
            cluster: patch(input.cluster, same),
            sector: patch(input.sector, Into::into),
            foreign_invested: patch(input.foreign_invested, same),
            member_count: patch(input.member_count, same),
        })
    }
}

/// A unit to hang under another parent, with everything under it and with its past (chuyển cấp
/// trên).
#[derive(InputObject)]
pub struct MoveUnitInput {
    /// The unit to move (đơn vị).
    unit: UnitRef,
    /// The new parent; the unit itself and units below it are refused with WOULD_CYCLE (cấp trên
    /// mới).
    new_parent: UnitRef,
}

impl From<MoveUnitInput> for Command {
    fn from(input: MoveUnitInput) -> Self {
        Self::MoveUnit(command::MoveUnit {
            unit: input.unit.into(),
            new_parent: input.new_parent.into(),
        })
    }
}

/// A unit to stand under another code, with its place and its past (đổi mã đơn vị).
#[derive(InputObject)]
pub struct RenameUnitInput {
    /// The unit, by its id or its present code (đơn vị).
    unit: UnitRef,
    /// The unit's new code, 1 to 100 characters; the code of another unit is refused with INVALID (mã mới).
    code: String,
}

impl From<RenameUnitInput> for Command {
    fn from(input: RenameUnitInput) -> Self {
        Self::RenameUnit(command::RenameUnit { unit: input.unit.into(), code: input.code })
    }
}

/// A unit that should not have been made, to delete (xóa đơn vị).
#[derive(InputObject)]
pub struct DeleteUnitInput {
    /// The unit; one that has or had anything is refused with WRONG_STATE (đơn vị).
    unit: UnitRef,
    /// The reason, kept in the log, at most 10,000 characters (lý do).
    reason: Option<String>,
}

impl From<DeleteUnitInput> for Command {
    fn from(input: DeleteUnitInput) -> Self {
        Self::DeleteUnit(command::DeleteUnit { unit: input.unit.into(), reason: input.reason })
    }
}

/// A unit to close: its past counts stay, and nothing new enters it (ngừng hoạt động).
#[derive(InputObject)]
pub struct CloseUnitInput {
    /// The unit to close (đơn vị).
    unit: UnitRef,
    /// The first day on which the unit is closed; today by default. A day in the future is refused
    /// with INVALID (ngày ngừng hoạt động).
    on: Option<Date>,
}

impl From<CloseUnitInput> for Command {
    fn from(input: CloseUnitInput) -> Self {
        Self::CloseUnit(command::CloseUnit {
            unit: input.unit.into(),
            on: input.on.map(|day| day.0),
        })
    }
}

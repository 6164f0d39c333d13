//! The initiatives that imports entered, by the name that each is entered under.

use super::error::Error;
use super::rows::{Columns, Place};
use super::transactions::ReadTx;
use super::tx::fetch;
use crate::domain::event::InitiativeEventKind;
use crate::domain::{InitiativeId, InitiativeStatus, Version};

/// An import, by what it entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnteredTogether {
    /// Its name, without `import:` ahead.
    pub name: String,
    pub initiatives: u64,
    /// Initiatives among them that are withdrawn.
    pub withdrawn: u64,
}

/// An initiative that an import entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entered {
    pub id: InitiativeId,
    pub key: String,
    pub status: InitiativeStatus,
    /// The version of its last change.
    pub version: Version,
    /// Its last change; `None` where the log does not tell any more.
    pub last: Option<InitiativeEventKind>,
}

impl ReadTx {
    /// The imports that entered initiatives, the last one first. Looks at every initiative.
    ///
    /// # Errors
    /// When the database cannot be read, or a row cannot be understood.
    pub async fn imports(&mut self) -> Result<Vec<EnteredTogether>, Error> {
        fetch!(
            &mut self.tx,
            "select substr(entered_by, 8), count(*), sum(case when status = 'WITHDRAWN' then 1 else 0 end)
             from initiatives
             where substr(entered_by, 1, 7) = 'import:'
             group by entered_by
             order by max(id) desc",
            [],
            together
        )
    }

    /// Initiatives that were entered in this name, numbered above `last`, at most `limit`, in order of number.
    ///
    /// # Errors
    /// When the database cannot be read, or a row cannot be understood.
    pub async fn entered_by(
        &mut self,
        name: &str,
        last: InitiativeId,
        limit: i64,
    ) -> Result<Vec<Entered>, Error> {
        fetch!(
            &mut self.tx,
            "select i.id, i.key, i.status, i.version, e.kind
             from initiatives i
             left join events e on e.version = i.version
             where i.id > $1 and i.entered_by = $2
             order by i.id
             limit $3",
            [last.0, name, limit],
            entered
        )
    }
}

fn together(row: &impl Columns) -> Result<EnteredTogether, Error> {
    let name = row.text(0)?;
    let place = Place { table: "initiatives", key: &name };
    Ok(EnteredTogether {
        initiatives: place.narrow("count(*)", row.int(1)?)?,
        withdrawn: place.narrow("sum(status)", row.int(2)?)?,
        name,
    })
}

fn entered(row: &impl Columns) -> Result<Entered, Error> {
    let id = row.int(0)?;
    let place = Place { table: "initiatives", key: &id };
    Ok(Entered {
        id: InitiativeId(id),
        key: row.text(1)?,
        status: place.parse("status", row.str(2)?)?,
        version: Version(row.int(3)?),
        last: place.parse_maybe("kind", row.maybe_text(4)?)?,
    })
}

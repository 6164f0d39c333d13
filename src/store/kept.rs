//! The figures of closings in the database. They are checkpoints of the log, so they are no part of any version: each node
//! that folds a closing writes them, and the first one's stay. The event's tag beside them tells figures of another log.

use std::collections::{BTreeSet, HashSet};
use std::io::Read as _;

use flate2::Compression;
use flate2::read::GzDecoder;
use sha2::{Digest as _, Sha256};

use super::database::{Effort, Store};
use super::error::{Error, retry_while_busy};
use super::rows::{Columns, Place};
use super::tables::{Value, json};
use super::transactions::ReadTx;
use super::tx::{execute, fetch};
use crate::digest::hex;
use crate::domain::{Closing, Mark, PeriodId, Version};
use crate::gzip::Gzip;
use crate::limits::KEPT_BYTES_MAX;
use crate::opaque;

/// The figures of a closing as they lie in the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptFigures {
    pub mark: Mark,
    pub period: PeriodId,
    /// SHA-256 of the text, in hexadecimal digits.
    pub digest: String,
    body: String,
}

/// The figures of a closing without the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptDigest {
    pub mark: Mark,
    pub period: PeriodId,
    pub digest: String,
}

/// Figures that are not as they were written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Damaged {
    #[error("the body of kept figures is no text of bytes")]
    Encoding,
    #[error("kept figures cannot be unpacked: {0}")]
    Packing(String),
    #[error("kept figures have more than {KEPT_BYTES_MAX} bytes")]
    TooLarge,
    #[error("kept figures have another digest than the one beside them")]
    Digest,
}

/// The digest of the text of figures.
pub fn digest_of(text: &str) -> String {
    hex(&Sha256::digest(text))
}

impl KeptFigures {
    /// Packs the text of figures; `None` if nobody could unpack it, because it is too large.
    ///
    /// # Panics
    /// Never: packing in memory does not fail.
    pub fn pack(closing: &Closing, text: &str) -> Option<Self> {
        if text.len() as u64 > KEPT_BYTES_MAX {
            return None;
        }
        // The last 4 % would take ten times as long: 5 s for 130,000 units.
        let packed = Gzip::whole(text.as_bytes(), Compression::default())
            .expect("packing in memory does not fail");
        let (mark, period) = (closing.mark, closing.period);
        Some(Self { mark, period, digest: digest_of(text), body: opaque::encode(packed) })
    }

    /// # Errors
    /// If it is not the text that was packed.
    pub fn unpack(&self) -> Result<Vec<u8>, Damaged> {
        let packed = opaque::decode(&self.body).ok_or(Damaged::Encoding)?;
        let mut text = Vec::new();
        let mut unpacked = GzDecoder::new(packed.as_slice()).take(KEPT_BYTES_MAX + 1);
        unpacked.read_to_end(&mut text).map_err(|error| Damaged::Packing(error.to_string()))?;
        if text.len() as u64 > KEPT_BYTES_MAX {
            return Err(Damaged::TooLarge);
        }
        if hex(&Sha256::digest(&text)) == self.digest { Ok(text) } else { Err(Damaged::Digest) }
    }

    /// Bytes that the row takes.
    pub const fn bytes(&self) -> usize {
        self.body.len() + self.digest.len()
    }
}

impl Store {
    /// Writes figures, in a transaction of its own that takes no counter row: those that are there already stay, those of
    /// events that the log does not have are left out.
    ///
    /// # Errors
    /// When the database does not take them.
    pub async fn keep(&self, figures: &[KeptFigures]) -> Result<(), Error> {
        let row = |kept: &KeptFigures| {
            [
                Value::from(kept.mark.version.0),
                Value::from(i64::from(kept.period.0)),
                Value::from(kept.mark.tag),
                Value::from(kept.digest.clone()),
                Value::from(kept.body.clone()),
            ]
        };
        let rows: Vec<_> = figures.iter().map(row).collect();
        let Some(rows) = json(&rows) else { return Ok(()) };
        let (mut tx, _guard) =
            retry_while_busy(|| self.begin_plain_write(Effort::Ordinary)).await?;
        execute!(
            &mut tx,
            "insert into kept_figures (version, period_id, tag, digest, body)
             with rows as materialized (select value from json_each($1))
             select cast(value->>0 as bigint), cast(value->>1 as bigint), cast(value->>2 as bigint),
                 value->>3, value->>4
             from rows
             where exists (
                 select 1 from events
                 where version = cast(value->>0 as bigint) and tag = cast(value->>2 as bigint)
             )
             on conflict (version, period_id) do nothing",
            [rows.as_str()]
        );
        tx.commit().await
    }

    /// Removes figures of events that the log does not have, and those of these closings, which are damaged.
    ///
    /// # Errors
    /// When the database does not take it.
    pub async fn drop_figures(&self, damaged: &BTreeSet<(Version, PeriodId)>) -> Result<(), Error> {
        let (mut tx, _guard) =
            retry_while_busy(|| self.begin_plain_write(Effort::Ordinary)).await?;
        execute!(
            &mut tx,
            "delete from kept_figures where not exists (
                 select 1 from events
                 where events.version = kept_figures.version and events.tag = kept_figures.tag
             )",
            []
        );
        for (version, period) in damaged {
            execute!(
                &mut tx,
                "delete from kept_figures where version = $1 and period_id = $2",
                [version.0, i64::from(period.0)]
            );
        }
        tx.commit().await
    }
}

impl ReadTx {
    /// The closings before a version whose figures are kept, each with its event.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn kept_before(
        &mut self,
        version: Version,
    ) -> Result<HashSet<(Mark, PeriodId)>, Error> {
        let rows = fetch!(
            &mut self.tx,
            "select version, tag, period_id from kept_figures where version < $1",
            [version.0],
            place
        )?;
        Ok(rows.into_iter().collect())
    }

    /// The digests of all kept figures, in order.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn kept_digests(&mut self) -> Result<Vec<KeptDigest>, Error> {
        fetch!(
            &mut self.tx,
            "select version, tag, period_id, digest from kept_figures order by version, period_id",
            [],
            digest
        )
    }

    /// The figures of a closing; `None` if they are not kept.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn kept_figures(
        &mut self,
        mark: Mark,
        period: PeriodId,
    ) -> Result<Option<KeptFigures>, Error> {
        self.note_statement();
        let rows = fetch!(
            &mut self.tx,
            "select digest, body from kept_figures
             where version = $1 and period_id = $2 and tag = $3",
            [mark.version.0, i64::from(period.0), mark.tag],
            texts
        )?;
        let figures = |(digest, body)| KeptFigures { mark, period, digest, body };
        Ok(rows.into_iter().next().map(figures))
    }
}

fn place(row: &impl Columns) -> Result<(Mark, PeriodId), Error> {
    let mark = Mark { version: Version(row.int(0)?), tag: row.int(1)? };
    let place = Place { table: "kept_figures", key: &mark.version };
    Ok((mark, PeriodId(place.narrow("period_id", row.int(2)?)?)))
}

fn digest(row: &impl Columns) -> Result<KeptDigest, Error> {
    let (mark, period) = place(row)?;
    Ok(KeptDigest { mark, period, digest: row.text(3)? })
}

fn texts(row: &impl Columns) -> Result<(String, String), Error> {
    Ok((row.text(0)?, row.text(1)?))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::domain::{ClosingKind, Day, Timestamp};

    #[test]
    fn figures_come_back_as_they_were_and_damaged_ones_do_not() {
        let closing = Closing {
            period: PeriodId(3),
            kind: ClosingKind::Final,
            starts_on: Day(1),
            ends_on: Day(2),
            at: Timestamp(5),
            mark: Mark { version: Version(9), tag: -1 },
            note: Some(Arc::from("đủ")),
        };
        let text = "[0,0,0,1]".repeat(10_000);
        let kept = KeptFigures::pack(&closing, &text).unwrap();
        assert!(kept.bytes() < 1_000, "{}", kept.bytes());
        assert_eq!(kept.unpack().as_deref(), Ok(text.as_bytes()));
        let other = KeptFigures { digest: digest_of("[]"), ..kept.clone() };
        assert_eq!(other.unpack(), Err(Damaged::Digest));
        let mut body = kept.body.clone();
        // Four digits are three bytes.
        body.truncate(body.len() / 8 * 4);
        let cut = KeptFigures { body, ..kept.clone() };
        assert!(matches!(cut.unpack(), Err(Damaged::Packing(_))), "{:?}", cut.unpack());
        let other = KeptFigures { body: "?".to_owned(), ..kept };
        assert_eq!(other.unpack(), Err(Damaged::Encoding));
        let most = usize::try_from(KEPT_BYTES_MAX).unwrap();
        assert!(KeptFigures::pack(&closing, &"0".repeat(most)).unwrap().unpack().is_ok());
        assert_eq!(
            KeptFigures::pack(&closing, &"0".repeat(most + 1)),
            None,
            "nobody could read it"
        );
    }
}

//! PostgreSQL's own bench: a plain insert of one row into the same table with all its indexes, 64 connections.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use sangkien::domain::text::fold;
use tempfile::TempDir;

use super::grouped::Grouped;
use super::{Failed, IN_FLIGHT, total, world};

pub struct Pgbench {
    program: PathBuf,
    url: String,
    folder: TempDir,
}

impl Pgbench {
    /// A database of its own with the same tree.
    pub async fn start(program: PathBuf, url: String, levels: &[u32]) -> Result<Self, Failed> {
        let founded = Grouped::start(&url, levels).await?;
        let missing = founded.store.missing_indexes().await?;
        assert!(missing.is_empty(), "a fresh database has all indexes");
        drop(founded);
        let pool = sqlx::PgPool::connect(&url).await?;
        sqlx::query("create sequence bench_rows start 1000000").execute(&pool).await?;
        pool.close().await;
        let folder = tempfile::tempdir()?;
        std::fs::write(folder.path().join("insert.sql"), script(levels))?;
        Ok(Self { program, url, folder })
    }

    /// Rows a second, over a whole number of seconds.
    pub fn rate(&self, window: Duration) -> Result<f64, Failed> {
        let seconds = window.as_secs().max(1).to_string();
        let clients = IN_FLIGHT.to_string();
        let ran = Command::new(&self.program)
            .args(["-n", "-M", "prepared", "-j", "2", "-c", &clients, "-T", &seconds, "-f"])
            .args([self.folder.path().join("insert.sql").as_os_str(), self.url.as_ref()])
            .output()?;
        let said = String::from_utf8(ran.stdout)?;
        let rate = said.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next());
        match rate {
            Some(rate) if ran.status.success() => Ok(rate.parse()?),
            _ => Err(String::from_utf8_lossy(&ran.stderr).into_owned().into()),
        }
    }
}

/// A row as [`world::submission`] has it.
fn script(levels: &[u32]) -> String {
    let (first, last) = (total(&levels[..3]) + 1, total(levels));
    let like = world::submission(&mut fastrand::Rng::with_seed(1), sangkien::domain::UnitId(1), 1);
    let title = like.title.trim_end_matches(|c: char| c.is_ascii_digit());
    let summary = like.summary.unwrap_or_default();
    let words = fold(title);
    format!(
        "\\set unit random({first}, {last})
\\set number random(0, 2147483647)
\\set benefit random(1, 998)
insert into initiatives (id, key, content_hash, unit_id, title, title_words, summary, kind, field, confidential,
    benefit_vnd, status, featured, entered_by, submitted_at, updated_at, version)
select id, md5(id::text || :number::text), md5(''), :unit::bigint, '{title}' || :number::text,
    '{words} ' || :number::text, '{summary}', 'TECHNICAL', 'Cơ khí', 0,
    case when :benefit::bigint < 500 then :benefit::bigint * 1000000 end, 'PENDING', 0, '1', at, at, id
from (select nextval('bench_rows') as id, (extract(epoch from clock_timestamp()) * 1000)::bigint as at) as row;
"
    )
}

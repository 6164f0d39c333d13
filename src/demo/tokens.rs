//! The demo's tokens: the operator's, one of each role in a province, and those of support teams.
//!
//! They stay the same over starts, so that a token pasted into another program goes on working. So their secrets lie
//! in a file of the demo's folder that only its owner reads: a demo has nothing to protect but itself, and a server
//! stores no secret. The file is written before the database gets the digests, so a demo that was killed in between
//! prints the same tokens at its next start.

use std::io::Write as _;
use std::path::Path;

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

use super::folder::read_json;
use crate::auth::Secret;
use crate::auth::issue::{self, Order};
use crate::domain::{Role, Timestamp};
use crate::store::Store;

/// The role, the unit and the purpose of each token.
const TOKENS: [(Role, &str, &str); 7] = [
    (Role::Officer, "ldld-dong-nai", "Ban Chính sách Pháp luật"),
    (Role::Reviewer, "ldld-dong-nai", "Hội đồng sáng kiến"),
    (Role::Submitter, "ldld-dong-nai", "Tổ hỗ trợ sáng kiến"),
    (Role::Partner, "ldld-dong-nai", "Cổng thông tin"),
    (Role::Display, "ldld-dong-nai", "Màn hình"),
    (Role::Submitter, "cdn-y-te-dong-nai", "Tổ hỗ trợ sáng kiến Y tế"),
    (Role::Submitter, "ldld-740", "Tổ hỗ trợ sáng kiến Long Thành"),
];

/// A token with its secret.
pub struct Given {
    pub role: Role,
    pub unit: &'static str,
    pub secret: Secret,
}

/// All tokens of a demo.
pub struct DemoTokens {
    pub admin: Secret,
    pub given: Vec<Given>,
}

/// The content of the file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    admin: String,
    tokens: Vec<KeptToken>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeptToken {
    role: String,
    unit: String,
    secret: String,
}

impl DemoTokens {
    /// Reads the tokens of the file, and makes those that are missing. Afterwards the file holds all of them, and the
    /// database admits all of them and no token of an earlier file.
    ///
    /// # Errors
    /// If the file or the database cannot be read or written, or the file is not one of a demo.
    pub async fn open(file: &Path, store: &Store, now: Timestamp) -> anyhow::Result<Self> {
        let kept: Option<Kept> = read_json(file)?;
        let secret = |text: Option<&String>| match text.and_then(|text| Secret::of(text)) {
            Some(secret) => Ok(secret),
            None => Secret::generate(),
        };
        let admin = secret(kept.as_ref().map(|kept| &kept.admin))?;
        let mut given = Vec::new();
        for (role, unit, _) in TOKENS {
            let is_it = |token: &&KeptToken| token.role == role.as_str() && token.unit == unit;
            let kept = kept.as_ref().and_then(|kept| kept.tokens.iter().find(is_it));
            given.push(Given { role, unit, secret: secret(kept.map(|token| &token.secret))? });
        }
        let tokens = Self { admin, given };
        tokens.write(file)?;
        tokens.admit(store, now).await?;
        Ok(tokens)
    }

    /// Writes the whole file or nothing.
    fn write(&self, file: &Path) -> anyhow::Result<()> {
        let token = |given: &Given| KeptToken {
            role: given.role.as_str().to_owned(),
            unit: given.unit.to_owned(),
            secret: given.secret.reveal().to_owned(),
        };
        let kept = Kept {
            admin: self.admin.reveal().to_owned(),
            tokens: self.given.iter().map(token).collect(),
        };
        let json = serde_json::to_string_pretty(&kept).context("tokens are texts")?;
        let unfinished = file.with_extension("json.new");
        // A start that was killed may have left an unfinished file, with other permissions.
        match std::fs::remove_file(&unfinished) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
        .and_then(|()| owners_alone(&unfinished))
        .and_then(|mut out| out.write_all((json + "\n").as_bytes()))
        .and_then(|()| std::fs::rename(&unfinished, file))
        .with_context(|| format!("cannot write {}", file.display()))
    }

    async fn admit(&self, store: &Store, now: Timestamp) -> anyhow::Result<()> {
        let mut good = Vec::new();
        for given in &self.given {
            let digest = given.secret.digest();
            let known = store.begin_read().await?.token(&digest).await?;
            good.extend(known.filter(|token| token.revoked_at.is_none()).map(|token| token.id));
        }
        for (token, unit) in issue::list(store).await? {
            let is_ours = |given: &(Role, &str, &str)| {
                (given.0, given.1, given.2) == (token.role, unit.as_str(), token.name.as_str())
            };
            let is_old = token.revoked_at.is_none() && !good.contains(&token.id);
            if is_old && TOKENS.iter().any(is_ours) {
                issue::revoke(store, token.id, now).await?;
            }
        }
        for ((role, unit, name), given) in TOKENS.into_iter().zip(&self.given) {
            let digest = given.secret.digest();
            if store.begin_read().await?.token(&digest).await?.is_none() {
                let order = Order { name, role, unit: Some(unit), expires: None };
                issue::give(store, &order, &given.secret, now).await?;
            }
        }
        Ok(())
    }
}

/// Makes a new file that only its owner may read.
fn owners_alone(file: &Path) -> std::io::Result<std::fs::File> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file)
}

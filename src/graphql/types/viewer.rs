use std::sync::Arc;

use async_graphql::{Context, ID, Object, Result, SimpleObject};

use super::Unit;
use crate::board::Snapshot;
use crate::domain;
use crate::graphql::at_once::AllAtOnce;
use crate::graphql::context::Viewing;
use crate::graphql::enums::Role;
use crate::graphql::error;
use crate::graphql::id::GlobalId;
use crate::graphql::scalar::DateTime;

/// Whoever asks (người dùng).
pub struct Viewer {
    snapshot: Arc<Snapshot>,
}

impl Viewer {
    pub const fn new(snapshot: Arc<Snapshot>) -> Self {
        Self { snapshot }
    }
}

#[Object]
impl Viewer {
    /// What the token was given for; null without one (tên).
    async fn name<'ctx>(&self, ctx: &Context<'ctx>) -> Option<&'ctx str> {
        Viewing::of(ctx).caller().name.as_deref()
    }

    /// What the caller is trusted with; none: anonymous (các vai trò).
    async fn grants(&self, ctx: &Context<'_>) -> AllAtOnce<Grant> {
        let grant = |grant: &domain::Grant| Grant {
            role: grant.role.into(),
            unit: Unit { snapshot: Arc::clone(&self.snapshot), id: grant.unit },
        };
        Viewing::of(ctx).caller().audience.grants().iter().map(grant).collect()
    }

    /// The token that the caller shows, where the database knows it (các mã truy cập).
    async fn tokens(&self, ctx: &Context<'_>) -> Result<AllAtOnce<Token>> {
        let token = Token::own(ctx, &self.snapshot).await?;
        Ok(token.into_iter().collect())
    }
}

/// A role over a unit and all below it (quyền).
#[derive(SimpleObject)]
pub struct Grant {
    /// Vai trò.
    role: Role,
    /// Đơn vị.
    unit: Unit,
}

/// What a client shows to prove who it is (mã truy cập).
#[derive(Clone)]
pub struct Token {
    snapshot: Arc<Snapshot>,
    row: Arc<domain::Token>,
}

impl Token {
    /// The one that the caller shows; `None` without one, and for the operator's own.
    pub async fn own(ctx: &Context<'_>, snapshot: &Arc<Snapshot>) -> Result<Option<Self>> {
        let viewing = Viewing::of(ctx);
        let shown = viewing.caller().token.as_deref();
        let Some(id) = shown.and_then(|id| id.parse().ok()) else { return Ok(None) };
        let row = viewing.with_tables(async |tx| tx.token_by_id(id).await).await;
        let row = row.map_err(error::of_store)?;
        Ok(row.map(|row| Self { snapshot: Arc::clone(snapshot), row: Arc::new(row) }))
    }

    pub fn is(&self, id: i64) -> bool {
        self.row.id == id
    }
}

#[Object]
impl Token {
    /// Global id (mã toàn cục).
    pub async fn id(&self) -> ID {
        GlobalId::Token(self.row.id).encode()
    }

    /// What it was given for (tên).
    async fn name(&self) -> &str {
        &self.row.name
    }

    /// Vai trò.
    async fn role(&self) -> Role {
        self.row.role.into()
    }

    /// Over which unit and all below it (đơn vị).
    async fn unit(&self) -> Unit {
        Unit { snapshot: Arc::clone(&self.snapshot), id: self.row.unit }
    }

    /// When it was given (thời điểm cấp).
    async fn created_at(&self) -> DateTime {
        DateTime(self.row.created_at)
    }

    /// It is good before this moment; null: until it is revoked (thời điểm hết hạn).
    async fn expires_at(&self) -> Option<DateTime> {
        self.row.expires_at.map(DateTime)
    }

    /// Since when it is refused (thời điểm thu hồi).
    async fn revoked_at(&self) -> Option<DateTime> {
        self.row.revoked_at.map(DateTime)
    }

    /// To ten minutes (lần dùng gần nhất).
    async fn last_used_at(&self) -> Option<DateTime> {
        self.row.last_used_at.map(DateTime)
    }
}

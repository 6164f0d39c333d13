use std::sync::Arc;

use async_graphql::{Context, Description, ID, Object, Result, SimpleObject};

use super::Unit;
use crate::board::Snapshot;
use crate::graphql::context::RequestContext;
use crate::graphql::context::ready::{Ready, ReadyList};
use crate::graphql::schema::enums::Role;
use crate::graphql::schema::ids::GlobalId;
use crate::graphql::schema::scalars::DateTime;
use crate::{domain, error};

/// The caller, as its token shows (người dùng).
#[derive(Description)]
pub struct Viewer {
    snapshot: Arc<Snapshot>,
}

impl Viewer {
    pub const fn new(snapshot: Arc<Snapshot>) -> Self {
        Self { snapshot }
    }
}

#[Object(use_type_description)]
impl Viewer {
    /// The purpose that the caller's token was made for; null without a token (tên).
    async fn name<'ctx>(&self, ctx: &Context<'ctx>) -> Option<&'ctx str> {
        RequestContext::of(ctx).caller().name.as_deref()
    }

    /// The roles that the caller holds, each with its unit; empty for an anonymous caller (các
    /// quyền). It costs about 1 for each 3 grants, and what is selected of them.
    async fn grants(&self, ctx: &Context<'_>) -> ReadyList<Grant> {
        let grant = |grant: &domain::Grant| Grant {
            role: grant.role.into(),
            unit: Ready(Unit { snapshot: Arc::clone(&self.snapshot), id: grant.unit }),
        };
        RequestContext::of(ctx).caller().audience.grants().iter().map(grant).collect()
    }

    /// The token that the caller shows; empty without one, and for the operator's own, which the
    /// database does not know (các mã truy cập). It costs about 300 for each look-up of the token.
    async fn tokens(&self, ctx: &Context<'_>) -> Result<ReadyList<Token>> {
        let token = Token::own(ctx, &self.snapshot).await?;
        Ok(token.into_iter().collect())
    }
}

/// A role that the caller holds over a unit and all units below it (quyền).
#[derive(SimpleObject)]
pub struct Grant {
    /// The role that is held (vai trò).
    role: Role,
    /// The topmost unit that the role holds over (đơn vị).
    unit: Ready<Unit>,
}

/// A secret that a client shows to prove its role; the text itself is never shown again (mã truy
/// cập).
#[derive(Description, Clone)]
pub struct Token {
    snapshot: Arc<Snapshot>,
    row: Arc<domain::Token>,
}

impl Token {
    /// The one that the caller shows; `None` without one, and for the operator's own.
    pub async fn own(ctx: &Context<'_>, snapshot: &Arc<Snapshot>) -> Result<Option<Self>> {
        let context = RequestContext::of(ctx);
        let shown = context.caller().token.as_deref();
        let Some(id) = shown.and_then(|id| id.parse().ok()) else { return Ok(None) };
        let row = context.with_tables(async |tx| tx.token_by_id(id).await).await;
        let row = row.map_err(error::of_store)?;
        Ok(row.map(|row| Self { snapshot: Arc::clone(snapshot), row: Arc::new(row) }))
    }

    pub fn is(&self, id: i64) -> bool {
        self.row.id == id
    }
}

#[Object(use_type_description)]
impl Token {
    /// Global id of the token (mã toàn cục).
    pub async fn id(&self) -> ID {
        GlobalId::Token(self.row.id).encode()
    }

    /// The purpose that the token was made for (tên mã truy cập).
    async fn name(&self) -> &str {
        &self.row.name
    }

    /// The role that the token gives (vai trò).
    async fn role(&self) -> Role {
        self.row.role.into()
    }

    /// The topmost unit that the role holds over (đơn vị).
    async fn unit(&self) -> Ready<Unit> {
        Ready(Unit { snapshot: Arc::clone(&self.snapshot), id: self.row.unit })
    }

    /// The moment at which the token was made (thời điểm cấp).
    async fn created_at(&self) -> DateTime {
        DateTime(self.row.created_at)
    }

    /// The moment from which the token is refused; null if it holds until it is revoked (thời điểm
    /// hết hạn).
    async fn expires_at(&self) -> Option<DateTime> {
        self.row.expires_at.map(DateTime)
    }

    /// The moment at which the token was revoked; null if it was not (thời điểm thu hồi).
    async fn revoked_at(&self) -> Option<DateTime> {
        self.row.revoked_at.map(DateTime)
    }

    /// The moment of the token's last use, to ten minutes; null if it was never used (lần dùng gần
    /// nhất).
    async fn last_used_at(&self) -> Option<DateTime> {
        self.row.last_used_at.map(DateTime)
    }
}

use std::sync::Arc;

use async_graphql::{Context, Object, Result};
use futures_util::future::join_all;

use super::context::Viewing;
use super::enums::ErrorCode;
use super::error::{self, Code};
use super::input::{
    CloseUnitInput, FeatureInitiativeInput, MoveUnitInput, ReviewInitiativeInput,
    ReviewInitiativesInput, ReviseInitiativeInput, SetTargetsInput, SubmitInitiativeInput,
    TransferInitiativeInput, UnitRef, UpsertPeriodInput, UpsertUnitInput, WithdrawInitiativeInput,
};
use super::messages::Message;
use super::types::payload::{
    InitiativePayload, InitiativesPayload, PeriodPayload, TargetsPayload, UnitPayload, UserError,
};
use super::types::{Initiative, Period, Target, Unit};
use crate::board::Snapshot;
use crate::domain::command::ReopenUnit;
use crate::domain::{Command, InitiativeId, Outcome, Refusal};
use crate::feed::cursor::Cursor;
use crate::writer::Failure;

/// What can be changed (thay đổi). Every change needs a token.
pub struct Mutation;

/// What a command came to: its outcome with a snapshot that shows it, or why it was refused.
type Carried = Result<(Outcome, Arc<Snapshot>), Vec<UserError>>;

async fn carry_out(ctx: &Context<'_>, command: Result<Command, Vec<Refusal>>) -> Result<Carried> {
    let viewing = Viewing::of(ctx);
    let caller = viewing.caller();
    if caller.is_anonymous() {
        return Err(Code::Unauthenticated.says(Message::ChangeNeedsToken));
    }
    let command = match command {
        Ok(command) => command,
        Err(refusals) => return Ok(Err(user_errors(viewing, refusals))),
    };
    match viewing.writer.execute(command, Arc::new(caller.actor())).await {
        Ok(reply) => {
            let snapshot = viewing.hub.latest();
            viewing.note_written(Cursor { version: reply.version, tag: reply.tag });
            Ok(Ok((reply.outcome, snapshot)))
        }
        Err(Failure::Refused(refusals)) => Ok(Err(user_errors(viewing, refusals))),
        Err(failure) => Err(error::of_writer(&failure)),
    }
}

fn user_errors(viewing: &Viewing, refusals: Vec<Refusal>) -> Vec<UserError> {
    let language = viewing.audience().language;
    refusals.into_iter().map(|refusal| UserError::of(refusal, language)).collect()
}

async fn change_initiative(
    ctx: &Context<'_>,
    command: Result<Command, Vec<Refusal>>,
) -> Result<InitiativePayload> {
    let id = command.as_ref().ok().and_then(Command::initiative);
    Ok(match carry_out(ctx, command).await? {
        Ok((Outcome::Initiative { initiative, replayed }, snapshot)) => InitiativePayload {
            initiative: Initiative::seen(ctx, &snapshot, Arc::from(initiative)),
            replayed,
            errors: Vec::new(),
        },
        Ok(_) => return Err(error::internal(anyhow::anyhow!("not the outcome of an initiative"))),
        Err(errors) => {
            let is_conflict = errors.iter().any(|error| error.code == ErrorCode::Conflict);
            let initiative = match id.filter(|_| is_conflict) {
                Some(id) => as_it_is_now(ctx, id).await?,
                None => None,
            };
            InitiativePayload { initiative, errors, ..InitiativePayload::default() }
        }
    })
}

/// For a caller whose change was refused since it knew an older state; `None` where it may not see it.
async fn as_it_is_now(ctx: &Context<'_>, id: InitiativeId) -> Result<Option<Initiative>> {
    let viewing = Viewing::of(ctx);
    let Some(row) = viewing.initiative(id).await? else { return Ok(None) };
    let snapshot = viewing.snapshot_of_rows();
    viewing.note_written(Cursor::head_of(&snapshot));
    Ok(Initiative::seen(ctx, &snapshot, row))
}

/// Carries out each for itself, together: they wait for the same commit.
async fn change_initiatives(
    ctx: &Context<'_>,
    commands: Result<Vec<Result<Command, Vec<Refusal>>>, Refusal>,
) -> Result<InitiativesPayload> {
    let commands = match commands {
        Ok(commands) => commands,
        Err(refusal) => {
            let errors = user_errors(Viewing::of(ctx), vec![refusal]);
            return Ok(InitiativesPayload { errors, ..InitiativesPayload::default() });
        }
    };
    let changes = commands.into_iter().map(|command| change_initiative(ctx, command));
    let mut payload = InitiativesPayload::default();
    for (place, change) in join_all(changes).await.into_iter().enumerate() {
        let change = change?;
        payload.initiatives.push(change.initiative);
        for mut error in change.errors {
            if error.path.first().is_some_and(|step| step == "id") {
                error.path.splice(..1, ["ids".to_owned(), place.to_string()]);
                payload.errors.push(error);
            } else if !payload.errors.iter().any(|told| told.path == error.path) {
                // What is wrong with the review itself is wrong for all, and told once.
                payload.errors.push(error);
            }
        }
    }
    Ok(payload)
}

async fn change_unit(ctx: &Context<'_>, command: Command) -> Result<UnitPayload> {
    Ok(match carry_out(ctx, Ok(command)).await? {
        Ok((Outcome::Unit(id), snapshot)) => {
            UnitPayload { unit: Some(Unit { snapshot, id }), errors: Vec::new() }
        }
        Ok(_) => return Err(error::internal(anyhow::anyhow!("not the outcome of a unit"))),
        Err(errors) => UnitPayload { unit: None, errors },
    })
}

#[Object]
impl Mutation {
    /// Enters an initiative while a period that covers its unit is running (đăng ký sáng kiến).
    async fn submit_initiative(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is entered.")] input: SubmitInitiativeInput,
    ) -> Result<InitiativePayload> {
        change_initiative(ctx, Ok(input.into())).await
    }

    /// Accepts, returns or rejects, again too (xét duyệt sáng kiến).
    async fn review_initiative(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is decided.")] input: ReviewInitiativeInput,
    ) -> Result<InitiativePayload> {
        change_initiative(ctx, input.command()).await
    }

    /// Decides on several, each for itself; at most 200 (xét duyệt nhiều sáng kiến).
    async fn review_initiatives(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is decided, on which.")] input: ReviewInitiativesInput,
    ) -> Result<InitiativesPayload> {
        change_initiatives(ctx, input.commands()).await
    }

    /// Corrects: pending again (chỉnh sửa sáng kiến).
    async fn revise_initiative(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is corrected.")] input: ReviseInitiativeInput,
    ) -> Result<InitiativePayload> {
        change_initiative(ctx, input.command()).await
    }

    /// Takes back; it counts no more (rút sáng kiến).
    async fn withdraw_initiative(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: WithdrawInitiativeInput,
    ) -> Result<InitiativePayload> {
        change_initiative(ctx, input.command()).await
    }

    /// Moves what was entered under the wrong unit (chuyển sáng kiến sang đơn vị khác).
    async fn transfer_initiative(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one, and where it belongs.")] input: TransferInitiativeInput,
    ) -> Result<InitiativePayload> {
        change_initiative(ctx, input.command()).await
    }

    /// Chooses an accepted one as an example, or no longer (chọn sáng kiến tiêu biểu).
    async fn feature_initiative(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: FeatureInitiativeInput,
    ) -> Result<InitiativePayload> {
        change_initiative(ctx, input.command()).await
    }

    /// Sets targets, all or none (giao chỉ tiêu).
    async fn set_targets(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be reached.")] input: SetTargetsInput,
    ) -> Result<TargetsPayload> {
        Ok(match carry_out(ctx, Ok(input.into())).await? {
            Ok((Outcome::Targets(keys), snapshot)) => {
                let target = |key: crate::domain::TargetKey| {
                    snapshot.registry.target(key.unit, key.period, key.metric, key.origin)
                };
                let targets = keys
                    .into_iter()
                    .filter_map(target)
                    .map(|row| Target { snapshot: Arc::clone(&snapshot), row: Arc::clone(row) });
                TargetsPayload { targets: targets.collect(), errors: Vec::new() }
            }
            Ok(_) => return Err(error::internal(anyhow::anyhow!("not the outcome of targets"))),
            Err(errors) => TargetsPayload { targets: Vec::new(), errors },
        })
    }

    /// Makes or changes a unit (thêm hoặc sửa đơn vị).
    async fn upsert_unit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "By its code.")] input: UpsertUnitInput,
    ) -> Result<UnitPayload> {
        change_unit(ctx, input.into()).await
    }

    /// Hangs a unit elsewhere, with everything under it, its past too (chuyển đơn vị).
    async fn move_unit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one, and where to.")] input: MoveUnitInput,
    ) -> Result<UnitPayload> {
        change_unit(ctx, input.into()).await
    }

    /// Closes a unit: its past counts stay, nothing new enters (giải thể, ngừng hoạt động).
    async fn close_unit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one, since when.")] input: CloseUnitInput,
    ) -> Result<UnitPayload> {
        change_unit(ctx, input.into()).await
    }

    /// Opens a closed unit again (mở lại đơn vị).
    async fn reopen_unit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] unit: UnitRef,
    ) -> Result<UnitPayload> {
        change_unit(ctx, Command::ReopenUnit(ReopenUnit { unit: unit.into() })).await
    }

    /// Makes or changes a period (thêm hoặc sửa giai đoạn, chiến dịch).
    async fn upsert_period(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "By its code.")] input: UpsertPeriodInput,
    ) -> Result<PeriodPayload> {
        Ok(match carry_out(ctx, Ok(input.into())).await? {
            Ok((Outcome::Period(id), snapshot)) => {
                PeriodPayload { period: Some(Period { snapshot, id }), errors: Vec::new() }
            }
            Ok(_) => return Err(error::internal(anyhow::anyhow!("not the outcome of a period"))),
            Err(errors) => PeriodPayload { period: None, errors },
        })
    }
}

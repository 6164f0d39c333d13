use std::sync::Arc;

use async_graphql::{Context, Description, Object, Result};
use futures_util::future::join_all;

use super::enums::ErrorCode;
use super::inputs::{
    CloseUnitInput, ConfirmAssessmentInput, DeleteUnitInput, FeatureInitiativeInput,
    FinalizePeriodInput, MoveUnitInput, RenameUnitInput, ReviewInitiativeInput,
    ReviewInitiativesInput, ReviseInitiativeInput, SetTargetsInput, SubmitInitiativeInput,
    TransferInitiativeInput, UnitRef, UpsertPeriodInput, UpsertRuleInput, UpsertUnitInput,
    WithdrawInitiativeInput,
};
use super::payloads::{
    AssessmentPayload, ClosingPayload, InitiativePayload, InitiativesPayload, PeriodPayload,
    RulePayload, TargetsPayload, UnitPayload, UserError,
};
use crate::board::Snapshot;
use crate::domain::command::ReopenUnit;
use crate::domain::{Command, InitiativeId, Outcome, Refusal};
use crate::error::{self, Code};
use crate::feed::cursor::Cursor;
use crate::graphql::context::RequestContext;
use crate::graphql::context::ready::{Ready, ReadyList};
use crate::graphql::schema::{Assessment, Closing, Initiative, Period, Rule, Target, Unit};
use crate::messages::ErrorMessage;
use crate::writer::Failure;

/// Changes of the data (thay đổi dữ liệu). Each needs a token (else UNAUTHENTICATED), is on disk
/// when it is answered, and tells a refusal that the caller can mend in `errors` of its payload.
#[derive(Description)]
pub struct Mutation;

/// The result of a command: its outcome with a snapshot that shows it, or the reasons for refusing
/// it.
type Carried = Result<(Outcome, Arc<Snapshot>), Vec<UserError>>;

async fn carry_out(ctx: &Context<'_>, command: Result<Command, Vec<Refusal>>) -> Result<Carried> {
    let context = RequestContext::of(ctx);
    context.meter.go_on()?;
    let caller = context.caller();
    if caller.is_anonymous() {
        return Err(Code::Unauthenticated.says(ErrorMessage::ChangeNeedsToken));
    }
    let command = match command {
        Ok(command) => command,
        Err(refusals) => return Ok(Err(user_errors(context, refusals))),
    };
    match context.writer.execute(command, Arc::new(caller.actor())).await {
        Ok(reply) => {
            let snapshot = context.hub.latest();
            context.note_written(Cursor { version: reply.version, tag: reply.tag });
            Ok(Ok((reply.outcome, snapshot)))
        }
        Err(Failure::Refused(refusals)) => Ok(Err(user_errors(context, refusals))),
        Err(failure) => Err(error::of_writer(&failure)),
    }
}

fn user_errors(context: &RequestContext, refusals: Vec<Refusal>) -> Vec<UserError> {
    let language = context.audience().language;
    refusals.into_iter().map(|refusal| UserError::of(refusal, language)).collect()
}

async fn change_initiative(
    ctx: &Context<'_>,
    command: Result<Command, Vec<Refusal>>,
) -> Result<InitiativePayload> {
    let id = command.as_ref().ok().and_then(Command::initiative);
    Ok(match carry_out(ctx, command).await? {
        Ok((Outcome::Initiative { initiative, replayed }, snapshot)) => InitiativePayload {
            initiative: Initiative::seen(ctx, &snapshot, Arc::from(initiative)).map(Ready),
            replayed,
            errors: ReadyList::default(),
        },
        Ok(_) => return Err(error::internal(anyhow::anyhow!("not the outcome of an initiative"))),
        Err(errors) => {
            let is_conflict = errors.iter().any(|error| error.code == ErrorCode::Conflict);
            let initiative = match id.filter(|_| is_conflict) {
                Some(id) => as_it_is_now(ctx, id).await?,
                None => None,
            };
            InitiativePayload {
                initiative: initiative.map(Ready),
                errors: ReadyList(errors),
                ..InitiativePayload::default()
            }
        }
    })
}

/// For a caller whose change was refused since it knew an older state; `None` where it may not see it.
async fn as_it_is_now(ctx: &Context<'_>, id: InitiativeId) -> Result<Option<Initiative>> {
    let context = RequestContext::of(ctx);
    let Some(row) = context.initiative(id).await? else { return Ok(None) };
    let snapshot = context.snapshot_of_rows();
    context.note_written(Cursor::head_of(&snapshot));
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
            let errors = user_errors(RequestContext::of(ctx), vec![refusal]);
            return Ok(InitiativesPayload {
                errors: ReadyList(errors),
                ..InitiativesPayload::default()
            });
        }
    };
    let changes = commands.into_iter().map(|command| change_initiative(ctx, command));
    let mut payload = InitiativesPayload::default();
    for (place, change) in join_all(changes).await.into_iter().enumerate() {
        let change = change?;
        payload.initiatives.push(change.initiative);
        for mut error in change.errors.0 {
            if error.path.first().is_some_and(|step| step == "id") {
                error.path.splice(..1, ["ids".to_owned(), place.to_string()]);
                payload.errors.0.push(error);
            } else if !payload.errors.0.iter().any(|told| told.path == error.path) {
                // A fault of the review itself concerns all initiatives, so it is reported once.
                payload.errors.0.push(error);
            }
        }
    }
    Ok(payload)
}

async fn change_unit(ctx: &Context<'_>, command: Command) -> Result<UnitPayload> {
    Ok(match carry_out(ctx, Ok(command)).await? {
        Ok((Outcome::Unit(id), snapshot)) => {
            UnitPayload { unit: Some(Ready(Unit { snapshot, id })), errors: ReadyList::default() }
        }
        Ok(_) => return Err(error::internal(anyhow::anyhow!("not the outcome of a unit"))),
        Err(errors) => UnitPayload { unit: None, errors: ReadyList(errors) },
    })
}

#[Object(use_type_description)]
impl Mutation {
    /// Enters an initiative while a period that covers its unit is running. Refusals: NOT_ELIGIBLE,
    /// KEY_REUSED, NOT_FOUND, INVALID, FORBIDDEN (đăng ký sáng kiến).
    async fn submit_initiative(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The initiative to enter, with the client's key (sáng kiến).")]
        input: SubmitInitiativeInput,
    ) -> Result<Ready<InitiativePayload>> {
        change_initiative(ctx, Ok(input.into())).await.map(Ready)
    }

    /// Accepts, returns or rejects an initiative that is not withdrawn; a later review replaces an
    /// earlier one. Refusals: WRONG_STATE, CONFLICT, NOT_FOUND, INVALID, FORBIDDEN (xét duyệt sáng
    /// kiến).
    async fn review_initiative(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The initiative and the decision on it (kết quả xét duyệt).")]
        input: ReviewInitiativeInput,
    ) -> Result<Ready<InitiativePayload>> {
        change_initiative(ctx, input.command()).await.map(Ready)
    }

    /// Accepts, returns or rejects up to 200 initiatives, each for itself: one refused leaves the
    /// others. Refusals: WRONG_STATE, NOT_FOUND, INVALID, FORBIDDEN (xét duyệt nhiều sáng kiến).
    async fn review_initiatives(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The initiatives and the decision on all of them (kết quả xét duyệt).")]
        input: ReviewInitiativesInput,
    ) -> Result<Ready<InitiativesPayload>> {
        change_initiatives(ctx, input.commands()).await.map(Ready)
    }

    /// Corrects a pending or returned initiative, which is pending again then. Refusals:
    /// WRONG_STATE, CONFLICT, NOT_ELIGIBLE, NOT_FOUND, INVALID, FORBIDDEN (chỉnh sửa sáng kiến).
    async fn revise_initiative(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The initiative and the parts of it to correct (nội dung chỉnh sửa).")]
        input: ReviseInitiativeInput,
    ) -> Result<Ready<InitiativePayload>> {
        change_initiative(ctx, input.command()).await.map(Ready)
    }

    /// Takes an initiative back, so that it counts no more. Refusals: CONFLICT, NOT_FOUND, INVALID,
    /// FORBIDDEN (rút sáng kiến).
    async fn withdraw_initiative(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The initiative to take back (sáng kiến).")]
        input: WithdrawInitiativeInput,
    ) -> Result<Ready<InitiativePayload>> {
        change_initiative(ctx, input.command()).await.map(Ready)
    }

    /// Moves an initiative that was entered under the wrong unit to the right one. Refusals:
    /// WRONG_STATE, CONFLICT, NOT_ELIGIBLE, NOT_FOUND, INVALID, FORBIDDEN (chuyển sáng kiến sang
    /// đơn vị khác).
    async fn transfer_initiative(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The initiative and the unit that it belongs to (sáng kiến và đơn vị mới)."
        )]
        input: TransferInitiativeInput,
    ) -> Result<Ready<InitiativePayload>> {
        change_initiative(ctx, input.command()).await.map(Ready)
    }

    /// Chooses an accepted initiative as an example, or takes the choice back. Refusals:
    /// WRONG_STATE, NOT_FOUND, FORBIDDEN (chọn sáng kiến tiêu biểu).
    async fn feature_initiative(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The initiative and the choice (sáng kiến).")]
        input: FeatureInitiativeInput,
    ) -> Result<Ready<InitiativePayload>> {
        change_initiative(ctx, input.command()).await.map(Ready)
    }

    /// Sets the targets of up to 500 units, all or none. Refusals: NOT_FOUND, INVALID, FORBIDDEN
    /// (giao chỉ tiêu).
    async fn set_targets(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc="The period, the metric and the goal of each unit (các chỉ tiêu).")] input:SetTargetsInput,
    ) -> Result<Ready<TargetsPayload>> {
        let payload = match carry_out(ctx, Ok(input.into())).await? {
            Ok((Outcome::Targets(keys), snapshot)) => {
                let targets = keys
                    .iter()
                    .filter_map(|key| snapshot.structure.target_by_key(key))
                    .map(|row| Target {
                        snapshot: Arc::clone(&snapshot),
                        row: Arc::clone(row),
                        as_of: None,
                    });
                TargetsPayload { targets: targets.collect(), errors: ReadyList::default() }
            }
            Ok(_) => return Err(error::internal(anyhow::anyhow!("not the outcome of targets"))),
            Err(errors) => {
                TargetsPayload { targets: ReadyList::default(), errors: ReadyList(errors) }
            }
        };
        Ok(Ready(payload))
    }

    /// Makes a unit, or changes the one with the same code. Refusals: NOT_FOUND, INVALID,
    /// WOULD_CYCLE, FORBIDDEN (thêm hoặc sửa đơn vị).
    async fn upsert_unit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The unit to make or to change, by its code (đơn vị).")]
        input: UpsertUnitInput,
    ) -> Result<Ready<UnitPayload>> {
        change_unit(ctx, input.into()).await.map(Ready)
    }

    /// Hangs a unit under another parent, with everything under it and with its past. Refusals:
    /// WOULD_CYCLE, NOT_FOUND, FORBIDDEN (chuyển cấp trên).
    async fn move_unit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The unit and its new parent (đơn vị và cấp trên mới).")]
        input: MoveUnitInput,
    ) -> Result<Ready<UnitPayload>> {
        change_unit(ctx, input.into()).await.map(Ready)
    }

    /// Gives a unit another code; its id, its place and its past stay. The former code names no unit then, until another
    /// is made with it. Refusals: INVALID for the code of another unit, NOT_FOUND, FORBIDDEN (đổi mã đơn vị).
    async fn rename_unit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The unit and its new code (đơn vị và mã mới).")] input: RenameUnitInput,
    ) -> Result<Ready<UnitPayload>> {
        change_unit(ctx, input.into()).await.map(Ready)
    }

    /// Deletes a unit that should not have been made and never had anything: no unit below it, no initiative, target,
    /// period, rule or token. It is in no list then, its id names nothing, and its code is free; the payload shows it as it
    /// was. A unit with a past is closed instead. Refusals: WRONG_STATE, INVALID for the root, NOT_FOUND, FORBIDDEN (xóa
    /// đơn vị).
    async fn delete_unit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The unit to delete (đơn vị).")] input: DeleteUnitInput,
    ) -> Result<Ready<UnitPayload>> {
        change_unit(ctx, input.into()).await.map(Ready)
    }

    /// Closes a unit: its past counts stay, and nothing new enters it. Refusals: NOT_FOUND,
    /// INVALID, FORBIDDEN (ngừng hoạt động).
    async fn close_unit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The unit and the day of closing (đơn vị và ngày ngừng hoạt động).")]
        input: CloseUnitInput,
    ) -> Result<Ready<UnitPayload>> {
        change_unit(ctx, input.into()).await.map(Ready)
    }

    /// Opens a closed unit again. Refusals: NOT_FOUND, FORBIDDEN (mở lại đơn vị).
    async fn reopen_unit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The unit to open again (đơn vị).")] unit: UnitRef,
    ) -> Result<Ready<UnitPayload>> {
        change_unit(ctx, Command::ReopenUnit(ReopenUnit { unit: unit.into() })).await.map(Ready)
    }

    /// Makes a period, or changes the one with the same code. Refusals: NOT_FOUND, INVALID,
    /// WOULD_CYCLE, FORBIDDEN (thêm hoặc sửa đợt thi đua).
    async fn upsert_period(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The period to make or to change, by its code (đợt thi đua).")]
        input: UpsertPeriodInput,
    ) -> Result<Ready<PeriodPayload>> {
        let payload = match carry_out(ctx, Ok(input.into())).await? {
            Ok((Outcome::Period(id), snapshot)) => PeriodPayload {
                period: Some(Ready(Period { snapshot, id })),
                errors: ReadyList::default(),
            },
            Ok(_) => return Err(error::internal(anyhow::anyhow!("not the outcome of a period"))),
            Err(errors) => PeriodPayload { period: None, errors: ReadyList(errors) },
        };
        Ok(Ready(payload))
    }

    /// Keeps the figures of a period that is over, for good; live figures go on beside them. Again
    /// with nothing changed since and the same note it answers the same closing. Refusals:
    /// WRONG_STATE, CONFLICT, NOT_FOUND, INVALID, FORBIDDEN (chốt số liệu).
    async fn finalize_period(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The period and the note that goes with its figures (đợt thi đua).")]
        input: FinalizePeriodInput,
    ) -> Result<Ready<ClosingPayload>> {
        let payload = match carry_out(ctx, Ok(input.into())).await? {
            Ok((Outcome::Closing(period, version), snapshot)) => ClosingPayload {
                closing: Closing::find(&snapshot, period, version).map(Ready),
                errors: ReadyList::default(),
            },
            Ok(_) => return Err(error::internal(anyhow::anyhow!("not the outcome of a closing"))),
            Err(errors) => ClosingPayload { closing: None, errors: ReadyList(errors) },
        };
        Ok(Ready(payload))
    }

    /// Makes a rule of recognition or grading, or changes the one with the same code. It takes the
    /// role OFFICER over the owner. Refusals: NOT_FOUND, INVALID, FORBIDDEN (thêm hoặc sửa quy tắc).
    async fn upsert_rule(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The rule to make or to change, by its code (quy tắc).")]
        input: UpsertRuleInput,
    ) -> Result<Ready<RulePayload>> {
        let payload = match carry_out(ctx, input.command()).await? {
            Ok((Outcome::Rule(code), snapshot)) => RulePayload {
                rule: Rule::of(&snapshot, &code).map(Ready),
                errors: ReadyList::default(),
            },
            Ok(_) => return Err(error::internal(anyhow::anyhow!("not the outcome of a rule"))),
            Err(errors) => RulePayload { rule: None, errors: ReadyList(errors) },
        };
        Ok(Ready(payload))
    }

    /// Confirms the assessment of a rule in a period that is closed, or takes that back with a note. A
    /// confirmed one stays as it is, whatever changes, and so does its rule. Again with the same note it
    /// changes nothing. It takes the role OFFICER over the rule's owner. Refusals: WRONG_STATE,
    /// CONFLICT, NOT_FOUND, INVALID, FORBIDDEN (xác nhận kết quả xét).
    async fn confirm_assessment(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The rule, the period and the note that goes with the assessment (kết quả \
                          xét)."
        )]
        input: ConfirmAssessmentInput,
    ) -> Result<Ready<AssessmentPayload>> {
        let confirmable = Assessment::confirmable(ctx, &input).await?;
        let payload = match carry_out(ctx, Ok(input.command(confirmable))).await? {
            Ok((Outcome::Assessment(period, code), snapshot)) => AssessmentPayload {
                assessment: Rule::of(&snapshot, &code)
                    .and_then(|rule| Assessment::find(ctx, &rule, period))
                    .map(Ready),
                errors: ReadyList::default(),
            },
            Ok(_) => {
                return Err(error::internal(anyhow::anyhow!("not the outcome of an assessment")));
            }
            Err(errors) => AssessmentPayload { assessment: None, errors: ReadyList(errors) },
        };
        Ok(Ready(payload))
    }
}

use std::borrow::Cow;
use std::sync::Arc;

use async_graphql::parser::types::Field;
use async_graphql::registry::Registry;
use async_graphql::{
    Context, ContextSelectionSet, ID, Interface, OutputType, Positioned, Result, ServerResult,
    Value,
};

use super::briefing::{Briefing, BriefingKey};
use super::leaderboard::LeaderboardKey;
use super::past_day::PastDay;
use super::{
    Assessment, Closing, Initiative, Leaderboard, Period, Rule, Tally, Target, Token, Unit,
};
use crate::board::Snapshot;
use crate::graphql::context::RequestContext;
use crate::graphql::context::ready::resolve_object;
use crate::graphql::schema::ids::GlobalId;

/// An object with a global id (đối tượng có mã toàn cục).
#[derive(Interface, Clone)]
#[graphql(field(name = "id", ty = "ID", desc = "Global id of the object (mã toàn cục)."))]
pub enum Node {
    Unit(Unit),
    Period(Period),
    Tally(Tally),
    Target(Target),
    Initiative(Initiative),
    Leaderboard(Leaderboard),
    Briefing(Briefing),
    Closing(Closing),
    Rule(Rule),
    Assessment(Assessment),
    Token(Token),
}

/// The same, each of its types resolved as it is elsewhere.
pub struct AnyNode(pub Node);

impl OutputType for AnyNode {
    fn type_name() -> Cow<'static, str> {
        Node::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        Node::create_type_info(registry)
    }

    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        match &self.0 {
            Node::Unit(it) => resolve_object(ctx, field, it).await,
            Node::Period(it) => resolve_object(ctx, field, it).await,
            Node::Tally(it) => resolve_object(ctx, field, it).await,
            Node::Target(it) => resolve_object(ctx, field, it).await,
            Node::Initiative(it) => resolve_object(ctx, field, it).await,
            Node::Leaderboard(it) => resolve_object(ctx, field, it).await,
            Node::Briefing(it) => resolve_object(ctx, field, it).await,
            Node::Closing(it) => resolve_object(ctx, field, it).await,
            Node::Rule(it) => resolve_object(ctx, field, it).await,
            Node::Assessment(it) => resolve_object(ctx, field, it).await,
            Node::Token(it) => resolve_object(ctx, field, it).await,
        }
    }
}

impl Node {
    /// The object that the id names; `None` if there is none, or the caller may not see it.
    pub async fn find(ctx: &Context<'_>, id: &str) -> Result<Option<Self>> {
        let context = RequestContext::of(ctx);
        let snapshot = context.snapshot();
        let Some(id) = GlobalId::decode(id) else { return Ok(None) };
        if let GlobalId::Initiative(id) = id {
            let Some(row) = context.initiative(id).await? else {
                context.note_missing();
                return Ok(None);
            };
            return Ok(Initiative::seen(ctx, snapshot, row).map(Self::Initiative));
        }
        if let GlobalId::Token(id) = id {
            // Callers see their own token and no other.
            let own = Token::own(ctx, snapshot).await?;
            return Ok(own.filter(|token| token.is(id)).map(Self::Token));
        }
        // The structure decides whether the object exists, and holds the numbers of targets; other
        // objects' fields record themselves.
        context.dependencies.structure();
        if let GlobalId::Tally(.., Some(_)) | GlobalId::Target(_, Some(_)) | GlobalId::Closing(..) =
            id
        {
            context.dependencies.day();
        }
        if let GlobalId::KeptTally(unit, period, version) = id {
            context.dependencies.day();
            let Some(closing) = Closing::find(snapshot, period, version) else { return Ok(None) };
            return Ok(closing.tally_of(ctx, unit).await?.map(Self::Tally));
        }
        if let GlobalId::Leaderboard(question) = &id {
            let Ok(question) = serde_json::from_str::<LeaderboardKey>(question) else {
                return Ok(None);
            };
            let names_all = snapshot.structure.get(question.within).is_some()
                && question.around.is_none_or(|unit| snapshot.structure.get(unit).is_some())
                && question.period.is_none_or(|id| snapshot.structure.get_period(id).is_some());
            if !names_all {
                return Ok(None);
            }
            // A client may have made up the id in another spelling.
            let question = Arc::new(question.in_one_spelling());
            if let Some(version) = question.closing {
                context.dependencies.day();
                let closing = question.period.and_then(|it| Closing::find(snapshot, it, version));
                let Some(closing) = closing.filter(|_| question.is_of_closing()) else {
                    return Ok(None);
                };
                let (kept, now) = (closing.figures(ctx).await?, Arc::clone(snapshot));
                let board = Leaderboard::answer_kept(ctx, now, question, kept).await?;
                return Ok(board.map(Self::Leaderboard));
            }
            let board = Leaderboard::answer(ctx, Arc::clone(snapshot), question).await?;
            return Ok(board.map(Self::Leaderboard));
        }
        if let GlobalId::Assessment(period, code) = &id {
            let Some(rule) = Rule::of(snapshot, code) else { return Ok(None) };
            if snapshot.structure.get_period(*period).is_none() {
                return Ok(None);
            }
            return Ok(Assessment::find(ctx, &rule, *period).map(Self::Assessment));
        }
        if let GlobalId::Briefing(key) = &id {
            let Ok(key) = serde_json::from_str::<BriefingKey>(key) else { return Ok(None) };
            let names_all = snapshot.structure.get(key.unit).is_some()
                && key.period.is_none_or(|id| snapshot.structure.get_period(id).is_some());
            if !names_all {
                return Ok(None);
            }
            let briefing = Briefing::answer(ctx, Arc::clone(snapshot), Arc::new(key)).await?;
            return Ok(briefing.map(Self::Briefing));
        }
        Ok(Self::of_snapshot(snapshot, &id))
    }

    fn of_snapshot(snapshot: &Arc<Snapshot>, id: &GlobalId) -> Option<Self> {
        let structure = &snapshot.structure;
        let snapshot = Arc::clone(snapshot);
        match id {
            &GlobalId::Unit(id) => {
                structure.get(id)?;
                Some(Self::Unit(Unit { snapshot: Arc::clone(&snapshot), id }))
            }
            &GlobalId::Period(id) => {
                structure.get_period(id)?;
                Some(Self::Period(Period { snapshot: Arc::clone(&snapshot), id }))
            }
            &GlobalId::Tally(unit, period, day) => {
                structure.get(unit)?;
                structure.get_period(period)?;
                if day.is_some_and(|day| !snapshot.tells_end_of(day)) {
                    return None;
                }
                Some(Self::Tally(Tally::of(snapshot, unit, period, day.map(PastDay::of))))
            }
            &GlobalId::Closing(period, version) => {
                Closing::find(&snapshot, period, version).map(Self::Closing)
            }
            GlobalId::Rule(code) => Rule::of(&snapshot, code).map(Self::Rule),
            GlobalId::Target(key, as_of) => {
                let row = Arc::clone(structure.target_by_key(key)?);
                if as_of.is_some_and(|day| !snapshot.tells_end_of(day)) {
                    return None;
                }
                let snapshot = Arc::clone(&snapshot);
                Some(Self::Target(Target { snapshot, row, as_of: *as_of }))
            }
            GlobalId::Initiative(_)
            | GlobalId::Token(_)
            | GlobalId::Leaderboard(_)
            | GlobalId::KeptTally(..)
            | GlobalId::Briefing(_)
            | GlobalId::Assessment(..) => None,
        }
    }
}

//! A GraphQL server over HTTP before either side, and a client of it.

use std::sync::Arc;

use async_graphql::{
    Context, EmptySubscription, Enum, ID, InputObject, Object, OneofObject, Schema, SimpleObject,
};
use axum::routing::post;
use axum::{Json, Router};
use sangkien::auth::Tokens;
use sangkien::domain::clock::SystemClock;
use sangkien::domain::command::{NewAuthor, Submit};
use sangkien::domain::initiative::{AuthorGroup, InitiativeKind};
use sangkien::domain::{Day, UnitRef};
use sangkien::graphql::Service;
use sangkien::graphql::cost::budgets::{Allowance, Budgets, CostLimits};
use sangkien::http::{Admission, App, Origins, router};
use sangkien::limits::{COST_MAX, UNREADY_AFTER};
use sangkien::supervisor::Supervisor;
use serde_json::{Value, json};

use super::grouped::Grouped;
use super::one_by_one::OneByOne;
use super::{Failed, world};

const TOKEN: &str = "the token of the bench";
const MUTATION: &str = "mutation ($input: SubmitInitiativeInput!) { submitInitiative(input: $input) \
    { replayed initiative { id } errors { code message } } }";

pub struct Http {
    client: reqwest::Client,
    url: String,
    codes: Vec<String>,
}

impl Http {
    pub async fn before_writer(side: Arc<Grouped>, levels: &[u32]) -> Result<Self, Failed> {
        let (hub, writer) = (Arc::clone(&side.hub), side.writer.clone());
        let costs = CostLimits::all(Allowance { document: COST_MAX, minute: COST_MAX });
        let budgets = Arc::new(Budgets::new(costs, Arc::new(SystemClock)));
        let supervisor = Supervisor::default();
        let service = Service::new(hub, side.store.clone(), writer, budgets, &supervisor);
        let (store, clock) = (side.store.clone(), Arc::new(SystemClock));
        let tokens = Tokens::new(Some(TOKEN), store, clock, &supervisor);
        let app = App {
            service,
            tokens: Arc::new(tokens),
            origins: Origins::default(),
            admission: Admission::default(),
            is_proxied: false,
            is_simulated: false,
            listening: None,
            unready_after: UNREADY_AFTER,
            prefixes: Arc::default(),
        };
        Self::before(router(app), levels).await
    }

    pub async fn before_baseline(side: Arc<OneByOne>, levels: &[u32]) -> Result<Self, Failed> {
        let schema = Schema::build(Query, Mutation, EmptySubscription).data(side).finish();
        let answer = async move |Json(request): Json<async_graphql::Request>| {
            Json(schema.execute(request).await)
        };
        Self::before(Router::new().route("/graphql", post(answer)), levels).await
    }

    async fn before(router: Router, levels: &[u32]) -> Result<Self, Failed> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}/graphql", listener.local_addr()?);
        tokio::spawn(async move { axum::serve(listener, router).await });
        let codes = world::tree(levels).into_iter().map(|unit| unit.code).collect();
        Ok(Self { client: reqwest::Client::new(), url, codes })
    }

    /// Whether the key was known.
    pub async fn submit(&self, submit: &Submit) -> Result<bool, Failed> {
        let UnitRef::Id(unit) = submit.unit else { return Err("units are named by id".into()) };
        let author = |author: &NewAuthor| {
            json!({ "name": author.name, "personCode": author.person_code, "group": author.group,
                "contact": author.contact })
        };
        let input = json!({
            "key": submit.key, "unit": { "code": self.codes[unit.index() - 1] },
            "title": submit.title, "summary": submit.summary, "kind": submit.kind,
            "field": submit.field, "team": submit.team,
            "authors": submit.authors.iter().map(author).collect::<Vec<_>>(),
            "appliedOn": submit.applied_on.map(|day| day.to_string()),
            "recognisedBy": submit.recognised_by, "confidential": submit.confidential,
            "benefitVnd": submit.benefit_vnd,
        });
        let request = json!({ "query": MUTATION, "variables": { "input": input } });
        let answer = self.client.post(&self.url).bearer_auth(TOKEN).json(&request).send().await?;
        let answer: Value = answer.json().await?;
        answer["data"]["submitInitiative"]["replayed"]
            .as_bool()
            .filter(|_| answer["data"]["submitInitiative"]["errors"] == json!([]))
            .ok_or_else(|| answer.to_string().into())
    }
}

// The baseline's schema: as much of ours as the mutation needs.

struct Query;

#[Object]
impl Query {
    async fn nothing(&self) -> bool {
        true
    }
}

struct Mutation;

#[Object]
impl Mutation {
    async fn submit_initiative(
        &self,
        ctx: &Context<'_>,
        input: SubmitInitiativeInput,
    ) -> async_graphql::Result<Payload> {
        let side = ctx.data_unchecked::<Arc<OneByOne>>();
        let UnitInput::Code(code) = input.unit;
        let unit = side.snapshot.structure.resolve_unit(&UnitRef::Code(code));
        let applied_on = input.applied_on.map(|day| Day::parse(&day)).transpose()?;
        let author = |author: AuthorInput| NewAuthor {
            name: author.name,
            person_code: author.person_code,
            group: author.group.map(Into::into),
            contact: author.contact,
        };
        let submit = Submit {
            key: input.key.0,
            unit: UnitRef::Id(unit.ok_or("no such unit")?),
            title: input.title,
            summary: input.summary,
            kind: input.kind.into(),
            field: input.field,
            team: input.team,
            authors: input.authors.into_iter().map(author).collect(),
            applied_on,
            recognised_by: input.recognised_by,
            confidential: input.confidential,
            benefit_vnd: input.benefit_vnd,
        };
        let id = submit.key.clone().into();
        let replayed = side.submit(&submit).await.map_err(|error| error.to_string())?;
        Ok(Payload { replayed, initiative: Some(Initiative { id }), errors: Vec::new() })
    }
}

#[derive(SimpleObject)]
struct Payload {
    replayed: bool,
    initiative: Option<Initiative>,
    errors: Vec<UserError>,
}

#[derive(SimpleObject)]
struct Initiative {
    id: ID,
}

#[derive(SimpleObject)]
struct UserError {
    code: String,
    message: String,
}

#[derive(OneofObject)]
enum UnitInput {
    Code(String),
}

#[derive(InputObject)]
struct SubmitInitiativeInput {
    key: ID,
    unit: UnitInput,
    title: String,
    summary: Option<String>,
    kind: Kind,
    field: Option<String>,
    team: Option<String>,
    authors: Vec<AuthorInput>,
    applied_on: Option<String>,
    recognised_by: Option<String>,
    confidential: bool,
    benefit_vnd: Option<i64>,
}

#[derive(InputObject)]
struct AuthorInput {
    name: String,
    person_code: Option<String>,
    group: Option<Group>,
    contact: Option<String>,
}

#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "InitiativeKind")]
enum Kind {
    Technical,
    Management,
    Operational,
    TechnologyApplication,
    Research,
    Idea,
}

#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "AuthorGroup")]
enum Group {
    PublicEmployee,
    EnterpriseWorker,
    UnionOfficial,
    Other,
}

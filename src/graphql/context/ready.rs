//! Objects and lists that are ready: resolved and written on the spot, without the library's executor.
//!
//! # What it equals
//! For every document the bytes are those that async-graphql writes: data, errors, their order and their paths. The one
//! difference is that paths are whole where the library cuts them at the outermost list. The model test asks each of its
//! documents of both ([`crate::graphql::Service::answer_afresh`]), and `semantics` holds the rules one by one. The library's
//! version is pinned, and a test here asserts it, since this file repeats how it collects fields.
//!
//! # Which objects are wrapped
//! Every object of the schema but `Query`, `Mutation` and `Subscription` comes as [`Ready`], every list of objects as
//! [`ReadyList`]. So every field asks the [`Meter`] first: the library has no place for that but an extension, which boxes
//! each field once more.
//!
//! # When it stands aside
//! A field that reads tables cannot be written on the spot. If the document selects one further down
//! ([`waits_below`](crate::graphql::request::documents::Document::waits_below)), selects a field twice
//! ([`selects_twice`](crate::graphql::request::documents::Document::selects_twice)), or a future is not done when it is
//! first polled, the fields of the object are resolved side by side and gathered in maps, as the library does.
//!
//! # Why
//! The library makes a boxed future of each field and joins them, and keeps their values in maps until all are there. A field
//! that the snapshot answers waits for nothing: its future is done when first polled, so it is polled where it lies, and
//! each value is written behind the one before.

use std::borrow::Cow;
use std::cell::Cell;
use std::pin::pin;
use std::sync::PoisonError;
use std::task::{Context, Poll, Waker};
use std::{mem, ptr};

use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{Field, Selection, SelectionSet};
use async_graphql::registry::Registry;
use async_graphql::{
    ContainerType, ContextSelectionSet, Name, OutputType, Positioned, QueryPathSegment,
    ServerError, ServerResult, Value,
};
use futures_util::future::{BoxFuture, FutureExt as _, try_join_all};

use super::meter::{Meter, Stop};
use super::{RequestContext, json};

/// An object, answered as it is without this.
#[derive(Debug, Clone)]
pub struct Ready<T>(pub T);

/// A list of such objects.
#[derive(Debug, Clone)]
pub struct ReadyList<T>(pub Vec<T>);

impl<T> Default for ReadyList<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> FromIterator<T> for ReadyList<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Self(items.into_iter().collect())
    }
}

impl<T: ContainerType> OutputType for Ready<T> {
    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        T::create_type_info(registry)
    }

    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        resolve_object(ctx, field, &self.0).await
    }
}

impl<T: ContainerType> OutputType for ReadyList<T> {
    fn type_name() -> Cow<'static, str> {
        Vec::<T>::type_name()
    }

    fn qualified_type_name() -> String {
        Vec::<T>::qualified_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        Vec::<T>::create_type_info(registry)
    }

    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        let context = RequestContext::of(ctx);
        let write = |text: &mut Vec<u8>| list(ctx, &context.meter, &self.0, text);
        match at_first(context, ctx, field, write) {
            Some(resolved) => resolved,
            None => resolve_list_later(context, ctx, field, &self.0).boxed().await,
        }
    }
}

/// An object, as [`Ready`] resolves it.
pub async fn resolve_object<T: ContainerType>(
    ctx: &ContextSelectionSet<'_>,
    field: &Positioned<Field>,
    it: &T,
) -> ServerResult<Value> {
    let context = RequestContext::of(ctx);
    let write = |text: &mut Vec<u8>| object(ctx, &context.meter, it, text);
    match at_first(context, ctx, field, write) {
        Some(resolved) => resolved,
        // It is rare, and would take room in the future of each object.
        None => resolve_object_later(context, ctx, field, it).boxed().await,
    }
}

/// Writes on the spot, if that is done without waiting for anything.
fn at_first(
    context: &RequestContext,
    ctx: &ContextSelectionSet<'_>,
    field: &Positioned<Field>,
    write: impl FnOnce(&mut Vec<u8>) -> Result<(), Halt>,
) -> Option<ServerResult<Value>> {
    if !context.is_ready_path() || context.meter.is_to_breathe() {
        return None;
    }
    match on_the_spot(context, ctx, field, write) {
        Ok(value) => Some(Ok(value)),
        Err(Halt::Failed(error)) => Some(Err(error)),
        Err(Halt::Waits | Halt::Leaves) => None,
    }
}

async fn resolve_object_later<T: ContainerType>(
    context: &RequestContext,
    ctx: &ContextSelectionSet<'_>,
    field: &Positioned<Field>,
    it: &T,
) -> ServerResult<Value> {
    if context.is_by_library() {
        return it.resolve(ctx, field).await;
    }
    let meter = &*context.meter;
    let write = |text: &mut Vec<u8>| object(ctx, meter, it, text);
    match later(context, ctx, field, write).await {
        Some(resolved) => resolved,
        None => resolve_fields(ctx, meter, it).await,
    }
}

async fn resolve_list_later<T: ContainerType>(
    context: &RequestContext,
    ctx: &ContextSelectionSet<'_>,
    field: &Positioned<Field>,
    items: &[T],
) -> ServerResult<Value> {
    if context.is_by_library() {
        let mut resolved = Vec::with_capacity(items.len());
        for (place, item) in items.iter().enumerate() {
            let ctx = ctx.with_index(place);
            // An error from further down keeps its path: the library's own lists would write it anew, up to the item.
            resolved.push(async move { OutputType::resolve(item, &ctx, field).await });
        }
        return try_join_all(resolved).await.map(Value::List);
    }
    let meter = &*context.meter;
    let write = |text: &mut Vec<u8>| list(ctx, meter, items, text);
    match later(context, ctx, field, write).await {
        Some(resolved) => resolved,
        None => resolve_items(ctx, meter, items).await,
    }
}

/// Writes on the spot, after others had their turn or upon another thread; `None` if something has to
/// wait.
async fn later(
    context: &RequestContext,
    ctx: &ContextSelectionSet<'_>,
    field: &Positioned<Field>,
    write: impl Fn(&mut Vec<u8>) -> Result<(), Halt>,
) -> Option<ServerResult<Value>> {
    loop {
        context.meter.breathe().await;
        match on_the_spot(context, ctx, field, &write) {
            Ok(value) => return Some(Ok(value)),
            Err(Halt::Failed(error)) => return Some(Err(error)),
            Err(Halt::Waits) => return None,
            Err(Halt::Leaves) => context.meter.wait_once().await,
        }
    }
}

/// The reason why there is no value.
enum Halt {
    Failed(ServerError),
    /// Something has to wait, or is for the library to judge.
    Waits,
    /// The execution is to go on upon another thread, where this begins anew.
    Leaves,
}

fn on_the_spot(
    context: &RequestContext,
    ctx: &ContextSelectionSet<'_>,
    field: &Positioned<Field>,
    write: impl FnOnce(&mut Vec<u8>) -> Result<(), Halt>,
) -> Result<Value, Halt> {
    let meter = &context.meter;
    // A parent that is written on the spot has checked all fields below it.
    let may_be =
        context.is_ready_path() && (meter.is_ready_path() || !context.waits_below(field.pos));
    if !may_be {
        return Err(Halt::Waits);
    }
    if meter.is_leaving() {
        return Err(Halt::Leaves);
    }
    let fields = meter.fields();
    let errors = || ctx.query_env.errors.lock().unwrap_or_else(PoisonError::into_inner);
    let before = errors().len();
    let is_outermost = !meter.set_ready_path(true);
    let written = written(ctx, field, write);
    meter.set_ready_path(!is_outermost);
    match &written {
        Ok((_, bytes)) if is_outermost => meter.written(*bytes),
        Ok(_) | Err(Halt::Failed(_)) => {}
        Err(Halt::Waits | Halt::Leaves) => {
            if matches!(written, Err(Halt::Waits)) {
                context.set_ready_path(false);
            }
            // They come again.
            errors().truncate(before);
            meter.rewind(fields);
        }
    }
    written.map(|(value, _)| value)
}

/// Writes behind the text that is lent for the field, and leaves no value but that; else writes a text of its own.
/// Returns also the number of bytes written.
fn written(
    ctx: &ContextSelectionSet<'_>,
    field: &Positioned<Field>,
    write: impl FnOnce(&mut Vec<u8>) -> Result<(), Halt>,
) -> Result<(Value, usize), Halt> {
    let Some(mut text) = Lent::take(ctx, field) else {
        let mut text = Vec::new();
        write(&mut text)?;
        let bytes = text.len();
        return Ok((json::written(text), bytes));
    };
    let before = text.len();
    let written = write(&mut text);
    if written.is_err() {
        text.truncate(before);
    }
    let bytes = text.len() - before;
    Lent::give_back(text, field);
    written.map(|()| (json::written(Vec::new()), bytes))
}

/// The text that the value of a field comes behind, while its future is polled.
struct Lent {
    text: Vec<u8>,
    field: *const Positioned<Field>,
}

thread_local! {
    static LENT: Cell<Option<Lent>> = const { Cell::new(None) };
}

impl Lent {
    /// Only the value of the field itself goes there: no item of a list of it, nor a field further down.
    fn take(ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> Option<Vec<u8>> {
        let path = ctx.path_node.as_ref()?;
        if !matches!(path.segment, QueryPathSegment::Name(_)) {
            return None;
        }
        let lent = LENT.take()?;
        if !ptr::eq(lent.field, field) {
            LENT.set(Some(lent));
            return None;
        }
        Some(lent.text)
    }

    fn give_back(text: Vec<u8>, field: *const Positioned<Field>) {
        LENT.set(Some(Self { text, field }));
    }
}

/// Lends the text while it lives. Its drop lends the earlier text again, however the field ended.
struct Lending {
    before: Option<Lent>,
}

impl Lending {
    fn begin(text: Vec<u8>, field: &Positioned<Field>) -> Self {
        Self { before: LENT.replace(Some(Lent { text, field })) }
    }

    fn end(self) -> Vec<u8> {
        LENT.take().expect("whoever takes it gives it back").text
    }
}

impl Drop for Lending {
    fn drop(&mut self) {
        LENT.set(self.before.take());
    }
}

/// Items side by side, as the library resolves them, but an error from further down keeps its path.
async fn resolve_items<T: ContainerType>(
    ctx: &ContextSelectionSet<'_>,
    meter: &Meter,
    items: &[T],
) -> ServerResult<Value> {
    // Braces and a comma.
    meter.written(3 * items.len());
    let mut resolved = Vec::with_capacity(items.len());
    for (place, item) in items.iter().enumerate() {
        let ctx = ctx.with_index(place);
        resolved.push(async move { resolve_fields(&ctx, meter, item).await });
    }
    try_join_all(resolved).await.map(Value::List)
}

/// Fields side by side, as the library resolves them, each of them counted.
async fn resolve_fields<T: ContainerType>(
    ctx: &ContextSelectionSet<'_>,
    meter: &Meter,
    object: &T,
) -> ServerResult<Value> {
    let mut fields = Vec::new();
    add_fields(ctx, meter, object, &mut fields)?;
    let mut members = IndexMap::with_capacity(fields.len());
    for (name, value) in try_join_all(fields).await? {
        put(&mut members, name, value);
    }
    Ok(Value::Object(members))
}

type Resolving<'a> = BoxFuture<'a, ServerResult<(Name, Value)>>;

fn add_fields<'a, T: ContainerType>(
    ctx: &ContextSelectionSet<'a>,
    meter: &'a Meter,
    object: &'a T,
    fields: &mut Vec<Resolving<'a>>,
) -> ServerResult<()> {
    for selection in &ctx.item.node.items {
        if let Selection::Field(field) = &selection.node {
            fields.push(resolve_field(ctx.clone(), meter, object, field).boxed());
        } else if let Some(selections) = selected_by_fragment::<T>(ctx, &selection.node)? {
            add_fields(&ctx.with_selection_set(selections), meter, object, fields)?;
        }
    }
    Ok(())
}

async fn resolve_field<T: ContainerType>(
    ctx: ContextSelectionSet<'_>,
    meter: &Meter,
    object: &T,
    field: &Positioned<Field>,
) -> ServerResult<(Name, Value)> {
    meter.field(0).map_err(Stop::server_error)?;
    let name = field.node.response_key().node.clone();
    let value = if field.node.name.node == "__typename" {
        Value::String(T::type_name().into_owned())
    } else {
        meter.breathe().await;
        object.resolve_field(&ctx.with_field(field)).await?.unwrap_or_default()
    };
    meter.written(name.len() + 3 + json::scalar_bytes(&value));
    Ok((name, value))
}

/// Merges the values of a field that is selected twice.
fn put(members: &mut IndexMap<Name, Value>, name: Name, value: Value) {
    match (members.get_mut(&name), value) {
        (None, value) => {
            members.insert(name, value);
        }
        (Some(Value::Object(there)), Value::Object(more)) => {
            more.into_iter().for_each(|(name, value)| put(there, name, value));
        }
        (Some(Value::List(there)), Value::List(more)) => {
            for pair in there.iter_mut().zip(more) {
                if let (Value::Object(there), Value::Object(more)) = pair {
                    more.into_iter().for_each(|(name, value)| put(there, name, value));
                }
            }
        }
        // The same scalar again.
        _ => {}
    }
}

/// The fields that a fragment selects of an object of this type.
fn selected_by_fragment<'a, T: ContainerType>(
    ctx: &ContextSelectionSet<'a>,
    fragment: &'a Selection,
) -> ServerResult<Option<&'a Positioned<SelectionSet>>> {
    let (condition, selections) = match fragment {
        Selection::Field(_) => return Ok(None),
        Selection::InlineFragment(fragment) => {
            (fragment.node.type_condition.as_ref(), &fragment.node.selection_set)
        }
        Selection::FragmentSpread(spread) => {
            let name = &spread.node.fragment_name.node;
            let Some(fragment) = ctx.query_env.fragments.get(name) else {
                // Validation lets no such document pass.
                let message = format!("there is no fragment {name}");
                return Err(ServerError::new(message, Some(spread.pos)));
            };
            (Some(&fragment.node.type_condition), &fragment.node.selection_set)
        }
    };
    let name = T::type_name();
    let is_of = |condition: &str| {
        let interfaces = ctx.schema_env.registry.implements.get(&*name);
        name == condition || interfaces.is_some_and(|all| all.contains(condition))
    };
    let applies = condition.is_none_or(|condition| is_of(condition.node.on.node.as_str()));
    Ok(applies.then_some(selections))
}

fn list<T: ContainerType>(
    ctx: &ContextSelectionSet<'_>,
    meter: &Meter,
    items: &[T],
    text: &mut Vec<u8>,
) -> Result<(), Halt> {
    text.push(b'[');
    for (place, item) in items.iter().enumerate() {
        if place > 0 {
            text.push(b',');
        }
        let ctx = ctx.with_index(place);
        // An error keeps its path: the library's own lists would write it anew, up to this item.
        object(&ctx, meter, item, text)?;
    }
    text.push(b']');
    Ok(())
}

fn object<T: ContainerType>(
    ctx: &ContextSelectionSet<'_>,
    meter: &Meter,
    object: &T,
    text: &mut Vec<u8>,
) -> Result<(), Halt> {
    text.push(b'{');
    add(ctx, meter, object, text)?;
    text.push(b'}');
    Ok(())
}

fn add<T: ContainerType>(
    ctx: &ContextSelectionSet<'_>,
    meter: &Meter,
    object: &T,
    text: &mut Vec<u8>,
) -> Result<(), Halt> {
    for selection in &ctx.item.node.items {
        if let Selection::Field(field) = &selection.node {
            if text.last() != Some(&b'{') {
                text.push(b',');
            }
            json::write_name(&field.node.response_key().node, text);
            value(ctx, meter, object, field, text)?;
            continue;
        }
        let selected = selected_by_fragment::<T>(ctx, &selection.node).map_err(Halt::Failed)?;
        if let Some(selections) = selected {
            add(&ctx.with_selection_set(selections), meter, object, text)?;
        }
    }
    Ok(())
}

fn value<T: ContainerType>(
    ctx: &ContextSelectionSet<'_>,
    meter: &Meter,
    object: &T,
    field: &Positioned<Field>,
    text: &mut Vec<u8>,
) -> Result<(), Halt> {
    meter.field(text.len()).map_err(|stop| Halt::Failed(stop.server_error()))?;
    if field.node.name.node == "__typename" {
        json::write(&Value::String(T::type_name().into_owned()), text);
        return Ok(());
    }
    let ctx = ctx.with_field(field);
    let lending = Lending::begin(mem::take(text), field);
    let polled = pin!(object.resolve_field(&ctx)).poll(&mut Context::from_waker(Waker::noop()));
    *text = lending.end();
    if meter.is_leaving() {
        return Err(Halt::Leaves);
    }
    match polled {
        Poll::Ready(Ok(value)) => {
            json::write(&value.unwrap_or_default(), text);
            Ok(())
        }
        Poll::Ready(Err(error)) => Err(Halt::Failed(error)),
        Poll::Pending => Err(Halt::Waits),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use async_graphql::{EmptyMutation, EmptySubscription, Object, PathSegment, Request, Schema};

    use super::*;
    use crate::auth::{Audience, Language, Principal};
    use crate::domain::clock::SystemClock;
    use crate::graphql::execution::result::ResultBytes;
    use crate::server::Server;

    /// Objects within each other in every way that there is.
    #[derive(Debug, Clone, Copy)]
    struct Thing(i32);

    #[Object]
    impl Thing {
        async fn number(&self) -> i32 {
            self.0
        }
        async fn one(&self) -> Ready<Self> {
            Ready(Self(self.0 + 1))
        }
        async fn some(&self) -> Option<Ready<Self>> {
            Some(Ready(Self(self.0 + 1)))
        }
        async fn all(&self) -> ReadyList<Self> {
            (0..self.0).map(Self).collect()
        }
        async fn each(&self) -> Vec<Ready<Self>> {
            (0..self.0).map(|number| Ready(Self(number))).collect()
        }
        async fn by_itself(&self) -> Self {
            *self
        }
        async fn fails(&self) -> async_graphql::Result<Ready<Self>> {
            Err("it does".into())
        }
        async fn may_fail(&self) -> Option<async_graphql::Result<i32>> {
            Some(Err("it does".into()))
        }
        async fn waits(&self) -> i32 {
            tokio::task::yield_now().await;
            self.0
        }
    }

    /// This file repeats how this version collects and orders fields.
    #[test]
    fn the_library_is_the_version_that_this_file_repeats() {
        let lock = include_str!("../../../Cargo.lock");
        assert!(lock.contains("name = \"async-graphql\"\nversion = \"7.0.19\""));
    }

    #[tokio::test]
    async fn what_is_written_is_in_its_place() {
        let dir = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", dir.path().join("it.db").display());
        let server = Server::open(&url, Arc::new(SystemClock)).await.unwrap();
        let service = server.app(None).service;
        let schema = Schema::new(Thing(2), EmptyMutation, EmptySubscription);
        for fields in [
            "one { number one { number } }",
            "one { number all { number all { number } one { number } } after: number }",
            "one { each { number one { number } } after: number }",
            "one { one { each { each { number } } number } each { all { number } } }",
            "one { byItself { one { number } all { number } byItself { number } } number }",
            "one { all { byItself { all { number byItself { one { number } } } } some { number } } }",
            "one { some { number one { fails { number } } } after: number }",
            "one { each { some { number fails { number } } number } }",
            "one { number mayFail some { mayFail number } all { mayFail } }",
            "one { some { all { all { number } one { all { fails { number } } } } } }",
            "one { all { some { all { fails { number } } } number } }",
            "one { some { all { waits one { all { fails { number } } } } } number }",
            "one { number some { number waits one { number } } all { number } }",
            "one { all { byItself { some { waits } } number } mayFail }",
        ] {
            let mut told = [true, false].map(|_| String::new());
            for (told, ready) in told.iter_mut().zip([true, false]) {
                let audience = Audience::new(Vec::new(), Language::English);
                let principal = Arc::new(Principal { token: None, name: None, audience });
                let operation = Request::new("{ __typename }");
                let (_, context) = service.prepare(operation, principal).await.unwrap();
                context.set_ready_path(ready);
                let request = Request::new(format!("{{ {fields} }}")).data(context);
                let response = schema.execute(request).await;
                for error in &response.errors {
                    let last = error.path.last();
                    let is_whole = matches!(last, Some(PathSegment::Field(it)) if it == "fails" || it == "mayFail");
                    assert!(is_whole, "{fields}: {:?}", error.path);
                }
                *told = ResultBytes::of(&response).text.to_string();
            }
            assert_eq!(told[0], told[1], "{fields}");
            assert!(told[0].starts_with("{\"data\":{\"one\":"), "{}", told[0]);
        }
    }
}

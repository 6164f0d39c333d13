//! Objects and lists resolved on the spot, where none of their fields has to wait.
//!
//! The library makes a boxed future of each field and joins them, so that fields that read tables
//! wait side by side. What is answered from the snapshot waits for nothing: its futures are done
//! when first polled, and polled here where they lie. Only where one is not done does the library
//! begin anew, for this object and all that come after it in the execution.

use std::borrow::Cow;
use std::pin::pin;
use std::sync::PoisonError;
use std::task::{Context, Poll, Waker};

use async_graphql::indexmap::IndexMap;
use async_graphql::indexmap::map::Entry;
use async_graphql::parser::types::{Field, Selection};
use async_graphql::registry::Registry;
use async_graphql::resolver_utils::resolve_list;
use async_graphql::{
    ContainerType, ContextSelectionSet, Name, OutputType, Positioned, ServerError, ServerResult,
    Value,
};

use super::context::Viewing;

/// An object, answered as it is without this.
#[derive(Debug, Clone)]
pub struct AtOnce<T>(pub T);

/// A list of such objects.
#[derive(Debug, Clone)]
pub struct AllAtOnce<T>(pub Vec<T>);

impl<T> FromIterator<T> for AllAtOnce<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Self(items.into_iter().collect())
    }
}

impl<T: ContainerType> OutputType for AtOnce<T> {
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
        match on_the_spot(ctx, || object(ctx, &self.0)) {
            Ok(value) => Ok(value),
            Err(Halt::Failed(error)) => Err(error),
            Err(Halt::Waits) => self.0.resolve(ctx, field).await,
        }
    }
}

impl<T: ContainerType> OutputType for AllAtOnce<T> {
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
        match on_the_spot(ctx, || list(ctx, &self.0)) {
            Ok(value) => Ok(value),
            Err(Halt::Failed(error)) => Err(error),
            Err(Halt::Waits) => resolve_list(ctx, field, &self.0, Some(self.0.len())).await,
        }
    }
}

/// Why there is no value.
enum Halt {
    Failed(ServerError),
    /// Something has to wait, or is for the library to judge.
    Waits,
}

type Members = IndexMap<Name, Value>;

fn on_the_spot(
    ctx: &ContextSelectionSet<'_>,
    resolve: impl FnOnce() -> Result<Value, Halt>,
) -> Result<Value, Halt> {
    let viewing = Viewing::of(ctx);
    if viewing.waits() {
        return Err(Halt::Waits);
    }
    let errors = || ctx.query_env.errors.lock().unwrap_or_else(PoisonError::into_inner);
    let before = errors().len();
    let resolved = resolve();
    if matches!(resolved, Err(Halt::Waits)) {
        viewing.note_waits();
        // They come again.
        errors().truncate(before);
    }
    resolved
}

fn list<T: ContainerType>(ctx: &ContextSelectionSet<'_>, items: &[T]) -> Result<Value, Halt> {
    let item = |(place, item)| {
        let ctx = ctx.with_index(place);
        object(&ctx, item).map_err(|halt| match halt {
            Halt::Failed(error) => Halt::Failed(ctx.set_error_path(error)),
            Halt::Waits => Halt::Waits,
        })
    };
    Ok(Value::List(items.iter().enumerate().map(item).collect::<Result<_, _>>()?))
}

fn object<T: ContainerType>(ctx: &ContextSelectionSet<'_>, object: &T) -> Result<Value, Halt> {
    let mut members = IndexMap::with_capacity(ctx.item.node.items.len());
    add(ctx, object, &mut members)?;
    Ok(Value::Object(members))
}

fn add<T: ContainerType>(
    ctx: &ContextSelectionSet<'_>,
    object: &T,
    members: &mut Members,
) -> Result<(), Halt> {
    for selection in &ctx.item.node.items {
        let (condition, selections) = match &selection.node {
            Selection::Field(field) => {
                let Entry::Vacant(place) = members.entry(field.node.response_key().node.clone())
                else {
                    // What is selected twice is merged.
                    return Err(Halt::Waits);
                };
                place.insert(value(ctx, object, field)?);
                continue;
            }
            Selection::InlineFragment(fragment) => {
                (fragment.node.type_condition.as_ref(), &fragment.node.selection_set)
            }
            Selection::FragmentSpread(spread) => {
                let fragment = ctx.query_env.fragments.get(&spread.node.fragment_name.node);
                let fragment = &fragment.ok_or(Halt::Waits)?.node;
                (Some(&fragment.type_condition), &fragment.selection_set)
            }
        };
        let name = T::type_name();
        let is_of = |condition: &str| {
            let interfaces = ctx.schema_env.registry.implements.get(&*name);
            name == condition || interfaces.is_some_and(|all| all.contains(condition))
        };
        if condition.is_none_or(|condition| is_of(condition.node.on.node.as_str())) {
            add(&ctx.with_selection_set(selections), object, members)?;
        }
    }
    Ok(())
}

fn value<T: ContainerType>(
    ctx: &ContextSelectionSet<'_>,
    object: &T,
    field: &Positioned<Field>,
) -> Result<Value, Halt> {
    if field.node.name.node == "__typename" {
        return Ok(Value::String(T::type_name().into_owned()));
    }
    let ctx = ctx.with_field(field);
    match pin!(object.resolve_field(&ctx)).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value.map(Option::unwrap_or_default).map_err(Halt::Failed),
        Poll::Pending => Err(Halt::Waits),
    }
}

//! Inputs, and how they become what the domain understands.

mod filters;
mod initiatives;
mod periods;
mod refs;
mod rules;
mod targets;
mod units;

pub use filters::*;
pub use initiatives::*;
pub use periods::*;
pub use refs::*;
pub use rules::*;
pub use targets::*;
pub use units::*;

use async_graphql::MaybeUndefined;

use crate::domain::Patch;

fn patch<T, U>(value: MaybeUndefined<T>, into: impl FnOnce(T) -> U) -> Patch<U> {
    match value {
        MaybeUndefined::Undefined => Patch::Keep,
        MaybeUndefined::Null => Patch::Clear,
        MaybeUndefined::Value(value) => Patch::Set(into(value)),
    }
}

fn same<T>(value: T) -> T {
    value
}

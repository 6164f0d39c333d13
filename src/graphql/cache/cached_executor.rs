//! Executions behind the cache: requests of the same key at the same time share an execution, where its result may be
//! shared.

use std::sync::Arc;

use async_graphql::parser::types::OperationType;
use async_graphql::{Error, ServerError};

use super::{Lookup, ResultCache, ResultKey, may_cache};
use crate::auth::Language;
use crate::feed::cursor::Cursor;
use crate::graphql::context::EventFeedMode;
use crate::graphql::cost::budgets::Cost;
use crate::graphql::execution::result::ResultBytes;
use crate::graphql::execution::{Execution, Executor, Operation};
use crate::{error, measure};

/// An executor, and the results of its executions. Cloning it is cheap.
#[derive(Clone)]
pub struct CachedExecutor {
    pub executor: Arc<Executor>,
    results: Arc<ResultCache>,
}

/// A result on its way to one client.
#[derive(Debug)]
pub struct Delivery {
    pub result: Arc<ResultBytes>,
    /// Whether others of the same audience would get the same.
    pub is_shared: bool,
    /// Whether nothing was executed for it: it was cached, or another client waited for the same execution.
    pub is_cached: bool,
    /// The last event that the result shows; `None` where nothing was executed.
    pub mark: Option<Cursor>,
    /// The cost of the request, for a client that asked for it.
    pub cost: Option<Cost>,
}

impl CachedExecutor {
    pub fn new(executor: Arc<Executor>) -> Self {
        Self { executor, results: Arc::default() }
    }

    /// The cached result, or that of an execution, which all requests of the same key wait for if it may be shared.
    /// `charge` takes the price of an execution before it begins for this client; where `charge` fails, its error
    /// is the result.
    pub async fn execute(
        &self,
        operation: &Operation,
        mode: EventFeedMode,
        mut charge: impl FnMut() -> Result<(), Error>,
    ) -> Delivery {
        let key = match (operation.kind(), &mode) {
            (Some(OperationType::Query), _) => ResultKey::of(operation),
            (Some(OperationType::Subscription), EventFeedMode::Deliver(event)) => {
                ResultKey::of_event(operation, event.version)
            }
            _ => {
                return match charge() {
                    Ok(()) => Delivery::private(self.executor.execute(operation, mode).await),
                    Err(error) => Delivery::refusal(error, operation.language()),
                };
            }
        };
        let entry = self.results.of(&key);
        let latest = self.executor.hub.latest();
        let mut was_executed = false;
        let execute = async || {
            if let Err(error) = charge() {
                return self.executor.failed(error::of_no_place(error), operation.language());
            }
            was_executed = true;
            self.executor.execute(&operation.for_audience(), mode.clone()).await
        };
        let found = entry.ask(&latest, execute, may_cache).await;
        let metrics = measure::of_responses();
        if was_executed { &metrics.executed } else { &metrics.cached }.increment(1);
        match found {
            Lookup::Cached(cached) => {
                if was_executed {
                    self.results.reweigh(key, entry);
                }
                let mark = Some(cached.as_of.later(Cursor::head_of(&latest)));
                let result = Arc::clone(&cached.result);
                Delivery { result, is_shared: true, is_cached: !was_executed, mark, cost: None }
            }
            Lookup::Uncached(execution) => Delivery::private(*execution),
            Lookup::Private => {
                if let Err(error) = charge() {
                    return Delivery::refusal(error, operation.language());
                }
                let execution = self.executor.execute(operation, mode).await;
                if !execution.is_private {
                    entry.allow_sharing();
                }
                Delivery::private(execution)
            }
        }
    }
}

impl Delivery {
    /// The delivery of an execution for one client alone.
    fn private(execution: Execution) -> Self {
        let Execution { result, shown, .. } = execution;
        Self { mark: Some(shown), ..Self::unshared(result) }
    }

    /// The delivery of a request for which nothing is executed.
    pub fn refusal(error: Error, language: Language) -> Self {
        Self::refusals(vec![error::of_no_place(error)], language)
    }

    /// A refusal with an error for each fault.
    pub fn refusals(errors: Vec<ServerError>, language: Language) -> Self {
        Self::unshared(Arc::new(ResultBytes::refusal(errors, language)))
    }

    const fn unshared(result: Arc<ResultBytes>) -> Self {
        Self { result, is_shared: false, is_cached: false, mark: None, cost: None }
    }
}

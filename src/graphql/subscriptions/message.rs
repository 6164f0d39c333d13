//! What is sent to one who follows, and how a stream of it begins.

use std::sync::Arc;

use async_graphql::ServerError;
use futures_util::stream::{self, BoxStream, StreamExt as _};
use tokio::time::Instant;

use crate::auth::Language;
use crate::feed::cursor::Cursor;
use crate::graphql::cost::budgets::Cost;
use crate::graphql::execution::result::ResultBytes;
use crate::graphql::extensions;
use crate::measure;

/// One message of an operation over a connection that stays.
#[derive(Debug)]
pub struct Message {
    pub result: Arc<ResultBytes>,
    /// The last event that a query or a mutation shows.
    pub mark: Option<Cursor>,
    /// What the request cost, for a client that asked for it; with the first message.
    pub cost: Option<Cost>,
    /// Of the event that an event feed told, to go on from.
    pub cursor: Option<String>,
    /// When the event, or the first change that is new in a state, could be read.
    pub changed_at: Option<Instant>,
}

impl Message {
    pub fn of(result: Arc<ResultBytes>) -> Self {
        Self { result, mark: None, cost: None, cursor: None, changed_at: None }
    }

    /// Of an operation that is refused.
    pub fn refusals(errors: Vec<ServerError>, language: Language) -> Self {
        Self::of(Arc::new(ResultBytes::refusal(errors, language)))
    }

    /// Notes that it was sent, and how long that took.
    pub fn note_sent(&self) {
        measure::messages().increment(1);
        if let Some(changed_at) = self.changed_at {
            measure::feed_seconds().record(changed_at.elapsed());
        }
    }

    /// Writes the whole answer, as JSON.
    pub fn write(&self, text: &mut String) {
        text.push_str(&self.result.text);
        extensions::write(self.mark, self.cost, text);
        text.push('}');
    }
}

/// Tells the cost with the first message.
pub fn with_cost(
    messages: BoxStream<'static, Message>,
    mut cost: Option<Cost>,
) -> BoxStream<'static, Message> {
    messages.map(move |message| Message { cost: cost.take(), ..message }).boxed()
}

pub fn once(message: Message) -> BoxStream<'static, Message> {
    stream::iter([message]).boxed()
}

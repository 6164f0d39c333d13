//! Messages of operations over sockets and streams.

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

/// One message of an operation over a socket or a stream.
#[derive(Debug)]
pub struct Message {
    pub result: Arc<ResultBytes>,
    /// The last event that the result of a query or a mutation shows.
    pub mark: Option<Cursor>,
    /// The cost of the request, for a client that asked for it; in the first message.
    pub cost: Option<Cost>,
    /// The cursor of the event that an event feed sends; the client resumes after it.
    pub cursor: Option<String>,
    /// The moment at which the event, or the first change that is new in a state, could be read.
    pub changed_at: Option<Instant>,
}

impl Message {
    pub fn of(result: Arc<ResultBytes>) -> Self {
        Self { result, mark: None, cost: None, cursor: None, changed_at: None }
    }

    /// The message of an operation that is refused.
    pub fn refusals(errors: Vec<ServerError>, language: Language) -> Self {
        Self::of(Arc::new(ResultBytes::refusal(errors, language)))
    }

    /// Counts the message as sent, with the time since its change.
    pub fn note_sent(&self) {
        measure::messages().increment(1);
        if let Some(changed_at) = self.changed_at {
            measure::feed_seconds().record(changed_at.elapsed());
        }
    }

    /// Appends the whole result with its `extensions`, as JSON.
    pub fn write(&self, text: &mut String) {
        text.push_str(&self.result.text);
        extensions::write(self.mark, self.cost, text);
        text.push('}');
    }
}

/// Adds the cost to the first message.
pub fn with_cost(
    messages: BoxStream<'static, Message>,
    mut cost: Option<Cost>,
) -> BoxStream<'static, Message> {
    messages.map(move |message| Message { cost: cost.take(), ..message }).boxed()
}

pub fn once(message: Message) -> BoxStream<'static, Message> {
    stream::iter([message]).boxed()
}

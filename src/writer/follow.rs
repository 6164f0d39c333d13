//! The task that follows the log: it reads what others have written and hands it to the writer's task, which folds it. So a
//! database that does not answer a look keeps no command waiting.

use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};

use crate::feed::Hub;
use crate::limits::TAIL_POLL;
use crate::store::{Error, Look, Tail};

/// A look at the log, and when it was taken.
pub struct Looked {
    pub look: Result<Look, Error>,
    pub at: Instant,
}

/// Looks until nobody takes what is found.
pub async fn follow(mut tail: Tail, hub: Arc<Hub>, looks: mpsc::Sender<Looked>) {
    loop {
        tokio::select! {
            () = looks.closed() => return,
            () = tail.wait() => {}
        }
        let look = tail.look(hub.latest().version()).await;
        let last = look.as_ref().ok().and_then(|look| Some(look.events.last()?.version));
        if looks.send(Looked { look, at: Instant::now() }).await.is_err() {
            return;
        }
        if let Some(last) = last {
            // The next look begins behind it, or where it could not be folded.
            let _late = timeout(TAIL_POLL, hub.reached(last)).await;
        }
    }
}

//! The tasks that the server cannot be without: the fault of one ends the process, with a reason.
//!
//! A supervised task ends by itself only when all whom it serves are gone. ARCHITECTURE.md lists all tasks, and says of
//! each what becomes of the process without it.

use std::fmt;
use std::panic::resume_unwind;
use std::sync::Arc;

use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::panics::caught_in;

/// Notes the first fault. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Supervisor {
    fault: Arc<watch::Sender<Option<Fault>>>,
}

/// Why the process must end.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{part}: {reason}")]
pub struct Fault {
    /// The part of the server that failed.
    pub part: &'static str,
    /// A sentence for the log.
    pub reason: String,
}

impl Supervisor {
    /// Spawns a task that the server cannot be without. Its waiters are told of a panic, too.
    pub fn spawn(
        &self,
        part: &'static str,
        task: impl Future<Output = ()> + Send + 'static,
    ) -> JoinHandle<()> {
        let supervisor = self.clone();
        tokio::spawn(async move {
            if let Err(panic) = caught_in(task).await {
                supervisor.fail(part, &panic);
                resume_unwind(Box::new(panic));
            }
        })
    }

    /// Notes a fault after which the process must not go on, and logs it; later faults are consequences of the first.
    pub fn fail(&self, part: &'static str, reason: impl fmt::Display) {
        let fault = Fault { part, reason: reason.to_string() };
        self.fault.send_if_modified(|first| {
            if first.is_some() {
                return false;
            }
            tracing::error!(part, reason = fault.reason, "the server fails and ends");
            *first = Some(fault);
            true
        });
    }

    /// The first fault, if there is one.
    pub fn fault(&self) -> Option<Fault> {
        self.fault.borrow().clone()
    }

    /// Resolves with the first fault.
    pub async fn failed(&self) -> Fault {
        let mut faults = self.fault.subscribe();
        let fault = faults.wait_for(Option::is_some).await.map(|fault| fault.clone());
        match fault {
            Ok(Some(fault)) => fault,
            // The sender is held here.
            _ => std::future::pending().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(60);

    #[tokio::test]
    async fn a_panic_is_a_fault_and_an_end_is_none() {
        let supervisor = Supervisor::default();
        supervisor.spawn("the first", async {}).await.unwrap();
        assert_eq!(supervisor.fault(), None);
        let second = supervisor.spawn("the second", async { panic!("no way on") });
        let fault = tokio::time::timeout(PATIENCE, supervisor.failed()).await.expect("it is told");
        assert_eq!(fault.to_string(), "the second: panicked: no way on");
        assert!(second.await.unwrap_err().is_panic());
        supervisor.fail("the third", "a consequence");
        assert_eq!(supervisor.failed().await, fault, "the first is the reason");
    }
}

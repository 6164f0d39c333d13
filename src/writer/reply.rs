//! The outcome of a command, as its caller receives it.

use crate::domain::{Outcome, Refusal, Version};

/// The outcome of a command that was carried out.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    pub outcome: Outcome,
    /// A version that shows it.
    pub version: Version,
    /// The tag of that version's event.
    pub tag: i64,
}

/// The reason why a command was not carried out.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Failure {
    /// The caller can mend it.
    #[error("refused")]
    Refused(Vec<Refusal>),
    /// The queue is full, or the database is away. The command changed nothing, but for [`Unavailable::Failed`], and may
    /// be sent again.
    #[error("not available now: {0}")]
    Unavailable(Unavailable),
    /// A fault of ours: the database will not take what was made of the command.
    #[error("a fault of the server")]
    Internal,
}

/// The reason why the writer takes no command now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unavailable {
    #[error("too many commands are waiting")]
    QueueFull,
    #[error("the server is stopping")]
    Stopping,
    /// The writer ended by a fault; the command may have been carried out.
    #[error("the server failed")]
    Failed,
    #[error("the database is not available")]
    Database,
    #[error("the time is wrong")]
    Clock,
    #[error("the database is read-only")]
    ReadOnly,
    #[error("the database did not take it")]
    NotTaken,
    /// A node of an older release could not read what the command would write. It can be sent again once that node is gone.
    #[error("a node of an older release cannot read it")]
    OlderNode,
}

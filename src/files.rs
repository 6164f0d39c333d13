//! The limit of open files: each connection takes one file.

use crate::http::SocketLimits;
use crate::limits::{CONNECTIONS_MAX, FILES_RESERVE, SOCKETS_MAX};

/// Limits of connections and sockets that the process has files for. Raises the limit of files as far as
/// the system allows, up to the number that the server can use.
pub fn limits() -> SocketLimits {
    let connections = connections_of(raise(CONNECTIONS_MAX + FILES_RESERVE));
    let in_all = sockets_of(connections);
    if in_all < SOCKETS_MAX {
        tracing::warn!(sockets = in_all, "the limit of open files allows few sockets");
    }
    SocketLimits { connections, in_all, ..SocketLimits::default() }
}

/// The number of connections that so many files leave room for.
fn connections_of(files: usize) -> usize {
    // With very few files, half of them serve connections.
    files.saturating_sub(FILES_RESERVE).max(files / 2).clamp(1, CONNECTIONS_MAX)
}

/// The number of connections that may be sockets: a tenth is left for requests.
fn sockets_of(connections: usize) -> usize {
    (connections - connections / 10).min(SOCKETS_MAX)
}

/// The number of files that are wanted, where the system sets no limit for a process.
#[cfg(not(unix))]
fn raise(wanted: usize) -> usize {
    wanted
}

/// Raises the limit of open files, and gives it: as many as wanted, or as many as the system allows.
#[cfg(unix)]
fn raise(wanted: usize) -> usize {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let Some(current) = current else { return wanted };
    let wanted = u64::try_from(wanted).unwrap_or(u64::MAX);
    let raised = wanted.min(maximum.unwrap_or(u64::MAX)).max(current);
    let limit = Rlimit { current: Some(raised), maximum };
    let files = match setrlimit(Resource::Nofile, limit) {
        Ok(()) => raised,
        Err(error) => {
            tracing::debug!(%error, "cannot raise the limit of open files");
            current
        }
    };
    usize::try_from(files).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sockets_leave_files_for_everything_else() {
        for (files, connections, sockets) in [
            (1, 1, 1),
            (100, 50, 45),
            (1_024, 768, 692),
            (20_000, 19_744, 17_770),
            (1_048_576, CONNECTIONS_MAX, SOCKETS_MAX),
        ] {
            assert_eq!(connections_of(files), connections, "{files}");
            assert_eq!(sockets_of(connections), sockets, "{files}");
        }
    }
}

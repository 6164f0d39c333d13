//! Long work aside: on a thread of its own that lets all others of the process go first.

use std::future::Future;
use std::io;
use std::thread;

use tokio::runtime::Handle;
use tokio::sync::oneshot;

/// Does the work on a thread of this name; nobody waits for it but who asked, and it is dropped when they leave.
///
/// # Errors
/// If the system has no thread for it, or the work panics.
pub async fn aside<T: Send + 'static>(
    name: &str,
    work: impl Future<Output = T> + Send + 'static,
) -> io::Result<T> {
    let (mut report, reported) = oneshot::channel();
    let runtime = Handle::current();
    thread::Builder::new().name(name.to_owned()).spawn(move || {
        give_way();
        runtime.block_on(async move {
            let done = tokio::select! {
                done = work => done,
                // The server stops, and wants its connections.
                () = report.closed() => return,
            };
            let _nobody = report.send(done);
        });
    })?;
    reported.await.map_err(io::Error::other)
}

/// Gives all other threads of the process precedence. If the system does not support it, all are
/// equals.
pub fn give_way() {
    #[cfg(target_os = "linux")]
    {
        const NICE: i32 = 10;
        // On Linux, the call concerns the calling thread alone.
        if let Err(error) = rustix::process::setpriority_process(None, NICE) {
            tracing::debug!(%error, "cannot lower the priority of this thread");
        }
    }
}

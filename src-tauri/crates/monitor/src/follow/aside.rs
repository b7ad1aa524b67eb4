//! Work that must not be done among the others.

use std::future::Future;

use tokio::{runtime::Handle, sync::oneshot, task::spawn_blocking};

/// Does `work` on a thread of its own, and ends it when this future is dropped. None if the work failed by a panic, or
/// the runtime is ending.
///
/// Reading a large cluster is long work for a processor, during which a thread of the runtime would serve nobody else.
pub async fn aside<F, T>(work: impl FnOnce() -> F + Send + 'static) -> Option<T>
where
    F: Future<Output = T>,
    T: Send + 'static,
{
    let (wanted, unwanted) = oneshot::channel::<()>();
    let runtime = Handle::current();
    let thread = spawn_blocking(move || {
        runtime.block_on(async {
            tokio::select! {
                done = work() => Some(done),
                _ = unwanted => None,
            }
        })
    });
    let done = thread.await.ok().flatten();
    drop(wanted);
    done
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::{sync::oneshot, time::timeout};

    use super::aside;

    #[tokio::test]
    async fn work_done_aside_gives_its_result() {
        assert_eq!(aside(|| async { 42 }).await, Some(42));
    }

    #[tokio::test]
    async fn work_aside_ends_when_nobody_wants_it_any_more() {
        let (held, dropped) = oneshot::channel::<()>();
        let work = aside(move || async move {
            let _held = held;
            std::future::pending::<()>().await;
        });
        assert!(timeout(Duration::from_millis(50), work).await.is_err());
        assert!(timeout(Duration::from_secs(5), dropped).await.is_ok());
    }
}

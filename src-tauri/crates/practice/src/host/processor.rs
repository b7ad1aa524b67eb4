//! The machine's processor: a runtime of its own, with one thread. So a machine can be frozen or slowed, with all its
//! programs, timers and connections, while the others go on; and its power can be cut.

use std::{
    io,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use tokio::{
    runtime::{Builder, Handle, Runtime},
    task::{AbortHandle, JoinSet},
};

/// A slowed machine works and stands still by turns; one turn of each takes this long together.
const TURN: Duration = Duration::from_millis(20);
/// How long programs may take to notice that their power is gone.
const POWER_CUT: Duration = Duration::from_secs(2);

/// A processor that runs a machine's programs.
pub(crate) struct Processor {
    handle: Handle,
    runtime: Mutex<Option<Runtime>>,
    gate: Arc<Gate>,
    brake: Mutex<Option<AbortHandle>>,
}

/// Holds the processor's thread while the machine is paused.
#[derive(Default)]
struct Gate {
    paused: Mutex<bool>,
    changed: Condvar,
}

impl Gate {
    fn set(&self, paused: bool) {
        *lock(&self.paused) = paused;
        self.changed.notify_all();
    }

    fn wait(&self) {
        let paused = lock(&self.paused);
        drop(self.changed.wait_while(paused, |paused| *paused).unwrap_or_else(PoisonError::into_inner));
    }
}

impl Processor {
    /// Starts one for the machine of this name.
    ///
    /// # Errors
    /// The system's, if it gives no thread.
    pub fn start(machine: &str) -> io::Result<Self> {
        let runtime = Builder::new_multi_thread().worker_threads(1).thread_name(machine).enable_all().build()?;
        let handle = runtime.handle().clone();
        Ok(Self { handle, runtime: Mutex::new(Some(runtime)), gate: Arc::default(), brake: Mutex::default() })
    }

    /// Runs something on the machine, whether or not anybody waits for it.
    pub fn spawn<F>(&self, work: F) -> tokio::task::JoinHandle<F::Output>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        self.handle.spawn(work)
    }

    /// Runs something on the machine; it ends when nobody waits for it any more. `None` if the power went meanwhile.
    pub async fn run<F>(&self, work: F) -> Option<F::Output>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        let mut one = JoinSet::new();
        one.spawn_on(work, &self.handle);
        one.join_next().await?.ok()
    }

    /// Freezes all that runs on it; nothing if it is frozen.
    pub fn pause(&self) {
        if self.is_paused() {
            return;
        }
        self.gate.set(true);
        let gate = self.gate.clone();
        // The one thread waits here: no other task is polled meanwhile, no timer fires, no connection is read.
        self.handle.spawn(async move { gate.wait() });
    }

    /// Lets it go on from where it was, late for whatever was due.
    pub fn resume(&self) {
        self.gate.set(false);
    }

    /// It is frozen.
    pub fn is_paused(&self) -> bool {
        *lock(&self.gate.paused)
    }

    /// Leaves it this share of its time, in hundredths (1 to 100; 100 is all).
    pub fn slow(&self, percent: u8) {
        let work = TURN * u32::from(percent.clamp(1, 100)) / 100;
        let mut brake = lock(&self.brake);
        if let Some(before) = brake.take() {
            before.abort();
        }
        if work < TURN {
            let turns = async move {
                loop {
                    thread::sleep(TURN - work);
                    tokio::time::sleep(work).await;
                }
            };
            *brake = Some(self.handle.spawn(turns).abort_handle());
        }
    }

    /// Cuts the power: whatever runs is gone, in no order. Blocks until it is.
    pub fn cut_power(&self) {
        self.gate.set(false);
        if let Some(runtime) = lock(&self.runtime).take() {
            runtime.shutdown_timeout(POWER_CUT);
        }
    }
}

impl Drop for Processor {
    fn drop(&mut self) {
        self.gate.set(false);
        if let Some(runtime) = lock(&self.runtime).take() {
            runtime.shutdown_background();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    /// Counts on the machine, a step a millisecond.
    fn counting(processor: &Processor) -> Arc<AtomicU32> {
        let count = Arc::new(AtomicU32::new(0));
        let counter = count.clone();
        processor.spawn(async move {
            loop {
                counter.fetch_add(1, Ordering::SeqCst);
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        });
        count
    }

    fn wait_for(what: impl Fn() -> bool) {
        let until = std::time::Instant::now() + Duration::from_secs(20);
        while !what() {
            assert!(std::time::Instant::now() < until, "it did not come to it");
            thread::sleep(Duration::from_millis(2));
        }
    }

    #[test]
    fn a_paused_machine_stands_still_and_goes_on() {
        let processor = Processor::start("node1").expect("a processor");
        let count = counting(&processor);
        wait_for(|| count.load(Ordering::SeqCst) > 3);
        processor.pause();
        let held = processor.gate.clone();
        // The thread is in the gate once what was under way has ended.
        wait_for(|| {
            Arc::strong_count(&held) >= 3 && {
                let seen = count.load(Ordering::SeqCst);
                thread::sleep(Duration::from_millis(20));
                seen == count.load(Ordering::SeqCst)
            }
        });
        let seen = count.load(Ordering::SeqCst);
        processor.resume();
        wait_for(|| count.load(Ordering::SeqCst) > seen + 3);
    }

    #[tokio::test]
    async fn without_power_nothing_runs() {
        let processor = Arc::new(Processor::start("node1").expect("a processor"));
        assert_eq!(processor.run(async { 7 }).await, Some(7));
        let count = counting(&processor);
        wait_for(|| count.load(Ordering::SeqCst) > 0);
        processor.pause();
        let cut = processor.clone();
        tokio::task::spawn_blocking(move || cut.cut_power()).await.expect("the power is cut");
        assert_eq!(Arc::strong_count(&count), 1, "the program is gone");
        assert_eq!(processor.run(async { 7 }).await, None);
    }
}

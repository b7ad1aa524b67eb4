//! A call under way: whether it runs, and what stood in its way.

use leptos::{prelude::*, task::spawn_local};
use words::Problem;

use crate::backend::Call;
use crate::held::Held;

/// A place from which one call at a time is made.
#[derive(Clone, Copy)]
pub struct Doing {
    /// The call runs.
    pub busy: RwSignal<bool>,
    /// Why the last one failed, until the next begins or it is put away.
    pub problem: Held<Option<Problem>>,
}

impl Doing {
    /// Nothing under way.
    pub fn new() -> Self {
        Self { busy: RwSignal::new(false), problem: Held::new(None) }
    }

    /// Makes the call, and hands its answer to `then`. Does nothing while another one is under way.
    pub fn start<T: 'static>(self, call: Call<T>, then: impl FnOnce(T) + 'static) {
        let then: Box<dyn FnOnce(T)> = Box::new(then);
        self.run(Box::pin(async move { call.await.map(|answer| Box::new(move || then(answer)) as Then) }));
    }

    fn run(self, call: Call<Then>) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        if self.problem.with_untracked(Option::is_some) {
            self.problem.set(None);
        }
        spawn_local(async move {
            let answer = call.await;
            // The page may be gone by now, and its signals with it.
            self.busy.try_set(false);
            match answer {
                Ok(then) => then(),
                Err(problem) => {
                    self.problem.set(Some(problem));
                }
            }
        });
    }
}

/// What is done with an answer that has come.
type Then = Box<dyn FnOnce()>;

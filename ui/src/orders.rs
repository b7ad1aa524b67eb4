//! What a person orders on an opened cluster.

use leptos::prelude::*;
use serde_json::Value;
use words::Action;

use crate::{
    backend,
    doing::Doing,
    held::Held,
    route::{Route, Screen, go},
};

/// Gives orders to one cluster. Found as a context below its page.
#[derive(Clone, Copy)]
pub struct Orders {
    name: StoredValue<String>,
    /// Running, halting, destroying.
    pub run: Doing,
    /// Cancelling: possible while the others are under way.
    pub cancel: Doing,
    /// Deploying, scaling, removing.
    pub applications: Doing,
    /// The last order to an application that may be refused because another is under way: again, and by force or not.
    refused: StoredValue<Option<Callback<bool>>>,
    /// The field of the plan that someone should look at.
    pub look_at: Held<Option<String>>,
}

impl Orders {
    /// To the cluster of that name.
    pub fn new(name: String) -> Self {
        Self {
            name: StoredValue::new(name),
            run: Doing::new(),
            cancel: Doing::new(),
            applications: Doing::new(),
            refused: StoredValue::new(None),
            look_at: Held::new(None),
        }
    }

    /// The cluster's name.
    pub fn name(self) -> String {
        self.name.get_value()
    }

    /// Runs every step that is not done; this also brings halted machines up.
    pub fn run_all(self) {
        self.run.start(backend::run_all(self.name()), drop);
    }

    /// Runs one step.
    pub fn run_step(self, step: String) {
        self.run.start(backend::run_step(self.name(), step), drop);
    }

    /// Ends what runs.
    pub fn cancel(self) {
        self.cancel.start(backend::run_cancel(self.name()), drop);
    }

    /// Halts the machines.
    pub fn halt(self) {
        self.run.start(backend::halt(self.name()), drop);
    }

    /// Destroys the cluster, and goes back to the start.
    pub fn destroy(self) {
        self.run.start(backend::destroy(self.name()), |()| go(&Route::Start));
    }

    /// Deploys an application; `then` if that was accepted.
    pub fn deploy(self, application: Value, then: impl Fn() + Clone + Send + Sync + 'static) {
        let order = move |force| {
            let then = then.clone();
            self.applications.start(backend::deploy(self.name(), application.clone(), force), move |()| then());
        };
        self.give(order);
    }

    /// Asks for another number of instances.
    pub fn scale(self, application: String, instances: u32) {
        self.give(move |force| {
            self.applications.start(backend::scale(self.name(), application.clone(), instances, force), drop);
        });
    }

    /// Gives an order that a deployment under way may refuse, and keeps it: it can be given again by force.
    fn give(self, order: impl Fn(bool) + Send + Sync + 'static) {
        order(false);
        self.refused.set_value(Some(Callback::new(order)));
    }

    /// Gives the last order again, by force.
    pub fn insist(self) {
        if let Some(order) = self.refused.get_value() {
            order.run(true);
        }
    }

    /// Removes an application, whatever else is under way with it.
    pub fn remove(self, application: String) {
        self.applications.start(backend::remove(self.name(), application), drop);
    }

    /// Goes to one of the cluster's pages.
    pub fn go(self, screen: Screen) {
        go(&Route::Cluster(self.name(), screen));
    }

    /// Does what the button of a problem promises. `step` is the step that the problem belongs to, if to one.
    pub fn act(self, action: &Action, step: Option<String>) {
        match (action, step) {
            (Action::Retry, Some(step)) => self.run_step(step),
            (Action::Retry | Action::Up, _) => self.run_all(),
            (Action::OpenPlan { path }, _) => {
                self.look_at.set(Some(path.clone()));
                self.go(Screen::Plan);
            }
        }
    }

    /// What stands on the button of a problem.
    pub fn label(action: &Action) -> (&'static str, &'static str) {
        match action {
            Action::Retry => ("Try again", "Réessayer"),
            Action::OpenPlan { .. } => ("Open the plan", "Ouvrir le plan"),
            Action::Up => ("Bring the machines up", "Démarrer les machines"),
        }
    }
}

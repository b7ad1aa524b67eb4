//! The window's only way out: calls of the backend, and the channel on which it tells what changes.
//!
//! Everything crosses as JSON text, so the same `serde_json` that the backend writes with reads it here.

use std::{cell::RefCell, future::Future, pin::Pin, rc::Rc};

use js_sys::{Function, JSON};
use protocol::{ClusterView, Event, FileView, HomeView};
use serde::de::DeserializeOwned;
use serde_json::{Value, json as object};
use wasm_bindgen::prelude::*;
use words::{Problem, Text};

use crate::json::{self, read};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = ["window", "__TAURI_INTERNALS__"], js_name = invoke)]
    async fn invoke(command: &str, arguments: JsValue) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch, js_namespace = ["window", "__TAURI_INTERNALS__"], js_name = transformCallback)]
    fn transform_callback(callback: &Function, once: bool) -> Result<f64, JsValue>;

    #[wasm_bindgen(catch, js_namespace = ["window", "__TAURI_INTERNALS__"], js_name = unregisterCallback)]
    fn unregister_callback(id: f64) -> Result<(), JsValue>;
}

/// What a call gives.
pub type Answer<T> = Result<T, Problem>;

/// A call under way.
pub type Call<T> = Pin<Box<dyn Future<Output = Answer<T>>>>;

/// The start page.
pub fn home() -> Call<HomeView> {
    call("home", object!({}))
}

/// A plan from a preset, with names and addresses that are free here. Nothing is written.
pub fn plan_draft(name: String, preset: plan::Preset, provider: plan::Provider) -> Call<plan::ClusterPlan> {
    call("plan_draft", object!({ "name": name, "preset": preset, "provider": provider }))
}

/// Makes a cluster's folder; gives the cluster's name.
pub fn cluster_create(plan: plan::ClusterPlan) -> Call<String> {
    call("cluster_create", object!({ "plan": plan }))
}

/// Replaces the plan of a cluster.
pub fn plan_save(name: String, plan: plan::ClusterPlan) -> Call<()> {
    call("plan_save", object!({ "name": name, "plan": plan }))
}

/// The cluster's picture; its changes go to `events` from then on.
pub fn cluster_open(name: &str, events: &Channel) -> Call<ClusterView> {
    call("cluster_open", object!({ "name": name, "events": events.name() }))
}

/// Ends what [`cluster_open`] began.
pub fn cluster_close(name: &str) -> Call<()> {
    call("cluster_close", object!({ "name": name }))
}

/// Runs every step that is not done.
pub fn run_all(name: String) -> Call<()> {
    call("run_all", object!({ "name": name }))
}

/// Runs one step.
pub fn run_step(name: String, step: String) -> Call<()> {
    call("run_step", object!({ "name": name, "step": step }))
}

/// Ends the steps that run.
pub fn run_cancel(name: String) -> Call<()> {
    call("run_cancel", object!({ "name": name }))
}

/// Deploys an application in Marathon's form; `force` cancels a deployment that locks it.
pub fn deploy(name: String, application: Value, force: bool) -> Call<()> {
    call("deploy", object!({ "name": name, "application": application, "force": force }))
}

/// Asks for another number of instances; `force` cancels a deployment that locks the application.
pub fn scale(name: String, application: String, instances: u32, force: bool) -> Call<()> {
    call("scale", object!({ "name": name, "application": application, "instances": instances, "force": force }))
}

/// Removes an application.
pub fn remove(name: String, application: String) -> Call<()> {
    call("remove", object!({ "name": name, "application": application, "force": false }))
}

/// Halts the machines.
pub fn halt(name: String) -> Call<()> {
    call("halt", object!({ "name": name }))
}

/// Destroys the machines and the cluster's folder.
pub fn destroy(name: String) -> Call<()> {
    call("destroy", object!({ "name": name }))
}

/// All files that the plan generates.
pub fn files(name: &str) -> Call<Vec<FileView>> {
    call("files", object!({ "name": name }))
}

/// Writes the bundle; gives the path written.
pub fn export(name: String, destination: String) -> Call<String> {
    call("export", object!({ "name": name, "destination": destination }))
}

/// Takes in a bundle, under another name than its own if one is given; gives the cluster's name.
pub fn import(bundle: String, rename: Option<String>) -> Call<String> {
    call("import", object!({ "bundle": bundle, "rename": rename }))
}

fn call<T: DeserializeOwned>(command: &'static str, arguments: Value) -> Call<T> {
    let answer = call_text(command, &arguments);
    Box::pin(async move { read(&answer.await?).map_err(|e| misunderstood(command, &e.to_string())) })
}

/// In a box, so that it is compiled once and not within every type of answer.
fn call_text(command: &'static str, arguments: &Value) -> Call<String> {
    let arguments = JSON::parse(&arguments.to_string()).unwrap_or(JsValue::NULL);
    Box::pin(async move {
        match invoke(command, arguments).await {
            Ok(answer) => Ok(stringified(&answer)),
            Err(error) => Err(problem_of(command, &error)),
        }
    })
}

/// A value as JSON text; what JSON has no word for (the answer of a call that gives nothing) is `null`.
fn stringified(value: &JsValue) -> String {
    JSON::stringify(value).ok().and_then(|text| text.as_string()).unwrap_or_else(|| "null".to_owned())
}

fn problem_of(command: &str, error: &JsValue) -> Problem {
    if let Ok(problem) = read(&stringified(error)) {
        return problem;
    }
    let said = error.as_string().unwrap_or_else(|| error.unchecked_ref::<js_sys::Object>().to_string().into());
    misunderstood(command, &said)
}

fn misunderstood(command: &str, said: &str) -> Problem {
    Problem::new(
        "window-call-failed",
        Text::new(
            "The window and the program behind it did not understand each other.",
            "La fenêtre et le programme derrière elle ne se sont pas compris.",
        ),
        Text::new(
            "Close the window and open it again. Nothing of your cluster is lost.",
            "Fermez la fenêtre et rouvrez-la. Rien n’est perdu de votre cluster.",
        ),
    )
    .with_evidence(format!("{command}: {said}"))
}

/// A channel from the backend to the window, in Tauri's form: each message comes with its number, and may overtake others.
pub struct Channel {
    id: f64,
    _callback: Closure<dyn FnMut(JsValue)>,
}

impl Channel {
    /// A channel whose events go to `sink` in the order in which they were sent.
    pub fn new(sink: impl Fn(Event) + 'static) -> Answer<Self> {
        let order = Rc::new(RefCell::new(InOrder::default()));
        let callback = Closure::new(move |message: JsValue| {
            let Ok(Value::Object(mut message)) = serde_json::from_str(&stringified(&message)) else { return };
            let Some(index) = message.get("index").and_then(Value::as_u64) else { return };
            // The end of the channel is a number without a message. A message that cannot be read leaves a gap, which the
            // cluster's own numbering notices: the picture is then taken again.
            let event = message.remove("message").and_then(|message| json::event(message).ok());
            order.borrow_mut().put(index, event);
            while let Some(event) = { order.borrow_mut().next() } {
                if let Some(event) = event {
                    sink(event);
                }
            }
        });
        let id = transform_callback(callback.as_ref().unchecked_ref(), false).map_err(|e| problem_of("channel", &e))?;
        Ok(Self { id, _callback: callback })
    }

    fn name(&self) -> String {
        // A whole number, counted up by Tauri's script.
        format!("__CHANNEL__:{}", self.id as u32)
    }
}

impl Drop for Channel {
    fn drop(&mut self) {
        // Without the backend there is nothing to unregister from.
        let _ = unregister_callback(self.id);
    }
}

/// Gives numbered items back in the order of their numbers, from 0 on.
pub struct InOrder<T> {
    next: u64,
    early: Vec<(u64, T)>,
}

impl<T> Default for InOrder<T> {
    fn default() -> Self {
        Self { next: 0, early: Vec::new() }
    }
}

impl<T> InOrder<T> {
    /// Takes an item in.
    pub fn put(&mut self, index: u64, item: T) {
        if index >= self.next {
            self.early.push((index, item));
        }
    }

    /// The next item, if it has come.
    pub fn next(&mut self) -> Option<T> {
        let place = self.early.iter().position(|(index, _)| *index == self.next)?;
        self.next += 1;
        Some(self.early.swap_remove(place).1)
    }
}

#[cfg(test)]
mod tests {
    use super::InOrder;

    #[test]
    fn what_overtakes_waits() {
        let mut order = InOrder::default();
        order.put(1, 'b');
        assert_eq!(order.next(), None);
        order.put(0, 'a');
        order.put(2, 'c');
        let all: String = std::iter::from_fn(|| order.next()).collect();
        assert_eq!(all, "abc");
    }

    #[test]
    fn what_came_already_is_dropped() {
        let mut order = InOrder::default();
        order.put(0, 'a');
        assert_eq!(order.next(), Some('a'));
        order.put(0, 'a');
        assert_eq!(order.next(), None);
    }
}

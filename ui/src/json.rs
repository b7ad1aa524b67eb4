//! JSON in and out, each in one form only: serde compiles a type anew for every form of input and output that it meets,
//! and there are many types.

use marathon::AppDefinition;
use plan::ClusterPlan;
use protocol::{Change, Event, LiveChange, Step};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Error, Value};

use crate::input::Input;

/// Reads JSON.
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
    typed(serde_json::from_str(text)?)
}

/// Gives a value its type.
fn typed<T: DeserializeOwned>(value: Value) -> Result<T, Error> {
    T::deserialize(Input(value))
}

/// Reads an event.
///
/// [`Event`] could read itself, but whatever lies in a tagged enum is compiled a second time, for the case that the tag
/// comes last; and nearly everything lies in [`Change`]. A test holds this against what the protocol writes.
pub fn event(value: Value) -> Result<Event, Error> {
    #[derive(Deserialize)]
    struct Raw {
        v: u32,
        seq: u64,
        at_ms: u64,
        change: RawChange,
    }
    #[derive(Deserialize)]
    struct RawChange {
        kind: String,
        body: Value,
    }
    let Raw { v, seq, at_ms, change } = typed(value)?;
    Ok(Event { v, seq, at_ms, change: self::change(&change.kind, change.body)? })
}

fn change(kind: &str, body: Value) -> Result<Change, Error> {
    #[derive(Deserialize)]
    struct Plan {
        plan: Box<ClusterPlan>,
        steps: Vec<Step>,
    }
    Ok(match kind {
        "plan" => {
            let Plan { plan, steps } = typed(body)?;
            Change::Plan { plan, steps }
        }
        "run" => Change::Run(typed(body)?),
        "step" => Change::Step(typed(body)?),
        "log" => Change::Log(typed(body)?),
        "live" => Change::Live(Box::new(live(body)?)),
        "feed" => Change::Feed(typed(body)?),
        other => return Err(serde::de::Error::custom(other)),
    })
}

fn live(body: Value) -> Result<LiveChange, Error> {
    #[derive(Deserialize)]
    struct Raw {
        section: String,
        #[serde(default)]
        now: Value,
    }
    let Raw { section, now } = typed(body)?;
    Ok(match section.as_str() {
        "machines" => LiveChange::Machines(typed(now)?),
        "ensemble" => LiveChange::Ensemble(typed(now)?),
        "mesos" => LiveChange::Mesos(typed(now)?),
        "applications" => LiveChange::Applications(typed(now)?),
        "gone" => LiveChange::Gone,
        other => return Err(serde::de::Error::custom(other)),
    })
}

/// What stands in the way of reading a text that a person typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// Line and column, from 1, where it is not JSON; none where it is, and says something impossible.
    pub place: Option<(usize, usize)>,
    /// The parser's words.
    pub message: String,
}

impl Broken {
    fn new(error: &Error, placed: bool) -> Self {
        let whole = error.to_string();
        let message = whole.split(" at line ").next().unwrap_or_default().to_owned();
        Self { place: placed.then(|| (error.line(), error.column())), message }
    }
}

/// Reads an application that a person typed.
pub fn application(text: &str) -> Result<AppDefinition, Broken> {
    let value: Value = serde_json::from_str(text).map_err(|e| Broken::new(&e, true))?;
    typed(value).map_err(|e| Broken::new(&e, false))
}

/// An application as a person reads it.
pub fn pretty(application: &AppDefinition) -> String {
    // An application is a map with text keys: JSON has words for all of it.
    let value = serde_json::to_value(application).unwrap_or_default();
    format!("{value:#}")
}

#[cfg(test)]
mod tests {
    use protocol::{Change, Event, LiveChange, RunState, VERSION};

    use super::{application, event, pretty, read};
    use crate::scenes;

    #[test]
    fn every_event_is_read_as_the_protocol_writes_it() {
        let view = scenes::up();
        let live = view.live.clone();
        let mut changes = vec![
            Change::Run(RunState::Halting),
            Change::Live(Box::new(LiveChange::Gone)),
            Change::Plan { plan: Box::new(view.plan.clone()), steps: view.steps.clone() },
        ];
        changes.extend(scenes::failed().steps.into_iter().map(|step| Change::Step(Box::new(step))));
        changes.extend(view.log.into_iter().map(Change::Log));
        changes.extend(view.feed.into_iter().map(Change::Feed));
        changes.extend(live.machines.map(|now| Change::Live(Box::new(LiveChange::Machines(now)))));
        changes.extend(live.ensemble.map(|now| Change::Live(Box::new(LiveChange::Ensemble(now)))));
        changes.extend(live.mesos.map(|now| Change::Live(Box::new(LiveChange::Mesos(now)))));
        changes.extend(live.applications.map(|now| Change::Live(Box::new(LiveChange::Applications(now)))));
        for (seq, change) in (0..).zip(changes) {
            let sent = Event { v: VERSION, seq, at_ms: 1_795_356_462_000, change };
            let read = serde_json::to_value(&sent).and_then(event);
            assert_eq!(read.ok(), Some(sent));
        }
    }

    #[test]
    fn a_change_of_another_kind_is_an_error() {
        let strange = serde_json::json!({ "v": 1, "seq": 1, "at_ms": 1, "change": { "kind": "dance", "body": {} } });
        assert!(event(strange).is_err());
    }

    #[test]
    fn what_is_read_is_what_was_written() {
        assert_eq!(read::<Vec<u8>>("[1, 2]").ok(), Some(vec![1, 2]));
        assert_eq!(read::<()>("null").ok(), Some(()));
        assert!(read::<Vec<u8>>("[1, 2").is_err());
        let definition = application(r#"{"id": "/a", "cmd": "sleep 9", "unheardOf": [1]}"#);
        assert_eq!(definition.as_ref().map(pretty).map(|text| application(&text)), Ok(definition.clone()));
    }

    #[test]
    fn a_broken_text_is_placed_and_an_impossible_one_explained() {
        let broken = application("{\n  \"id\": ,\n}").err();
        assert_eq!(broken.and_then(|broken| broken.place).map(|(line, _)| line), Some(2));
        let impossible = application(r#"{"id": "/a", "cpus": "x"}"#).err();
        assert!(impossible.is_some_and(|why| why.place.is_none() && why.message.starts_with("cpus: ")));
    }
}

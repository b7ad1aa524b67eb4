//! JSON in and out, each in one form only: serde compiles a type anew for every form of input and output that it meets,
//! and there are many types.

use marathon::AppDefinition;
use plan::ClusterPlan;
use protocol::{Change, Event, LiveChange, Step};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;
use words::{Text, text};

use crate::input::{Input, Misread};

/// Reads JSON.
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, Misread> {
    typed(parsed(text)?)
}

/// Not generic, so that there is one of it.
fn parsed(text: &str) -> Result<Value, Misread> {
    serde_json::from_str(text).map_err(|error| Misread::new(&error.to_string()))
}

/// Gives a value its type.
fn typed<T: DeserializeOwned>(value: Value) -> Result<T, Misread> {
    T::deserialize(Input(value))
}

/// Reads an event.
///
/// [`Event`] could read itself, but whatever lies in a tagged enum is compiled a second time, for the case that the tag
/// comes last; and nearly everything lies in [`Change`]. A test holds this against what the protocol writes.
pub fn event(value: Value) -> Result<Event, Misread> {
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

fn change(kind: &str, body: Value) -> Result<Change, Misread> {
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
        other => return Err(Misread::new(other)),
    })
}

fn live(body: Value) -> Result<LiveChange, Misread> {
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
        other => return Err(Misread::new(other)),
    })
}

/// A text that a person typed, as JSON, or why it is none.
pub fn typed_by_hand(text: &str) -> Result<Value, Text> {
    serde_json::from_str(text).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        let said = error.to_string();
        let (en, fr) = plain(said.split(" at line ").next().unwrap_or_default());
        text!("Line {line}, column {column}: {en}.", "Ligne {line}, colonne {column}\u{a0}: {fr}.")
    })
}

/// The parser's words for what people do wrong, in plain ones.
fn plain(said: &str) -> (&str, &str) {
    match said {
        "expected `,` or `}`" => ("a comma or the closing } is missing", "il manque une virgule ou l’accolade }"),
        "expected `,` or `]`" => ("a comma or the closing ] is missing", "il manque une virgule ou le crochet ]"),
        "expected `:`" => ("a colon is missing after the name", "il manque deux-points après le nom"),
        "expected value" => ("a value is missing here", "il manque une valeur ici"),
        "key must be a string" => ("a name stands between double quotes", "un nom se met entre guillemets doubles"),
        "trailing comma" => ("one comma too many", "une virgule de trop"),
        "trailing characters" => ("nothing may follow the closing }", "rien ne doit suivre l’accolade finale"),
        "invalid number" => ("this is not a number", "ce n’est pas un nombre"),
        "expected ident" => ("this word means nothing here", "ce mot ne veut rien dire ici"),
        said if said.starts_with("EOF") => ("the text ends too early", "le texte s’arrête trop tôt"),
        said => (said, said),
    }
}

/// Gives an application its type, or says in plain words which field stands in the way.
pub fn application(value: Value) -> Result<AppDefinition, Text> {
    let misread = match typed(value.clone()) {
        Ok(application) => return Ok(application),
        Err(misread) => misread,
    };
    let violations = AppDefinition::form_violations(&value);
    Err(match violations.first() {
        Some(violation) => plan::refusal(&violation.path, &violation.message),
        None => Text::same(misread.to_string()),
    })
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

    use serde_json::json;

    use super::{application, event, pretty, read, typed_by_hand};
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
            let read = serde_json::to_value(&sent).map(event);
            assert_eq!(read.unwrap(), Ok(sent));
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
        let definition = application(json!({"id": "/a", "cmd": "sleep 9", "unheardOf": [1]})).unwrap();
        let again = typed_by_hand(&pretty(&definition)).unwrap();
        assert_eq!(application(again), Ok(definition));
    }

    #[test]
    fn broken_texts_are_told_with_their_place_in_plain_words() {
        let why = |text: &str| typed_by_hand(text).unwrap_err();
        assert_eq!(why("{\n  \"id\": ,\n}").en, "Line 2, column 9: a value is missing here.");
        assert_eq!(why("{\"a\": 1 \"b\"}").fr, "Ligne 1, colonne 9\u{a0}: il manque une virgule ou l’accolade }.");
        for text in ["{\"a\" 1}", "{\"a\":1,}", "{a:1}", "{\"a\":1} x", "{\"a\":", "[1 2]", "{\"a\":nul}", "{\"a\":1.}"]
        {
            assert_ne!(why(text).en.split(": ").nth(1), why(text).fr.split("\u{a0}: ").nth(1), "{text}");
        }
    }
}

//! From text to plan, with errors that say where and what was meant.

use marathon::AppDefinition;
use serde_json::Value;
use toml::de::DeTable;

use super::{
    Place,
    closest::closest,
    place::{path_of, span_of},
};
use crate::{ClusterPlan, PlanError, findings::application_path};

pub(super) fn plan(file: &str) -> Result<ClusterPlan, PlanError> {
    let table = DeTable::parse(file).map_err(|e| PlanError::NotToml {
        place: Place::of(file, e.span().map_or(0, |s| s.start)),
        message: e.message().to_owned(),
    })?;
    let plan = toml::from_str(file).map_err(|e| explain(file, table.get_ref(), &e))?;
    match boundless_application(file) {
        Some(n) => {
            let path = format!("applications[{n}]");
            let place = Place::of(file, span_of(table.get_ref(), &path).map_or(0, |s| s.start));
            Err(PlanError::WrongType { place, path, reason: "nan and inf are no numbers here".into() })
        }
        None => Ok(plan),
    }
}

/// The first application with a number that JSON has no word for, and Marathon so never sees.
fn boundless_application(file: &str) -> Option<usize> {
    fn is_boundless(value: &toml::Value) -> bool {
        match value {
            toml::Value::Float(number) => !number.is_finite(),
            toml::Value::Array(items) => items.iter().any(is_boundless),
            toml::Value::Table(table) => table.values().any(is_boundless),
            _ => false,
        }
    }
    let whole: toml::Table = toml::from_str(file).ok()?;
    whole.get("applications")?.as_array()?.iter().position(is_boundless)
}

fn explain(file: &str, table: &DeTable<'_>, error: &toml::de::Error) -> PlanError {
    let message = error.message();
    let span = error.span().unwrap_or(0..0);
    // What concerns the plan as a whole has no place of its own.
    let path = if span.is_empty() { String::new() } else { path_of(table, &span) };
    let place = Place::of(file, span.start);
    if path.starts_with("applications") {
        return application(file, table, &path).unwrap_or(PlanError::WrongType { place, path, reason: message.into() });
    }
    if let Some((key, known)) = unknown(message, "unknown field `") {
        let path = if path.ends_with(&key) { path } else { join(&path, &key) };
        return PlanError::UnknownKey { place, path, meant: meant(&key, &known), known };
    }
    if let Some((word, known)) = unknown(message, "unknown variant `") {
        return PlanError::UnknownWord { place, path, meant: meant(&word, &known), word, known };
    }
    if let Some(key) = message.strip_prefix("missing field `").and_then(|rest| rest.split('`').next()) {
        return PlanError::MissingKey { place, path: join(&path, key) };
    }
    PlanError::WrongType { place, path, reason: message.into() }
}

fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.into() } else { format!("{path}.{key}") }
}

fn meant(word: &str, known: &[String]) -> Option<String> {
    closest(word, known.iter().map(String::as_str)).map(str::to_owned)
}

/// The word and those that are known, of serde's sentence "unknown field `x`, expected one of `a`, `b`".
fn unknown(message: &str, start: &str) -> Option<(String, Box<[String]>)> {
    let (word, rest) = message.strip_prefix(start)?.split_once('`')?;
    let known = rest.split('`').skip(1).step_by(2).map(str::to_owned).collect();
    Some((word.into(), known))
}

/// The first thing that Marathon can't read in an application. Serde has lost the place by then: the form is checked anew.
fn application(file: &str, table: &DeTable<'_>, path: &str) -> Option<PlanError> {
    let whole: toml::Table = toml::from_str(file).ok()?;
    let applications = whole.get("applications")?.as_array()?;
    let number = path.strip_prefix("applications[").and_then(|r| r.split(']').next()).and_then(|n| n.parse().ok());
    let range = number.map_or(0..applications.len(), |n: usize| n..n.saturating_add(1).min(applications.len()));
    let mut violations = range.flat_map(|n| {
        let json = serde_json::to_value(&applications[n]).unwrap_or(Value::Null);
        AppDefinition::form_violations(&json).into_iter().map(move |v| (n, v))
    });
    let unreadable = |message: &str| message.starts_with("error.expected") || message.starts_with("error.path");
    let (n, violation) = violations.find(|(_, v)| unreadable(&v.message) || v.message.starts_with("error.m"))?;
    let path = application_path(n, &violation.path);
    let place = Place::of(file, span_of(table, &path).map_or(0, |s| s.start));
    if violation.message == "error.path.missing" {
        return Some(PlanError::MissingKey { place, path });
    }
    Some(PlanError::WrongType { place, path, reason: violation.message })
}

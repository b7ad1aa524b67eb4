//! How flags are loaded: names, kinds, defaults.

use std::{collections::BTreeMap, time::Duration};

use super::duration;

/// Why flags were refused; the text is the real program's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FlagError {
    /// No flag has this name.
    #[error("Failed to load unknown flag '{0}'")]
    Unknown(String),
    /// A value that the flag's kind does not take.
    #[error("Failed to load flag '{name}': Failed to load value '{value}': {why}")]
    Value {
        /// The flag.
        name: String,
        /// What was given.
        value: String,
        /// Why not.
        why: String,
    },
    /// A flag that needs a value came without.
    #[error("Failed to load non-boolean flag '{0}': Missing value")]
    Missing(String),
    /// `no-name` for a flag that is not a boolean.
    #[error("Failed to load non-boolean flag '{0}' via 'no-{0}'")]
    NotBoolean(String),
    /// `no-name` with a value.
    #[error("Failed to load boolean flag '{name}' via 'no-{name}' with value '{value}'")]
    NegatedValue {
        /// The flag.
        name: String,
        /// What was given.
        value: String,
    },
    /// A flag that has no default is not there.
    #[error("Flag '{0}' is required, but it was not provided")]
    Required(&'static str),
    /// Flags that don't fit together, or a value out of range.
    #[error("{0}")]
    Invalid(String),
}

/// What a flag takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `true` or `false`, `--name` or `--no-name`.
    Bool,
    /// A whole number from 0.
    Whole,
    /// A number.
    Number,
    /// A duration.
    Time,
    /// An IPv4 address.
    Ip,
    /// Anything.
    Text,
}

/// A flag: its name, its kind, its default if it has one.
pub type Known = (&'static str, Kind, Option<&'static str>);

/// Flags in effect, by name, each value as the real program shows it.
pub type Loaded = BTreeMap<&'static str, String>;

/// Loads flags over their defaults. `aliases` are names of old that still work.
pub fn load(given: &BTreeMap<String, String>, known: &[Known], aliases: &[(&str, &str)]) -> Result<Loaded, FlagError> {
    let mut loaded: Loaded =
        known.iter().filter_map(|(name, _, default)| Some((*name, (*default)?.to_owned()))).collect();
    let find = |name: &str| {
        let name = aliases.iter().find(|(old, _)| *old == name).map_or(name, |(_, new)| new);
        known.iter().find(|(known, ..)| *known == name)
    };
    for (given_name, value) in given {
        if let Some((name, kind, _)) = find(given_name) {
            loaded.insert(name, check(name, *kind, value)?);
            continue;
        }
        let negated = given_name.strip_prefix("no-").and_then(find);
        let Some((name, kind, _)) = negated else { return Err(FlagError::Unknown(given_name.clone())) };
        if *kind != Kind::Bool {
            return Err(FlagError::NotBoolean((*name).into()));
        }
        if !value.is_empty() {
            return Err(FlagError::NegatedValue { name: (*name).into(), value: value.clone() });
        }
        loaded.insert(name, "false".into());
    }
    Ok(loaded)
}

/// A value in the form in which the program shows it.
fn check(name: &str, kind: Kind, value: &str) -> Result<String, FlagError> {
    let bad = |why: String| FlagError::Value { name: name.into(), value: value.into(), why };
    let convert = || bad("Failed to convert into required type".into());
    match kind {
        Kind::Bool => match value {
            "" | "true" | "1" => Ok("true".into()),
            "false" | "0" => Ok("false".into()),
            _ => Err(bad("Expecting a boolean (e.g., true or false)".into())),
        },
        _ if value.is_empty() => Err(FlagError::Missing(name.into())),
        Kind::Whole => value.parse::<u32>().map(|n| n.to_string()).map_err(|_| convert()),
        Kind::Number => value.parse::<f64>().map(|n| n.to_string()).map_err(|_| convert()),
        Kind::Time => duration::parse(value).map(duration::format).map_err(bad),
        Kind::Ip => match value.parse::<std::net::Ipv4Addr>() {
            Ok(ip) => Ok(ip.to_string()),
            Err(_) => Err(bad(format!("Failed to parse IP as either IPv4 or IPv6:{value}"))),
        },
        Kind::Text => Ok(value.to_owned()),
    }
}

/// A loaded duration. Loaded values have been checked, so there is one.
pub fn time(loaded: &Loaded, name: &str) -> Duration {
    loaded.get(name).and_then(|text| duration::parse(text).ok()).unwrap_or_default()
}

/// A loaded number.
pub fn number<N: std::str::FromStr + Default>(loaded: &Loaded, name: &str) -> N {
    loaded.get(name).and_then(|text| text.parse().ok()).unwrap_or_default()
}

//! The two texts that `--resources` takes: `name(role):value;…` and JSON.

use std::collections::BTreeSet;

use super::{Ranges, Resource, Resources, Value, millis, wire::WireResource};

/// Why a text is not resources; the text is the real program's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// A part without a colon, or with two.
    #[error("Bad value for resources, missing or extra ':' in {0}")]
    Colon(String),
    /// A role whose bracket is not closed.
    #[error("Bad value for resources, mismatched parentheses in {0}")]
    Parentheses(String),
    /// A value that is no number, range or set.
    #[error("Bad value for resources, {0}")]
    Value(String),
    /// A number below zero.
    #[error("Resource '{0}' is invalid: Invalid scalar resource: value < 0")]
    Negative(String),
    /// JSON that does not describe resources.
    #[error("{0}")]
    Json(String),
}

/// Reads resources from a flag's text. Parts without a role go to `default_role`, where `*` is everybody.
pub fn parse(text: &str, default_role: &str) -> Result<Resources, ParseError> {
    if text.trim_start().starts_with('[') {
        let listed: Vec<WireResource> = serde_json::from_str(text).map_err(|e| ParseError::Json(e.to_string()))?;
        let checked = |r: WireResource| match Resource::try_from(r).map_err(ParseError::Json)? {
            negative if matches!(negative.value, Value::Scalar(..0)) => Err(ParseError::Negative(negative.to_string())),
            resource => Ok(resource),
        };
        return listed.into_iter().map(checked).collect();
    }
    text.split([';', '\n'])
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(|part| parse_one(part, default_role))
        .collect()
}

fn parse_one(part: &str, default_role: &str) -> Result<Resource, ParseError> {
    let colon = || ParseError::Colon(part.to_owned());
    let (head, value) = part.split_once(':').ok_or_else(colon)?;
    if value.contains(':') {
        return Err(colon());
    }
    let (name, role) = match head.split_once('(') {
        None => (head.trim(), default_role),
        Some((name, rest)) => {
            let role = rest.trim_end().strip_suffix(')').ok_or_else(|| ParseError::Parentheses(part.to_owned()))?;
            (name.trim(), role.trim())
        }
    };
    let value = parse_value(value.trim())?;
    if matches!(value, Value::Scalar(..0)) {
        return Err(ParseError::Negative(part.to_owned()));
    }
    Ok(Resource::reserved(name, value, (role != "*").then_some(role)))
}

fn parse_value(text: &str) -> Result<Value, ParseError> {
    let bad = |what: &str| ParseError::Value(format!("{what} '{text}'"));
    if let Some(inner) = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')) {
        let pairs: Option<Vec<_>> =
            inner.split(',').map(str::trim).filter(|r| !r.is_empty()).map(parse_range).collect();
        return pairs
            .map(|p| Value::Ranges(Ranges::from_pairs(p)))
            .ok_or_else(|| bad("expecting one or more \"ranges\" in"));
    }
    if let Some(inner) = text.strip_prefix('{').and_then(|t| t.strip_suffix('}')) {
        let items: BTreeSet<_> = inner.split(',').map(|s| s.trim().to_owned()).filter(|s| !s.is_empty()).collect();
        return Ok(Value::Set(items));
    }
    text.parse().ok().and_then(millis).map(Value::Scalar).ok_or_else(|| bad("expecting a number, ranges or a set, not"))
}

fn parse_range(text: &str) -> Option<(u64, u64)> {
    let (begin, end) = text.split_once('-')?;
    let range = (begin.trim().parse().ok()?, end.trim().parse().ok()?);
    (range.0 <= range.1).then_some(range)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn both_texts_say_the_same() {
        let plain = parse("cpus:2.5; mem(web):512 ;ports:[31000-31001,31005-31005];zones:{a,b}", "*").unwrap();
        let json = r#"[{"name":"cpus","type":"SCALAR","scalar":{"value":2.5}},
            {"name":"mem","type":"SCALAR","scalar":{"value":512},"role":"web"},
            {"name":"ports","type":"RANGES","ranges":{"range":[{"begin":31000,"end":31001},{"begin":31005,"end":31005}]}},
            {"name":"zones","type":"SET","set":{"item":["a","b"]}}]"#;
        assert_eq!(plain, parse(json, "*").unwrap());
        assert_eq!(
            plain.to_string(),
            "cpus:2.5; mem(reservations: [(STATIC,web)]):512; ports:[31000-31001, 31005-31005]; zones:{a, b}"
        );
    }

    #[test]
    fn nonsense_is_named() {
        assert_eq!(parse("cpus", "*"), Err(ParseError::Colon("cpus".into())));
        assert_eq!(parse("cpus(web:1", "*"), Err(ParseError::Parentheses("cpus(web:1".into())));
        assert!(matches!(parse("ports:[5-3]", "*"), Err(ParseError::Value(_))));
        assert!(matches!(parse("cpus:-1", "*"), Err(ParseError::Negative(_))));
        assert!(matches!(parse("[{}]", "*"), Err(ParseError::Json(_))));
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "[\\[\\]{}();:,0-9a-z.\" -]{0,40}") {
            let _ = parse(&text, "*");
        }
    }
}

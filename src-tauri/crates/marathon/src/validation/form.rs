//! The form of JSON: a small language of shapes, and the check of a value against one.

use serde_json::{Map, Value};

use super::{
    Violation,
    fields::{APPLICATION, GROUP},
};

/// What a value may be.
pub(super) enum Shape {
    /// Anything.
    Any,
    /// `true` or `false`.
    Flag,
    /// A text of at least so many characters.
    Text(usize),
    /// A text that passes a test.
    Matching(fn(&str) -> bool),
    /// One of some words.
    Word(&'static [&'static str]),
    /// A number from one to another.
    Number(f64, f64),
    /// A whole number from one to another.
    Whole(i64, i64),
    /// A list.
    List(&'static Shape),
    /// An object with any keys.
    Map(&'static Shape),
    /// An object with these fields and no others.
    Closed(&'static [Field]),
    /// An object with these fields and perhaps others.
    Open(&'static [Field]),
    /// One of some shapes that differ in their JSON type.
    Either(&'static [Shape]),
}

/// A field of an object.
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) shape: Shape,
    pub(super) required: bool,
}

/// A field that may be missing.
pub(super) const fn field(name: &'static str, shape: Shape) -> Field {
    Field { name, shape, required: false }
}

/// A field that must be there.
pub(super) const fn required(name: &'static str, shape: Shape) -> Field {
    Field { name, shape, required: true }
}

pub(super) fn violations(json: &Value) -> Vec<Violation> {
    against(json, &Shape::Closed(APPLICATION))
}

pub(super) fn violations_of_group(json: &Value) -> Vec<Violation> {
    against(json, &Shape::Closed(&GROUP))
}

fn against(json: &Value, shape: &Shape) -> Vec<Violation> {
    let mut found = Vec::new();
    check(json, shape, "", &mut found);
    found
}

fn check(value: &Value, shape: &Shape, path: &str, found: &mut Vec<Violation>) {
    if let Err(message) = check_leaf(value, shape) {
        let path = if path.is_empty() { "/" } else { path };
        found.push(Violation::new(path, message));
        return;
    }
    match (shape, value) {
        (Shape::List(item), Value::Array(items)) => {
            for (n, value) in items.iter().enumerate() {
                check(value, item, &format!("{path}({n})"), found);
            }
        }
        (Shape::Map(item), Value::Object(map)) => {
            for (key, value) in map {
                check(value, item, &format!("{path}/{key}"), found);
            }
        }
        (Shape::Closed(fields), Value::Object(map)) => {
            let unknown = map.keys().filter(|key| !fields.iter().any(|f| f.name == key.as_str()));
            found.extend(unknown.map(|key| Violation::new(format!("{path}/{key}"), "error.unknown.field")));
            check_fields(map, fields, path, found);
        }
        (Shape::Open(fields), Value::Object(map)) => check_fields(map, fields, path, found),
        (Shape::Either(shapes), value) => {
            if let Some(shape) = shapes.iter().find(|s| check_leaf(value, s).is_ok()) {
                check(value, shape, path, found);
            }
        }
        _ => {}
    }
}

fn check_fields(map: &Map<String, Value>, fields: &[Field], path: &str, found: &mut Vec<Violation>) {
    for field in fields {
        let path = format!("{path}/{}", field.name);
        match map.get(field.name) {
            // To Marathon `null` is the same as missing.
            None | Some(Value::Null) if field.required => found.push(Violation::new(path, "error.path.missing")),
            None | Some(Value::Null) => {}
            Some(value) => check(value, &field.shape, &path, found),
        }
    }
}

/// Whether the value itself is right, whatever is inside it.
fn check_leaf(value: &Value, shape: &Shape) -> Result<(), &'static str> {
    let fails = |wrong: bool, message| if wrong { Err(message) } else { Ok(()) };
    match shape {
        Shape::Any => Ok(()),
        Shape::Flag => fails(!value.is_boolean(), "error.expected.jsboolean"),
        Shape::Text(least) => {
            let text = value.as_str().ok_or("error.expected.jsstring")?;
            fails(text.chars().count() < *least, "error.minLength")
        }
        Shape::Matching(test) => fails(!test(value.as_str().ok_or("error.expected.jsstring")?), "error.pattern"),
        Shape::Word(words) => {
            let word = value.as_str().ok_or("error.expected.jsstring")?;
            fails(!words.contains(&word), "error.unknown.enum.literal")
        }
        Shape::Number(least, most) => {
            let number = value.as_f64().ok_or("error.expected.jsnumber")?;
            in_range(number < *least, number > *most)
        }
        Shape::Whole(least, most) => {
            let number = whole(value)?;
            in_range(number < i128::from(*least), number > i128::from(*most))
        }
        Shape::List(_) => fails(!value.is_array(), "error.expected.jsarray"),
        Shape::Map(_) | Shape::Closed(_) | Shape::Open(_) => fails(!value.is_object(), "error.expected.jsobject"),
        Shape::Either(shapes) => {
            let mut reasons = shapes.iter().map(|s| check_leaf(value, s));
            if reasons.any(|r| r.is_ok()) { Ok(()) } else { shapes.last().map_or(Ok(()), |s| check_leaf(value, s)) }
        }
    }
}

fn in_range(below: bool, above: bool) -> Result<(), &'static str> {
    match (below, above) {
        (true, _) => Err("error.min"),
        (_, true) => Err("error.max"),
        _ => Ok(()),
    }
}

fn whole(value: &Value) -> Result<i128, &'static str> {
    let number = value.as_number().ok_or("error.expected.jsnumber")?;
    let signed = number.as_i64().map(i128::from);
    signed.or_else(|| number.as_u64().map(i128::from)).ok_or("error.expected.int")
}

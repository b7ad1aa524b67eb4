//! JSON as the real AdminServer prints it, blanks included.

use std::fmt::Write;

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    /// Nothing.
    Null,
    /// Yes or no.
    Bool(bool),
    /// A number, as it is printed.
    Number(String),
    /// A string.
    Text(String),
    /// Several values.
    List(Vec<Json>),
    /// Named values, in order.
    Object(Vec<(String, Json)>),
}

impl From<bool> for Json {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<&str> for Json {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<String> for Json {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl Json {
    /// A number.
    pub fn number(value: impl std::fmt::Display) -> Self {
        Self::Number(value.to_string())
    }

    /// Printed, two blanks a step.
    pub fn print(&self) -> String {
        let mut out = String::new();
        self.put(&mut out, 0);
        out
    }

    fn put(&self, out: &mut String, depth: usize) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Self::Number(value) => out.push_str(value),
            Self::Text(text) => put_text(out, text),
            Self::List(list) => {
                out.push('[');
                for (n, value) in list.iter().enumerate() {
                    out.push_str(if n == 0 { " " } else { ", " });
                    value.put(out, depth);
                }
                out.push_str(" ]");
            }
            Self::Object(fields) if fields.is_empty() => out.push_str("{ }"),
            Self::Object(fields) => {
                out.push('{');
                for (n, (name, value)) in fields.iter().enumerate() {
                    out.push_str(if n == 0 { "\n" } else { ",\n" });
                    out.push_str(&"  ".repeat(depth + 1));
                    put_text(out, name);
                    out.push_str(" : ");
                    value.put(out, depth + 1);
                }
                out.push('\n');
                out.push_str(&"  ".repeat(depth));
                out.push('}');
            }
        }
    }
}

fn put_text(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c < ' ' => {
                // Writing to a string does not fail.
                let _ = write!(out, "\\u{:04X}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_the_real_one_prints() {
        let inner = Json::Object(vec![("a".to_owned(), Json::number(1)), ("b\n".to_owned(), Json::Null)]);
        let outer = Json::Object(vec![
            ("list".to_owned(), Json::List(vec![inner.clone(), inner])),
            ("none".to_owned(), Json::List(Vec::new())),
            ("empty".to_owned(), Json::Object(Vec::new())),
            ("ids".to_owned(), Json::List(vec![Json::number(1), "x\"".into()])),
        ]);
        let printed = "{\n  \"list\" : [ {\n    \"a\" : 1,\n    \"b\\n\" : null\n  }, {\n    \"a\" : 1,\n    \"b\\n\" : null\n  } ],\n  \
                       \"none\" : [ ],\n  \"empty\" : { },\n  \"ids\" : [ 1, \"x\\\"\" ]\n}";
        assert_eq!(outer.print(), printed);
    }
}

//! Ruby's string literals, for the Vagrantfile.

use std::fmt::Write;

/// A Ruby literal of `text`, in double quotes; nothing in it is interpolated, and it stays on one line.
pub fn ruby(text: &str) -> String {
    let mut literal = String::with_capacity(text.len() + 2);
    literal.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' | '#' => literal.extend(['\\', c]),
            _ if c.is_control() => {
                // Writing to a string cannot fail.
                let _ = write!(literal, "\\u{{{:x}}}", u32::from(c));
            }
            _ => literal.push(c),
        }
    }
    literal.push('"');
    literal
}

#[cfg(test)]
mod tests {
    use super::ruby;

    #[test]
    fn plain_names_are_merely_quoted() {
        assert_eq!(ruby("debian/bookworm64"), r#""debian/bookworm64""#);
    }

    #[test]
    fn nothing_is_interpolated() {
        assert_eq!(ruby("#{`id`}\"\n"), r#""\#{`id`}\"\u{a}""#);
    }
}

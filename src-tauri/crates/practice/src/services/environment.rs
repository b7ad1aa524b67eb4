//! Files of `NAME=value` lines, as systemd's `EnvironmentFile=` reads them.

use std::collections::BTreeMap;

/// The variables in a file. Lines without `=`, comments and blank ones are passed over; quotes around a value go.
pub(super) fn parse(text: &str) -> BTreeMap<String, String> {
    text.lines().map(str::trim).filter(|line| !line.starts_with(['#', ';'])).filter_map(assignment).collect()
}

fn assignment(line: &str) -> Option<(String, String)> {
    let (name, value) = line.split_once('=')?;
    let name = name.trim();
    let good = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    good.then(|| (name.to_owned(), unquote(value.trim())))
}

fn unquote(value: &str) -> String {
    let inner = |quote: char| value.strip_prefix(quote).and_then(|v| v.strip_suffix(quote));
    if let Some(plain) = inner('\'') {
        return plain.to_owned();
    }
    let (text, escapes) = match inner('"') {
        Some(text) => (text, true),
        None => (value, value.contains('\\')),
    };
    if !escapes {
        return text.to_owned();
    }
    let mut plain = String::new();
    let mut letters = text.chars();
    while let Some(c) = letters.next() {
        plain.extend(if c == '\\' { letters.next() } else { Some(c) });
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn values_lose_their_quotes_and_comments_are_passed_over() {
        let env = parse("# a comment\nA=1\n  B = \"two words\" \nC='a\\b'\nD=\"a\\\"b\"\nnonsense\nbad name=3\nE=\n");
        let pairs: Vec<_> = env.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        assert_eq!(pairs, [("A", "1"), ("B", "two words"), ("C", "a\\b"), ("D", "a\"b"), ("E", "")]);
    }
}

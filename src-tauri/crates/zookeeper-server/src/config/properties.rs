//! Java's properties form, as far as `zoo.cfg` files use it.

/// Key and value of every line, in order. A later line wins over an earlier one only because it comes later.
pub fn parse(text: &str) -> impl Iterator<Item = (String, String)> {
    logical_lines(text).into_iter().map(|line| split(&line))
}

/// A `zoo.cfg` without what belongs to the members, whose lines stand in a file of their own; `client` if that file also says where
/// clients connect.
pub fn static_lines(text: &str, client: bool) -> String {
    let moves = |key: &str| {
        let prefixes = ["server.", "group", "weight", "dynamicConfigFile", "peerType"];
        prefixes.iter().any(|prefix| key.starts_with(prefix)) || (client && key.starts_with("clientPort"))
    };
    parse(text)
        .filter(|(key, _)| !moves(key))
        .map(|(key, value)| format!("{}={}\n", key.trim(), value.trim()))
        .collect()
}

/// Lines without comments; a backslash at the end joins the next line.
fn logical_lines(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut open: Option<String> = None;
    for raw in text.lines() {
        let line = raw.trim_start();
        if open.is_none() && (line.is_empty() || line.starts_with(['#', '!'])) {
            continue;
        }
        let mut joined = open.take().unwrap_or_default();
        let continues = line.bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 1;
        joined.push_str(if continues { &line[..line.len() - 1] } else { line });
        if continues {
            open = Some(joined);
        } else {
            lines.push(joined);
        }
    }
    lines.extend(open);
    lines
}

/// The key ends at the first `=`, `:` or blank that no backslash stands before.
fn split(line: &str) -> (String, String) {
    let mut escaped = false;
    let end = line.find(|c: char| {
        let ends = !escaped && (c == '=' || c == ':' || c.is_whitespace());
        escaped = c == '\\' && !escaped;
        ends
    });
    let (key, rest) = line.split_at(end.unwrap_or(line.len()));
    let rest = rest.trim_start();
    let value = rest.strip_prefix(['=', ':']).unwrap_or(rest).trim_start();
    (unescape(key), unescape(value))
}

fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('t') => out.push('\t'),
                Some('n') => out.push('\n'),
                Some('r') => out.push('\r'),
                Some('u') => out.extend(
                    u32::from_str_radix(&chars.by_ref().take(4).collect::<String>(), 16).ok().and_then(char::from_u32),
                ),
                Some(other) => out.push(other),
                None => {}
            },
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_lines() {
        let parsed: Vec<_> = parse("a=1\n b : 2\nc 3\n#x=1\n\nd=4\\\n  5\ne\nf=a\\\\b\\u0041").collect();
        let expected = [("a", "1"), ("b", "2"), ("c", "3"), ("d", "45"), ("e", ""), ("f", "a\\bA")]
            .map(|(k, v)| (k.to_owned(), v.to_owned()));
        assert_eq!(parsed, expected);
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "\\PC*(\n\\PC*){0,4}") {
            parse(&text).count();
        }
    }
}

//! Forms without any quoting: what they could not hold is replaced.

/// `text` on one line, for comments and for files that hold one line.
pub fn one_line(text: &str) -> String {
    text.chars().map(|c| if breaks_lines(c) { ' ' } else { c }).collect()
}

fn breaks_lines(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

/// A name for `/etc/hosts` and ssh's `Host`: what no host name can have becomes `-`.
pub fn host(name: &str) -> String {
    let name: String = name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' }).collect();
    if name.is_empty() { "-".into() } else { name }
}

/// One part of a path: never empty, never `.` or `..`, without separators, at most 100 characters.
pub fn segment(name: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '-' };
    let part: String = name.chars().take(100).map(safe).collect();
    if part.chars().all(|c| c == '.') { format!("_{part}") } else { part }
}

/// Text within Markdown's `` `…` ``.
pub fn code(text: &str) -> String {
    one_line(text).replace('`', "'")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_segment_stays_where_it_is() {
        assert_eq!(segment("node1"), "node1");
        assert_eq!(segment(".."), "_..");
        assert_eq!(segment(""), "_");
        assert_eq!(segment("../../etc/passwd"), "..-..-etc-passwd");
    }

    #[test]
    fn a_line_stays_one_line() {
        assert_eq!(one_line("a\nserver.9=evil\u{2028}b"), "a server.9=evil b");
        assert_eq!(code("`rm`"), "'rm'");
    }

    #[test]
    fn a_host_stays_one_host() {
        assert_eq!(host("node 1 # x"), "node-1---x");
        assert_eq!(host(""), "-");
    }
}

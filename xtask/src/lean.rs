//! Style sheets and scripts without what only people read.

/// A style sheet without comments and line breaks.
pub fn style(text: &str) -> String {
    let mut lean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("/*") {
        lean.push_str(before);
        rest = after.split_once("*/").map_or("", |(_, rest)| rest);
    }
    lean.push_str(rest);
    lean.lines().map(|line| tight(line.trim())).collect()
}

/// One line without the spaces that separate nothing. Inside of quotes nothing is touched.
fn tight(line: &str) -> String {
    let mut lean = String::with_capacity(line.len() + 1);
    let mut quote = None;
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match quote {
            Some(open) if open == c => quote = None,
            None if c == '"' || c == '\'' => quote = Some(c),
            None if c == ' ' => {
                let free = |c: char| "{};,>".contains(c);
                let idle = lean.ends_with(|c| free(c) || c == ':') || chars.peek().is_some_and(|next| free(*next));
                if idle {
                    continue;
                }
            }
            _ => {}
        }
        lean.push(c);
    }
    // A selector or a value may go on in the next line.
    if !lean.ends_with(['{', '}', ';', ',']) && !lean.is_empty() {
        lean.push(' ');
    }
    lean
}

/// A script without indentation and without lines that are only comment.
pub fn script(text: &str) -> String {
    let mut lean = String::with_capacity(text.len());
    let mut in_comment = false;
    for line in text.lines().map(str::trim) {
        if in_comment || line.starts_with("/*") {
            in_comment = !line.ends_with("*/");
        } else if !line.is_empty() && !line.starts_with("//") {
            lean.push_str(line);
            lean.push('\n');
        }
    }
    lean
}

#[cfg(test)]
mod tests {
    use super::{script, style};

    #[test]
    fn a_style_sheet_keeps_what_it_says() {
        let text = "/* a */\n.a > b,\n.c { color: var(--x); margin: calc(1px + 2px) 0 }\n\n.d:not(.e) .f {\n  content: \"a  ; b\";\n}\n";
        assert_eq!(style(text), ".a>b,.c{color:var(--x);margin:calc(1px + 2px) 0}.d:not(.e) .f{content:\"a  ; b\";}");
        assert_eq!(style("a\n b { }"), "a b{}");
    }

    #[test]
    fn a_script_keeps_its_lines() {
        assert_eq!(script("/**\n * a\n */\nlet a = `b`;\n  // c\n  f(a); // d\n"), "let a = `b`;\nf(a); // d\n");
    }
}

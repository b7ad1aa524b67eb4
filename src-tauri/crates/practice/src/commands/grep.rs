//! `grep`.

use regex::{Regex, RegexBuilder};

use super::{Call, args::Args, args::Known, text::each};

const GREP: Known = Known {
    flags: "ivqcnFEwlhHsxo",
    valued: "e",
    long: &[
        ("quiet", 'q'),
        ("regexp", 'e'),
        ("ignore-case", 'i'),
        ("invert-match", 'v'),
        ("count", 'c'),
        ("extended-regexp", 'E'),
        ("fixed-strings", 'F'),
    ],
};

/// The largest pattern that is compiled, bytes of its program.
const LARGEST: usize = 1 << 20;

/// `grep [-ivqcnFEwlox] PATTERN [FILE…]`, with basic or (`-E`) extended regular expressions.
pub(super) fn grep(call: &mut Call) -> i32 {
    let Ok(mut args) = call.parse(&GREP) else { return 2 };
    let pattern = match args.value('e') {
        Some(pattern) => pattern.to_owned(),
        None if args.rest.is_empty() => {
            call.streams.err.line("Usage: grep [OPTION]... PATTERNS [FILE]...");
            return 2;
        }
        None => args.rest.remove(0),
    };
    let Some(regex) = compile(&args, &pattern) else {
        call.complain("Invalid regular expression");
        return 2;
    };
    let named = (args.rest.len() > 1 || args.has('H')) && !args.has('h');
    let mut found = false;
    let code = each(call, &args.rest, |file, content| {
        let prefix = if named { format!("{file}:") } else { String::new() };
        found |= search(call, &args, &regex, file, &prefix, &String::from_utf8_lossy(&content));
    });
    if code != 0 { 2 } else { i32::from(!found) }
}

/// Searches one file and says what is asked for; tells whether a line fits.
fn search(call: &Call, args: &Args, regex: &Regex, file: &str, prefix: &str, text: &str) -> bool {
    let fits = |line: &str| regex.is_match(line) != args.has('v');
    let hits: Vec<(usize, &str)> = text.lines().enumerate().filter(|(_, line)| fits(line)).collect();
    if args.has('q') {
        return !hits.is_empty();
    }
    if args.has('c') {
        call.say(format!("{prefix}{}", hits.len()));
    } else if args.has('l') {
        hits.first().iter().for_each(|_| call.say(file));
    } else {
        for (number, line) in &hits {
            let number = if args.has('n') { format!("{}:", number + 1) } else { String::new() };
            if args.has('o') {
                regex.find_iter(line).for_each(|part| call.say(format!("{prefix}{number}{}", part.as_str())));
            } else {
                call.say(format!("{prefix}{number}{line}"));
            }
        }
    }
    !hits.is_empty()
}

fn compile(args: &Args, pattern: &str) -> Option<Regex> {
    let mut pattern = match (args.has('F'), args.has('E')) {
        (true, _) => regex::escape(pattern),
        (false, true) => pattern.to_owned(),
        (false, false) => extended(pattern),
    };
    if args.has('w') {
        pattern = format!(r"\b(?:{pattern})\b");
    }
    if args.has('x') {
        pattern = format!("^(?:{pattern})$");
    }
    RegexBuilder::new(&pattern).case_insensitive(args.has('i')).size_limit(LARGEST).build().ok()
}

/// A basic regular expression as an extended one: `\|`, `\(`, `\+`, `\?`, `\{` are the magic there, and plain `|`, `(`
/// and so on mean themselves.
fn extended(basic: &str) -> String {
    let mut pattern = String::new();
    let mut letters = basic.chars();
    let mut bracket = false;
    while let Some(c) = letters.next() {
        match c {
            '[' if !bracket => {
                bracket = true;
                pattern.push(c);
            }
            ']' if bracket => {
                bracket = false;
                pattern.push(c);
            }
            _ if bracket => pattern.push(c),
            '|' | '(' | ')' | '+' | '?' | '{' | '}' => pattern.extend(['\\', c]),
            '\\' => match letters.next() {
                Some(magic @ ('|' | '(' | ')' | '+' | '?' | '{' | '}')) => pattern.push(magic),
                Some(other) => pattern.extend(['\\', other]),
                None => pattern.push_str("\\\\"),
            },
            _ => pattern.push(c),
        }
    }
    // A star at the very start means itself.
    if let Some(rest) = pattern.strip_prefix('*') { format!(r"\*{rest}") } else { pattern }
}

#[cfg(test)]
mod tests {
    use super::extended;

    #[test]
    fn basic_becomes_extended() {
        for (basic, wanted) in [
            (r"a\|b", "a|b"),
            ("a|b", r"a\|b"),
            ("x+(y)", r"x\+\(y\)"),
            (r"x\+", "x+"),
            (r"a\.b", r"a\.b"),
            ("[(|]", "[(|]"),
            ("*a", r"\*a"),
            (r"a\", r"a\\"),
        ] {
            assert_eq!(extended(basic), wanted, "{basic}");
        }
    }
}

//! How things are said: lines for people on standard output, troubles on standard error, or all as JSON lines.

use std::io::{IsTerminal, Write};

use serde::Serialize;
use words::{Lang, Problem, Text};

/// The version of the JSON lines' form, `v` in each.
const VERSION: u32 = protocol::VERSION;

/// Says things.
#[derive(Clone, Copy, Debug)]
pub struct Say {
    json: bool,
    lang: Lang,
}

#[derive(Serialize)]
struct Line<T> {
    v: u32,
    #[serde(flatten)]
    body: T,
}

impl Say {
    /// Says things in a language, or as JSON.
    pub fn new(json: bool, lang: Lang) -> Self {
        Self { json, lang }
    }

    /// Everything is said as JSON.
    pub fn is_json(&self) -> bool {
        self.json
    }

    /// A person watches a terminal, so progress may move.
    pub fn may_move(&self) -> bool {
        !self.json && std::io::stderr().is_terminal()
    }

    /// The text in the language that is spoken.
    pub fn text<'a>(&self, text: &'a Text) -> &'a str {
        text.get(self.lang)
    }

    /// The sentence in the language that is spoken.
    pub fn pick<'a>(&self, en: &'a str, fr: &'a str) -> &'a str {
        match self.lang {
            Lang::En => en,
            Lang::Fr => fr,
        }
    }

    /// A number with one decimal, as the language writes it.
    pub fn tenths(&self, number: f64) -> String {
        let number = format!("{number:.1}");
        match self.lang {
            Lang::En => number,
            Lang::Fr => number.replace('.', ","),
        }
    }

    /// A line for people; nothing as JSON.
    pub fn line(&self, line: impl AsRef<str>) {
        if !self.json {
            print_line(line.as_ref());
        }
    }

    /// A text for people; nothing as JSON.
    pub fn tell(&self, text: &Text) {
        self.line(self.text(text));
    }

    /// An object, as a JSON line; nothing for people.
    pub fn object(&self, body: &impl Serialize) {
        if self.json {
            print_json(&Line { v: VERSION, body });
        }
    }

    /// Something that has its own `v`, as a JSON line.
    pub fn event(&self, event: &impl Serialize) {
        if self.json {
            print_json(event);
        }
    }

    /// Something that is JSON whoever reads it.
    pub fn document(&self, document: &impl Serialize) {
        print_line(&serde_json::to_string_pretty(document).unwrap_or_default());
    }

    /// A trouble: what, its id, what next, and the evidence below.
    pub fn problem(&self, problem: &Problem) {
        #[derive(Serialize)]
        struct Body<'a> {
            problem: &'a Problem,
        }
        if self.json {
            return print_json(&Line { v: VERSION, body: Body { problem } });
        }
        let mut err = std::io::stderr().lock();
        // Nobody is left to tell if standard error is closed.
        let _ = writeln!(err, "{} [{}]", words::plain(self.text(&problem.what)), problem.id);
        let _ = writeln!(err, "→ {}", self.text(&problem.next));
        for line in &problem.evidence {
            let _ = writeln!(err, "  | {}", words::plain(line).replace('\n', "\n  | "));
        }
    }
}

fn print_json(value: &impl Serialize) {
    print_line(&serde_json::to_string(value).unwrap_or_default());
}

/// Like `println!`, but a reader that went away (`startline list | head -1`) is no reason to panic.
fn print_line(line: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

//! From words as they are written to words as a command gets them: variables, output of commands, `~`, patterns.

use super::{
    Shell, Sink, Streams,
    syntax::{Piece, Word},
};
use crate::host::disk::absolute;

/// The most words that one pattern may become.
const MOST_NAMES: usize = 10_000;

/// A word that is being made. Every letter knows whether it may be a pattern.
#[derive(Default)]
struct Field {
    letters: Vec<(char, bool)>,
    /// It is a word even if it is empty, because quotes stood there.
    kept: bool,
}

impl Field {
    fn push(&mut self, text: &str, pattern: bool) {
        self.letters.extend(text.chars().map(|c| (c, pattern)));
    }

    fn text(&self) -> String {
        self.letters.iter().map(|(c, _)| *c).collect()
    }

    fn is_pattern(&self) -> bool {
        self.letters.iter().any(|(c, pattern)| *pattern && matches!(c, '*' | '?'))
    }

    fn is_word(&self) -> bool {
        self.kept || !self.letters.is_empty()
    }
}

impl Shell {
    /// A word as the words that it becomes.
    pub(super) async fn expand(&mut self, word: &Word, streams: &Streams) -> Vec<String> {
        let fields = self.fields(word, streams, true).await;
        fields.iter().filter(|f| f.is_word()).flat_map(|field| self.matches(field)).collect()
    }

    /// A word that stays one, as after `>` or `=`.
    pub(super) async fn expand_one(&mut self, word: &Word, streams: &Streams) -> String {
        self.fields(word, streams, false).await.iter().map(Field::text).collect::<Vec<_>>().join(" ")
    }

    async fn fields(&mut self, word: &Word, streams: &Streams, split: bool) -> Vec<Field> {
        let mut fields = vec![Field::default()];
        for (index, piece) in word.0.iter().enumerate() {
            match piece {
                Piece::Plain(text) if index == 0 => last(&mut fields).push(&self.home(text), true),
                Piece::Plain(text) => last(&mut fields).push(text, true),
                Piece::Quoted(text) => {
                    last(&mut fields).kept = true;
                    last(&mut fields).push(text, false);
                }
                Piece::Variable { name, otherwise, quoted } => {
                    let value = self.variable(name, otherwise.as_deref());
                    put(&mut fields, &value, split && !quoted);
                }
                Piece::Output { list, quoted } => {
                    let out = Sink::new();
                    let own = Streams { out: out.clone(), ..streams.clone() };
                    let mut inner = self.clone();
                    self.last = inner.list(list, &own).await;
                    let value = String::from_utf8_lossy(&out.drain()).trim_end_matches('\n').to_owned();
                    put(&mut fields, &value, split && !quoted);
                }
            }
        }
        fields
    }

    /// `~` and `~/…`.
    fn home(&self, text: &str) -> String {
        match text.strip_prefix('~') {
            Some(rest) if rest.is_empty() || rest.starts_with('/') => {
                format!("{}{rest}", self.env.get("HOME").unwrap_or(&self.user.home))
            }
            _ => text.to_owned(),
        }
    }

    fn variable(&self, name: &str, otherwise: Option<&str>) -> String {
        let value = match name {
            "?" => Some(self.last.to_string()),
            "$" => Some(crate::host::processes::SHELL_PID.to_string()),
            "#" => Some("0".to_owned()),
            "0" => Some("bash".to_owned()),
            "UID" | "EUID" => Some(self.user.uid.to_string()),
            "HOSTNAME" => Some(self.host.name()),
            name => self.env.get(name).cloned(),
        };
        value.filter(|v| !v.is_empty()).unwrap_or_else(|| otherwise.unwrap_or_default().to_owned())
    }

    /// The names that a pattern stands for; itself if there are none.
    fn matches(&self, field: &Field) -> Vec<String> {
        if !field.is_pattern() {
            return vec![field.text()];
        }
        let rooted = field.letters.first().is_some_and(|(c, _)| *c == '/');
        let mut found = vec![if rooted { "/".to_owned() } else { String::new() }];
        for part in field.letters.split(|(c, _)| *c == '/').filter(|part| !part.is_empty()) {
            found = found.iter().flat_map(|above| self.matching_children(above, part)).take(MOST_NAMES).collect();
        }
        if found.is_empty() { vec![field.text()] } else { found }
    }

    fn matching_children(&self, above: &str, part: &[(char, bool)]) -> Vec<String> {
        let join = |name: &str| {
            if above.is_empty() || above.ends_with('/') { format!("{above}{name}") } else { format!("{above}/{name}") }
        };
        if !part.iter().any(|(c, pattern)| *pattern && matches!(c, '*' | '?')) {
            let path = join(&part.iter().map(|(c, _)| *c).collect::<String>());
            let there = self.host.disk.lstat(&self.user, &self.path(&path)).is_ok();
            return if there { vec![path] } else { Vec::new() };
        }
        let hidden = part.first().is_some_and(|(c, _)| *c == '.');
        let names = self.host.disk.list(&self.user, &absolute(&self.cwd, above)).unwrap_or_default();
        names.iter().filter(|n| (hidden || !n.starts_with('.')) && fits(part, n)).map(|n| join(n)).collect()
    }
}

fn last(fields: &mut Vec<Field>) -> &mut Field {
    if fields.is_empty() {
        fields.push(Field::default());
    }
    let end = fields.len() - 1;
    &mut fields[end]
}

/// Adds a value; split at blanks if it stood without quotes.
fn put(fields: &mut Vec<Field>, value: &str, split: bool) {
    if !split {
        last(fields).kept = true;
        last(fields).push(value, false);
        return;
    }
    if value.starts_with(char::is_whitespace) && last(fields).is_word() {
        fields.push(Field::default());
    }
    for (index, part) in value.split_whitespace().enumerate() {
        if index > 0 {
            fields.push(Field::default());
        }
        last(fields).push(part, true);
    }
    if value.ends_with(char::is_whitespace) && last(fields).is_word() {
        fields.push(Field::default());
    }
}

/// Whether a name fits a pattern of `*` and `?`. Linear in the name for each `*`, never exponential.
fn fits(pattern: &[(char, bool)], name: &str) -> bool {
    let name: Vec<char> = name.chars().collect();
    let (mut p, mut n) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while n < name.len() {
        match pattern.get(p) {
            Some(('*', true)) => {
                star = Some((p, n));
                p += 1;
            }
            Some((c, pattern)) if (*c == '?' && *pattern) || *c == name[n] => {
                p += 1;
                n += 1;
            }
            _ => match star {
                Some((at, from)) => {
                    star = Some((at, from + 1));
                    p = at + 1;
                    n = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|(c, pattern)| *pattern && *c == '*')
}

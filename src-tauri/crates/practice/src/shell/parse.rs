//! From a line to its [`List`].

use super::syntax::{Command, List, Piece, Pipeline, Redirect, Stream, SyntaxError, When, Word};

type Result<T> = std::result::Result<T, SyntaxError>;

/// How deep `$(…)` may be nested.
const DEEPEST: usize = 16;

/// Words that begin what this shell does not run.
const BEYOND: [(&str, &str); 9] = [
    ("if", "`if`"),
    ("for", "loops"),
    ("while", "loops"),
    ("until", "loops"),
    ("case", "`case`"),
    ("select", "loops"),
    ("function", "functions"),
    ("{", "groups"),
    ("[[", "`[[` (use `[`)"),
];

/// Reads a whole script.
pub(crate) fn parse(text: &str) -> Result<List> {
    let mut parser = Parser { text: text.chars().collect(), at: 0, depth: 0 };
    parser.list(None)
}

struct Parser {
    text: Vec<char>,
    at: usize,
    depth: usize,
}

impl Parser {
    fn peek(&self) -> Option<char> {
        self.text.get(self.at).copied()
    }

    fn second(&self) -> Option<char> {
        self.text.get(self.at + 1).copied()
    }

    fn take(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += 1;
        Some(c)
    }

    fn eat(&mut self, token: &str) -> bool {
        let found = token.chars().enumerate().all(|(i, c)| self.text.get(self.at + i) == Some(&c));
        if found {
            self.at += token.chars().count();
        }
        found
    }

    /// Skips blanks, comments and joined lines.
    fn blanks(&mut self) {
        loop {
            match self.peek() {
                Some(' ' | '\t' | '\r') => self.at += 1,
                Some('\\') if self.second() == Some('\n') => self.at += 2,
                Some('#') => {
                    while self.peek().is_some_and(|c| c != '\n') {
                        self.at += 1;
                    }
                }
                _ => return,
            }
        }
    }

    fn blank_lines(&mut self) {
        self.blanks();
        while self.eat("\n") {
            self.blanks();
        }
    }

    fn list(&mut self, end: Option<char>) -> Result<List> {
        let mut list = List::default();
        let mut when = When::Always;
        loop {
            self.blank_lines();
            if self.peek() == end {
                if when != When::Always {
                    return Err(end.map_or(SyntaxError::End, |c| SyntaxError::Unexpected(c.into())));
                }
                return Ok(list);
            }
            let pipeline = self.pipeline()?;
            list.0.push((when, pipeline));
            self.blanks();
            when = match self.peek() {
                None if end.is_some() => return Err(SyntaxError::Unclosed(')')),
                c if c == end => return Ok(list),
                _ if self.eat("&&") => When::Success,
                _ if self.eat("||") => When::Failure,
                _ if self.eat(";") || self.eat("\n") => When::Always,
                _ => return Err(self.unexpected()),
            };
        }
    }

    fn pipeline(&mut self) -> Result<Pipeline> {
        let mut negated = false;
        while self.peek() == Some('!') && self.second().is_none_or(char::is_whitespace) {
            self.at += 1;
            negated = !negated;
            self.blanks();
        }
        let mut commands = vec![self.command()?];
        loop {
            self.blanks();
            if self.peek() != Some('|') || self.second() == Some('|') {
                return Ok(Pipeline { negated, commands });
            }
            self.at += 1;
            if self.eat("&") {
                return Err(SyntaxError::Beyond("`|&` (use `2>&1 |`)"));
            }
            self.blank_lines();
            commands.push(self.command()?);
        }
    }

    fn command(&mut self) -> Result<Command> {
        let mut command = Command::default();
        loop {
            self.blanks();
            if let Some(redirect) = self.redirect()? {
                command.redirects.push(redirect);
                continue;
            }
            if self.peek() == Some('(') {
                return Err(if command.words.is_empty() {
                    SyntaxError::Beyond("subshells")
                } else {
                    self.unexpected()
                });
            }
            let Some(word) = self.word()? else { break };
            if command.words.is_empty() {
                if let Some(assignment) = assignment(&word) {
                    command.assignments.push(assignment);
                    continue;
                }
                refuse_keyword(&word)?;
            }
            command.words.push(word);
        }
        if command == Command::default() { Err(self.unexpected()) } else { Ok(command) }
    }

    fn redirect(&mut self) -> Result<Option<Redirect>> {
        if self.eat("&>>") {
            return self.output(Stream::Both, true).map(Some);
        }
        if self.eat("&>") {
            return self.output(Stream::Both, false).map(Some);
        }
        let from = match (self.peek(), self.second()) {
            (Some('1'), Some('>')) => Stream::Out,
            (Some('2'), Some('>')) => Stream::Err,
            (Some('>'), _) => return self.output_of(Stream::Out).map(Some),
            (Some('<'), _) => return self.input().map(Some),
            _ => return Ok(None),
        };
        self.at += 1;
        self.output_of(from).map(Some)
    }

    fn output_of(&mut self, from: Stream) -> Result<Redirect> {
        self.at += 1;
        if self.eat(">") {
            return self.output(from, true);
        }
        if self.eat("&") {
            return match self.take() {
                Some('1') => Ok(Redirect::Join { from, to: Stream::Out }),
                Some('2') => Ok(Redirect::Join { from, to: Stream::Err }),
                _ => Err(SyntaxError::Beyond("streams other than 1 and 2")),
            };
        }
        let _ = self.eat("|");
        self.output(from, false)
    }

    fn output(&mut self, from: Stream, append: bool) -> Result<Redirect> {
        Ok(Redirect::Output { from, to: self.target()?, append })
    }

    fn input(&mut self) -> Result<Redirect> {
        if self.eat("<<<") {
            return self.target().map(Redirect::Text);
        }
        if self.eat("<<") {
            return Err(SyntaxError::Beyond("here-documents"));
        }
        self.at += 1;
        self.target().map(Redirect::Input)
    }

    fn target(&mut self) -> Result<Word> {
        self.blanks();
        self.word()?.ok_or_else(|| self.unexpected())
    }

    fn word(&mut self) -> Result<Option<Word>> {
        let mut word = Builder::default();
        while let Some(c) = self.peek() {
            match c {
                ' ' | '\t' | '\r' | '\n' | '|' | '&' | ';' | '<' | '>' | '(' | ')' => break,
                '\'' => {
                    self.at += 1;
                    word.quoted(&self.single_quoted()?);
                }
                '"' => {
                    self.at += 1;
                    self.double_quoted(&mut word)?;
                }
                '\\' => {
                    self.at += 1;
                    match self.take() {
                        Some('\n') => {}
                        Some(c) => word.quoted(c.encode_utf8(&mut [0; 4])),
                        None => word.quoted("\\"),
                    }
                }
                '$' => {
                    self.at += 1;
                    self.dollar(&mut word, false)?;
                }
                '`' => return Err(SyntaxError::Beyond("backquotes (use `$(…)`)")),
                c => {
                    self.at += 1;
                    word.plain(c);
                }
            }
        }
        Ok(word.done())
    }

    fn single_quoted(&mut self) -> Result<String> {
        let mut text = String::new();
        loop {
            match self.take() {
                None => return Err(SyntaxError::Unclosed('\'')),
                Some('\'') => return Ok(text),
                Some(c) => text.push(c),
            }
        }
    }

    fn double_quoted(&mut self, word: &mut Builder) -> Result<()> {
        word.quoted("");
        loop {
            match self.take() {
                None => return Err(SyntaxError::Unclosed('"')),
                Some('"') => return Ok(()),
                Some('$') => self.dollar(word, true)?,
                Some('`') => return Err(SyntaxError::Beyond("backquotes (use `$(…)`)")),
                Some('\\') => match self.take() {
                    Some('\n') => {}
                    Some(c @ ('"' | '\\' | '$' | '`')) => word.quoted(c.encode_utf8(&mut [0; 4])),
                    Some(c) => {
                        word.quoted("\\");
                        word.quoted(c.encode_utf8(&mut [0; 4]));
                    }
                    None => return Err(SyntaxError::Unclosed('"')),
                },
                Some(c) => word.quoted(c.encode_utf8(&mut [0; 4])),
            }
        }
    }

    /// After a `$`.
    fn dollar(&mut self, word: &mut Builder, quoted: bool) -> Result<()> {
        match self.peek() {
            Some('(') if self.second() == Some('(') => return Err(SyntaxError::Beyond("arithmetic")),
            Some('(') => {
                self.at += 1;
                word.piece(Piece::Output { list: self.substitution()?, quoted });
            }
            Some('{') => {
                self.at += 1;
                word.piece(self.braced(quoted)?);
            }
            Some('\'') if !quoted => return Err(SyntaxError::Beyond("`$'…'`")),
            Some(c @ ('?' | '$' | '#' | '0'..='9' | '@' | '*')) => {
                self.at += 1;
                word.piece(Piece::Variable { name: c.into(), otherwise: None, quoted });
            }
            Some(c) if is_name_start(c) => {
                let name = self.name();
                word.piece(Piece::Variable { name, otherwise: None, quoted });
            }
            _ => word.quoted("$"),
        }
        Ok(())
    }

    fn substitution(&mut self) -> Result<List> {
        if self.depth == DEEPEST {
            return Err(SyntaxError::Beyond("so many nested commands"));
        }
        self.depth += 1;
        let list = self.list(Some(')'))?;
        self.depth -= 1;
        self.at += 1;
        Ok(list)
    }

    fn braced(&mut self, quoted: bool) -> Result<Piece> {
        let name = match self.peek() {
            Some('?') => self.take().map(String::from).unwrap_or_default(),
            _ => self.name(),
        };
        let otherwise = if self.eat(":-") { Some(self.until_brace()?) } else { None };
        if name.is_empty() || !self.eat("}") {
            return Err(if self.peek().is_none() {
                SyntaxError::Unclosed('}')
            } else {
                SyntaxError::Beyond("`${…}` other than `${NAME}` and `${NAME:-text}`")
            });
        }
        Ok(Piece::Variable { name, otherwise, quoted })
    }

    fn until_brace(&mut self) -> Result<String> {
        let mut text = String::new();
        while self.peek() != Some('}') {
            text.push(self.take().ok_or(SyntaxError::Unclosed('}'))?);
        }
        Ok(text)
    }

    fn name(&mut self) -> String {
        let mut name = String::new();
        while let Some(c) = self.peek()
            && (is_name_start(c) || (c.is_ascii_digit() && !name.is_empty()))
        {
            name.push(c);
            self.at += 1;
        }
        name
    }

    /// What stands here, as bash names it.
    fn unexpected(&self) -> SyntaxError {
        let token = match (self.peek(), self.second()) {
            (None, _) => return SyntaxError::End,
            (Some('\n'), _) => "newline".to_owned(),
            (Some('&'), Some(';' | '\n' | ' ') | None) => return SyntaxError::Beyond("background commands"),
            (Some(c @ ('|' | '&' | ';' | '<' | '>')), Some(d)) if c == d => format!("{c}{d}"),
            (Some(c), _) => c.to_string(),
        };
        SyntaxError::Unexpected(token)
    }
}

/// A word that is being read: neighbours of one sort become one piece.
#[derive(Default)]
struct Builder {
    pieces: Vec<Piece>,
}

impl Builder {
    fn plain(&mut self, c: char) {
        match self.pieces.last_mut() {
            Some(Piece::Plain(text)) => text.push(c),
            _ => self.pieces.push(Piece::Plain(c.into())),
        }
    }

    fn quoted(&mut self, more: &str) {
        match self.pieces.last_mut() {
            Some(Piece::Quoted(text)) => text.push_str(more),
            _ => self.pieces.push(Piece::Quoted(more.to_owned())),
        }
    }

    fn piece(&mut self, piece: Piece) {
        self.pieces.push(piece);
    }

    fn done(self) -> Option<Word> {
        if self.pieces.is_empty() { None } else { Some(Word(self.pieces)) }
    }
}

fn is_name_start(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_'
}

/// `NAME=value` as name and value.
fn assignment(word: &Word) -> Option<(String, Word)> {
    let Some(Piece::Plain(first)) = word.0.first() else { return None };
    let (name, value) = first.split_once('=')?;
    let mut letters = name.chars();
    if !letters.next().is_some_and(is_name_start) || !letters.all(|c| is_name_start(c) || c.is_ascii_digit()) {
        return None;
    }
    let mut pieces = vec![Piece::Plain(value.to_owned())];
    pieces.extend_from_slice(&word.0[1..]);
    Some((name.to_owned(), Word(pieces)))
}

fn refuse_keyword(word: &Word) -> Result<()> {
    let [Piece::Plain(name)] = &word.0[..] else { return Ok(()) };
    match BEYOND.iter().find(|(keyword, _)| keyword == name) {
        Some((_, what)) => Err(SyntaxError::Beyond(what)),
        None if ["then", "do", "done", "fi", "esac", "else", "}"].contains(&name.as_str()) => {
            Err(SyntaxError::Unexpected(name.clone()))
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn words(text: &str) -> Vec<String> {
        let list = parse(text).expect("a line");
        list.0
            .iter()
            .flat_map(|(_, p)| &p.commands)
            .flat_map(|c| &c.words)
            .map(|word| format!("{:?}", word.0))
            .collect()
    }

    #[test]
    fn quotes_make_words() {
        assert_eq!(words("a 'b c'\"d\"\\ e"), ["[Plain(\"a\")]", "[Quoted(\"b cd \"), Plain(\"e\")]"]);
        assert_eq!(words("''"), ["[Quoted(\"\")]"]);
    }

    #[test]
    fn operators_part_commands() {
        let list = parse("a && b || c; d | e\nf # g").expect("a line");
        let when: Vec<When> = list.0.iter().map(|(when, _)| *when).collect();
        assert_eq!(when, [When::Always, When::Success, When::Failure, When::Always, When::Always]);
        assert_eq!(list.0[3].1.commands.len(), 2);
    }

    #[test]
    fn what_is_beyond_the_shell_is_said() {
        for line in ["if true; then a; fi", "a &", "$((1+2))", "`a`", "cat <<X", "(a)", "{ a; }", "${a#b}", "a |& b"] {
            assert!(matches!(parse(line), Err(SyntaxError::Beyond(_))), "{line}: {:?}", parse(line));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]

        #[test]
        fn no_line_panics(line in "[a-z0-9 '\"\\\\$(){}|&;<>#=*?~!`\n-]{0,60}") {
            let _ = parse(&line);
        }

        #[test]
        fn no_text_panics(line in "\\PC{0,40}") {
            let _ = parse(&line);
        }

        #[test]
        fn what_is_in_single_quotes_stays(text in "[^']{1,30}") {
            let list = parse(&format!("echo '{text}'")).expect("a line");
            prop_assert_eq!(&list.0[0].1.commands[0].words[1].0, &[Piece::Quoted(text)]);
        }
    }
}

//! As much of the shell's language as the commands of lessons need: sequences, `&&`, `||`, loops, `if`, quotes, variables,
//! redirections.

/// A word: pieces that are text, or name a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word(pub Vec<Piece>);

/// A piece of a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// As it stands.
    Text(String),
    /// A variable, and what stands for it if it is unset or empty.
    Variable(String, Option<String>),
}

/// When a command runs, given how the one before it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// After `;`.
    Always,
    /// After `&&`.
    Well,
    /// After `||`.
    Badly,
}

/// Commands in their order.
pub type List = Vec<(When, Node)>;

/// A command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// A program or builtin with its arguments.
    Simple {
        /// Variables set before it.
        assignments: Vec<(String, Word)>,
        /// Its name and arguments.
        words: Vec<Word>,
        /// Where its output goes.
        redirects: Vec<Redirect>,
    },
    /// `while`, or with the flag `until`.
    While(bool, List, List),
    /// `for`.
    For(String, Vec<Word>, List),
    /// `if`: conditions with what follows them, and `else`.
    If(Vec<(List, List)>, List),
    /// In braces or brackets.
    Group(List),
}

/// `> file` and its kin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirect {
    /// 1 or 2.
    pub from: u8,
    /// Where to.
    pub to: Target,
}

/// Where output goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// To a file; with the flag at its end.
    File(Word, bool),
    /// To where another one goes.
    Same(u8),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Word(Word),
    Operator(&'static str),
    Redirect(u8, bool),
    Duplicate(u8, u8),
    End,
}

/// Deeper than this nobody nests by hand.
const DEEPEST: usize = 32;

/// Reads a line of commands; the error is what a shell says.
pub fn parse(line: &str) -> Result<List, String> {
    let mut parser = Parser { tokens: tokens(line)?, at: 0, depth: 0 };
    let list = parser.list(&[])?;
    match parser.peek() {
        Token::End => Ok(list),
        other => Err(unexpected(other)),
    }
}

fn unexpected(token: &Token) -> String {
    let shown = match token {
        Token::End => return "Syntax error: end of file unexpected".into(),
        Token::Operator(text) => (*text).to_owned(),
        Token::Word(word) => plain(word).unwrap_or("word").to_owned(),
        Token::Redirect(..) | Token::Duplicate(..) => "redirection".into(),
    };
    format!("Syntax error: \"{shown}\" unexpected")
}

/// The text of a word without variables or quotes in it.
fn plain(word: &Word) -> Option<&str> {
    match word.0.as_slice() {
        [Piece::Text(text)] => Some(text),
        _ => None,
    }
}

fn tokens(line: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = line;
    loop {
        rest = rest.trim_start_matches([' ', '\t', '\r']);
        let Some(first) = rest.chars().next() else { break };
        if first == '#' {
            rest = rest.find('\n').map_or("", |end| &rest[end..]);
            continue;
        }
        if let Some((token, after)) = redirect(rest) {
            tokens.push(token);
            rest = after;
            continue;
        }
        const OPERATORS: [(&str, &str); 9] = [
            ("&&", "&&"),
            ("||", "||"),
            (";;", ";;"),
            (";", ";"),
            ("\n", ";"),
            ("|", "|"),
            ("&", "&"),
            ("(", "("),
            (")", ")"),
        ];
        if let Some((text, operator)) = OPERATORS.iter().find(|(text, _)| rest.starts_with(text)) {
            tokens.push(Token::Operator(operator));
            rest = &rest[text.len()..];
            continue;
        }
        let (word, after) = word(rest)?;
        if after.len() == rest.len() {
            // Nothing of it can be read: `>&x`.
            return Err(format!("Syntax error: Bad redirection: {first}"));
        }
        tokens.push(Token::Word(word));
        rest = after;
    }
    tokens.push(Token::End);
    Ok(tokens)
}

fn redirect(text: &str) -> Option<(Token, &str)> {
    let (from, rest) = match text.as_bytes() {
        [b'1', b'>', ..] => (1, &text[1..]),
        [b'2', b'>', ..] => (2, &text[1..]),
        [b'>', ..] => (1, text),
        _ => return None,
    };
    if let Some(rest) = rest.strip_prefix(">&") {
        let to = match rest.chars().next() {
            Some('1') => 1,
            Some('2') => 2,
            _ => return None,
        };
        return Some((Token::Duplicate(from, to), &rest[1..]));
    }
    let (append, rest) = rest.strip_prefix(">>").map_or((false, &rest[1..]), |rest| (true, rest));
    Some((Token::Redirect(from, append), rest))
}

fn word(text: &str) -> Result<(Word, &str), String> {
    let mut pieces = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    let mut quoted = false;
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        rest = match c {
            '"' => {
                quoted = !quoted;
                if quoted && after.starts_with('"') {
                    pieces.push(Piece::Text(String::new()));
                }
                after
            }
            '\'' if !quoted => {
                let end = after.find('\'').ok_or("Syntax error: Unterminated quoted string")?;
                plain.push_str(&after[..end]);
                if end == 0 {
                    pieces.push(Piece::Text(String::new()));
                }
                &after[end + 1..]
            }
            '\\' => {
                let next = after.chars().next();
                match next {
                    Some(next) if !quoted || "\"\\$`\n".contains(next) => plain.push(next),
                    Some(next) => plain.extend(['\\', next]),
                    None => plain.push('\\'),
                }
                &after[next.map_or(0, char::len_utf8)..]
            }
            '$' => match variable(after)? {
                Some((variable, after)) => {
                    if !plain.is_empty() {
                        pieces.push(Piece::Text(std::mem::take(&mut plain)));
                    }
                    pieces.push(variable);
                    after
                }
                None => {
                    plain.push('$');
                    after
                }
            },
            '`' => return Err("command substitution is not available on a practice machine".into()),
            ' ' | '\t' | '\r' | '\n' | ';' | '&' | '|' | '(' | ')' | '>' if !quoted => break,
            c => {
                plain.push(c);
                after
            }
        };
    }
    if quoted {
        return Err("Syntax error: Unterminated quoted string".into());
    }
    if !plain.is_empty() {
        pieces.push(Piece::Text(plain));
    }
    Ok((Word(pieces), rest))
}

fn variable(text: &str) -> Result<Option<(Piece, &str)>, String> {
    if text.starts_with('(') {
        return Err("command substitution is not available on a practice machine".into());
    }
    if let Some(rest) = text.strip_prefix('{') {
        let end = rest.find('}').ok_or("Syntax error: Missing '}'")?;
        let (name, default) = match rest[..end].split_once(":-") {
            Some((name, default)) => (name, Some(default.to_owned())),
            None => (&rest[..end], None),
        };
        if name.is_empty() || !name.chars().all(is_name) {
            return Err("Bad substitution".into());
        }
        return Ok(Some((Piece::Variable(name.to_owned(), default), &rest[end + 1..])));
    }
    if let Some(special) = text.chars().next().filter(|c| "?$#".contains(*c)) {
        return Ok(Some((Piece::Variable(special.to_string(), None), &text[1..])));
    }
    let end = text.find(|c| !is_name(c)).unwrap_or(text.len());
    Ok((end > 0).then(|| (Piece::Variable(text[..end].to_owned(), None), &text[end..])))
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
}

impl Parser {
    fn peek(&self) -> &Token {
        self.tokens.get(self.at).unwrap_or(&Token::End)
    }

    fn take(&mut self) -> Token {
        let token = self.peek().clone();
        self.at += 1;
        token
    }

    fn keyword(&self) -> Option<&str> {
        match self.peek() {
            Token::Word(word) => plain(word),
            Token::Operator(text) => Some(text),
            _ => None,
        }
    }

    fn expect(&mut self, keyword: &str) -> Result<(), String> {
        if self.keyword() == Some(keyword) {
            self.at += 1;
            return Ok(());
        }
        Err(unexpected(self.peek()))
    }

    /// Commands up to one of these words, which is left where it is.
    fn list(&mut self, ends: &[&str]) -> Result<List, String> {
        let mut list = List::new();
        let mut when = When::Always;
        loop {
            while matches!(self.peek(), Token::Operator(";" | "&")) {
                self.at += 1;
                when = When::Always;
            }
            if *self.peek() == Token::End || self.keyword().is_some_and(|word| ends.contains(&word)) {
                return Ok(list);
            }
            list.push((when, self.node()?));
            when = match self.peek() {
                Token::Operator("&&") => When::Well,
                Token::Operator("||") => When::Badly,
                Token::Operator("|") => return Err("pipes are not available to tasks on a practice machine".into()),
                _ => {
                    when = When::Always;
                    continue;
                }
            };
            self.at += 1;
        }
    }

    fn node(&mut self) -> Result<Node, String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err("Syntax error: nested too deeply".into());
        }
        let node = match self.keyword() {
            Some("while") => self.while_loop(false),
            Some("until") => self.while_loop(true),
            Some("for") => self.for_loop(),
            Some("if") => self.condition(),
            Some("{") => self.group("}"),
            Some("(") => self.group(")"),
            _ => self.simple(),
        };
        self.depth -= 1;
        node
    }

    fn while_loop(&mut self, until: bool) -> Result<Node, String> {
        self.at += 1;
        let condition = self.list(&["do"])?;
        let body = self.body()?;
        Ok(Node::While(until, condition, body))
    }

    fn body(&mut self) -> Result<List, String> {
        self.expect("do")?;
        let body = self.list(&["done"])?;
        self.expect("done")?;
        Ok(body)
    }

    fn for_loop(&mut self) -> Result<Node, String> {
        self.at += 1;
        let name = self.keyword().filter(|name| name.chars().all(is_name)).map(str::to_owned);
        let name = name.ok_or("Syntax error: Bad for loop variable")?;
        self.at += 1;
        self.expect("in")?;
        let mut words = Vec::new();
        while let Token::Word(word) = self.peek() {
            words.push(word.clone());
            self.at += 1;
        }
        self.expect(";")?;
        Ok(Node::For(name, words, self.body()?))
    }

    fn condition(&mut self) -> Result<Node, String> {
        let mut arms = Vec::new();
        loop {
            self.at += 1;
            let condition = self.list(&["then"])?;
            self.expect("then")?;
            arms.push((condition, self.list(&["elif", "else", "fi"])?));
            if self.keyword() != Some("elif") {
                break;
            }
        }
        let mut otherwise = List::new();
        if self.keyword() == Some("else") {
            self.at += 1;
            otherwise = self.list(&["fi"])?;
        }
        self.expect("fi")?;
        Ok(Node::If(arms, otherwise))
    }

    fn group(&mut self, end: &'static str) -> Result<Node, String> {
        self.at += 1;
        let list = self.list(&[end])?;
        self.expect(end)?;
        Ok(Node::Group(list))
    }

    fn simple(&mut self) -> Result<Node, String> {
        let (mut assignments, mut words, mut redirects) = (Vec::new(), Vec::new(), Vec::new());
        loop {
            match self.peek().clone() {
                Token::Word(word) => match words.is_empty().then(|| assignment(&word)).flatten() {
                    Some(assignment) => assignments.push(assignment),
                    None => words.push(word),
                },
                Token::Duplicate(from, to) => redirects.push(Redirect { from, to: Target::Same(to) }),
                Token::Redirect(from, append) => {
                    self.at += 1;
                    let Token::Word(file) = self.take() else { return Err("Syntax error: newline unexpected".into()) };
                    redirects.push(Redirect { from, to: Target::File(file, append) });
                    continue;
                }
                _ => break,
            }
            self.at += 1;
        }
        if words.is_empty() && assignments.is_empty() && redirects.is_empty() {
            return Err(unexpected(self.peek()));
        }
        Ok(Node::Simple { assignments, words, redirects })
    }
}

fn assignment(word: &Word) -> Option<(String, Word)> {
    let (Piece::Text(first), rest) = word.0.split_first()? else { return None };
    let (name, value) = first.split_once('=')?;
    let named = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && name.chars().all(is_name);
    let value = std::iter::once(Piece::Text(value.to_owned())).chain(rest.iter().cloned()).collect();
    named.then(|| (name.to_owned(), Word(value)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_usual_lines_are_read() {
        let list = parse("echo \"a $B\" 'c d' && sleep 1 || exit 3; while true; do date; sleep ${N:-5}; done").unwrap();
        assert_eq!(
            list.iter().map(|(when, _)| *when).collect::<Vec<_>>(),
            [When::Always, When::Well, When::Badly, When::Always]
        );
        let Node::Simple { words, .. } = &list[0].1 else { panic!("echo is a simple command") };
        let pieces = vec![Piece::Text("a ".into()), Piece::Variable("B".into(), None)];
        assert_eq!(words[1], Word(pieces));
        let Node::While(false, _, body) = &list[3].1 else { panic!("a loop was written") };
        assert_eq!(body.len(), 2);
    }

    #[test]
    fn what_is_not_there_is_said() {
        assert!(parse("echo 'a").unwrap_err().contains("Unterminated"));
        assert!(parse("a | b").unwrap_err().contains("pipes"));
        assert!(parse("echo $(date)").unwrap_err().contains("substitution"));
        assert!(parse("while true; do sleep 1").unwrap_err().contains("end of file"));
    }

    proptest! {
        #[test]
        fn no_line_panics(line in "[a-z$(){};&|<>'\"\\\\ =\n#0-9]{0,60}") {
            let _ = parse(&line);
        }
    }
}

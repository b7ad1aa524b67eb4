//! What a line of shell is made of.

/// Commands in the order they are run, each with what must be true of the one before it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct List(pub Vec<(When, Pipeline)>);

/// When a pipeline is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    /// In any case (`;`, a new line, the first one).
    Always,
    /// If the one before ended with 0 (`&&`).
    Success,
    /// If it did not (`||`).
    Failure,
}

/// Commands of which each reads what the one before writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pipeline {
    /// `!` stood before it.
    pub negated: bool,
    /// At least one.
    pub commands: Vec<Command>,
}

/// A simple command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Command {
    /// `NAME=value` before the words.
    pub assignments: Vec<(String, Word)>,
    /// The command's name and what it is given.
    pub words: Vec<Word>,
    /// In the order they are written, which counts.
    pub redirects: Vec<Redirect>,
}

/// A word before expansion.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Word(pub Vec<Piece>);

/// A part of a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// As written; `*` and `?` in it are patterns.
    Plain(String),
    /// From quotes or after a backslash: means itself.
    Quoted(String),
    /// `$NAME`.
    Variable {
        /// Its name; `?` and `$` are names too.
        name: String,
        /// Instead of nothing (`${NAME:-this}`).
        otherwise: Option<String>,
        /// It stands in double quotes, so it stays one word.
        quoted: bool,
    },
    /// `$(…)`.
    Output {
        /// What is run.
        list: List,
        /// It stands in double quotes.
        quoted: bool,
    },
}

/// Where a stream of a command goes or comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Redirect {
    /// `< FILE`.
    Input(Word),
    /// `<<< WORD`.
    Text(Word),
    /// `> FILE`, `>> FILE`, `&> FILE`.
    Output {
        /// Which stream.
        from: Stream,
        /// The file.
        to: Word,
        /// After what is there.
        append: bool,
    },
    /// `2>&1`, `>&2`.
    Join {
        /// Which stream.
        from: Stream,
        /// Where the other one goes now.
        to: Stream,
    },
}

/// A stream that a command writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stream {
    /// Standard output.
    Out,
    /// Standard error.
    Err,
    /// Both (`&>` only).
    Both,
}

/// Why a line is no shell, or none that a practice machine understands.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SyntaxError {
    /// Something stands where nothing like it may.
    #[error("syntax error near unexpected token `{0}'")]
    Unexpected(String),
    /// A quote or bracket is open at the end.
    #[error("unexpected EOF while looking for matching `{0}'")]
    Unclosed(char),
    /// More was to come.
    #[error("syntax error: unexpected end of file")]
    End,
    /// Real shells know it, this one does not.
    #[error("a practice machine's shell runs simple commands only, without {0}")]
    Beyond(&'static str),
}

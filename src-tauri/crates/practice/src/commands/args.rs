//! Options as GNU programs take them: bundled letters, letters with a value, long names, `--`.

/// What a command was given.
#[derive(Debug, Default)]
pub(super) struct Args {
    given: Vec<(char, Option<String>)>,
    /// What is no option.
    pub rest: Vec<String>,
}

/// Which options a command knows.
pub(super) struct Known {
    /// Letters that stand alone.
    pub flags: &'static str,
    /// Letters with a value.
    pub valued: &'static str,
    /// Long names, and the letter that each stands for.
    pub long: &'static [(&'static str, char)],
}

/// An option that a command does not know, or that lacks its value. Its text is GNU's, without the command's name.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum BadOption {
    #[error("invalid option -- '{0}'")]
    Letter(char),
    #[error("unrecognized option '{0}'")]
    Long(String),
    #[error("option requires an argument -- '{0}'")]
    NoValue(char),
}

impl Args {
    /// Whether the letter was given.
    pub fn has(&self, letter: char) -> bool {
        self.given.iter().any(|(l, _)| *l == letter)
    }

    /// The last value of the letter.
    pub fn value(&self, letter: char) -> Option<&str> {
        self.given.iter().rev().find(|(l, _)| *l == letter).and_then(|(_, v)| v.as_deref())
    }

    /// All values of the letter.
    pub fn values(&self, letter: char) -> impl Iterator<Item = &str> {
        self.given.iter().filter(move |(l, _)| *l == letter).filter_map(|(_, v)| v.as_deref())
    }
}

impl Known {
    /// Sorts what a command was given.
    pub fn parse(&self, args: &[String]) -> Result<Args, BadOption> {
        let mut parsed = Args::default();
        let mut args = args.iter().cloned();
        while let Some(arg) = args.next() {
            if arg == "--" {
                parsed.rest.extend(args.by_ref());
            } else if let Some(long) = arg.strip_prefix("--") {
                self.long_option(&arg, long, &mut args, &mut parsed)?;
            } else if let Some(letters) = arg.strip_prefix('-').filter(|l| !l.is_empty()) {
                self.letters(letters, &mut args, &mut parsed)?;
            } else {
                parsed.rest.push(arg);
            }
        }
        Ok(parsed)
    }

    fn long_option(
        &self,
        arg: &str,
        long: &str,
        args: &mut impl Iterator<Item = String>,
        parsed: &mut Args,
    ) -> Result<(), BadOption> {
        let (name, value) = long.split_once('=').map_or((long, None), |(n, v)| (n, Some(v.to_owned())));
        let letter = self.long.iter().find(|(n, _)| *n == name).map(|(_, l)| *l);
        let letter = letter.ok_or_else(|| BadOption::Long(arg.to_owned()))?;
        let value = if self.valued.contains(letter) {
            Some(value.or_else(|| args.next()).ok_or(BadOption::NoValue(letter))?)
        } else {
            None
        };
        parsed.given.push((letter, value));
        Ok(())
    }

    fn letters(
        &self,
        letters: &str,
        args: &mut impl Iterator<Item = String>,
        parsed: &mut Args,
    ) -> Result<(), BadOption> {
        for (at, letter) in letters.char_indices() {
            if self.flags.contains(letter) {
                parsed.given.push((letter, None));
            } else if self.valued.contains(letter) {
                let glued = &letters[at + letter.len_utf8()..];
                let value = if glued.is_empty() { args.next() } else { Some(glued.to_owned()) };
                parsed.given.push((letter, Some(value.ok_or(BadOption::NoValue(letter))?)));
                return Ok(());
            } else {
                return Err(BadOption::Letter(letter));
            }
        }
        Ok(())
    }
}

//! What Startline says to people: every sentence in English and in French, and the one shape that every
//! trouble has when a person meets it.
//!
//! A sentence always travels in both languages ([`Text`]); whoever shows it picks one ([`Text::get`]). So a
//! window can change its language without asking the backend again, and no text lacks a translation.

use serde::{Deserialize, Serialize};

/// A language that Startline speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// English, the default.
    #[default]
    En,
    /// French.
    Fr,
}

impl Lang {
    /// The language of a POSIX locale such as `fr_FR.UTF-8`; English for anything that is not French.
    ///
    /// ```
    /// assert_eq!(words::Lang::of_locale("fr_CA.UTF-8"), words::Lang::Fr);
    /// assert_eq!(words::Lang::of_locale("C"), words::Lang::En);
    /// ```
    pub fn of_locale(locale: &str) -> Self {
        if locale.starts_with("fr") { Self::Fr } else { Self::En }
    }
}

/// One sentence, or a few, in both languages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Text {
    /// English.
    pub en: String,
    /// French.
    pub fr: String,
}

impl Text {
    /// A text from its two forms.
    ///
    /// ```
    /// use words::{Lang, Text};
    /// let hello = Text::new("Hello", "Bonjour");
    /// assert_eq!(hello.get(Lang::Fr), "Bonjour");
    /// ```
    pub fn new(en: impl Into<String>, fr: impl Into<String>) -> Self {
        Self { en: en.into(), fr: fr.into() }
    }

    /// The same in both languages: names, commands, output of programs.
    pub fn same(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { en: text.clone(), fr: text }
    }

    /// The form in one language.
    pub fn get(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.en,
            Lang::Fr => &self.fr,
        }
    }
}

/// A number as people read it: at most `decimals` places, no zeros at the end, a decimal comma in French. Nothing below 0.
///
/// By whole numbers, because the standard library's way takes five times the code, which counts in a webview.
///
/// ```
/// use words::{Lang, number};
/// assert_eq!(number(0.50, 2, Lang::Fr), "0,5");
/// assert_eq!(number(20.0, 1, Lang::En), "20");
/// ```
pub fn number(value: f64, decimals: u32, lang: Lang) -> String {
    let mut text = fixed(value, decimals, lang);
    if decimals > 0 {
        text.truncate(text.trim_end_matches('0').trim_end_matches(['.', ',']).len());
    }
    text
}

/// The same with exactly so many places.
///
/// ```
/// assert_eq!(words::fixed(3.0, 1, words::Lang::En), "3.0");
/// ```
pub fn fixed(value: f64, decimals: u32, lang: Lang) -> String {
    let unit = 10_u64.pow(decimals);
    let whole = (value.max(0.0) * unit as f64).round() as u64;
    if decimals == 0 {
        return whole.to_string();
    }
    let point = if lang == Lang::Fr { ',' } else { '.' };
    format!("{}{point}{:0places$}", whole / unit, whole % unit, places = decimals as usize)
}

/// Makes a [`Text`] from two format strings over the variables in scope.
///
/// ```
/// let node = "node1";
/// let t = words::text!("{node} is up", "{node} est démarrée");
/// assert_eq!(t.en, "node1 is up");
/// ```
#[macro_export]
macro_rules! text {
    ($en:literal, $fr:literal $(,)?) => {
        $crate::Text { en: format!($en), fr: format!($fr) }
    };
}

/// What the program can do about a [`Problem`] when the person presses the button beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "do", from = "FlatAction")]
pub enum Action {
    /// Try the same again.
    Retry,
    /// Go to the plan page, to the field at `path` (as findings name it).
    OpenPlan {
        /// A path in the plan, such as `nodes[1].address`; empty for the page itself.
        path: String,
    },
    /// Bring the cluster's machines up (`startline up`).
    Up,
}

/// How an [`Action`] is read: what any of them carries, beside the tag. By itself serde reads such an enum twice, with code
/// of its own for each type that holds one; the window's bundle is smaller this way.
#[derive(Deserialize)]
struct FlatAction {
    r#do: ActionName,
    #[serde(default)]
    path: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum ActionName {
    Retry,
    OpenPlan,
    Up,
}

impl From<FlatAction> for Action {
    fn from(flat: FlatAction) -> Self {
        match flat.r#do {
            ActionName::Retry => Self::Retry,
            ActionName::OpenPlan => Self::OpenPlan { path: flat.path },
            ActionName::Up => Self::Up,
        }
    }
}

/// A trouble as a person meets it: a stable id, plain words, the evidence, the next step.
///
/// Every error enum of the house turns into one (`fn problem(&self) -> Problem`); docs/errors.md lists the ids.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Stable, lower-case, words joined by hyphens: `plan-unknown-key`. Never reused for something else.
    pub id: String,
    /// What went wrong, in a sentence.
    pub what: Text,
    /// The evidence: last lines of output, the path, the system's own message. As it came, any language.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<String>,
    /// What to do next.
    pub next: Text,
    /// What the program can do about it by itself, if anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<Action>,
}

impl Problem {
    /// A problem without evidence or action; add them with [`Self::with_evidence`] and [`Self::with_action`].
    pub fn new(id: impl Into<String>, what: Text, next: Text) -> Self {
        Self { id: id.into(), what, evidence: Vec::new(), next, action: None }
    }

    /// Adds a line of evidence; empty lines are left out.
    #[must_use]
    pub fn with_evidence(mut self, line: impl Into<String>) -> Self {
        let line = line.into();
        if !line.trim().is_empty() {
            self.evidence.push(line);
        }
        self
    }

    /// Adds what the program can do about it.
    #[must_use]
    pub fn with_action(mut self, action: Action) -> Self {
        self.action = Some(action);
        self
    }
}

/// Text from a machine or a peer without anything that a terminal would obey: escape sequences and control characters
/// are dropped; line ends and tabs stay.
///
/// ```
/// assert_eq!(words::plain("\u{1b}[31mred\u{1b}[0m\u{7}"), "red");
/// assert_eq!(words::plain("a\tb\nc\r\n"), "a\tb\nc\n");
/// ```
pub fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\u{1b}' => skip_escape(&mut chars),
            '\n' | '\t' => out.push(c),
            c if c.is_control() || is_bidi_control(c) => {}
            c => out.push(c),
        }
    }
    out
}

/// Skips what follows an ESC: a CSI sequence to its final byte, an OSC string to its end, or one character.
fn skip_escape(chars: &mut std::iter::Peekable<std::str::Chars>) {
    match chars.next() {
        Some('[') => {
            for c in chars.by_ref() {
                if ('\u{40}'..='\u{7e}').contains(&c) {
                    break;
                }
            }
        }
        Some(']') => {
            while let Some(c) = chars.next() {
                if c == '\u{7}' || (c == '\u{1b}' && chars.next_if_eq(&'\\').is_some()) {
                    break;
                }
            }
        }
        _ => {}
    }
}

/// Characters that reorder the text around them: harmless in a book, a trick in a log.
fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

//! Numbers and lists, as sentences want them.

use words::Text;

/// How many names a list spells out before it says how many more there are.
const SPELLED: usize = 8;

/// An amount with two decimals at the most: `2`, `0.9`; in French `0,9`.
pub fn amount(value: f64) -> Text {
    let text = format!("{value:.2}");
    let en = text.trim_end_matches('0').trim_end_matches('.');
    Text::new(en, en.replace('.', ","))
}

/// Names in a row; a long list is cut.
pub fn list<S: AsRef<str>>(names: &[S]) -> Text {
    let spelled = names.iter().take(SPELLED).map(AsRef::as_ref).collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(SPELLED) {
        0 => Text::same(spelled),
        more => words::text!("{spelled} and {more} more", "{spelled} et {more} de plus"),
    }
}

/// One sentence after another.
pub fn joined(texts: Vec<Text>) -> Text {
    let row = |lang: fn(&Text) -> &str| texts.iter().map(lang).collect::<Vec<_>>().join(" ");
    Text { en: row(|t| &t.en), fr: row(|t| &t.fr) }
}

#[cfg(test)]
mod tests {
    use words::Text;

    use super::{amount, joined, list};

    #[test]
    fn amounts_are_short() {
        assert_eq!(amount(2.0), Text::same("2"));
        assert_eq!(amount(0.9), Text::new("0.9", "0,9"));
        assert_eq!(amount(0.125), Text::new("0.12", "0,12"));
        assert_eq!(amount(100.0), Text::same("100"));
    }

    #[test]
    fn a_long_list_is_cut() {
        assert_eq!(list(&["a", "b"]), Text::same("a, b"));
        let ten: Vec<String> = (1..=10).map(|n| n.to_string()).collect();
        assert_eq!(list(&ten), Text::new("1, 2, 3, 4, 5, 6, 7, 8 and 2 more", "1, 2, 3, 4, 5, 6, 7, 8 et 2 de plus"));
    }

    #[test]
    fn sentences_follow_each_other() {
        assert_eq!(joined(vec![Text::new("A.", "B."), Text::same("C.")]), Text::new("A. C.", "B. C."));
        assert_eq!(joined(vec![]), Text::default());
    }
}

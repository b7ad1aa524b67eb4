//! A text in which `` `code` `` is set as code.

use leptos::prelude::*;
use words::Text;

use crate::i18n::say;
use crate::live::{Live, live};

/// The text in the language shown.
pub fn prose(text: Text) -> Live {
    live(move || {
        let text = say(&text);
        pieces(&text)
            .into_iter()
            .map(|(code, piece)| {
                let piece = piece.to_owned();
                if code { view! { <code>{piece}</code> }.into_any() } else { piece.into_any() }
            })
            .collect_view()
    })
}

/// The pieces of a text, each with whether it is code. A backtick without its other half stands for itself.
fn pieces(text: &str) -> Vec<(bool, &str)> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('`') {
        let Some((code, behind)) = after.split_once('`') else { break };
        pieces.push((false, before));
        pieces.push((true, code));
        rest = behind;
    }
    pieces.push((false, rest));
    pieces.retain(|(_, piece)| !piece.is_empty());
    pieces
}

#[cfg(test)]
mod tests {
    use super::pieces;

    #[test]
    fn code_stands_between_backticks() {
        assert_eq!(pieces("the file `myid` holds 1"), [(false, "the file "), (true, "myid"), (false, " holds 1")]);
        assert_eq!(pieces("`a``b`"), [(true, "a"), (true, "b")]);
    }

    #[test]
    fn a_lone_backtick_is_text() {
        assert_eq!(pieces("a ` b"), [(false, "a ` b")]);
        assert!(pieces("").is_empty());
    }
}

//! What was shown of a section last, and whether there is news worth showing.

use protocol::Section;
use words::Problem;

/// An unchanged section is shown again no more often than this, milliseconds: so that a window can say how fresh it is.
const FRESHEN_MS: u64 = 5_000;

/// What one look at a section gave.
#[derive(Clone, Debug, PartialEq)]
pub enum Reading<T> {
    /// The whole section, as of now.
    Whole(T),
    /// Some of it is as of now; the rest could not be learnt, and is as old as before.
    Partial(T, Problem),
    /// Nothing could be learnt.
    Failed(Problem),
}

/// What was shown of a section last.
#[derive(Debug)]
pub struct Shown<T>(Option<Section<T>>);

impl<T> Default for Shown<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T: Clone + PartialEq> Shown<T> {
    /// What to show after this reading, if there is any news.
    pub fn take(&mut self, reading: Reading<T>, now_ms: u64) -> Option<Section<T>> {
        let next = after(self.0.as_ref(), reading, now_ms)?;
        let news = match &self.0 {
            None => true,
            Some(last) => {
                last.body != next.body
                    || last.trouble != next.trouble
                    || next.as_of_ms >= last.as_of_ms.saturating_add(FRESHEN_MS)
            }
        };
        if news {
            self.0 = Some(next.clone());
        }
        news.then_some(next)
    }
}

/// The section after a reading: what could not be read stays as it was, and says why. None if nothing was ever read.
pub fn after<T: Clone>(last: Option<&Section<T>>, reading: Reading<T>, now_ms: u64) -> Option<Section<T>> {
    let (body, trouble) = match reading {
        Reading::Whole(body) => return Some(Section { as_of_ms: now_ms, trouble: None, body }),
        Reading::Partial(body, trouble) => (body, trouble),
        Reading::Failed(trouble) => (last?.body.clone(), trouble),
    };
    let as_of_ms = last.map_or(now_ms, |last| last.as_of_ms);
    Some(Section { as_of_ms, trouble: Some(trouble), body })
}

#[cfg(test)]
mod tests {
    use words::{Problem, Text};

    use super::{Reading, Shown};

    fn trouble() -> Problem {
        Problem::new("gone", Text::same("gone"), Text::same("wait"))
    }

    #[test]
    fn the_first_reading_is_news_the_same_again_is_not() {
        let mut shown = Shown::default();
        assert_eq!(shown.take(Reading::Whole(1), 100).map(|s| s.body), Some(1));
        assert_eq!(shown.take(Reading::Whole(1), 1_100), None);
        assert_eq!(shown.take(Reading::Whole(2), 1_200).map(|s| (s.as_of_ms, s.body)), Some((1_200, 2)));
    }

    #[test]
    fn an_unchanged_section_is_freshened_every_five_seconds() {
        let mut shown = Shown::default();
        let sent: Vec<u64> =
            (0..=12).filter_map(|s| shown.take(Reading::Whole(1), s * 1_000)).map(|s| s.as_of_ms).collect();
        assert_eq!(sent, [0, 5_000, 10_000]);
    }

    #[test]
    fn a_failed_reading_keeps_the_body_and_its_age_and_says_why_once() {
        let mut shown = Shown::default();
        shown.take(Reading::Whole(7), 100);
        let section = shown.take(Reading::Failed(trouble()), 20_000).unwrap();
        assert_eq!((section.as_of_ms, section.trouble, section.body), (100, Some(trouble()), 7));
        assert_eq!(shown.take(Reading::Failed(trouble()), 40_000), None);
        let back = shown.take(Reading::Whole(7), 50_000).unwrap();
        assert_eq!((back.as_of_ms, back.trouble), (50_000, None));
    }

    #[test]
    fn a_section_that_was_never_read_is_not_shown() {
        let mut shown = Shown::<u8>::default();
        assert_eq!(shown.take(Reading::Failed(trouble()), 100), None);
        assert_eq!(shown.take(Reading::Partial(3, trouble()), 200).map(|s| (s.as_of_ms, s.body)), Some((200, 3)));
    }
}

//! One look at a section, and whether it is news.

use protocol::Section;
use words::Problem;

/// An unchanged section is shown again no more often than this, milliseconds: so that a window can say how fresh it is.
const FRESHEN_MS: u64 = 5_000;

/// What one look at a section gave.
#[derive(Clone, Debug, PartialEq)]
pub enum Reading<T> {
    /// The whole section, as of now.
    Whole(T),
    /// Some of it, perhaps nothing, is as of now; the rest could not be learnt, and is as old as before.
    Partial(T, Problem),
}

/// The section to show after a reading, if there is any news since `last`, which is what was shown last.
pub fn news<T: Clone + PartialEq>(last: Option<&Section<T>>, reading: Reading<T>, now_ms: u64) -> Option<Section<T>> {
    let next = after(last, reading, now_ms);
    let Some(last) = last else { return Some(next) };
    let stale = next.as_of_ms >= last.as_of_ms.saturating_add(FRESHEN_MS);
    (stale || last.body != next.body || last.trouble != next.trouble).then_some(next)
}

/// The section after a reading.
pub fn after<T>(last: Option<&Section<T>>, reading: Reading<T>, now_ms: u64) -> Section<T> {
    match reading {
        Reading::Whole(body) => Section { as_of_ms: now_ms, trouble: None, body },
        Reading::Partial(body, trouble) => {
            Section { as_of_ms: last.map_or(now_ms, |last| last.as_of_ms), trouble: Some(trouble), body }
        }
    }
}

#[cfg(test)]
mod tests {
    use words::{Problem, Text};

    use protocol::Section;

    use super::{Reading, news};

    fn trouble() -> Problem {
        Problem::new("gone", Text::same("gone"), Text::same("wait"))
    }

    /// Takes readings with their times; gives what is shown, each as age, whether there is trouble, and body.
    fn shown(readings: impl IntoIterator<Item = (u64, Reading<u8>)>) -> Vec<(u64, bool, u8)> {
        let mut last: Option<Section<u8>> = None;
        let mut all = Vec::new();
        for (now_ms, reading) in readings {
            if let Some(next) = news(last.as_ref(), reading, now_ms) {
                all.push((next.as_of_ms, next.trouble.is_some(), next.body));
                last = Some(next);
            }
        }
        all
    }

    #[test]
    fn the_first_reading_is_news_the_same_again_is_not() {
        let readings = [(100, Reading::Whole(1)), (1_100, Reading::Whole(1)), (1_200, Reading::Whole(2))];
        assert_eq!(shown(readings), [(100, false, 1), (1_200, false, 2)]);
    }

    #[test]
    fn an_unchanged_section_is_freshened_every_five_seconds() {
        let every_second = (0..=12).map(|s| (s * 1_000, Reading::Whole(1)));
        assert_eq!(shown(every_second), [(0, false, 1), (5_000, false, 1), (10_000, false, 1)]);
    }

    #[test]
    fn a_reading_that_failed_keeps_its_age_and_says_why_once() {
        let readings = [
            (100, Reading::Whole(7)),
            (20_000, Reading::Partial(7, trouble())),
            (40_000, Reading::Partial(7, trouble())),
            (50_000, Reading::Whole(7)),
        ];
        assert_eq!(shown(readings), [(100, false, 7), (100, true, 7), (50_000, false, 7)]);
    }
}

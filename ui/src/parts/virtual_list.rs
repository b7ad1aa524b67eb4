//! Which rows of a long list are worth drawing.

use std::ops::Range;

/// Rows that are drawn above and below what can be seen, so that scrolling shows no gaps.
const MARGIN: usize = 12;

/// The rows to draw of a list of `count`, each `row` pixels high, scrolled to `top` in a window `height` pixels high.
pub fn visible(top: f64, height: f64, row: f64, count: usize) -> Range<usize> {
    let first = (top / row).max(0.0) as usize;
    let last = ((top + height) / row).ceil().max(0.0) as usize;
    let end = last.saturating_add(MARGIN).min(count);
    first.saturating_sub(MARGIN).min(end)..end
}

#[cfg(test)]
mod tests {
    use super::visible;

    #[test]
    fn only_what_is_seen_and_its_margin_is_drawn() {
        assert_eq!(visible(0.0, 200.0, 20.0, 5000), 0..22);
        assert_eq!(visible(1000.0, 200.0, 20.0, 5000), 38..72);
        assert_eq!(visible(99_900.0, 200.0, 20.0, 5000), 4983..5000);
    }

    #[test]
    fn short_lists_and_scrolls_beyond_the_end_are_no_trouble() {
        assert_eq!(visible(0.0, 200.0, 20.0, 3), 0..3);
        assert_eq!(visible(5000.0, 200.0, 20.0, 3), 3..3);
        assert_eq!(visible(0.0, 0.0, 20.0, 0), 0..0);
    }
}

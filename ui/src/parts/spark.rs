//! A small line of how a value went.

use std::collections::VecDeque;

use crate::format::place;
use crate::live::{Live, live};
use crate::parts::picture;

/// The line over `values`, each between 0 and 1, in one of the style's colours.
pub fn spark(values: impl Fn() -> VecDeque<f64> + Send + Sync + 'static, colour: &'static str) -> Live {
    let rest = format!(r#"stroke="{colour}" stroke-width="1.8" vector-effect="non-scaling-stroke""#);
    live(move || picture::stretched("spark", "0 0 120 26", picture::line(&path(&values()), &rest)))
}

/// The path of the values on a field of 120 by 26, newest at the right edge.
fn path(values: &VecDeque<f64>) -> String {
    let step = 120.0 / (values.len().max(2) - 1) as f64;
    let points = values.iter().enumerate().map(|(n, value)| {
        let (x, y) = (place(n as f64 * step), place(24.0 - value.clamp(0.0, 1.0) * 22.0));
        format!("{}{x} {y}", if n == 0 { 'M' } else { 'L' })
    });
    points.collect()
}

#[cfg(test)]
mod tests {
    use super::path;

    #[test]
    fn the_line_goes_from_edge_to_edge() {
        assert_eq!(path(&[0.0, 0.5, 1.0].into()), "M0.0 24.0L60.0 13.0L120.0 2.0");
        assert_eq!(path(&[].into()), "");
    }
}

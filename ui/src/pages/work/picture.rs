//! Where things stand in a picture.

/// The places of `count` equal things around an ellipse, the first at its top, clockwise. One thing stands in the middle.
pub fn around(count: usize, centre: (f64, f64), radii: (f64, f64)) -> Vec<(f64, f64)> {
    if count == 1 {
        return vec![centre];
    }
    let angle = |n: usize| std::f64::consts::TAU * n as f64 / count as f64;
    (0..count).map(|n| (centre.0 + radii.0 * angle(n).sin(), centre.1 - radii.1 * angle(n).cos())).collect()
}

/// The x of `count` things in a row of that width.
pub fn in_a_row(count: usize, width: f64) -> Vec<f64> {
    let step = width / count as f64;
    (0..count).map(|n| step * (n as f64 + 0.5)).collect()
}

#[cfg(test)]
mod tests {
    use super::{around, in_a_row};

    #[test]
    fn one_stands_in_the_middle_and_three_in_a_triangle() {
        assert_eq!(around(1, (10.0, 10.0), (8.0, 5.0)), [(10.0, 10.0)]);
        let three = around(3, (10.0, 10.0), (8.0, 5.0));
        assert_eq!(three.len(), 3);
        assert!((three[0].1 - 5.0).abs() < 1e-9 && three[1].0 > 10.0 && three[2].0 < 10.0);
    }

    #[test]
    fn a_row_is_even() {
        assert_eq!(in_a_row(2, 100.0), [25.0, 75.0]);
        assert!(in_a_row(0, 100.0).is_empty());
    }
}

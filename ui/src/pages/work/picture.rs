//! Where things stand in a picture.

/// The places of `count` equal things around an ellipse, the first at its top, clockwise. One thing stands in the middle.
pub fn around(count: usize, centre: (f64, f64), radii: (f64, f64)) -> Vec<(f64, f64)> {
    if count == 1 {
        return vec![centre];
    }
    // Turning by one step is all that is needed: the standard library's sine and cosine are ten times as much code.
    let step = sine_and_cosine(std::f64::consts::TAU / count as f64);
    let mut turn = (0.0, 1.0);
    let places = (0..count).map(|_| {
        let (sine, cosine) = turn;
        turn = (sine * step.1 + cosine * step.0, cosine * step.1 - sine * step.0);
        (centre.0 + radii.0 * sine, centre.1 - radii.1 * cosine)
    });
    places.collect()
}

/// By their series, exact enough for a picture up to half a turn.
fn sine_and_cosine(angle: f64) -> (f64, f64) {
    let (mut term, mut sums) = (1.0, (0.0, 1.0));
    for n in 1..16 {
        term *= angle / f64::from(n);
        let sign = if n % 4 < 2 { 1.0 } else { -1.0 };
        if n % 2 == 1 { sums.0 += sign * term } else { sums.1 += sign * term }
    }
    sums
}

/// The x of `count` things in a row of that width.
pub fn in_a_row(count: usize, width: f64) -> Vec<f64> {
    let step = width / count as f64;
    (0..count).map(|n| step * (n as f64 + 0.5)).collect()
}

#[cfg(test)]
mod tests {
    use super::{around, in_a_row, sine_and_cosine};

    #[test]
    fn one_stands_in_the_middle_and_three_in_a_triangle() {
        assert_eq!(around(1, (10.0, 10.0), (8.0, 5.0)), [(10.0, 10.0)]);
        let three = around(3, (10.0, 10.0), (8.0, 5.0));
        assert_eq!(three.len(), 3);
        assert!((three[0].1 - 5.0).abs() < 1e-9 && three[1].0 > 10.0 && three[2].0 < 10.0);
    }

    #[test]
    fn the_series_agree_with_the_standard_library() {
        for count in 2..12 {
            let angle = std::f64::consts::TAU / f64::from(count);
            let (sine, cosine) = sine_and_cosine(angle);
            assert!((sine - angle.sin()).abs() < 1e-4 && (cosine - angle.cos()).abs() < 1e-4, "{angle}");
        }
    }

    #[test]
    fn a_row_is_even() {
        assert_eq!(in_a_row(2, 100.0), [25.0, 75.0]);
        assert!(in_a_row(0, 100.0).is_empty());
    }
}

//! What texts may look like.

/// A path of an application: names between slashes, or `..`, with or without a slash in front. Source: `PathId` in
/// `stringTypes.raml`.
pub(super) fn is_path(text: &str) -> bool {
    let path = text.strip_prefix('/').unwrap_or(text);
    text == "/" || path.split('/').all(|part| part == ".." || is_path_part(part))
}

/// One name of a path: labels of lower-case letters, digits and inner hyphens, joined by dots.
pub(super) fn is_path_part(part: &str) -> bool {
    part.split('.').all(is_label)
}

/// Lower-case letters, digits and inner hyphens.
fn is_label(text: &str) -> bool {
    let inside = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    !text.is_empty() && inside && !text.starts_with('-') && !text.ends_with('-')
}

/// The name of a port: what both the RAML (`LegacyName`) and the JSON schema take.
pub(super) fn is_port_name(text: &str) -> bool {
    is_label(text) && text.starts_with(|c: char| c.is_ascii_lowercase())
}

/// The name of a network, as port mappings refer to it.
pub(super) fn is_network_name(text: &str) -> bool {
    is_label(text) && text.len() <= 63
}

/// Nothing, `//cmd`, or a path.
pub(super) fn is_executor(text: &str) -> bool {
    let path = text.strip_prefix('/').unwrap_or(text);
    text.is_empty() || text == "//cmd" || path.split('/').all(|part| !part.is_empty())
}

/// A date and time, ISO 8601 as Marathon writes it: `2015-09-25T15:13:48.343Z`, or with an offset such as `+02:00`.
pub(super) fn is_date_time(text: &str) -> bool {
    let Some((date, time)) = text.split_once('T') else { return false };
    let Some(zone) = time.find(['Z', '+', '-']) else { return false };
    let (time, zone) = time.split_at(zone);
    is_date(date) && is_time(time) && is_zone(zone)
}

fn is_date(text: &str) -> bool {
    let Some([year, month, day]) = numbers(text, '-') else { return false };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    text.len() == 10 && (1..=12).contains(&month) && (1..=days).contains(&day)
}

fn is_time(text: &str) -> bool {
    let (clock, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = !fraction.is_empty() && fraction.bytes().all(|b| b.is_ascii_digit());
    let inside = numbers(clock, ':').is_some_and(|[h, m, s]| h < 24 && m < 60 && s < 60);
    clock.len() == 8 && digits && inside
}

fn is_zone(text: &str) -> bool {
    let Some(offset) = text.strip_prefix(['+', '-']) else { return text == "Z" };
    offset.len() == 5 && numbers(offset, ':').is_some_and(|[h, m]| h < 24 && m < 60)
}

/// Exactly `N` numbers of two or four digits.
fn numbers<const N: usize>(text: &str, between: char) -> Option<[u32; N]> {
    let parts: Vec<&str> = text.split(between).collect();
    let numbers: Option<Vec<u32>> = parts.iter().map(|p| number(p)).collect();
    numbers?.try_into().ok()
}

fn number(text: &str) -> Option<u32> {
    let digits = matches!(text.len(), 2 | 4) && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths() {
        for good in ["/", "/a", "a", "/shop/web-1", "/a.b/c", "../a", "/0"] {
            assert!(is_path(good), "{good}");
        }
        for bad in ["", "//", "/a/", "/A", "/a b", "/-a", "/a-", "/a..b", "/a_b", "/é", "/a\n", "."] {
            assert!(!is_path(bad), "{bad:?}");
        }
    }

    #[test]
    fn date_times() {
        for good in ["2015-09-25T15:13:48.343Z", "2016-02-29T00:00:00+02:00", "2015-09-25T15:13:48Z"] {
            assert!(is_date_time(good), "{good}");
        }
        for bad in ["", "2015-02-29T00:00:00Z", "2015-09-25", "2015-09-25T15:13Z", "2015-09-25T25:00:00Z", "T-Z"] {
            assert!(!is_date_time(bad), "{bad}");
        }
    }

    #[test]
    fn executors() {
        for good in ["", "//cmd", "/usr/bin/x", "x"] {
            assert!(is_executor(good), "{good}");
        }
        for bad in ["/", "//", "//x", "a//b", "a/"] {
            assert!(!is_executor(bad), "{bad}");
        }
    }
}

//! Numbers, durations and sizes as people read them, in both languages.

use words::{Lang, fixed};

pub use words::number;

/// A place or a length in a picture.
pub fn place(value: f64) -> String {
    let sign = if value < 0.0 { "-" } else { "" };
    format!("{sign}{}", fixed(value.abs(), 1, Lang::En))
}

/// `0.8 s`, `12 s`, `1:04`, `1:02:03`.
pub fn duration(ms: u64, lang: Lang) -> String {
    let seconds = ms / 1000;
    match seconds {
        0..10 => format!("{}\u{a0}s", fixed(ms as f64 / 1000.0, 1, lang)),
        10..60 => format!("{seconds}\u{a0}s"),
        60..3600 => format!("{}:{:02}", seconds / 60, seconds % 60),
        _ => format!("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60),
    }
}

/// A deadline or an age in words: `60 s`, `5 min`, `2 h`.
pub fn span(seconds: u64) -> String {
    match seconds {
        0..120 => format!("{seconds}\u{a0}s"),
        120..7200 => format!("{}\u{a0}min", seconds / 60),
        _ => format!("{}\u{a0}h", seconds / 3600),
    }
}

/// MiB as `512 MiB` or `1.5 GiB`; `Mio` and `Gio` in French.
pub fn memory(mib: f64, lang: Lang) -> String {
    let (value, decimals, unit) = if mib >= 1024.0 { (mib / 1024.0, 1, 'G') } else { (mib, 0, 'M') };
    format!("{}\u{a0}{}", number(value, decimals, lang), memory_unit(unit, lang))
}

/// How much of how much, with the unit once where it is MiB: `32 / 512 MiB`, `32 MiB / 1 GiB`.
pub fn memory_of(used: f64, total: f64, lang: Lang) -> String {
    let first = if total < 1024.0 { number(used, 0, lang) } else { memory(used, lang) };
    format!("{first} / {}", memory(total, lang))
}

fn memory_unit(prefix: char, lang: Lang) -> String {
    format!("{prefix}{}", if lang == Lang::Fr { "io" } else { "iB" })
}

/// The time of day of a moment, `14:02:31`, on a clock that is `offset_minutes` behind UTC (as JavaScript counts).
pub fn clock(at_ms: u64, offset_minutes: i32) -> String {
    let seconds = (at_ms / 1000) as i64 - i64::from(offset_minutes) * 60;
    let of_day = seconds.rem_euclid(86_400);
    format!("{:02}:{:02}:{:02}", of_day / 3600, of_day / 60 % 60, of_day % 60)
}

/// A part of a whole in percent, 0 to 100; nothing of nothing is 0.
pub fn percent(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { (part / whole * 100.0).clamp(0.0, 100.0) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_comma_of_their_language_and_no_idle_zeros() {
        assert_eq!(number(0.5, 2, Lang::En), "0.5");
        assert_eq!(number(0.5, 2, Lang::Fr), "0,5");
        assert_eq!(number(20.0, 1, Lang::En), "20");
        assert_eq!(number(100.0, 0, Lang::En), "100");
        assert_eq!(number(1.05, 2, Lang::En), "1.05");
        assert_eq!(number(0.999, 2, Lang::En), "1");
        assert_eq!((place(-17.04), place(3.25)), ("-17.0".into(), "3.3".into()));
    }

    #[test]
    fn durations_grow_from_tenths_to_hours() {
        assert_eq!(duration(800, Lang::En), "0.8\u{a0}s");
        assert_eq!(duration(800, Lang::Fr), "0,8\u{a0}s");
        assert_eq!(duration(12_900, Lang::En), "12\u{a0}s");
        assert_eq!(duration(64_000, Lang::En), "1:04");
        assert_eq!(duration(3_723_000, Lang::En), "1:02:03");
    }

    #[test]
    fn memory_changes_its_unit_at_a_gibibyte() {
        assert_eq!(memory(512.0, Lang::En), "512\u{a0}MiB");
        assert_eq!(memory(1536.0, Lang::Fr), "1,5\u{a0}Gio");
        assert_eq!(memory_of(32.0, 512.0, Lang::En), "32 / 512\u{a0}MiB");
        assert_eq!(memory_of(32.0, 1024.0, Lang::En), "32\u{a0}MiB / 1\u{a0}GiB");
    }

    #[test]
    fn the_clock_knows_its_offset() {
        assert_eq!(clock(0, 0), "00:00:00");
        assert_eq!(clock(0, -60), "01:00:00");
        assert_eq!(clock(0, 60), "23:00:00");
    }

    #[test]
    fn a_part_of_nothing_is_nothing() {
        assert_eq!(percent(1.0, 0.0), 0.0);
        assert_eq!(percent(3.0, 2.0), 100.0);
    }
}

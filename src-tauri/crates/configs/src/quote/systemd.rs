//! systemd's unit files.

use super::one_line;

/// Text for `Description=`, which takes the rest of its line: specifiers are doubled, and a backslash, which would join
/// the next line at the end of this one, becomes a slash.
pub fn description(text: &str) -> String {
    one_line(text).replace('\\', "/").replace('%', "%%")
}

#[cfg(test)]
mod tests {
    use super::description;

    #[test]
    fn neither_specifiers_nor_lines() {
        assert_eq!(description("100%h\n[Service]\\"), "100%%h [Service]/");
    }
}

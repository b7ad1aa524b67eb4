//! The shell's words, for the commands in the guide.

/// One word of a shell command that stands for `text`. A shell's word cannot hold NUL: it is left out.
pub fn bash(text: &str) -> String {
    if !text.is_empty() && text.chars().all(needs_no_quotes) {
        return text.into();
    }
    format!("'{}'", text.replace('\0', "").replace('\'', r"'\''"))
}

fn needs_no_quotes(c: char) -> bool {
    c.is_ascii_alphanumeric() || "_-./:@%+,".contains(c)
}

#[cfg(test)]
mod tests {
    use super::bash;

    #[test]
    fn plain_names_stay_readable() {
        assert_eq!(bash("applications/shop.web.json"), "applications/shop.web.json");
    }

    #[test]
    fn everything_else_is_in_single_quotes() {
        assert_eq!(bash("it's $(id)"), r"'it'\''s $(id)'");
        assert_eq!(bash(""), "''");
    }
}

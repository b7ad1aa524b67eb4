//! Mesos's own small notations.

/// A name or value of `--attributes=name:value;…`, a notation without quoting: everything that means something in it
/// becomes `_`.
pub fn attribute(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_alphanumeric() || "-_./".contains(c) { c } else { '_' }).collect()
}

#[cfg(test)]
mod tests {
    use super::attribute;

    #[test]
    fn an_attribute_stays_one_attribute() {
        assert_eq!(attribute("r1;cpus:9"), "r1_cpus_9");
    }
}

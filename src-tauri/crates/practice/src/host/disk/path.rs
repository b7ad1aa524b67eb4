//! Paths on the machine's disk.

use std::fmt;

/// An absolute path without links, `.` or `..`: what a walk over the disk ends in. The empty one is `/`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place(Vec<String>);

impl Place {
    /// Names from the root down.
    pub fn parts(&self) -> &[String] {
        &self.0
    }

    /// One level down. `name` must be a single name.
    pub fn child(&self, name: &str) -> Self {
        debug_assert!(!name.contains('/') && name != ".." && !name.is_empty());
        let mut parts = self.0.clone();
        parts.push(name.to_owned());
        Self(parts)
    }

    /// One level up; the root is its own parent.
    pub fn parent(&self) -> Self {
        Self(self.0.split_last().map(|(_, above)| above.to_vec()).unwrap_or_default())
    }

    /// Its last name; none for the root.
    pub fn name(&self) -> Option<&str> {
        self.0.last().map(String::as_str)
    }

    pub(super) fn descend(&mut self, name: String) {
        self.0.push(name);
    }

    pub(super) fn ascend(&mut self) {
        self.0.pop();
    }

    pub(super) fn restart(&mut self) {
        self.0.clear();
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("/");
        }
        self.0.iter().try_for_each(|part| write!(f, "/{part}"))
    }
}

/// `path` as it is meant in the folder `cwd`: absolute, otherwise untouched.
pub(crate) fn absolute(cwd: &str, path: &str) -> String {
    if path.starts_with('/') { path.to_owned() } else { format!("{cwd}/{path}") }
}

/// `path` without `.`, `..` and doubled slashes, by its text alone.
pub(crate) fn tidy(path: &str) -> String {
    let mut place = Place::default();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => place.ascend(),
            name => place.descend(name.to_owned()),
        }
    }
    place.to_string()
}

/// The last name of a path as a person wrote it.
pub(crate) fn base_name(path: &str) -> &str {
    let trimmed = path.trim_end_matches('/');
    if trimmed.is_empty() && !path.is_empty() {
        return "/";
    }
    trimmed.rsplit('/').next().unwrap_or(trimmed)
}

//! A bundle: every file that a cluster needs, in memory.

use serde::{Deserialize, Serialize};

/// Every file that a cluster needs, sorted by path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bundle {
    /// The cluster's name.
    pub name: String,
    /// The files, sorted by [`File::path`].
    pub files: Vec<File>,
}

/// A generated file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// Its path in the bundle: relative, `/` between parts.
    pub path: String,
    /// The machine it is for, if for one.
    pub node: Option<String>,
    /// Its absolute path on that machine, if it is to be put there.
    pub dest: Option<String>,
    /// `user:group` on that machine.
    pub owner: String,
    /// Unix mode, such as 0o644.
    pub mode: u32,
    /// Its text.
    pub content: String,
}

impl Bundle {
    /// The files of one machine, sorted by path.
    pub fn for_node<'a>(&'a self, node: &'a str) -> impl Iterator<Item = &'a File> {
        self.files.iter().filter(move |f| f.node.as_deref() == Some(node))
    }

    /// The file that lies at `dest` on `node`.
    pub fn find(&self, node: &str, dest: &str) -> Option<&File> {
        self.files.iter().find(|f| f.node.as_deref() == Some(node) && f.dest.as_deref() == Some(dest))
    }

    /// The file at that path in the bundle.
    pub fn at(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|f| f.path == path)
    }
}

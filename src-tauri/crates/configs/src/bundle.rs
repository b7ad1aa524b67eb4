//! A bundle: every file that a cluster needs, in memory.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// Where the machines' program lies in a bundle: beside the Vagrantfile, where the installers look for it.
pub(crate) const PROGRAM: &str = "startline-node";

/// Every file that a cluster needs, sorted by path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bundle {
    /// The cluster's name.
    pub name: String,
    /// The files, sorted by [`File::path`].
    pub files: Vec<File>,
    /// The machines' program on this computer, if it is to be laid beside the files as `startline-node`.
    pub program: Option<PathBuf>,
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

/// Something of a bundle, as it is written out.
pub(crate) struct Item<'a> {
    pub path: &'a str,
    pub mode: u32,
    pub content: Content<'a>,
}

/// Where what is written out comes from.
pub(crate) enum Content<'a> {
    Text(&'a str),
    CopyOf(&'a Path),
}

impl File {
    fn item(&self) -> Item<'_> {
        Item { path: &self.path, mode: self.mode, content: Content::Text(&self.content) }
    }
}

impl Bundle {
    /// All that is written out.
    pub(crate) fn items(&self) -> impl Iterator<Item = Item<'_>> {
        let program = self.program.as_deref();
        let program = program.map(|p| Item { path: PROGRAM, mode: 0o755, content: Content::CopyOf(p) });
        self.files.iter().map(File::item).chain(program)
    }

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

//! A bundle while it is being made: every path in it is safe, and its own.

use std::collections::BTreeMap;

use crate::{Bundle, File, quote};

const PLAIN: u32 = 0o644;
const PROGRAM: u32 = 0o755;

/// A bundle while it is being made.
#[derive(Default)]
pub struct Draft {
    files: BTreeMap<String, File>,
}

impl Draft {
    /// Adds a file that is for no machine in particular.
    pub fn shared(&mut self, path: &str, content: String) {
        self.add(File { path: path.into(), node: None, dest: None, owner: root(), mode: PLAIN, content });
    }

    /// Adds a script that is for no machine in particular.
    pub fn shared_script(&mut self, path: &str, content: &str) {
        let content = content.into();
        self.add(File { path: path.into(), node: None, dest: None, owner: root(), mode: PROGRAM, content });
    }

    /// The place for one machine's files.
    pub fn machine<'a>(&'a mut self, node: &'a str) -> Machine<'a> {
        Machine { folder: format!("files/{}", quote::segment(node)), node, draft: self }
    }

    /// The files so far, by path.
    pub fn files(&self) -> impl Iterator<Item = &File> {
        self.files.values()
    }

    /// The bundle.
    pub fn finish(self, name: &str) -> Bundle {
        Bundle { name: name.into(), files: self.files.into_values().collect(), program: None }
    }

    /// Two names can become the same path, such as the applications `/a/b` and `/a.b`: the later ones get a number.
    fn add(&mut self, mut file: File) {
        let wanted = file.path.clone();
        for n in 2.. {
            if !self.files.contains_key(&file.path) {
                break;
            }
            file.path = match wanted.rsplit_once('.') {
                Some((stem, extension)) if !extension.contains('/') => format!("{stem}-{n}.{extension}"),
                _ => format!("{wanted}-{n}"),
            };
        }
        self.files.insert(file.path.clone(), file);
    }
}

/// The place for one machine's files.
pub struct Machine<'a> {
    folder: String,
    node: &'a str,
    draft: &'a mut Draft,
}

impl Machine<'_> {
    /// Adds a file that is put at `dest`.
    pub fn file(&mut self, dest: &str, content: impl Into<String>) {
        self.add(dest, true, PLAIN, content.into());
    }

    /// Adds a program that is put at `dest`.
    pub fn script(&mut self, dest: &str, content: impl Into<String>) {
        self.add(dest, true, PROGRAM, content.into());
    }

    /// Adds a file that a program makes at `at` on the machine; it is here for those who do that by hand.
    pub fn made_there(&mut self, at: &str, content: impl Into<String>) {
        self.add(at, false, PLAIN, content.into());
    }

    fn add(&mut self, dest: &str, put: bool, mode: u32, content: String) {
        self.draft.add(File {
            path: format!("{}{dest}", self.folder),
            node: Some(self.node.into()),
            dest: put.then(|| dest.into()),
            owner: root(),
            mode,
            content,
        });
    }
}

fn root() -> String {
    "root:root".into()
}

#[cfg(test)]
mod tests {
    use super::Draft;

    #[test]
    fn no_file_hides_another() {
        let mut draft = Draft::default();
        for _ in 0..3 {
            draft.shared("applications/a.b.json", String::new());
        }
        draft.machine("..").file("/etc/hosts", "");
        let paths: Vec<_> = draft.files().map(|f| f.path.as_str()).collect();
        let expected =
            ["applications/a.b-2.json", "applications/a.b-3.json", "applications/a.b.json", "files/_../etc/hosts"];
        assert_eq!(paths, expected);
    }
}

//! `zoo.cfg.dynamic.VERSION`: where the members stand once an ensemble that can be changed has told who they are.
//!
//! As the real server does, the `server.N` lines move out of `zoo.cfg`, which names the other file from then on, and what it was at
//! first stays as `zoo.cfg.bak`.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::config::{ClientAddress, Membership, static_lines};

/// The key of `zoo.cfg` that names the file.
pub const KEY: &str = "dynamicConfigFile";

/// The version that a file's name ends with; 0 without one.
pub fn version_of(name: &str) -> i64 {
    name.rsplit_once('.').and_then(|(_, hex)| i64::from_str_radix(hex, 16).ok()).unwrap_or(0)
}

/// A `zoo.cfg`: its name on the machine, and the folder that is the machine's `/`.
#[derive(Clone, Debug)]
pub struct ZooCfg {
    name: String,
    root: PathBuf,
}

impl ZooCfg {
    /// The one of this name.
    pub fn new(name: &str, root: &Path) -> Self {
        Self { name: name.to_owned(), root: root.to_owned() }
    }

    fn on_disk(&self, name: &str) -> PathBuf {
        self.root.join(name.trim_start_matches('/'))
    }

    /// What stands in the file of the members.
    pub fn read_members(&self, name: &str) -> io::Result<String> {
        fs::read_to_string(self.on_disk(name))
    }

    /// Writes who the members are, and names that file in `zoo.cfg`. Does nothing if there is no `zoo.cfg`.
    pub fn write_members(&self, members: &Membership, me: u64) -> io::Result<()> {
        let file = self.on_disk(&self.name);
        let text = match fs::read_to_string(&file) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        let name = format!("{}.dynamic.{:x}", self.name, members.version);
        let lines: Vec<String> = members.members.iter().map(|(id, member)| format!("server.{id}={member}")).collect();
        replace(&self.on_disk(&name), &lines.join("\n"))?;
        let client: Option<&ClientAddress> = members.members.get(&me).and_then(|member| member.client.as_ref());
        if !text.contains(KEY) {
            replace(&self.on_disk(&format!("{}.bak", self.name)), &text)?;
        }
        replace(&file, &format!("{}{KEY}={name}\n", static_lines(&text, client.is_some())))
    }
}

/// Whole or not at all.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let mut draft = path.as_os_str().to_owned();
    draft.push(".tmp");
    fs::write(&draft, text)?;
    fs::rename(&draft, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_members_move_to_a_file_of_their_own() {
        let root = tempfile::tempdir().unwrap();
        let read = |name: &str| fs::read_to_string(root.path().join(name)).unwrap();
        let first = "tickTime=200\nclientPort=2181\n# mine\nserver.1=a:1:2;2181\npeerType=observer\ngroup.1=1\n";
        fs::write(root.path().join("zoo.cfg"), first).unwrap();
        let zoo_cfg = ZooCfg::new("/zoo.cfg", root.path());
        let members = |version: &str| Membership::parse(&format!("server.1=a:1:2;2181\nversion={version}")).unwrap();
        zoo_cfg.write_members(&members("100000000"), 1).unwrap();
        assert_eq!(read("zoo.cfg.bak"), first);
        assert_eq!(read("zoo.cfg"), "tickTime=200\ndynamicConfigFile=/zoo.cfg.dynamic.100000000\n");
        assert_eq!(read("zoo.cfg.dynamic.100000000"), "server.1=a:1:2:participant;0.0.0.0:2181");
        zoo_cfg.write_members(&members("200000001"), 7).unwrap();
        assert_eq!(read("zoo.cfg"), "tickTime=200\ndynamicConfigFile=/zoo.cfg.dynamic.200000001\n");
        assert_eq!(read("zoo.cfg.bak"), first);
        assert_eq!(version_of("/zoo.cfg.dynamic.200000001"), 0x2_0000_0001);
        assert_eq!((version_of("/members"), version_of("/a.cfg.dynamic.next")), (0, 0));
        let nowhere = ZooCfg::new("/none/zoo.cfg", root.path());
        nowhere.write_members(&members("1"), 1).unwrap();
        assert!(!root.path().join("none").exists());
    }
}

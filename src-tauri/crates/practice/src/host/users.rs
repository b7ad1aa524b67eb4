//! Who is who on a machine, and what they may do with a file.

use super::disk::{Disk, Fault, Meta, Result};

/// A user of the machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct User {
    /// Login name.
    pub name: String,
    /// User id.
    pub uid: u32,
    /// Primary group's id.
    pub gid: u32,
    /// The groups by id and name, the primary one first.
    pub groups: Vec<(u32, String)>,
    /// Home folder.
    pub home: String,
}

/// The bits of a mode that a right stands for.
#[derive(Clone, Copy)]
enum Right {
    Read = 4,
    Write = 2,
    Execute = 1,
}

impl User {
    /// The superuser.
    pub fn root() -> Self {
        Self { name: "root".into(), uid: 0, gid: 0, groups: vec![(0, "root".into())], home: "/root".into() }
    }

    /// The user called `name` (or with that number), as `/etc/passwd` and `/etc/group` on the disk have it.
    pub fn find(disk: &Disk, name: &str) -> Option<Self> {
        let passwd = disk.read_text(&Self::root(), "/etc/passwd").ok()?;
        let groups = disk.read_text(&Self::root(), "/etc/group").unwrap_or_default();
        passwd
            .lines()
            .filter_map(|line| Self::parse(line, &groups))
            .find(|u| u.name == name || u.uid.to_string() == name)
    }

    fn parse(line: &str, groups: &str) -> Option<Self> {
        let fields: Vec<&str> = line.split(':').collect();
        let [name, _, uid, gid, _, home, _] = fields[..] else { return None };
        let gid = gid.parse().ok()?;
        let mut own: Vec<(u32, String)> = Vec::new();
        for (number, group, members) in groups.lines().filter_map(parse_group) {
            if number == gid {
                own.insert(0, (number, group.to_owned()));
            } else if members.split(',').any(|m| m == name) {
                own.push((number, group.to_owned()));
            }
        }
        Some(Self { name: name.to_owned(), uid: uid.parse().ok()?, gid, groups: own, home: home.to_owned() })
    }

    /// May do everything.
    pub fn is_root(&self) -> bool {
        self.uid == 0
    }

    /// Name of the primary group.
    pub fn group(&self) -> String {
        self.groups
            .iter()
            .find(|(id, _)| *id == self.gid)
            .map_or_else(|| self.gid.to_string(), |(_, name)| name.clone())
    }

    /// Whether the user is in the group of that name.
    pub fn is_in(&self, group: &str) -> bool {
        self.groups.iter().any(|(_, name)| name == group)
    }

    /// What a new file of this user's has.
    pub fn meta(&self, mode: u32) -> Meta {
        Meta { owner: self.name.clone(), group: self.group(), mode }
    }

    fn has(&self, right: Right, meta: &Meta) -> bool {
        if self.is_root() {
            // Root may do all, but runs only what somebody may run.
            return !matches!(right, Right::Execute) || meta.mode & 0o111 != 0;
        }
        let bits = if self.name == meta.owner {
            meta.mode >> 6
        } else if self.is_in(&meta.group) {
            meta.mode >> 3
        } else {
            meta.mode
        };
        bits & right as u32 != 0
    }

    /// Whether the content may be read.
    pub fn may_read(&self, meta: &Meta) -> Result<()> {
        allow(self.has(Right::Read, meta))
    }

    /// Whether the content may be written.
    pub fn may_write(&self, meta: &Meta) -> Result<()> {
        allow(self.has(Right::Write, meta))
    }

    /// Whether a file may be run.
    pub fn may_run(&self, meta: &Meta) -> Result<()> {
        allow(self.has(Right::Execute, meta))
    }

    /// Whether a folder may be gone through.
    pub fn may_search(&self, meta: &Meta) -> Result<()> {
        allow(self.is_root() || self.has(Right::Execute, meta))
    }

    /// Whether names in a folder may be added and removed.
    pub fn may_change(&self, meta: &Meta) -> Result<()> {
        self.may_write(meta)?;
        self.may_search(meta)
    }
}

fn allow(yes: bool) -> Result<()> {
    if yes { Ok(()) } else { Err(Fault::Denied) }
}

fn parse_group(line: &str) -> Option<(u32, &str, &str)> {
    let fields: Vec<&str> = line.split(':').collect();
    let [name, _, number, members] = fields[..] else { return None };
    Some((number.parse().ok()?, name, members))
}

/// Whether a group of that name exists.
pub(crate) fn group_exists(disk: &Disk, name: &str) -> bool {
    disk.read_text(&User::root(), "/etc/group").is_ok_and(|text| {
        text.lines().filter_map(parse_group).any(|(number, group, _)| group == name || number.to_string() == name)
    })
}

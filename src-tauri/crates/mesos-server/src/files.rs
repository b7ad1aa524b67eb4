//! The machine's disk: where paths of a flag lie on the real one, and what the machine is called.

use std::{
    net::Ipv4Addr,
    path::{Path, PathBuf},
};

use hardware::Disk;

use crate::StartError;

/// Where a path of the machine lies on the real disk.
pub fn on_disk(root: &Path, path: &str) -> PathBuf {
    // `..` must not lead out of the machine.
    let inside = Path::new(path).components().filter(|part| matches!(part, std::path::Component::Normal(_)));
    inside.fold(root.to_owned(), |folder, part| folder.join(part))
}

/// Makes a work directory.
pub fn make_work_dir(disk: &Disk, root: &Path, path: &str) -> Result<PathBuf, StartError> {
    let folder = on_disk(root, path);
    match make_dirs(disk, &folder) {
        Ok(()) => Ok(folder),
        Err(source) => Err(StartError::WorkDir { path: path.into(), source }),
    }
}

/// Makes a folder and those above it, if they are not there.
pub fn make_dirs(disk: &Disk, folder: &Path) -> std::io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    disk.room()?;
    std::fs::create_dir_all(folder)
}

/// Writes a file whole or not at all.
pub fn replace(disk: &Disk, path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    disk.room()?;
    let draft = path.with_extension("new");
    std::fs::write(&draft, bytes)?;
    std::fs::rename(draft, path)
}

/// What a server calls itself: what it was told, what `/etc/hosts` says of its address, or the address.
pub fn hostname(root: &Path, ip: Ipv4Addr, told: Option<&str>, look_up: bool) -> String {
    if let Some(name) = told {
        return name.to_owned();
    }
    let hosts =
        if look_up { std::fs::read_to_string(root.join("etc/hosts")).unwrap_or_default() } else { String::new() };
    let names = hosts.lines().filter_map(|line| {
        let mut words = line.split('#').next().unwrap_or_default().split_whitespace();
        (words.next()?.parse() == Ok(ip)).then(|| words.next().map(str::to_owned)).flatten()
    });
    let mut names = names;
    names.next().unwrap_or_else(|| ip.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leads_out_of_the_machine() {
        assert_eq!(on_disk(Path::new("/m"), "/var/../../etc"), Path::new("/m/var/etc"));
    }
}

//! What lies on the disk of a machine that has just been made: a small Debian 12.

use std::{collections::BTreeMap, io, os::unix::fs::symlink, path::Path};

use super::disk::{Disk, Meta, Owners};
use crate::{commands, layout::MachineLayout, packages::Package, spec::MachineSpec};

/// Folders: path, owner, mode. What is missing above one is made too, as root's, 755.
const FOLDERS: [(&str, &str, u32); 17] = [
    ("/dev", "root", 0o755),
    ("/etc/default", "root", 0o755),
    ("/etc/systemd/system", "root", 0o755),
    ("/home/vagrant", "vagrant", 0o755),
    ("/opt", "root", 0o755),
    ("/root", "root", 0o700),
    ("/run", "root", 0o755),
    ("/tmp", "root", 0o1777),
    ("/usr/bin", "root", 0o755),
    ("/usr/lib/systemd/system", "root", 0o755),
    ("/usr/local/bin", "root", 0o755),
    ("/usr/local/sbin", "root", 0o755),
    ("/usr/sbin", "root", 0o755),
    ("/var/lib/dpkg", "root", 0o755),
    ("/var/log", "root", 0o755),
    ("/var/tmp", "root", 0o1777),
    ("/var/cache", "root", 0o755),
];

/// Since Debian 12 these are links.
const LINKS: [(&str, &str); 3] = [("bin", "usr/bin"), ("lib", "usr/lib"), ("sbin", "usr/sbin")];

const OS_RELEASE: &str = r#"PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
NAME="Debian GNU/Linux"
VERSION_ID="12"
VERSION="12 (bookworm)"
VERSION_CODENAME=bookworm
ID=debian
HOME_URL="https://www.debian.org/"
SUPPORT_URL="https://www.debian.org/support"
BUG_REPORT_URL="https://bugs.debian.org/"
"#;

const PASSWD: &str = "root:x:0:0:root:/root:/bin/bash
daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
vagrant:x:1000:1000:vagrant,,,:/home/vagrant:/bin/bash
";

// `vagrant` is in `adm`, so that it reads the journal without sudo.
const GROUP: &str = "root:x:0:
daemon:x:1:
adm:x:4:vagrant
sudo:x:27:vagrant
nogroup:x:65534:
vagrant:x:1000:
";

const PROFILE: &str = "# ~/.profile: read by the login shell.\n";

const MOTD: &str = "
This is a practice machine of Startline: a simulated Debian with real protocols.
Its commands, files and services behave as on a real machine; nothing outside it is touched.

";

/// Makes the disk of a new machine.
pub(crate) fn make(layout: &MachineLayout, machine: &MachineSpec, device: hardware::Disk) -> io::Result<Disk> {
    let root = layout.root();
    if root.exists() {
        // A machine whose making was cut off.
        fs_err::remove_dir_all(&root)?;
    }
    fs_err::create_dir_all(&root)?;
    let mut index = BTreeMap::new();
    for (path, owner, mode) in FOLDERS {
        fs_err::create_dir_all(below(&root, path))?;
        index.insert(path.to_owned(), Meta::new(owner, owner, mode));
    }
    for (name, target) in LINKS {
        symlink(target, root.join(name))?;
    }
    let name = &machine.name;
    let files = [
        ("/etc/hostname", format!("{name}\n"), "root"),
        ("/etc/hosts", hosts(name), "root"),
        ("/etc/os-release", OS_RELEASE.to_owned(), "root"),
        ("/etc/debian_version", "12.8\n".to_owned(), "root"),
        ("/etc/passwd", PASSWD.to_owned(), "root"),
        ("/etc/group", GROUP.to_owned(), "root"),
        ("/etc/motd", MOTD.to_owned(), "root"),
        ("/home/vagrant/.profile", PROFILE.to_owned(), "vagrant"),
        ("/var/lib/dpkg/status", String::new(), "root"),
    ];
    for (path, content, owner) in files {
        fs_err::write(below(&root, path), content)?;
        index.insert(path.to_owned(), Meta::new(owner, owner, 0o644));
    }
    for path in commands::files(Package::Base) {
        fs_err::write(below(&root, &path), commands::STAND_IN)?;
        index.insert(path, Meta::new("root", "root", 0o755));
    }
    Ok(Disk::new(root, Owners::create(&layout.owners(), index)?, device))
}

fn below(root: &Path, path: &str) -> std::path::PathBuf {
    root.join(path.trim_start_matches('/'))
}

/// As Debian's installer writes it, the line included that makes so many a Mesos master bind 127.0.1.1.
fn hosts(name: &str) -> String {
    format!("127.0.0.1\tlocalhost\n127.0.1.1\t{name}\n\n::1\tlocalhost ip6-localhost ip6-loopback\n")
}

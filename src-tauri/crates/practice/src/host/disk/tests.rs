//! The disk answers as a Unix file system, and never reaches outside its folder.

use std::{collections::BTreeMap, fs, path::Path};

use proptest::prelude::*;
use tempfile::TempDir;

use super::*;

/// A disk in a folder beside something that must not be reached.
struct Fixture {
    folder: TempDir,
    disk: Disk,
}

const SECRET: &[u8] = b"outside";

impl Fixture {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path().join("root");
        fs::create_dir(&root).expect("a folder");
        fs::write(folder.path().join("a"), SECRET).expect("a file");
        fs::create_dir(folder.path().join("b")).expect("a folder");
        fs::write(folder.path().join("b/a"), SECRET).expect("a file");
        let owners = Owners::create(&folder.path().join("owners.json"), BTreeMap::new()).expect("an index");
        Self { disk: Disk::new(root, owners, hardware::Disk::default()), folder }
    }

    fn outside(&self) -> Vec<(String, Option<Vec<u8>>)> {
        let mut seen = Vec::new();
        list(self.folder.path(), "", &mut seen);
        seen.sort();
        seen
    }
}

/// All below `folder` but the root and the index.
fn list(folder: &Path, prefix: &str, seen: &mut Vec<(String, Option<Vec<u8>>)>) {
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let name = format!("{prefix}/{}", entry.file_name().to_string_lossy());
        if name == "/root" || name == "/owners.json" {
            continue;
        }
        if entry.path().is_dir() {
            list(&entry.path(), &name, seen);
        }
        seen.push((name, fs::read(entry.path()).ok()));
    }
}

fn someone(name: &str) -> User {
    User { name: name.into(), uid: 1000, gid: 1000, groups: vec![(1000, name.into())], home: "/".into() }
}

#[derive(Clone, Debug)]
enum Step {
    Write(String),
    Read(String),
    MakeDirs(String),
    Link(String, String),
    Rename(String, String),
    RemoveFile(String),
    RemoveDir(String),
    Put(String),
    Mode(String, u32),
    Owner(String),
    List(String),
}

fn path() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(vec!["a", "b", "c", "..", ".", "", "...", "..a"]), 1..6).prop_flat_map(
        |parts| any::<bool>().prop_map(move |deep| format!("{}/{}", if deep { "/../.." } else { "" }, parts.join("/"))),
    )
}

fn step() -> impl Strategy<Value = Step> {
    let target = prop_oneof![path(), path().prop_map(|p| p.trim_start_matches('/').to_owned())];
    prop_oneof![
        path().prop_map(Step::Write),
        path().prop_map(Step::Read),
        path().prop_map(Step::MakeDirs),
        (target, path()).prop_map(|(t, p)| Step::Link(t, p)),
        (path(), path()).prop_map(|(a, b)| Step::Rename(a, b)),
        path().prop_map(Step::RemoveFile),
        path().prop_map(Step::RemoveDir),
        path().prop_map(Step::Put),
        (path(), 0..0o7777u32).prop_map(|(p, m)| Step::Mode(p, m)),
        path().prop_map(Step::Owner),
        path().prop_map(Step::List),
    ]
}

fn take(disk: &Disk, user: &User, step: &Step) {
    // Whether it is allowed or not, nothing outside may be touched or seen.
    match step {
        Step::Write(p) => drop(disk.write(user, p, b"inside", Writing::Replace)),
        Step::Read(p) => {
            if let Ok(content) = disk.read(user, p) {
                assert_ne!(content, SECRET, "{p} was read");
            }
        }
        Step::MakeDirs(p) => drop(disk.make_dirs(user, p)),
        Step::Link(t, p) => drop(disk.link(user, t, p)),
        Step::Rename(a, b) => drop(disk.rename(user, a, b)),
        Step::RemoveFile(p) => drop(disk.remove_file(user, p)),
        Step::RemoveDir(p) => drop(disk.remove_dir(user, p)),
        Step::Put(p) => drop(disk.put(p, b"inside", Meta::new("root", "root", 0o600))),
        Step::Mode(p, m) => drop(disk.set_mode(user, p, |_| *m)),
        Step::Owner(p) => drop(disk.set_owner(user, p, Some("x"), None)),
        Step::List(p) => {
            if let Ok(names) = disk.list(user, p) {
                assert!(!names.iter().any(|n| n == "owners.json" || n == "root"), "{p} was listed");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn nothing_outside_is_reached(steps in prop::collection::vec((step(), any::<bool>()), 1..40)) {
        let fixture = Fixture::new();
        let before = fixture.outside();
        for (step, as_root) in &steps {
            let user = if *as_root { User::root() } else { someone("ann") };
            take(&fixture.disk, &user, step);
        }
        prop_assert_eq!(fixture.outside(), before);
    }

    #[test]
    fn what_is_put_is_read(parts in prop::collection::vec("[a-z.]{1,8}", 1..5), content: Vec<u8>) {
        prop_assume!(!parts.iter().any(|p| p == "." || p == ".."));
        let fixture = Fixture::new();
        let path = format!("/{}", parts.join("/"));
        let meta = Meta::new("ann", "staff", 0o640);
        fixture.disk.put(&path, &content, meta.clone()).expect("it is put");
        prop_assert_eq!(fixture.disk.read(&User::root(), &path).expect("it is read"), content);
        prop_assert_eq!(fixture.disk.stat(&User::root(), &path).expect("it is there").meta, meta);
    }

    #[test]
    fn tidy_paths_have_no_dots(path in "[a./]{0,20}") {
        let tidied = tidy(&path);
        prop_assert!(tidied.starts_with('/') && !tidied.split('/').any(|p| p == "." || p == ".."));
    }
}

#[test]
fn children_keep_their_owner_when_the_folder_changes_hands() {
    let Fixture { disk, folder: _folder } = Fixture::new();
    let root = User::root();
    disk.make_dirs(&root, "/data").expect("made");
    disk.set_owner(&root, "/data", Some("zookeeper"), Some("zookeeper")).expect("given");
    // A service writes by itself, past the index.
    fs::write(disk.root().join("data/log"), "x").expect("written");
    let owner = |path: &str| disk.stat(&root, path).expect("there").meta.owner;
    assert_eq!(owner("/data/log"), "zookeeper");
    disk.set_owner(&root, "/data", Some("root"), None).expect("given");
    assert_eq!((owner("/data").as_str(), owner("/data/log").as_str()), ("root", "zookeeper"));
    disk.rename(&root, "/data", "/moved").expect("moved");
    assert_eq!((owner("/moved").as_str(), owner("/moved/log").as_str()), ("root", "zookeeper"));
}

#[test]
fn owners_are_remembered() {
    let fixture = Fixture::new();
    fixture.disk.put("/a/b", b"x", Meta::new("ann", "staff", 0o600)).expect("put");
    let owners = Owners::read(&fixture.folder.path().join("owners.json"));
    let again = Disk::new(fixture.disk.root().to_owned(), owners, hardware::Disk::default());
    assert_eq!(again.stat(&User::root(), "/a/b").expect("there").meta, Meta::new("ann", "staff", 0o600));
    assert!(matches!(again.read(&someone("bob"), "/a/b"), Err(Fault::Denied)));
}

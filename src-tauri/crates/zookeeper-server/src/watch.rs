//! Watches: who waits for which znode. Behaves as ZooKeeper 3.8's `WatchManager`, of which a server has two, one for data
//! and existence and one for children.

use std::collections::{HashMap, HashSet};

use crate::{
    path,
    tree::Event,
    wire::{EventKind, request::WatchType},
};

/// A connection.
pub type ConnId = u64;

/// How long a watch lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Until it fires.
    Once,
    /// Until it is taken back.
    Persistent,
    /// Until it is taken back, for everything below too.
    Recursive,
}

#[derive(Debug, Default)]
struct Table {
    by_path: HashMap<String, HashMap<ConnId, Mode>>,
    by_conn: HashMap<ConnId, HashSet<String>>,
    recursive: usize,
}

impl Table {
    fn add(&mut self, path: &str, conn: ConnId, mode: Mode) {
        let old = self.by_path.entry(path.to_owned()).or_default().insert(conn, mode);
        self.recursive += usize::from(mode == Mode::Recursive);
        self.recursive -= usize::from(old == Some(Mode::Recursive));
        self.by_conn.entry(conn).or_default().insert(path.to_owned());
    }

    fn remove(&mut self, path: &str, conn: ConnId) -> bool {
        let Some(watchers) = self.by_path.get_mut(path) else { return false };
        let Some(mode) = watchers.remove(&conn) else { return false };
        if watchers.is_empty() {
            self.by_path.remove(path);
        }
        self.recursive -= usize::from(mode == Mode::Recursive);
        self.forget(path, conn);
        true
    }

    fn forget(&mut self, path: &str, conn: ConnId) {
        if let Some(paths) = self.by_conn.get_mut(&conn) {
            paths.remove(path);
            if paths.is_empty() {
                self.by_conn.remove(&conn);
            }
        }
    }

    fn remove_conn(&mut self, conn: ConnId) {
        let paths: Vec<String> = self.by_conn.get(&conn).into_iter().flatten().cloned().collect();
        for path in paths {
            self.remove(&path, conn);
        }
    }

    /// Whether anybody watches there: the real server does not look whose watch it is.
    fn contains(&self, path: &str) -> bool {
        self.by_path.contains_key(path)
    }

    /// Who hears of it. One-shot watches are gone afterwards.
    fn trigger(&mut self, event: &Event) -> HashSet<ConnId> {
        let mut heard = self.trigger_here(event);
        if self.recursive > 0 && event.kind != EventKind::ChildrenChanged {
            let mut above = &*event.path;
            while let Some(parent) = path::parent(above).filter(|parent| *parent != above) {
                let watchers = self.by_path.get(parent).into_iter().flatten();
                heard.extend(watchers.filter(|(_, mode)| **mode == Mode::Recursive).map(|(conn, _)| *conn));
                above = parent;
            }
        }
        heard
    }

    fn trigger_here(&mut self, event: &Event) -> HashSet<ConnId> {
        let Some(watchers) = self.by_path.get_mut(&event.path) else { return HashSet::new() };
        let hears = |mode: Mode| mode != Mode::Recursive || event.kind != EventKind::ChildrenChanged;
        let heard: HashSet<ConnId> = watchers.iter().filter(|(_, mode)| hears(**mode)).map(|(conn, _)| *conn).collect();
        let done: Vec<ConnId> =
            watchers.iter().filter(|(_, mode)| **mode == Mode::Once).map(|(conn, _)| *conn).collect();
        for conn in done {
            self.remove(&event.path, conn);
        }
        heard
    }
}

/// All watches of a server's connections.
#[derive(Debug, Default)]
pub struct Watches {
    data: Table,
    children: Table,
}

impl Watches {
    /// A one-shot watch on data and existence.
    pub fn add_data(&mut self, path: &str, conn: ConnId) {
        self.data.add(path, conn, Mode::Once);
    }

    /// A one-shot watch on children.
    pub fn add_children(&mut self, path: &str, conn: ConnId) {
        self.children.add(path, conn, Mode::Once);
    }

    /// A lasting watch.
    pub fn add_lasting(&mut self, path: &str, conn: ConnId, recursive: bool) {
        let mode = if recursive { Mode::Recursive } else { Mode::Persistent };
        self.data.add(path, conn, mode);
        self.children.add(path, conn, mode);
    }

    /// Takes watches back; false if there were none.
    pub fn remove(&mut self, path: &str, conn: ConnId, kind: WatchType) -> bool {
        let data = kind != WatchType::Children && self.data.remove(path, conn);
        let children = kind != WatchType::Data && self.children.remove(path, conn);
        data || children
    }

    /// Whether there is such a watch.
    pub fn contains(&self, path: &str, kind: WatchType) -> bool {
        let data = kind != WatchType::Children && self.data.contains(path);
        let children = kind != WatchType::Data && self.children.contains(path);
        data || children
    }

    /// A connection is gone.
    pub fn remove_conn(&mut self, conn: ConnId) {
        self.data.remove_conn(conn);
        self.children.remove_conn(conn);
    }

    /// Who hears of an event; each connection once.
    pub fn trigger(&mut self, event: &Event) -> HashSet<ConnId> {
        match event.kind {
            EventKind::Created | EventKind::DataChanged => self.data.trigger(event),
            EventKind::ChildrenChanged => self.children.trigger(event),
            EventKind::Deleted => {
                let mut heard = self.data.trigger(event);
                heard.extend(self.children.trigger(event));
                heard
            }
        }
    }

    /// Connections, paths and watches on data and existence, as `wchs` counts them.
    pub fn summary(&self) -> (usize, usize, usize) {
        let total = self.data.by_conn.values().map(HashSet::len).sum();
        (self.data.by_conn.len(), self.data.by_path.len(), total)
    }

    /// Number of all watches, as `mntr` counts them.
    pub fn count(&self) -> usize {
        let count = |table: &Table| table.by_conn.values().map(HashSet::len).sum::<usize>();
        count(&self.data) + count(&self.children)
    }

    /// Watches on data and existence by connection, as `wchc` shows them.
    pub fn by_conn(&self) -> impl Iterator<Item = (ConnId, impl Iterator<Item = &str>)> {
        self.data.by_conn.iter().map(|(conn, paths)| (*conn, paths.iter().map(String::as_str)))
    }

    /// Watches on data and existence by path, as `wchp` shows them.
    pub fn by_path(&self) -> impl Iterator<Item = (&str, impl Iterator<Item = ConnId>)> {
        self.data.by_path.iter().map(|(path, conns)| (path.as_str(), conns.keys().copied()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(kind: EventKind, path: &str) -> Event {
        Event { kind, path: path.to_owned(), acl: std::sync::Arc::new([]) }
    }

    #[test]
    fn one_shot_fires_once() {
        let mut watches = Watches::default();
        watches.add_data("/a", 1);
        assert_eq!(watches.trigger(&event(EventKind::DataChanged, "/a")), HashSet::from([1]));
        assert!(watches.trigger(&event(EventKind::DataChanged, "/a")).is_empty());
        assert_eq!(watches.count(), 0);
    }

    #[test]
    fn recursive_hears_what_is_below_but_not_of_child_lists() {
        let mut watches = Watches::default();
        watches.add_lasting("/a", 1, true);
        for path in ["/a", "/a/b", "/a/b/c"] {
            assert_eq!(watches.trigger(&event(EventKind::Created, path)), HashSet::from([1]), "{path}");
        }
        assert!(watches.trigger(&event(EventKind::ChildrenChanged, "/a")).is_empty());
        assert!(watches.trigger(&event(EventKind::Created, "/ab")).is_empty());
        watches.add_lasting("/", 2, true);
        assert_eq!(watches.trigger(&event(EventKind::Deleted, "/x/y")), HashSet::from([2]));
    }

    #[test]
    fn deletion_is_heard_once_by_who_watches_both() {
        let mut watches = Watches::default();
        watches.add_data("/a", 1);
        watches.add_children("/a", 1);
        assert_eq!(watches.trigger(&event(EventKind::Deleted, "/a")).len(), 1);
        assert!(!watches.remove("/a", 1, WatchType::Any));
    }

    #[test]
    fn a_gone_connection_watches_nothing() {
        let mut watches = Watches::default();
        watches.add_lasting("/a", 1, true);
        watches.add_children("/b", 1);
        watches.remove_conn(1);
        assert_eq!(watches.count(), 0);
        assert!(watches.trigger(&event(EventKind::Created, "/a/x")).is_empty());
    }
}

//! The znodes in memory.
//!
//! Lean, because there may be a million: znodes lie in one arena; the index is a table of arena numbers whose keys are
//! (parent, name), so no path is stored twice; a parent's children are a list, and each child knows its place in it.

mod acls;
mod arena;
mod snapshot;
mod usage;

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use acls::AclTable;
use arena::{Arena, NodeId, ROOT};
pub use snapshot::Frozen;

use crate::{
    config::Membership,
    owner::Owner,
    path, quota,
    txn::{Record, Txn},
    wire::{Acl, EventKind, Stat, records::perm},
};

/// What applying a transaction gave: for the answer to whoever asked for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Path and stat of a new znode.
    Created(String, Stat),
    /// Done, without more to say.
    Done,
    /// The stat afterwards.
    Set(Stat),
    /// Refused.
    Error(i32),
    /// Part by part.
    Multi(Vec<Outcome>),
}

/// Something that watches may be waiting for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// What happened.
    pub kind: EventKind,
    /// Where.
    pub path: String,
    /// Who may read there: others do not hear of it.
    pub acl: Arc<[Acl]>,
}

/// What is known of a znode, without its data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Info {
    /// Its stat, with the count of creates (not ZooKeeper's `cversion`) in `cversion`.
    pub version: i32,
    /// How many children were made in it.
    pub creates: i32,
    /// How often its access list was set.
    pub aversion: i32,
    /// Its ephemeral owner.
    pub owner: i64,
    /// Number of its children.
    pub children: usize,
    /// Bytes of its data.
    pub bytes: usize,
    /// Who may do what.
    pub acl: Arc<[Acl]>,
}

/// The znodes, the sessions, and how far history has been applied.
#[derive(Debug)]
pub struct Tree {
    arena: Arena,
    acls: AclTable,
    ephemerals: HashMap<i64, HashSet<NodeId>>,
    /// Containers and znodes with TTL: the leader looks through them now and then.
    mortal: HashSet<NodeId>,
    limited: quota::Limited,
    sessions: HashMap<i64, i32>,
    last_zxid: i64,
    data_size: u64,
    ttl_enabled: bool,
}

impl Tree {
    /// A fresh tree: `/zookeeper`, its `quota`, and its `config`, which holds `config` (empty on a lone server).
    pub fn new(config: &str, ttl_enabled: bool) -> Self {
        let mut tree = Self::bare(ttl_enabled);
        tree.ensure_system_nodes(config);
        tree
    }

    fn bare(ttl_enabled: bool) -> Self {
        let mut acls = AclTable::default();
        let open = acls.intern(&[Acl::world(perm::ALL)]);
        Self {
            arena: Arena::new(open),
            acls,
            ephemerals: HashMap::new(),
            mortal: HashSet::new(),
            limited: quota::Limited::default(),
            sessions: HashMap::new(),
            last_zxid: 0,
            data_size: 1,
            ttl_enabled,
        }
    }

    /// The config node is each server's own: it is written anew whenever a tree is made or loaded.
    fn ensure_system_nodes(&mut self, config: &str) {
        for path in ["/zookeeper", "/zookeeper/quota", "/zookeeper/config"] {
            if self.arena.find(path).is_none() {
                let acl = [Acl::world(if path.ends_with("config") { perm::READ } else { perm::ALL })];
                self.insert(path, Some(Vec::new()), &acl, arena::Persisted::default());
            }
        }
        if let Some(id) = self.arena.find(path::CONFIG) {
            self.arena.get_mut(id).stat.aversion = -1;
            if Membership::version_in(config.as_bytes()) >= self.members_version() {
                self.replace_data(id, Some(config.as_bytes().to_vec()));
            }
        }
    }

    /// The members that the config node names; none if it holds something else.
    pub fn members(&self) -> Option<Membership> {
        let (data, _) = self.data(path::CONFIG)?;
        Membership::parse(&String::from_utf8_lossy(data.unwrap_or_default())).ok()
    }

    fn members_version(&self) -> i64 {
        self.data(path::CONFIG).and_then(|(data, _)| data).map_or(0, Membership::version_in)
    }

    /// Writes into the config node who the members are, at `now` (ms since 1970). That is no transaction: each server does so by
    /// itself.
    pub fn show_members(&mut self, members: &Membership, now: i64) {
        let Some(id) = self.arena.find(path::CONFIG) else { return };
        self.replace_data(id, Some(members.shown().into_bytes()));
        let stat = &mut self.arena.get_mut(id).stat;
        stat.version = -1;
        stat.mzxid = members.version;
        stat.mtime = now;
    }

    /// The last transaction that was applied.
    pub fn last_zxid(&self) -> i64 {
        self.last_zxid
    }

    /// A new epoch begins: its zxid with counter 0.
    pub fn set_last_zxid(&mut self, zxid: i64) {
        self.last_zxid = zxid;
    }

    /// Number of znodes, as `srvr` counts: the real one holds its root twice.
    pub fn counted_nodes(&self) -> usize {
        self.arena.len() + 1
    }

    /// Bytes of paths and data, as `mntr` shows.
    pub fn data_size(&self) -> u64 {
        self.data_size
    }

    /// Number of ephemeral znodes.
    pub fn ephemerals_count(&self) -> usize {
        self.ephemerals.values().map(HashSet::len).sum()
    }

    /// Sessions that own ephemeral znodes, with those znodes' paths.
    pub fn ephemerals(&self) -> impl Iterator<Item = (i64, Vec<String>)> + '_ {
        self.ephemerals.iter().map(|(session, ids)| (*session, ids.iter().map(|id| self.arena.path(*id)).collect()))
    }

    /// The ephemeral znodes of a session.
    pub fn ephemerals_of(&self, session: i64) -> Vec<String> {
        let ids = self.ephemerals.get(&session);
        let mut paths: Vec<String> = ids.into_iter().flatten().map(|id| self.arena.path(*id)).collect();
        paths.sort_unstable();
        paths
    }

    /// The sessions and their timeouts, ms.
    pub fn sessions(&self) -> &HashMap<i64, i32> {
        &self.sessions
    }

    /// Containers that lost their last child and TTL znodes that are over, at `now` (ms since 1970).
    pub fn over(&self, now: i64) -> Vec<String> {
        let is_over = |id: &&NodeId| {
            let node = self.arena.get(**id);
            node.children().is_empty()
                && match Owner::of(node.stat.owner, self.ttl_enabled) {
                    Owner::Container => node.stat.creates > 0,
                    Owner::Ttl(ttl) => now.saturating_sub(node.stat.mtime) > ttl,
                    _ => false,
                }
        };
        self.mortal.iter().filter(is_over).map(|id| self.arena.path(*id)).collect()
    }

    /// What is known of a znode.
    pub fn info(&self, path: &str) -> Option<Info> {
        let node = self.arena.get(self.arena.find(path)?);
        Some(Info {
            version: node.stat.version,
            creates: node.stat.creates,
            aversion: node.stat.aversion,
            owner: node.stat.owner,
            children: node.children().len(),
            bytes: node.data.as_ref().map_or(0, |data| data.len()),
            acl: self.acls.get(node.acl),
        })
    }

    /// A znode's stat.
    pub fn stat(&self, path: &str) -> Option<Stat> {
        Some(self.stat_of(self.arena.find(path)?))
    }

    /// A znode's access list.
    pub fn acl(&self, path: &str) -> Option<Arc<[Acl]>> {
        Some(self.acls.get(self.arena.get(self.arena.find(path)?).acl))
    }

    /// A znode's data (which may be null) and stat.
    pub fn data(&self, path: &str) -> Option<(Option<&[u8]>, Stat)> {
        let id = self.arena.find(path)?;
        Some((self.arena.get(id).data.as_deref(), self.stat_of(id)))
    }

    /// The names of a znode's children, in no order.
    pub fn children(&self, path: &str) -> Option<impl ExactSizeIterator<Item = &str>> {
        let node = self.arena.get(self.arena.find(path)?);
        Some(node.children().iter().map(|id| &*self.arena.get(*id).name))
    }

    /// How many znodes lie below one.
    pub fn descendants(&self, path: &str) -> Option<usize> {
        let mut todo = vec![self.arena.find(path)?];
        let mut count = 0;
        while let Some(id) = todo.pop() {
            let children = self.arena.get(id).children();
            count += children.len();
            todo.extend_from_slice(children);
        }
        Some(count)
    }

    fn stat_of(&self, id: NodeId) -> Stat {
        let node = self.arena.get(id);
        let stat = &node.stat;
        let children = i32::try_from(node.children().len()).unwrap_or(i32::MAX);
        Stat {
            czxid: stat.czxid,
            mzxid: stat.mzxid,
            ctime: stat.ctime,
            mtime: stat.mtime,
            version: stat.version,
            // Only creates are counted; what clients see counts removals too.
            cversion: stat.creates.wrapping_mul(2).wrapping_sub(children),
            aversion: stat.aversion,
            // Containers' and TTL's marks are not shown.
            ephemeral_owner: match Owner::of(stat.owner, self.ttl_enabled) {
                Owner::Session(session) => session,
                _ => 0,
            },
            data_length: node.data.as_ref().map_or(0, |data| i32::try_from(data.len()).unwrap_or(i32::MAX)),
            num_children: children,
            pzxid: stat.pzxid,
        }
    }

    /// Applies a transaction. Events are added to `events` in the order in which watches hear of them.
    pub fn apply(&mut self, record: &Record, events: &mut Vec<Event>) -> Outcome {
        let outcome = self.apply_txn(record, &record.txn, events);
        self.last_zxid = self.last_zxid.max(record.zxid);
        outcome
    }

    fn apply_txn(&mut self, record: &Record, txn: &Txn, events: &mut Vec<Event>) -> Outcome {
        match txn {
            Txn::Create { path, data, acl, owner, parent_creates } => {
                self.create(record, (path, data, acl, *owner, *parent_creates), events)
            }
            Txn::Delete { path } => {
                self.delete(path, record.zxid, events);
                Outcome::Done
            }
            Txn::SetData { path, data, version } => self.set_data(record, path, data, *version, events),
            Txn::SetAcl { path, acl, version } => self.set_acl(path, acl, *version),
            Txn::Check { .. } => Outcome::Done,
            Txn::Multi(txns) => Outcome::Multi(txns.iter().map(|txn| self.apply_txn(record, txn, events)).collect()),
            Txn::CreateSession { timeout } => {
                self.sessions.insert(record.session, *timeout);
                Outcome::Done
            }
            Txn::CloseSession { paths } => {
                for path in paths {
                    self.delete(path, record.zxid, events);
                }
                self.sessions.remove(&record.session);
                Outcome::Done
            }
            Txn::Error { code } => Outcome::Error(*code),
            Txn::MultiError { codes } => Outcome::Multi(codes.iter().map(|code| Outcome::Error(*code)).collect()),
        }
    }

    fn create(
        &mut self,
        record: &Record,
        (path, data, acl, owner, parent_creates): (&str, &Option<Vec<u8>>, &[Acl], i64, i32),
        events: &mut Vec<Event>,
    ) -> Outcome {
        let Some(parent) = path::parent(path).and_then(|parent| self.arena.find(parent)) else {
            return Outcome::Error(crate::wire::Code::NoNode.number());
        };
        let id = match self.arena.find(path) {
            Some(id) => id,
            None => {
                let stat = arena::Persisted {
                    czxid: record.zxid,
                    mzxid: record.zxid,
                    pzxid: record.zxid,
                    ctime: record.time,
                    mtime: record.time,
                    owner,
                    ..arena::Persisted::default()
                };
                self.insert(path, data.clone(), acl, stat);
                let stat = &mut self.arena.get_mut(parent).stat;
                stat.creates = stat.creates.max(parent_creates);
                stat.pzxid = stat.pzxid.max(record.zxid);
                self.count_created(path, data.as_ref().map_or(0, Vec::len));
                self.arena.find(path).unwrap_or(ROOT)
            }
        };
        events.push(self.event(EventKind::Created, path, id));
        events.push(self.children_changed(path, parent));
        Outcome::Created(path.to_owned(), self.stat_of(id))
    }

    fn event(&self, kind: EventKind, path: &str, id: NodeId) -> Event {
        Event { kind, path: path.to_owned(), acl: self.acls.get(self.arena.get(id).acl) }
    }

    fn children_changed(&self, path: &str, parent: NodeId) -> Event {
        self.event(EventKind::ChildrenChanged, path::parent(path).unwrap_or("/"), parent)
    }

    /// Puts a znode there. Its parent exists, and it does not.
    fn insert(&mut self, path: &str, data: Option<Vec<u8>>, acl: &[Acl], stat: arena::Persisted) {
        let Some((parent, name)) = self.arena.split(path) else { return };
        let size = path.len() + data.as_ref().map_or(0, Vec::len);
        let acl = self.acls.intern(acl);
        let id = self.arena.insert(parent, name, data.map(Vec::into_boxed_slice), acl, stat);
        self.data_size += size as u64;
        match Owner::of(stat.owner, self.ttl_enabled) {
            Owner::Nobody => {}
            Owner::Container | Owner::Ttl(_) => {
                self.mortal.insert(id);
            }
            Owner::Session(session) => {
                self.ephemerals.entry(session).or_default().insert(id);
            }
        }
    }

    fn delete(&mut self, path: &str, zxid: i64, events: &mut Vec<Event>) {
        let Some(id) = self.arena.find(path).filter(|id| *id != ROOT) else { return };
        if !self.arena.get(id).children().is_empty() {
            return;
        }
        let node = self.arena.get(id);
        let (owner, acl, parent) = (node.stat.owner, node.acl, node.parent);
        events.push(self.event(EventKind::Deleted, path, id));
        let bytes = node.data.as_ref().map_or(0, |data| data.len());
        self.data_size = self.data_size.saturating_sub((path.len() + bytes) as u64);
        self.arena.remove(id);
        self.acls.release(acl);
        self.mortal.remove(&id);
        if let Some(ids) = self.ephemerals.get_mut(&owner) {
            ids.remove(&id);
            if ids.is_empty() {
                self.ephemerals.remove(&owner);
            }
        }
        let pzxid = &mut self.arena.get_mut(parent).stat.pzxid;
        *pzxid = (*pzxid).max(zxid);
        self.count_deleted(path, bytes);
        events.push(self.children_changed(path, parent));
    }

    fn replace_data(&mut self, id: NodeId, data: Option<Vec<u8>>) {
        let new = data.as_ref().map_or(0, Vec::len) as u64;
        let node = self.arena.get_mut(id);
        let old = node.data.as_ref().map_or(0, |data| data.len()) as u64;
        node.data = data.map(Vec::into_boxed_slice);
        self.data_size = (self.data_size + new).saturating_sub(old);
    }

    fn set_data(
        &mut self,
        record: &Record,
        path: &str,
        data: &Option<Vec<u8>>,
        version: i32,
        events: &mut Vec<Event>,
    ) -> Outcome {
        let Some(id) = self.arena.find(path) else { return Outcome::Error(crate::wire::Code::NoNode.number()) };
        let old = self.arena.get(id).data.as_ref().map_or(0, |data| data.len());
        self.replace_data(id, data.clone());
        self.count_set(path, old, data.as_ref().map_or(0, Vec::len));
        let stat = &mut self.arena.get_mut(id).stat;
        stat.version = version;
        stat.mzxid = record.zxid;
        stat.mtime = record.time;
        events.push(self.event(EventKind::DataChanged, path, id));
        Outcome::Set(self.stat_of(id))
    }

    fn set_acl(&mut self, path: &str, acl: &[Acl], version: i32) -> Outcome {
        let Some(id) = self.arena.find(path) else { return Outcome::Error(crate::wire::Code::NoNode.number()) };
        let new = self.acls.intern(acl);
        let node = self.arena.get_mut(id);
        let old = std::mem::replace(&mut node.acl, new);
        node.stat.aversion = version;
        self.acls.release(old);
        Outcome::Set(self.stat_of(id))
    }
}

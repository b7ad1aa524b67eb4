//! From wish to transaction: the leader checks a write against the tree as it will be once everything proposed is applied.
//!
//! What is proposed and not yet applied lies in an overlay of changed znodes, so writes can be checked one after the other
//! without waiting for the disk. Order and choice of errors are those of ZooKeeper 3.8's `PrepRequestProcessor`.

mod members;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeSet, HashMap, VecDeque},
    sync::Arc,
};

use crate::{
    acl,
    owner::{self, Owner},
    path,
    sessions::Tracker,
    tree::Tree,
    txn::Txn,
    wire::{
        Acl, Code, Id,
        records::perm,
        request::{Create, CreateForm, Kind, Write},
    },
};

/// A znode as it will be; `None` if it will be gone.
type Shadow = Option<Future>;

#[derive(Clone, Debug)]
struct Future {
    version: i32,
    creates: i32,
    aversion: i32,
    owner: i64,
    children: usize,
    bytes: usize,
    acl: Arc<[Acl]>,
}

/// Who asks.
#[derive(Clone, Copy, Debug)]
pub struct Asker<'a> {
    /// The session.
    pub session: i64,
    /// Through which server it is connected.
    pub server: u64,
    /// Who it has proved to be.
    pub ids: &'a [Id],
}

/// What the configuration allows.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rules {
    /// Hard quotas bind (`enforceQuota`).
    pub enforce_quota: bool,
    /// The ensemble may be changed (`reconfigEnabled`).
    pub reconfig: bool,
    /// How many voters it must keep: 2, or 1 if an ensemble of one is one (`standaloneEnabled=false`).
    pub fewest_voters: usize,
}

/// The overlay.
#[derive(Debug, Default)]
pub struct Prep {
    rules: Rules,
    /// The servers that could vote at this moment.
    present: BTreeSet<u64>,
    ahead: HashMap<String, (i64, Shadow)>,
    /// The changed paths of each proposed transaction, oldest first.
    proposed: VecDeque<(i64, Vec<String>)>,
}

impl Prep {
    /// An empty one.
    pub fn new(rules: Rules) -> Self {
        Self { rules, ..Self::default() }
    }

    /// These servers have all of history: a change of the members needs a majority of the new voters among them.
    pub fn see_present(&mut self, present: BTreeSet<u64>) {
        self.present = present;
    }

    /// Checks a write and says what it becomes as transaction `zxid`; a refused one becomes an error.
    pub fn prepare(&mut self, write: &Write, zxid: i64, asker: Asker<'_>, tree: &Tree, sessions: &mut Tracker) -> Txn {
        let mut draft = Draft { prep: self, zxid, tree, changed: HashMap::new(), asker, sessions };
        let txn = match write {
            Write::Multi(writes) => draft.multi(writes),
            Write::CloseSession => Ok(draft.close_session()),
            Write::CreateSession { timeout } => Ok(Txn::CreateSession { timeout: *timeout }),
            single => draft.single(single),
        };
        let changed = draft.changed;
        match txn {
            Ok(txn) => {
                self.keep(zxid, changed);
                txn
            }
            Err(code) => Txn::Error { code: code.number() },
        }
    }

    fn keep(&mut self, zxid: i64, changed: HashMap<String, Shadow>) {
        if changed.is_empty() {
            return;
        }
        self.proposed.push_back((zxid, changed.keys().cloned().collect()));
        self.ahead.extend(changed.into_iter().map(|(path, shadow)| (path, (zxid, shadow))));
    }

    /// The tree has come to `zxid`: what the overlay says up to there, the tree says now.
    pub fn applied(&mut self, zxid: i64) {
        while self.proposed.front().is_some_and(|(first, _)| *first <= zxid) {
            let Some((first, paths)) = self.proposed.pop_front() else { return };
            for path in paths {
                if self.ahead.get(&path).is_some_and(|(at, _)| *at == first) {
                    self.ahead.remove(&path);
                }
            }
        }
    }
}

/// One write being checked: its changes count for the parts of a multi that follow, and are dropped if it is refused.
struct Draft<'a> {
    prep: &'a Prep,
    zxid: i64,
    tree: &'a Tree,
    changed: HashMap<String, Shadow>,
    asker: Asker<'a>,
    sessions: &'a mut Tracker,
}

impl Draft<'_> {
    fn look(&self, path: &str) -> Result<Future, Code> {
        let ahead = self.changed.get(path).or_else(|| self.prep.ahead.get(path).map(|(_, shadow)| shadow));
        if let Some(shadow) = ahead {
            return shadow.clone().ok_or(Code::NoNode);
        }
        let info = self.tree.info(path).ok_or(Code::NoNode)?;
        Ok(Future {
            version: info.version,
            creates: info.creates,
            aversion: info.aversion,
            owner: info.owner,
            children: info.children,
            bytes: info.bytes,
            acl: info.acl,
        })
    }

    fn change(&mut self, path: &str, shadow: Shadow) {
        self.changed.insert(path.to_owned(), shadow);
    }

    fn permit(&self, node: &Future, perms: i32) -> Result<(), Code> {
        if acl::permits(&node.acl, perms, self.asker.ids) { Ok(()) } else { Err(Code::NoAuth) }
    }

    fn alive(&self) -> Result<(), Code> {
        self.sessions.check(self.asker.session, self.asker.server)
    }

    fn multi(&mut self, writes: &[Write]) -> Result<Txn, Code> {
        let mut txns = Vec::with_capacity(writes.len());
        for (at, write) in writes.iter().enumerate() {
            match self.single(write) {
                Ok(txn) => txns.push(txn),
                Err(Code::Marshalling) => {
                    self.changed.clear();
                    return Err(Code::Marshalling);
                }
                Err(code) => {
                    let codes = (0..writes.len()).map(|n| match n.cmp(&at) {
                        std::cmp::Ordering::Less => 0,
                        std::cmp::Ordering::Equal => code.number(),
                        std::cmp::Ordering::Greater => Code::RuntimeInconsistency.number(),
                    });
                    let codes = codes.collect();
                    self.changed.clear();
                    return Ok(Txn::MultiError { codes });
                }
            }
        }
        Ok(Txn::Multi(txns))
    }

    fn single(&mut self, write: &Write) -> Result<Txn, Code> {
        match write {
            Write::Create(create) => self.create(create),
            Write::Delete { path, version } => self.delete(path, *version),
            Write::DeleteContainer { path } => self.delete_container(path),
            Write::SetData { path, data, version } => self.set_data(path, data, *version),
            Write::SetAcl { path, acl, version } => self.set_acl(path, acl, *version),
            Write::Check { path, version } => self.check(path, *version),
            Write::Reconfig(wish) => self.reconfig(wish),
            Write::Multi(_) | Write::CreateSession { .. } | Write::CloseSession => Err(Code::Unimplemented),
        }
    }

    fn create(&mut self, create: &Create) -> Result<Txn, Code> {
        let (kind, sequential) = create.mode().ok_or(Code::BadArguments)?;
        let owner = self.owner(create, kind)?;
        self.alive()?;
        let parent_path = path::parent(&create.path).ok_or(Code::BadArguments)?;
        let acl = acl::fixup(&create.acl, self.asker.ids)?;
        let mut parent = self.look(parent_path)?;
        self.permit(&parent, perm::CREATE)?;
        let path = if sequential { format!("{}{:010}", create.path, parent.creates) } else { create.path.clone() };
        if !path::is_valid(&path) {
            return Err(Code::BadArguments);
        }
        if self.look(&path).is_ok() {
            return Err(Code::NodeExists);
        }
        if matches!(Owner::of(parent.owner, self.sessions.ttl_enabled()), Owner::Session(_)) {
            return Err(Code::NoChildrenForEphemerals);
        }
        let bytes = create.data.as_ref().map_or(0, Vec::len);
        self.within_quota(&path, 1, bytes, 0)?;
        parent.creates = parent.creates.wrapping_add(1);
        parent.children += 1;
        let parent_creates = parent.creates;
        self.change(parent_path, Some(parent));
        let new = Future { version: 0, creates: 0, aversion: 0, owner, children: 0, bytes, acl: acl.as_slice().into() };
        self.change(&path, Some(new));
        Ok(Txn::Create { path, data: create.data.clone(), acl, owner, parent_creates })
    }

    /// The real server makes containers and TTL znodes only through their own operations: a plain create with
    /// their flags gives a persistent znode, or is refused.
    fn owner(&self, create: &Create, kind: Kind) -> Result<i64, Code> {
        if create.form == CreateForm::Broken {
            return Err(Code::Marshalling);
        }
        if kind == Kind::Ttl {
            if !self.sessions.ttl_enabled() {
                return Err(Code::Unimplemented);
            }
            return Owner::ttl(create.ttl).ok_or(Code::BadArguments);
        }
        if create.form == CreateForm::Ttl {
            return Err(Code::BadArguments);
        }
        Ok(match (create.form, kind) {
            (CreateForm::Container, _) => owner::CONTAINER,
            (_, Kind::Ephemeral) => self.asker.session,
            _ => 0,
        })
    }

    /// As on the real server, what is proposed and not yet applied does not count.
    fn within_quota(&self, path: &str, count: i64, new: usize, old: usize) -> Result<(), Code> {
        if !self.prep.rules.enforce_quota {
            return Ok(());
        }
        let bytes = i64::try_from(new).unwrap_or(i64::MAX) - i64::try_from(old).unwrap_or(i64::MAX);
        match self.tree.quota(path) {
            Some((limits, used)) if limits.forbids(&used, count, bytes) => Err(Code::QuotaExceeded),
            _ => Ok(()),
        }
    }

    fn delete(&mut self, path: &str, version: i32) -> Result<Txn, Code> {
        self.alive()?;
        let parent_path = removable_parent(path)?;
        let parent = self.look(parent_path)?;
        self.permit(&parent, perm::DELETE)?;
        let node = self.look(path)?;
        next_version(node.version, version)?;
        self.remove(path, parent_path, parent, &node)
    }

    fn delete_container(&mut self, path: &str) -> Result<Txn, Code> {
        let parent_path = removable_parent(path)?;
        let node = self.look(path)?;
        if node.children > 0 {
            return Err(Code::NotEmpty);
        }
        if matches!(Owner::of(node.owner, self.sessions.ttl_enabled()), Owner::Session(_)) {
            return Err(Code::BadVersion);
        }
        let parent = self.look(parent_path)?;
        self.remove(path, parent_path, parent, &node)
    }

    fn remove(&mut self, path: &str, parent_path: &str, mut parent: Future, node: &Future) -> Result<Txn, Code> {
        if node.children > 0 {
            return Err(Code::NotEmpty);
        }
        parent.children = parent.children.saturating_sub(1);
        self.change(parent_path, Some(parent));
        self.change(path, None);
        Ok(Txn::Delete { path: path.to_owned() })
    }

    fn set_data(&mut self, path: &str, data: &Option<Vec<u8>>, version: i32) -> Result<Txn, Code> {
        self.alive()?;
        valid(path)?;
        let mut node = self.look(path)?;
        self.permit(&node, perm::WRITE)?;
        let bytes = data.as_ref().map_or(0, Vec::len);
        self.within_quota(path, 0, bytes, node.bytes)?;
        let version = next_version(node.version, version)?;
        node.version = version;
        node.bytes = bytes;
        self.change(path, Some(node));
        Ok(Txn::SetData { path: path.to_owned(), data: data.clone(), version })
    }

    fn set_acl(&mut self, path: &str, acl: &[Acl], version: i32) -> Result<Txn, Code> {
        self.alive()?;
        valid(path)?;
        let acl = acl::fixup(acl, self.asker.ids)?;
        let mut node = self.look(path)?;
        self.permit(&node, perm::ADMIN)?;
        let version = next_version(node.aversion, version)?;
        node.aversion = version;
        node.acl = acl.as_slice().into();
        self.change(path, Some(node));
        Ok(Txn::SetAcl { path: path.to_owned(), acl, version })
    }

    fn check(&mut self, path: &str, version: i32) -> Result<Txn, Code> {
        self.alive()?;
        valid(path)?;
        let node = self.look(path)?;
        self.permit(&node, perm::READ)?;
        next_version(node.version, version)?;
        Ok(Txn::Check { path: path.to_owned() })
    }

    fn close_session(&mut self) -> Txn {
        let session = self.asker.session;
        let mut paths = self.tree.ephemerals_of(session);
        paths.retain(|path| self.look(path).is_ok_and(|node| node.owner == session));
        let ahead = self.prep.ahead.iter();
        let proposed = ahead.filter(|(_, (_, shadow))| shadow.as_ref().is_some_and(|node| node.owner == session));
        paths.extend(proposed.map(|(path, _)| path.clone()));
        paths.sort_unstable();
        paths.dedup();
        for path in &paths {
            if let Some((parent_path, mut parent)) =
                path::parent(path).and_then(|parent| Some((parent, self.look(parent).ok()?)))
            {
                parent.children = parent.children.saturating_sub(1);
                self.change(parent_path, Some(parent));
            }
            self.change(path, None);
        }
        self.sessions.closing(session);
        Txn::CloseSession { paths }
    }
}

fn removable_parent(path: &str) -> Result<&str, Code> {
    let parent = path::parent(path).ok_or(Code::BadArguments)?;
    if path::is_special(path) { Err(Code::BadArguments) } else { Ok(parent) }
}

fn valid(path: &str) -> Result<(), Code> {
    if path::is_valid(path) { Ok(()) } else { Err(Code::BadArguments) }
}

fn next_version(now: i32, expected: i32) -> Result<i32, Code> {
    if expected != -1 && expected != now { Err(Code::BadVersion) } else { Ok(now.wrapping_add(1)) }
}

//! A whole tree as bytes and back: for snapshot files, and for servers that are too far behind.

use std::{
    collections::HashMap,
    io::{self, Write},
};

use super::{
    Tree,
    acls::{AclId, AclTable},
    arena::{NodeId, Nodes, Persisted, ROOT},
};
use crate::wire::{Acl, Malformed, Put, Reader};

const FORM: i32 = 1;
/// Bytes that are written at once.
const PART: usize = 1 << 20;

/// A tree as it was at one moment. Taking one is quick and its writing can take its time: the tree goes on.
#[derive(Debug)]
pub struct Frozen {
    nodes: Nodes,
    count: usize,
    acls: AclTable,
    sessions: HashMap<i64, i32>,
    last_zxid: i64,
}

impl Frozen {
    /// The last transaction that it has.
    pub fn last_zxid(&self) -> i64 {
        self.last_zxid
    }

    /// Writes the tree, its sessions and its zxid, about a megabyte at a time. A checksum is the concern of whoever stores it.
    pub fn write_to(&self, to: &mut impl Write) -> io::Result<()> {
        let mut out = Vec::with_capacity(PART + 4096);
        out.put_i32(FORM);
        out.put_i64(self.last_zxid);
        out.put_len(self.sessions.len());
        for (session, timeout) in &self.sessions {
            out.put_i64(*session);
            out.put_i32(*timeout);
        }
        out.put_len(self.count);
        let mut numbers = vec![0; self.nodes.places()];
        let mut acls: HashMap<AclId, i32> = HashMap::new();
        for (number, (id, node)) in self.nodes.walk().enumerate() {
            numbers[id as usize] = i32::try_from(number).unwrap_or(i32::MAX);
            out.put_i32(numbers[node.parent as usize]);
            out.put_text(&node.name);
            out.put_buffer(node.data.as_deref());
            put_stat(&mut out, &node.stat);
            let next = acls.len() as i32;
            let acl = *acls.entry(node.acl).or_insert(next);
            out.put_i32(acl);
            if acl == next {
                Acl::put_list(&mut out, &self.acls.get(node.acl));
            }
            if out.len() >= PART {
                to.write_all(&out)?;
                out.clear();
            }
        }
        to.write_all(&out)
    }
}

impl Tree {
    /// The tree as it is now.
    pub fn freeze(&self) -> Frozen {
        Frozen {
            nodes: self.arena.freeze(),
            count: self.arena.len(),
            acls: self.acls.clone(),
            sessions: self.sessions.clone(),
            last_zxid: self.last_zxid,
        }
    }

    /// Reads what [`Frozen::write_to`] wrote; `config` is this server's own config node.
    pub fn decode(bytes: &[u8], config: &str, ttl_enabled: bool) -> Result<Self, Malformed> {
        let reader = &mut Reader::new(bytes);
        if reader.i32()? != FORM {
            return Err(Malformed);
        }
        let mut tree = Self::bare(ttl_enabled);
        tree.last_zxid = reader.i64()?;
        tree.sessions = reader.list(|reader| Ok((reader.i64()?, reader.i32()?)))?.into_iter().collect();
        let count = usize::try_from(reader.i32()?).map_err(|_| Malformed)?;
        let mut acls: Vec<Vec<Acl>> = Vec::new();
        let mut ids: Vec<NodeId> = Vec::new();
        for number in 0..count {
            let parent = usize::try_from(reader.i32()?).map_err(|_| Malformed)?;
            let name = reader.text()?;
            let data = reader.buffer()?.map(<[u8]>::to_vec);
            let stat = read_stat(reader)?;
            let acl = read_acl(reader, &mut acls)?;
            if number == 0 {
                tree.load_root(data, &acls[acl], stat);
                ids.push(ROOT);
            } else {
                let parent = *ids.get(parent).ok_or(Malformed)?;
                ids.push(tree.load(parent, &name, data, &acls[acl], stat)?);
            }
        }
        tree.ensure_system_nodes(config);
        tree.find_limits();
        Ok(tree)
    }

    fn load_root(&mut self, data: Option<Vec<u8>>, acl: &[Acl], stat: Persisted) {
        self.replace_data(ROOT, data);
        let acl = self.acls.intern(acl);
        let root = self.arena.get_mut(ROOT);
        root.stat = stat;
        let old = std::mem::replace(&mut root.acl, acl);
        self.acls.release(old);
    }

    fn load(
        &mut self,
        parent: NodeId,
        name: &str,
        data: Option<Vec<u8>>,
        acl: &[Acl],
        stat: Persisted,
    ) -> Result<NodeId, Malformed> {
        let base = self.arena.path(parent);
        let path = if base == "/" { format!("/{name}") } else { format!("{base}/{name}") };
        if self.arena.find(&path).is_some() {
            return Err(Malformed);
        }
        self.insert(&path, data, acl, stat);
        self.arena.find(&path).ok_or(Malformed)
    }
}

fn read_acl(reader: &mut Reader<'_>, acls: &mut Vec<Vec<Acl>>) -> Result<usize, Malformed> {
    let number = usize::try_from(reader.i32()?).map_err(|_| Malformed)?;
    match number.cmp(&acls.len()) {
        std::cmp::Ordering::Less => {}
        std::cmp::Ordering::Equal => acls.push(reader.list(Acl::read)?),
        std::cmp::Ordering::Greater => return Err(Malformed),
    }
    Ok(number)
}

fn put_stat(out: &mut Vec<u8>, stat: &Persisted) {
    for number in [stat.czxid, stat.mzxid, stat.pzxid, stat.ctime, stat.mtime, stat.owner] {
        out.put_i64(number);
    }
    for number in [stat.version, stat.creates, stat.aversion] {
        out.put_i32(number);
    }
}

fn read_stat(reader: &mut Reader<'_>) -> Result<Persisted, Malformed> {
    Ok(Persisted {
        czxid: reader.i64()?,
        mzxid: reader.i64()?,
        pzxid: reader.i64()?,
        ctime: reader.i64()?,
        mtime: reader.i64()?,
        owner: reader.i64()?,
        version: reader.i32()?,
        creates: reader.i32()?,
        aversion: reader.i32()?,
    })
}

//! Where znodes lie, and how they are found by path.

use std::{
    hash::{BuildHasher, RandomState},
    sync::Arc,
};

use hashbrown::HashTable;

use super::acls::AclId;

/// A znode's place in the arena.
pub type NodeId = u32;

/// The place of `/`.
pub const ROOT: NodeId = 0;

/// The part of a stat that is stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Persisted {
    /// The transaction that made it.
    pub czxid: i64,
    /// The transaction that last set its data.
    pub mzxid: i64,
    /// The transaction that last changed its children.
    pub pzxid: i64,
    /// When it was made, ms since 1970.
    pub ctime: i64,
    /// When its data was last set, ms since 1970.
    pub mtime: i64,
    /// Its ephemeral owner.
    pub owner: i64,
    /// How often its data was set.
    pub version: i32,
    /// How many children were made in it.
    pub creates: i32,
    /// How often its access list was set.
    pub aversion: i32,
}

/// A znode.
#[derive(Clone, Debug)]
pub struct Node {
    /// The last part of its path.
    pub name: Box<str>,
    /// What it holds; null is kept apart from empty.
    pub data: Option<Box<[u8]>>,
    /// Stored stat.
    pub stat: Persisted,
    /// Its access list.
    pub acl: AclId,
    /// Its parent; the root is its own.
    pub parent: NodeId,
    /// Where it stands among its parent's children.
    place: u32,
    #[expect(
        clippy::box_collection,
        reason = "most znodes have no children, and then this is one word instead of three"
    )]
    children: Option<Box<Vec<NodeId>>>,
}

impl Node {
    /// Its children, in no order.
    pub fn children(&self) -> &[NodeId] {
        self.children.as_deref().map_or(&[], Vec::as_slice)
    }
}

/// Places in one chunk.
const CHUNK: usize = 64;

/// Some neighbours in the arena.
#[derive(Clone, Debug)]
struct Chunk([Option<Node>; CHUNK]);

/// All znodes by place. A clone is cheap and stays as it is: chunks are shared until one of the two changes them.
#[derive(Clone, Debug, Default)]
pub struct Nodes {
    chunks: Vec<Arc<Chunk>>,
    /// Places that were ever used.
    used: usize,
}

impl Nodes {
    fn slot(&mut self, id: NodeId) -> Option<&mut Option<Node>> {
        let chunk = self.chunks.get_mut(id as usize / CHUNK)?;
        Arc::make_mut(chunk).0.get_mut(id as usize % CHUNK)
    }

    fn peek(&self, id: NodeId) -> Option<&Node> {
        self.chunks.get(id as usize / CHUNK)?.0.get(id as usize % CHUNK)?.as_ref()
    }

    fn push(&mut self, node: Node) -> NodeId {
        if self.used.is_multiple_of(CHUNK) {
            self.chunks.push(Arc::new(Chunk([const { None }; CHUNK])));
        }
        let id = self.used as NodeId;
        self.used += 1;
        if let Some(slot) = self.slot(id) {
            *slot = Some(node);
        }
        id
    }

    /// A znode by its place. A place is only ever known of a znode that is there.
    pub fn get(&self, id: NodeId) -> &Node {
        match self.peek(id) {
            Some(node) => node,
            None => unreachable!("a place in the arena outlived its znode"),
        }
    }

    /// How many places there are, empty ones included.
    pub fn places(&self) -> usize {
        self.used
    }

    /// All znodes, each after its parent.
    pub fn walk(&self) -> impl Iterator<Item = (NodeId, &Node)> {
        let mut todo = vec![ROOT];
        std::iter::from_fn(move || {
            let id = todo.pop()?;
            let node = self.get(id);
            todo.extend_from_slice(node.children());
            Some((id, node))
        })
    }
}

/// Parts of the index. A table that grows is built anew, and nobody shall wait for that: no part becomes large, and building it
/// anew looks at no znode.
const PARTS: usize = 256;

/// A znode in the index, with half of its hash.
#[derive(Clone, Copy, Debug)]
struct Entry {
    hash: u32,
    id: NodeId,
}

impl Entry {
    /// The hash as tables want it, spread over all bits.
    fn spread(hash: u32) -> u64 {
        u64::from(hash).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }
}

/// All znodes, with an index by path.
#[derive(Debug)]
pub struct Arena {
    nodes: Nodes,
    free: Vec<NodeId>,
    index: Vec<HashTable<Entry>>,
    hasher: RandomState,
}

impl Arena {
    /// Only the root.
    pub fn new(acl: AclId) -> Self {
        let root = Node {
            name: "".into(),
            data: Some(Box::default()),
            stat: Persisted::default(),
            acl,
            parent: ROOT,
            place: 0,
            children: None,
        };
        let mut nodes = Nodes::default();
        nodes.push(root);
        Self { nodes, free: Vec::new(), index: vec![HashTable::new(); PARTS], hasher: RandomState::new() }
    }

    /// Number of znodes.
    pub fn len(&self) -> usize {
        self.nodes.places() - self.free.len()
    }

    /// The znodes as they are now.
    pub fn freeze(&self) -> Nodes {
        self.nodes.clone()
    }

    /// A znode by its place. A place is only ever known of a znode that is there.
    pub fn get(&self, id: NodeId) -> &Node {
        self.nodes.get(id)
    }

    /// A znode by its place.
    pub fn get_mut(&mut self, id: NodeId) -> &mut Node {
        match self.nodes.slot(id) {
            Some(Some(node)) => node,
            _ => unreachable!("a place in the arena outlived its znode"),
        }
    }

    fn hash(&self, parent: NodeId, name: &str) -> u32 {
        self.hasher.hash_one((parent, name)) as u32
    }

    fn child(&self, parent: NodeId, name: &str) -> Option<NodeId> {
        let hash = self.hash(parent, name);
        let is = |entry: &Entry| {
            entry.hash == hash && {
                let node = self.get(entry.id);
                node.parent == parent && *node.name == *name
            }
        };
        self.index[part(hash)].find(Entry::spread(hash), is).map(|entry| entry.id)
    }

    /// The znode at a path. Paths with empty parts name nothing.
    pub fn find(&self, path: &str) -> Option<NodeId> {
        if path == "/" {
            return Some(ROOT);
        }
        path.strip_prefix('/')?.split('/').try_fold(ROOT, |parent, name| self.child(parent, name))
    }

    /// The parent's place and the name of a path whose parent is there.
    pub fn split<'p>(&self, path: &'p str) -> Option<(NodeId, &'p str)> {
        let (parent, name) = path.rsplit_once('/')?;
        Some((self.find(if parent.is_empty() { "/" } else { parent })?, name))
    }

    /// The path of a znode.
    pub fn path(&self, id: NodeId) -> String {
        if id == ROOT {
            return "/".to_owned();
        }
        let mut names = Vec::new();
        let mut at = id;
        while at != ROOT {
            let node = self.get(at);
            names.push(&*node.name);
            at = node.parent;
        }
        let mut path = String::with_capacity(names.iter().map(|name| name.len() + 1).sum());
        for name in names.into_iter().rev() {
            path.push('/');
            path.push_str(name);
        }
        path
    }

    /// Puts a znode below a parent that has none of that name.
    pub fn insert(
        &mut self,
        parent: NodeId,
        name: &str,
        data: Option<Box<[u8]>>,
        acl: AclId,
        stat: Persisted,
    ) -> NodeId {
        let hash = self.hash(parent, name);
        let siblings = self.get_mut(parent).children.get_or_insert_default();
        let place = siblings.len() as u32;
        let node = Node { name: name.into(), data, stat, acl, parent, place, children: None };
        let id = match self.free.pop() {
            Some(id) => {
                if let Some(slot) = self.nodes.slot(id) {
                    *slot = Some(node);
                }
                id
            }
            None => self.nodes.push(node),
        };
        self.get_mut(parent).children.get_or_insert_default().push(id);
        let table = &mut self.index[part(hash)];
        table.insert_unique(Entry::spread(hash), Entry { hash, id }, |entry| Entry::spread(entry.hash));
        id
    }

    /// Takes a znode without children out.
    pub fn remove(&mut self, id: NodeId) {
        let Some(node) = self.nodes.slot(id).and_then(Option::take) else { return };
        let hash = self.hash(node.parent, &node.name);
        if let Ok(entry) = self.index[part(hash)].find_entry(Entry::spread(hash), |entry| entry.id == id) {
            entry.remove();
        }
        self.free.push(id);
        let parent = self.get_mut(node.parent);
        let mut moved = None;
        if let Some(siblings) = &mut parent.children {
            siblings.swap_remove(node.place as usize);
            moved = siblings.get(node.place as usize).copied();
            if siblings.is_empty() {
                parent.children = None;
            }
        }
        if let Some(moved) = moved {
            self.get_mut(moved).place = node.place;
        }
    }
}

/// The part of the index that a hash belongs to.
fn part(hash: u32) -> usize {
    hash as usize % PARTS
}

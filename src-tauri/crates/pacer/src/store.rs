//! Pacer's state in ZooKeeper: under the path of `MARATHON_ZK`, one node for each record.
//!
//! ```text
//! PATH/leader/member_…      who is there; the smallest leads (ephemeral)
//! PATH/pacer/framework      the framework's id
//! PATH/pacer/apps/…         shop_web for /shop/web: ids have no underscores
//! PATH/pacer/versions/…     as they were: shop_web@2026-11-22T12:30:00.123Z
//! PATH/pacer/instances/…    by task id
//! PATH/pacer/deployments/…  those under way
//! PATH/pacer/root           the groups, and the version of the whole
//! PATH/pacer/past/…         the last changes with what they replaced, by version
//! ```
//!
//! What belongs together is written in one transaction, so it is there whole or not at all. Each transaction also checks
//! that our own node among the members still is there: a leader that was deposed can write nothing.

use std::collections::{BTreeMap, HashSet};

use futures::stream::{StreamExt, TryStreamExt};
use zookeeper_client as zk;

use crate::core::{AppId, InstanceId, Key, Record};

/// The most that one transaction holds, bytes: ZooKeeper takes a little less than 1 MiB.
const LARGEST: usize = 512 * 1024;
/// What an operation costs beside its text, bytes, about.
const OVERHEAD: usize = 200;
/// How many nodes are read side by side.
const READERS: usize = 64;

/// The records, as the leader sees them.
#[derive(Debug)]
pub struct Store {
    client: zk::Client,
    acls: zk::Acls<'static>,
    root: String,
    /// Our node among the members.
    member: String,
    /// The records that are there.
    there: HashSet<Key>,
}

impl Store {
    /// The store under `path`, for the leader whose node is `member`. Makes its nodes if it is new.
    pub async fn open(
        client: zk::Client,
        acls: zk::Acls<'static>,
        path: &str,
        member: String,
    ) -> Result<Self, zk::Error> {
        let root = format!("{path}/pacer");
        for (kind, _) in FOLDERS {
            client.mkdir(&format!("{root}/{kind}"), &zk::CreateMode::Persistent.with_acls(acls)).await?;
        }
        Ok(Self { client, acls, root, member, there: HashSet::new() })
    }

    /// Reads everything.
    pub async fn load(&mut self) -> Result<Vec<(Key, String)>, zk::Error> {
        // A follower may be behind; a leader must not begin with the past.
        self.client.sync(&self.root).await?;
        let mut keys = Vec::new();
        for name in self.client.list_children(&self.root).await? {
            match &*name {
                "framework" => keys.push(Key::Framework),
                "root" => keys.push(Key::Root),
                _ => {}
            }
        }
        for (folder, key) in FOLDERS {
            let names = self.client.list_children(&format!("{}/{folder}", self.root)).await?;
            keys.extend(names.iter().map(|name| key(name)));
        }
        let reads = futures::stream::iter(keys).map(|key| self.read(key)).buffer_unordered(READERS);
        let records: Vec<_> = reads.try_collect().await?;
        self.there = records.iter().map(|(key, _)| key.clone()).collect();
        Ok(records)
    }

    async fn read(&self, key: Key) -> Result<(Key, String), zk::Error> {
        let (data, _) = self.client.get_data(&self.path(&key)).await?;
        Ok((key, String::from_utf8_lossy(&data).into_owned()))
    }

    /// Writes groups of records, in order; each group whole or not at all.
    pub async fn commit(&mut self, groups: Vec<Vec<Record>>) -> Result<(), zk::Error> {
        let mut batch: BTreeMap<Key, Option<String>> = BTreeMap::new();
        let mut size = 0;
        for group in groups {
            let cost: usize = group.iter().map(cost).sum();
            if size + cost > LARGEST && !batch.is_empty() {
                self.write(std::mem::take(&mut batch)).await?;
                size = 0;
            }
            size += cost;
            batch.extend(group.into_iter().map(|record| (record.key, record.text)));
        }
        if batch.is_empty() { Ok(()) } else { self.write(batch).await }
    }

    async fn write(&mut self, batch: BTreeMap<Key, Option<String>>) -> Result<(), zk::Error> {
        let options = zk::CreateMode::Persistent.with_acls(self.acls);
        let mut writer = self.client.new_check_writer(&self.member, None)?;
        let mut is_empty = true;
        for (key, text) in &batch {
            let path = self.path(key);
            match (text, self.there.contains(key)) {
                (Some(text), true) => writer.add_set_data(&path, text.as_bytes(), None)?,
                (Some(text), false) => writer.add_create(&path, text.as_bytes(), &options)?,
                (None, true) => writer.add_delete(&path, None)?,
                (None, false) => continue,
            }
            is_empty = false;
        }
        if !is_empty {
            writer.commit().await?;
        }
        for (key, text) in batch {
            if text.is_some() {
                self.there.insert(key)
            } else {
                self.there.remove(&key)
            };
        }
        Ok(())
    }

    fn path(&self, key: &Key) -> String {
        let root = &self.root;
        match key {
            Key::Framework => format!("{root}/framework"),
            Key::App(id) => format!("{root}/apps/{}", id.safe()),
            Key::Version(id, version) => format!("{root}/versions/{}@{version}", id.safe()),
            Key::Instance(id) => format!("{root}/instances/{}", id.task()),
            Key::Deployment(id) => format!("{root}/deployments/{id}"),
            Key::Root => format!("{root}/root"),
            Key::Past(version) => format!("{root}/past/{version}"),
        }
    }
}

/// The folders, and what a node in each is of.
const FOLDERS: [(&str, KeyOf); 5] = [
    ("apps", |name| Key::App(app_of(name))),
    ("versions", |name| {
        let (app, version) = name.split_once('@').unwrap_or((name, ""));
        Key::Version(app_of(app), version.to_owned())
    }),
    ("instances", |name| Key::Instance(InstanceId::parse(name))),
    ("deployments", |name| Key::Deployment(name.to_owned())),
    ("past", |name| Key::Past(name.to_owned())),
];

fn app_of(safe: &str) -> AppId {
    AppId::new(&safe.replace('_', "/"))
}

/// Reads a key off the name of its node.
type KeyOf = fn(&str) -> Key;

fn cost(record: &Record) -> usize {
    record.text.as_ref().map_or(0, String::len) + OVERHEAD
}

//! Quotas: limits that a client writes below `/zookeeper/quota`, and the counts that the server keeps beside them.
//! Source: ZooKeeper 3.8's `Quotas` and `StatsTrack`.

use std::{
    collections::{BTreeMap, HashSet},
    fmt,
};

/// Where quotas lie; the quota of `/a` is `/zookeeper/quota/a`.
pub const ROOT: &str = "/zookeeper/quota";
/// The znode that holds the limits.
pub const LIMITS: &str = "zookeeper_limits";
/// The znode that holds the counts.
pub const STATS: &str = "zookeeper_stats";

/// Limits, or counts: `count=2,bytes=-1`. -1 stands for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Track {
    values: BTreeMap<String, i64>,
}

impl Track {
    /// Reads one. What makes no sense counts as not there: a client may write anything.
    pub fn parse(data: &[u8]) -> Self {
        let text = String::from_utf8_lossy(data);
        let pair = |pair: &str| {
            let mut parts = pair.split('=');
            Some((parts.next()?.to_owned(), parts.next()?.parse().unwrap_or(-1)))
        };
        Self { values: text.split([',', ';']).filter_map(pair).collect() }
    }

    /// So many znodes and bytes.
    pub fn new(count: i64, bytes: i64) -> Self {
        Self { values: BTreeMap::from([("count".to_owned(), count), ("bytes".to_owned(), bytes)]) }
    }

    fn get(&self, key: &str) -> i64 {
        self.values.get(key).copied().unwrap_or(-1)
    }

    /// Counts more, or less.
    pub fn add(&mut self, count: i64, bytes: i64) {
        let values =
            [("count", self.get("count").saturating_add(count)), ("bytes", self.get("bytes").saturating_add(bytes))];
        self.values.extend(values.map(|(key, value)| (key.to_owned(), value)));
    }

    /// Whether so much more than what `used` says breaks one of these limits. Only hard ones bind; soft ones are for people.
    pub fn forbids(&self, used: &Self, count: i64, bytes: i64) -> bool {
        let over = |key: &str, hard: &str, more: i64| {
            let limit = self.get(hard);
            more != 0 && limit > -1 && used.get(key).saturating_add(more) > limit
        };
        over("count", "countHardLimit", count) || over("bytes", "byteHardLimit", bytes)
    }
}

impl fmt::Display for Track {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "count={},bytes={}", self.get("count"), self.get("bytes"))?;
        let others = self.values.iter().filter(|(key, _)| !matches!(key.as_str(), "count" | "bytes"));
        for (n, (key, value)) in others.enumerate() {
            // The first `=` hides the rest from readers of before 3.7.
            write!(f, "{};{key}={value}", if n == 0 { "=" } else { "" })?;
        }
        Ok(())
    }
}

/// The limits of a path.
pub fn limits_of(path: &str) -> String {
    format!("{ROOT}{path}/{LIMITS}")
}

/// The counts of a path.
pub fn stats_of(path: &str) -> String {
    format!("{ROOT}{path}/{STATS}")
}

/// The path whose quota a znode belongs to, if its name is `name`.
pub fn subject<'p>(znode: &'p str, name: &str) -> Option<&'p str> {
    let path = znode.strip_prefix(ROOT)?.strip_suffix(name)?.strip_suffix('/')?;
    // The root has no quota.
    (!path.is_empty()).then_some(path)
}

/// The paths that have limits.
#[derive(Debug, Default)]
pub struct Limited {
    paths: HashSet<String>,
}

impl Limited {
    /// A path has limits from now on.
    pub fn add(&mut self, path: &str) {
        self.paths.insert(path.to_owned());
    }

    /// It has none any more.
    pub fn remove(&mut self, path: &str) {
        self.paths.remove(path);
    }

    /// The nearest path that has limits, upwards from `path`.
    pub fn over<'p>(&self, path: &'p str) -> Option<&'p str> {
        if self.paths.is_empty() {
            return None;
        }
        let mut at = path;
        while !at.is_empty() {
            if self.paths.contains(at) {
                return Some(at);
            }
            at = &at[..at.rfind('/')?];
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_as_the_real_one_writes() {
        for text in ["count=3,bytes=-1", "count=-1,bytes=-1=;byteHardLimit=10;countHardLimit=2"] {
            assert_eq!(Track::parse(text.as_bytes()).to_string(), text);
        }
        assert_eq!(Track::parse(b"").to_string(), "count=-1,bytes=-1");
        let mut used = Track::new(5, 19);
        used.add(-1, 12);
        assert_eq!(used.to_string(), "count=4,bytes=31");
    }

    #[test]
    fn only_hard_limits_bind() {
        let limits = Track::parse(b"count=1,bytes=1=;byteHardLimit=10;countHardLimit=-1");
        assert!(!limits.forbids(&Track::new(5, 5), 1, 5));
        assert!(limits.forbids(&Track::new(5, 5), 1, 6));
        assert!(!limits.forbids(&Track::new(5, 50), 1, 0));
    }

    #[test]
    fn the_nearest_limits_count() {
        let mut limited = Limited::default();
        limited.add("/a");
        limited.add("/a/b/c");
        assert_eq!(limited.over("/a/b"), Some("/a"));
        assert_eq!(limited.over("/a/b/c/d"), Some("/a/b/c"));
        assert_eq!(limited.over("/ab"), None);
        assert_eq!(subject("/zookeeper/quota/a/zookeeper_limits", LIMITS), Some("/a"));
        assert_eq!(subject("/zookeeper/quota/zookeeper_limits", LIMITS), None);
    }

    proptest::proptest! {
        #[test]
        fn anything_can_be_read(data: Vec<u8>) {
            let track = Track::parse(&data);
            proptest::prop_assert!(track.to_string().starts_with("count="));
        }
    }
}

//! What lies below a path with a quota is counted as the tree changes.

use super::{Tree, arena::NodeId};
use crate::quota::{self, Track};

impl Tree {
    /// The path whose limits hold at `path`, with those limits and what is used of them.
    pub fn quota(&self, path: &str) -> Option<(Track, Track)> {
        let over = self.limited.over(path)?;
        let read = |path: String| {
            Some(Track::parse(self.arena.get(self.arena.find(&path)?).data.as_deref().unwrap_or_default()))
        };
        Some((read(quota::limits_of(over))?, read(quota::stats_of(over))?))
    }

    /// A znode was made.
    pub(super) fn count_created(&mut self, path: &str, bytes: usize) {
        if let Some(limited) = quota::subject(path, quota::LIMITS) {
            self.limited.add(limited);
        }
        if let Some(limited) = quota::subject(path, quota::STATS) {
            self.count_anew(limited);
        }
        self.count_change(path, 1, signed(bytes));
    }

    /// A znode was removed.
    pub(super) fn count_deleted(&mut self, path: &str, bytes: usize) {
        if let Some(limited) = quota::subject(path, quota::LIMITS) {
            self.limited.remove(limited);
        }
        self.count_change(path, -1, -signed(bytes));
    }

    /// A znode's data was set.
    pub(super) fn count_set(&mut self, path: &str, old: usize, new: usize) {
        self.count_change(path, 0, signed(new) - signed(old));
    }

    fn count_change(&mut self, path: &str, count: i64, bytes: i64) {
        let Some(stats) = self.limited.over(path).map(quota::stats_of) else { return };
        let Some(id) = self.arena.find(&stats) else { return };
        let mut track = Track::parse(self.arena.get(id).data.as_deref().unwrap_or_default());
        track.add(count, bytes);
        self.write_stats(id, &track);
    }

    /// The real server forgets these in the size of its data, and so does this one.
    fn write_stats(&mut self, id: NodeId, track: &Track) {
        self.arena.get_mut(id).data = Some(track.to_string().into_bytes().into_boxed_slice());
    }

    /// Counts everything below a path.
    fn count_anew(&mut self, path: &str) {
        let Some(stats) = self.arena.find(&quota::stats_of(path)) else { return };
        let (mut count, mut bytes) = (0, 0);
        let mut todo: Vec<NodeId> = self.arena.find(path).into_iter().collect();
        while let Some(id) = todo.pop() {
            let node = self.arena.get(id);
            count += 1;
            bytes += node.data.as_ref().map_or(0, |data| data.len());
            todo.extend_from_slice(node.children());
        }
        self.write_stats(stats, &Track::new(count, signed(bytes)));
    }

    /// After a tree was loaded: which paths have limits.
    pub(super) fn find_limits(&mut self) {
        let mut todo: Vec<NodeId> = self.arena.find(quota::ROOT).into_iter().collect();
        while let Some(id) = todo.pop() {
            let node = self.arena.get(id);
            if &*node.name == quota::LIMITS
                && let Some(limited) = quota::subject(&self.arena.path(id), quota::LIMITS)
            {
                self.limited.add(limited);
            }
            todo.extend_from_slice(node.children());
        }
    }
}

fn signed(bytes: usize) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

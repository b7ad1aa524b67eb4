//! What a leader does by the clock: it keeps its majority, ends sessions, removes containers and znodes whose time is over.

use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

use super::{CONTAINER_CHECK, Learner, Stage};
use crate::{
    engine::{Engine, Role, now_ms},
    ensemble::{Message, Origin},
    log::Level,
    store::StoreError,
    wire::op,
};

impl Engine {
    pub(in crate::engine) async fn pulse_leading(&mut self, now: Instant) -> Result<(), StoreError> {
        if self.ensemble.is_some() && !self.keep_majority(now).await {
            return Ok(());
        }
        if self.serves() {
            self.expire_sessions(now);
            self.remove_mortals(now);
        }
        Ok(())
    }

    /// Pings learners, drops silent ones; false if that leaves no majority, and so no leader.
    async fn keep_majority(&mut self, now: Instant) -> bool {
        let tick = Duration::from_millis(u64::from(self.setup.config.tick_ms));
        let (init, sync) = (tick * self.setup.config.init_limit, tick * self.setup.config.sync_limit);
        if self.lost_its_vote() {
            self.abdicate("This leader is not the designated leader").await;
            return false;
        }
        let Role::Leading(leading) = &mut self.role else { return false };
        if leading.next_zxid & 0xffff_ffff == 0xffff_ffff {
            self.abdicate("zxid lower 32 bits have rolled over, forcing re-election, and therefore new epoch start")
                .await;
            return false;
        }
        if now.duration_since(leading.pinged) >= tick / 2 {
            leading.pinged = now;
            for learner in leading.learners.values() {
                learner.link.send(&Message::Ping);
            }
        }
        let limit = |learner: &Learner| if learner.stage == Stage::Synced { sync } else { init };
        let silent = leading.learners.values().filter(|l| now.duration_since(l.heard) > limit(l));
        let silent: Vec<u64> = silent.map(|learner| learner.link.id).collect();
        let (established, since) = (leading.established, leading.since);
        for link in silent {
            self.drop_learner(link);
        }
        if established && !self.is_supported(|learner| learner.stage == Stage::Synced) {
            self.abdicate(&format!(
                "Not sufficient followers synced, only synced with sids: [ [{}] ]",
                self.synced_ids()
            ))
            .await;
            return false;
        }
        if !established && now.duration_since(since) > init {
            self.abdicate("Timeout while waiting for epoch from quorum").await;
            return false;
        }
        true
    }

    fn synced_ids(&self) -> String {
        let Role::Leading(leading) = &self.role else { return String::new() };
        let synced = leading.learners.values().filter(|learner| learner.stage == Stage::Synced);
        let mut ids: HashSet<u64> = synced.filter_map(|learner| learner.server).collect();
        ids.insert(self.setup.me);
        let mut ids: Vec<u64> = ids.into_iter().collect();
        ids.sort_unstable();
        ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    }

    fn expire_sessions(&mut self, now: Instant) {
        let Role::Leading(leading) = &self.role else { return };
        for (session, timeout) in leading.tracker.expired(now) {
            let message = format!("Expiring session {session:#x}, timeout of {}ms exceeded", timeout.as_millis());
            self.metrics.stale_sessions += 1;
            self.journal.from("SessionTracker", Level::Info, "ZooKeeperServer@628", &message);
            self.propose(Origin::SELF, session, op::CLOSE_SESSION, &[], &[]);
        }
    }

    /// How often containers and TTL znodes are looked through (`znode.container.checkIntervalMs`).
    pub(in crate::engine) fn container_check(&self) -> Duration {
        let every = self.setup.config.property("znode.container.checkIntervalMs").and_then(|ms| ms.parse().ok());
        every.map_or(CONTAINER_CHECK, |ms: u64| Duration::from_millis(ms.max(1)))
    }

    fn remove_mortals(&mut self, now: Instant) {
        let every = self.container_check();
        let Role::Leading(leading) = &mut self.role else { return };
        if now.duration_since(leading.looked_through) < every {
            return;
        }
        leading.looked_through = now;
        for path in self.tree.over(now_ms()) {
            let message = format!("Attempting to delete candidate container: {path}");
            self.journal.from("ContainerManagerTask", Level::Info, "ContainerManager@149", &message);
            self.propose(Origin::SELF, 0, op::DELETE_CONTAINER, path.as_bytes(), &[]);
        }
    }
}

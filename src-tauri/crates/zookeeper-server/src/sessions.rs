//! Sessions: their passwords, and which of them are alive in the eyes of the leader.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use crate::wire::Code;

/// The password of a session. Any server of any ensemble can check it, so a session can move between servers. The sequence
/// is that of `java.util.Random` on the session's number, as in ZooKeeper 3.8.
pub fn password(session: i64) -> [u8; 16] {
    const SECRET: i64 = 0xB341_5C00;
    const MULTIPLIER: u64 = 0x5_DEEC_E66D;
    const MASK: u64 = (1 << 48) - 1;
    let mut seed = ((session ^ SECRET) as u64 ^ MULTIPLIER) & MASK;
    let mut out = [0; 16];
    for word in out.chunks_exact_mut(4) {
        seed = seed.wrapping_mul(MULTIPLIER).wrapping_add(0xB) & MASK;
        word.copy_from_slice(&((seed >> 16) as u32).to_le_bytes());
    }
    out
}

/// The first session number that a server gives out: its id in the high byte, the time below.
pub fn first_session(server: u64, now_ms: i64) -> i64 {
    let time = ((now_ms << 24) as u64 >> 8) as i64;
    time | ((server as i64) << 56)
}

/// A session in the eyes of the leader.
#[derive(Clone, Copy, Debug)]
struct Tracked {
    timeout: Duration,
    expires: Instant,
    closing: bool,
    /// Through which server it is connected.
    server: Option<u64>,
}

/// The leader's watch over sessions.
#[derive(Debug)]
pub struct Tracker {
    sessions: HashMap<i64, Tracked>,
    ttl_enabled: bool,
}

impl Tracker {
    /// Takes over the sessions of the tree: each gets its whole timeout anew, because nobody can know since when the
    /// old leader had heard nothing of it.
    pub fn new(sessions: &HashMap<i64, i32>, ttl_enabled: bool, now: Instant) -> Self {
        let mut tracker = Self { sessions: HashMap::new(), ttl_enabled };
        for (session, timeout) in sessions {
            tracker.track(*session, *timeout, None, now);
        }
        tracker
    }

    /// Whether znodes with a time to live are allowed.
    pub fn ttl_enabled(&self) -> bool {
        self.ttl_enabled
    }

    /// A session opens.
    pub fn track(&mut self, session: i64, timeout_ms: i32, server: Option<u64>, now: Instant) {
        let timeout = Duration::from_millis(u64::try_from(timeout_ms).unwrap_or(0));
        self.sessions.insert(session, Tracked { timeout, expires: now + timeout, closing: false, server });
    }

    /// A session showed life.
    pub fn touch(&mut self, session: i64, now: Instant) {
        if let Some(tracked) = self.sessions.get_mut(&session).filter(|tracked| !tracked.closing) {
            tracked.expires = now + tracked.timeout;
        }
    }

    /// A client comes back with a session, through this server. False if that session is over.
    pub fn reattach(&mut self, session: i64, timeout_ms: i32, server: u64, now: Instant) -> bool {
        match self.sessions.get_mut(&session) {
            Some(tracked) if !tracked.closing => {
                tracked.timeout = Duration::from_millis(u64::try_from(timeout_ms).unwrap_or(0));
                tracked.expires = now + tracked.timeout;
                tracked.server = Some(server);
                true
            }
            _ => false,
        }
    }

    /// Whether a session may write, through this server.
    pub fn check(&self, session: i64, server: u64) -> Result<(), Code> {
        match self.sessions.get(&session) {
            None => Err(Code::SessionExpired),
            Some(tracked) if tracked.closing => Err(Code::SessionExpired),
            Some(tracked) if tracked.server.is_some_and(|owner| owner != server) => Err(Code::SessionMoved),
            Some(_) => Ok(()),
        }
    }

    /// Its end was proposed.
    pub fn closing(&mut self, session: i64) {
        if let Some(tracked) = self.sessions.get_mut(&session) {
            tracked.closing = true;
        }
    }

    /// It is over.
    pub fn remove(&mut self, session: i64) {
        self.sessions.remove(&session);
    }

    /// Sessions whose time is over, with their timeouts.
    pub fn expired(&self, now: Instant) -> Vec<(i64, Duration)> {
        let over = self.sessions.iter().filter(|(_, tracked)| !tracked.closing && tracked.expires <= now);
        over.map(|(session, tracked)| (*session, tracked.timeout)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn password_is_javas() {
        // new Random(0x100000000000001L ^ 0xB3415C00L).nextBytes(…), printed by a Java program.
        let hex: String = password(0x0100_0000_0000_0001).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, JAVA);
    }

    const JAVA: &str = "054cc74a37327db215e702e20c73f005";

    #[test]
    fn a_session_lives_while_it_is_touched() {
        let start = Instant::now();
        let mut tracker = Tracker::new(&HashMap::from([(7, 100)]), false, start);
        tracker.touch(7, start + Duration::from_millis(80));
        assert!(tracker.expired(start + Duration::from_millis(150)).is_empty());
        assert_eq!(tracker.expired(start + Duration::from_millis(180)).len(), 1);
        tracker.closing(7);
        assert!(tracker.expired(start + Duration::from_millis(180)).is_empty());
        assert!(!tracker.reattach(7, 100, 1, start));
    }

    #[test]
    fn a_moved_session_is_refused_on_its_old_server() {
        let now = Instant::now();
        let mut tracker = Tracker::new(&HashMap::new(), false, now);
        tracker.track(7, 100, Some(1), now);
        assert_eq!(tracker.check(7, 1), Ok(()));
        assert!(tracker.reattach(7, 100, 2, now));
        assert_eq!(tracker.check(7, 1), Err(Code::SessionMoved));
        assert_eq!(tracker.check(7, 2), Ok(()));
        assert_eq!(tracker.check(8, 2), Err(Code::SessionExpired));
    }
}

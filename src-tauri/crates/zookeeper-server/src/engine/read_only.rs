//! Read-only mode: a server that finds no majority still answers reads of clients that said they can do with that.
//! Source: ZooKeeper 3.8's `ReadOnlyZooKeeperServer`.

use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

use super::{Engine, Role, clients::Stage};
use crate::{
    log::Level,
    sessions,
    watch::ConnId,
    wire::{
        Code, op,
        request::{Connect, Write},
    },
};

/// How long a majority is waited for before, at least.
const GRACE: Duration = Duration::from_secs(2);

/// The sessions that were opened in this mode: nobody else knows them.
#[derive(Debug, Default)]
pub struct ReadOnly {
    sessions: HashSet<i64>,
}

impl Engine {
    /// Begins to serve reads if there has been no majority for long enough.
    pub(super) fn consider_read_only(&mut self, now: Instant) {
        let tick = Duration::from_millis(u64::from(self.setup.config.tick_ms));
        let waited = now.duration_since(self.since) >= GRACE.max(tick);
        if matches!(self.role, Role::Looking)
            && self.read_only.is_none()
            && waited
            && self.setup.config.is_on("readonlymode.enabled")
        {
            self.read_only = Some(ReadOnly::default());
            self.journal.from(
                "ReadOnlyZooKeeperServer",
                Level::Info,
                "ReadOnlyZooKeeperServer@99",
                "Read-only server started",
            );
        }
    }

    /// There is a majority again, or everything ends.
    pub(super) fn end_read_only(&mut self) {
        if self.read_only.take().is_some() {
            self.close_clients();
        }
    }

    /// A client connects in this mode.
    pub(super) fn join_read_only(&mut self, id: ConnId, connect: &Connect) {
        let Some(conn) = self.conns.get(&id) else { return };
        let refused = match connect.read_only {
            Some(true) if !self.tree.sessions().contains_key(&connect.session) => None,
            Some(true) => Some(format!("Refusing global session reconnection in RO mode /{}", conn.peer)),
            _ => Some(format!("Refusing session request for not-read-only client /{}", conn.peer)),
        };
        if let Some(message) = refused {
            self.journal.from("NIOWorkerThread-1", Level::Info, "ZooKeeperServer@1404", &message);
            return self.close(id);
        }
        let session = match connect.session {
            // Without sessions of its own, the real server has nothing to give here but this error.
            0 if !self.setup.config.is_on("localSessionsEnabled") => return self.refuse(id, 0, Code::NotReadOnly),
            0 => self.new_session(),
            session => session,
        };
        let Some(conn) = self.conns.get_mut(&id) else { return };
        conn.stage = Stage::Joining { session, old_client: false };
        let Some(read_only) = &mut self.read_only else { return };
        let valid = if connect.session == 0 {
            read_only.sessions.insert(session)
        } else {
            sessions::password(session) == *connect.password && read_only.sessions.contains(&session)
        };
        self.joined(id, valid);
    }

    /// Whether this is nothing for this mode.
    pub(super) fn refuses_write(&self, kind: i32) -> bool {
        self.read_only.is_some() && (Write::is(kind) || kind == op::SYNC)
    }

    /// Answers what cannot be done in this mode. Only the end of a session can: it is this server's own.
    pub(super) fn refuse_write(&mut self, id: ConnId, xid: i32, kind: i32, bytes: usize) {
        let code = if kind == op::CLOSE_SESSION { 0 } else { Code::NotReadOnly.number() };
        self.reply(id, xid, code, self.tree.last_zxid(), &[]);
        self.count(id, kind, bytes, Instant::now());
        if kind == op::CLOSE_SESSION {
            if let (Some(read_only), Some(conn)) = (&mut self.read_only, self.conns.get(&id)) {
                read_only.sessions.remove(&conn.session());
            }
            self.close(id);
        }
    }
}

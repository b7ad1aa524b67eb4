//! How a connection comes to its session.

use std::time::Instant;

use super::{Engine, Role, clients::Stage, now_ms};
use crate::{
    ensemble::Message,
    log::Level,
    sessions,
    watch::ConnId,
    wire::{Put, op, request::Connect},
};

impl Engine {
    pub(super) fn on_connect(&mut self, id: ConnId, frame: &[u8]) {
        self.metrics.connection_requests += 1;
        let Ok(connect) = Connect::read(frame) else { return self.close(id) };
        let Some(conn) = self.conns.get_mut(&id) else { return };
        let own = self.tree.last_zxid();
        if connect.last_zxid > own {
            let message = format!(
                "Refusing session request for client /{} as it has seen zxid {:#x} our last zxid is {own:#x} client must try another server",
                conn.peer, connect.last_zxid
            );
            self.journal.from("NIOWorkerThread-1", Level::Info, "ZooKeeperServer@1415", &message);
            return self.close(id);
        }
        let most = self.setup.config.max_session_ms.max(self.setup.config.min_session_ms);
        let timeout = connect.timeout.clamp(self.setup.config.min_session_ms, most);
        conn.timeout_ms = timeout;
        if self.read_only.is_some() {
            return self.join_read_only(id, &connect);
        }
        let session = if connect.session == 0 { self.new_session() } else { connect.session };
        let Some(conn) = self.conns.get_mut(&id) else { return };
        conn.stage = Stage::Joining { session, old_client: connect.read_only.is_none() };
        if connect.session == 0 {
            let mut body = Vec::new();
            body.put_i32(timeout);
            self.begin_write(id, 0, op::CREATE_SESSION, body.into());
        } else {
            self.rejoin(id, session, timeout, &connect.password);
        }
    }

    pub(super) fn new_session(&mut self) -> i64 {
        let session = self.next_session;
        self.next_session += 1;
        session
    }

    fn rejoin(&mut self, id: ConnId, session: i64, timeout: i32, password: &[u8]) {
        if let Some(old) = self.by_session.remove(&session).filter(|old| *old != id) {
            self.close(old);
        }
        if sessions::password(session) != password {
            if let Some(conn) = self.conns.get(&id) {
                let message = format!("Incorrect password from /{} for session {session:#x}", conn.peer);
                self.journal.from("NIOWorkerThread-1", Level::Warn, "ZooKeeperServer@1096", &message);
            }
            return self.joined(id, false);
        }
        self.metrics.revalidations += 1;
        let (me, now) = (self.setup.me, Instant::now());
        match &mut self.role {
            Role::Leading(leading) => {
                let valid = leading.tracker().reattach(session, timeout, me, now);
                self.joined(id, valid);
            }
            Role::Following(_) => {
                let request = self.number(id);
                self.ask_leader(&Message::Revalidate { request, session, timeout });
            }
            Role::Looking => self.close(id),
        }
    }

    /// The leader says whether a session lives.
    pub(super) fn revalidated(&mut self, request: u64, valid: bool) {
        if let Some(conn) = self.waiting.remove(&request) {
            self.joined(conn, valid);
        }
    }

    /// Answers the first frame.
    pub(super) fn joined(&mut self, id: ConnId, valid: bool) {
        let Some(conn) = self.conns.get_mut(&id) else { return };
        let Stage::Joining { session, old_client } = conn.stage else { return };
        let mut body = Vec::with_capacity(37);
        body.put_i32(0);
        body.put_i32(if valid { conn.timeout_ms } else { 0 });
        body.put_i64(if valid { session } else { 0 });
        body.put_buffer(Some(&if valid { sessions::password(session) } else { [0; 16] }));
        if !old_client {
            body.put_bool(self.read_only.is_some());
        }
        conn.answers.put_buffer(Some(&body));
        conn.stats.sent += 1;
        self.stats.sent += 1;
        self.dirty.push(id);
        if valid {
            conn.stage = Stage::Open { session };
            conn.established_ms = now_ms();
            self.by_session.insert(session, id);
            self.advance(id);
        } else {
            let message = format!("Invalid session {session:#x} for client /{}, probably expired", conn.peer);
            self.journal.from("NIOWorkerThread-1", Level::Info, "ZooKeeperServer@1062", &message);
            self.close(id);
        }
    }
}

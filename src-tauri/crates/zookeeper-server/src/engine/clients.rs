//! Clients: connections, sessions, the order of requests.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    time::{Duration, Instant},
};

use bytes::Bytes;

use super::{Engine, Role, answers::Form, now_ms, stats::Stats};
use crate::{
    acl,
    connection::{ClientEvent, Outbox},
    ensemble::{Message, Origin},
    log::Level,
    watch::ConnId,
    wire::{
        Code, EventKind, Id, Put, Reader, op,
        records::perm,
        request::{Auth, Header, Write},
    },
};

/// The xid of watch events.
const EVENT_XID: i32 = -1;
/// The zxid of what has none, in 3.8: watch events, and answers to operations that are none.
const NO_ZXID: i64 = -1;
/// How long a connection may live without a session.
const SESSIONLESS: Duration = Duration::from_secs(10);

/// How far a connection has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Nothing came yet.
    New,
    /// Its session is being opened, or looked for.
    Joining { session: i64, old_client: bool },
    /// It has a session.
    Open { session: i64 },
}

/// A connection.
#[derive(Debug)]
pub struct Conn {
    pub(super) peer: SocketAddr,
    pub(super) outbox: Outbox,
    /// Requests that are not begun.
    pub(super) frames: VecDeque<Bytes>,
    /// The client is gone; what it asked before is still done.
    pub(super) ending: bool,
    /// It stands among those whose turn comes.
    pub(super) scheduled: bool,
    pub(super) stage: Stage,
    pub(super) timeout_ms: i32,
    pub(super) ids: Vec<Id>,
    queue: VecDeque<Waiting>,
    /// How many of those are reads.
    pub(super) reads: usize,
    pub(super) answers: Vec<u8>,
    pub(super) heard: Instant,
    pub(super) established_ms: i64,
    pub(super) stats: Stats,
    pub(super) last_op: &'static str,
    pub(super) last_xid: Option<i32>,
    pub(super) last_zxid: i64,
    pub(super) last_latency: u128,
    pub(super) last_answer_ms: i64,
}

impl Conn {
    /// Its session; 0 for none.
    pub fn session(&self) -> i64 {
        match self.stage {
            Stage::New => 0,
            Stage::Joining { session, .. } | Stage::Open { session } => session,
        }
    }

    /// Sends what is answered.
    pub(super) fn send(&mut self) {
        if !self.answers.is_empty() {
            self.outbox.send(std::mem::take(&mut self.answers));
        }
    }

    /// Requests that wait.
    pub fn queued(&self) -> usize {
        self.queue.len() + self.frames.len()
    }

    /// Whether the next request that was begun can be answered at once.
    pub fn has_read(&self) -> bool {
        matches!(self.stage, Stage::Open { .. })
            && matches!(self.queue.front(), Some(Waiting { what: Wait::Read(_), .. }))
    }
}

/// A request that cannot be answered yet: it is with the leader, or stands behind one that is.
#[derive(Debug)]
struct Waiting {
    xid: i32,
    kind: i32,
    bytes: usize,
    since: Instant,
    what: Wait,
}

#[derive(Debug)]
enum Wait {
    Write { request: u64, form: Form },
    Sync { request: u64, path: String },
    Read(Bytes),
}

impl Engine {
    /// Whether clients are served.
    pub(super) fn serves(&self) -> bool {
        match &self.role {
            Role::Looking => self.read_only.is_some(),
            Role::Leading(leading) => leading.is_established(),
            Role::Following(following) => following.is_up_to_date(),
        }
    }

    pub(super) fn on_client(&mut self, event: ClientEvent) {
        match event {
            ClientEvent::Up { conn, peer, outbox } => self.open(conn, peer, outbox),
            ClientEvent::Frames(conn, frames) => self.take_frames(conn, frames),
            ClientEvent::Drained(conn) => self.schedule(conn),
            ClientEvent::Word(conn, word, number) => {
                let text = self.word(conn, word, number);
                if let Some(conn) = self.conns.remove(&conn) {
                    self.stats.sent += 1;
                    conn.outbox.send(text.into_bytes());
                }
            }
            ClientEvent::Down(conn) => self.end_after_frames(conn),
        }
    }

    fn open(&mut self, conn: ConnId, peer: SocketAddr, outbox: Outbox) {
        let new = Conn {
            peer,
            outbox,
            frames: VecDeque::new(),
            ending: false,
            scheduled: false,
            stage: Stage::New,
            timeout_ms: 0,
            ids: vec![Id::new("ip", peer.ip().to_string())],
            queue: VecDeque::new(),
            reads: 0,
            answers: Vec::new(),
            heard: Instant::now(),
            established_ms: now_ms(),
            stats: Stats::default(),
            last_op: "NA",
            last_xid: None,
            last_zxid: -1,
            last_latency: 0,
            last_answer_ms: 0,
        };
        self.conns.insert(conn, new);
    }

    /// Ends a connection; what was answered is still sent.
    pub(super) fn close(&mut self, id: ConnId) {
        let Some(mut conn) = self.conns.remove(&id) else { return };
        self.watches.remove_conn(id);
        let session = conn.session();
        if self.by_session.get(&session) == Some(&id) {
            self.by_session.remove(&session);
        }
        for waiting in &conn.queue {
            if let Wait::Write { request, .. } | Wait::Sync { request, .. } = &waiting.what {
                self.waiting.remove(request);
            }
        }
        conn.send();
    }

    /// This server cannot serve any more.
    pub(super) fn close_clients(&mut self) {
        let open: Vec<ConnId> = self.conns.keys().copied().collect();
        for conn in open {
            self.close(conn);
        }
    }

    /// Connections that have said nothing for longer than their session lives are dead.
    pub(super) fn close_silent(&mut self, now: Instant) {
        let silent = |conn: &Conn| {
            let most = match conn.stage {
                Stage::Open { .. } => Duration::from_millis(u64::try_from(conn.timeout_ms).unwrap_or(0)),
                _ => SESSIONLESS,
            };
            now.duration_since(conn.heard) > most || conn.outbox.is_stuck()
        };
        let dead: Vec<ConnId> = self.conns.iter().filter(|(_, conn)| silent(conn)).map(|(id, _)| *id).collect();
        for conn in dead {
            self.metrics.sessionless += u64::from(self.conns.get(&conn).is_some_and(|conn| conn.session() == 0));
            self.close(conn);
        }
    }

    pub(super) fn send_answers(&mut self) {
        for id in std::mem::take(&mut self.dirty) {
            if let Some(conn) = self.conns.get_mut(&id) {
                conn.send();
            }
        }
    }

    pub(super) fn on_frame(&mut self, id: ConnId, frame: Bytes) {
        let serves = self.serves();
        let Some(conn) = self.conns.get_mut(&id) else { return };
        conn.stats.received += 1;
        self.stats.received += 1;
        self.metrics.bytes_received += frame.len() as u64 + 4;
        if !serves {
            self.metrics.closed_not_running += 1;
            let peer = conn.peer;
            self.close(id);
            let message =
                format!("Exception causing close of session 0x0: ZooKeeperServer not running (client /{peer})");
            self.journal.from("NIOWorkerThread-1", Level::Warn, "NIOServerCnxn@371", &message);
            return;
        }
        match conn.stage {
            Stage::New => {
                conn.outbox.answered(1, frame.len());
                self.on_connect(id, &frame);
            }
            // No frame is begun while the session is being opened.
            Stage::Joining { .. } | Stage::Open { .. } => self.on_request(id, frame),
        }
    }

    fn on_request(&mut self, id: ConnId, frame: Bytes) {
        let mut reader = Reader::new(&frame);
        let Ok(Header { xid, kind }) = Header::read(&mut reader) else { return self.close(id) };
        let body = frame.slice(8..);
        let Some(conn) = self.conns.get_mut(&id) else { return };
        conn.last_xid = Some(xid);
        if self.refuses_write(kind) {
            return self.refuse_write(id, xid, kind, frame.len());
        }
        let Some(conn) = self.conns.get_mut(&id) else { return };
        match kind {
            op::AUTH => {
                conn.outbox.answered(1, frame.len());
                self.authenticate(id, xid, &body);
            }
            op::SASL => {
                conn.outbox.answered(1, frame.len());
                self.answer_sasl(id, xid, &body);
            }
            op::SYNC => self.begin_sync(id, xid, body),
            // Servers ask this of each other; the real one would open a second session on the connection.
            op::CREATE_SESSION => self.refuse_unknown(id, xid),
            _ if Write::is(kind) => self.begin_write(id, xid, kind, body),
            _ if is_read(kind) => {
                let read = Waiting { xid, kind, bytes: frame.len(), since: Instant::now(), what: Wait::Read(body) };
                conn.queue.push_back(read);
                conn.reads += 1;
                self.advance(id);
            }
            _ => self.refuse_unknown(id, xid),
        }
    }

    /// Answers with an error and closes the connection.
    pub(super) fn refuse(&mut self, id: ConnId, xid: i32, code: Code) {
        self.reply(id, xid, code.number(), 0, &[]);
        self.close(id);
    }

    /// An operation that is none.
    fn refuse_unknown(&mut self, id: ConnId, xid: i32) {
        self.reply(id, xid, Code::Unimplemented.number(), NO_ZXID, &[]);
        self.close(id);
    }

    pub(super) fn touch(&mut self, id: ConnId) {
        let Some(session) = self.conns.get(&id).map(Conn::session) else { return };
        match &mut self.role {
            Role::Leading(leading) => leading.tracker().touch(session, Instant::now()),
            Role::Following(following) => following.touch(session),
            Role::Looking => {}
        }
    }

    fn authenticate(&mut self, id: ConnId, xid: i32, body: &[u8]) {
        let Ok(auth) = Auth::read(body) else { return self.close(id) };
        let Some(conn) = self.conns.get_mut(&id) else { return };
        let (peer, session) = (conn.peer, conn.session());
        let super_digest = self.setup.config.property("DigestAuthenticationProvider.superDigest");
        let proved = acl::authenticate(&auth.scheme, &auth.token, peer.ip(), super_digest);
        let from = "NIOWorkerThread-1";
        self.journal.from(from, Level::Info, "ZooKeeperServer@1620", &format!("got auth packet /{peer}"));
        match proved {
            Some(ids) => {
                for id in ids {
                    if !conn.ids.contains(&id) {
                        conn.ids.push(id);
                    }
                }
                let message =
                    format!("Session {session:#x}: auth success for scheme {} and address /{peer}", auth.scheme);
                self.journal.from(from, Level::Info, "ZooKeeperServer@1639", &message);
                self.reply(id, xid, 0, 0, &[]);
            }
            None => {
                self.auth_failed += 1;
                let message = format!("Authentication failed for scheme: {}", auth.scheme);
                self.journal.from(from, Level::Warn, "ZooKeeperServer@1652", &message);
                self.refuse(id, xid, Code::AuthFailed);
            }
        }
    }

    /// A server without SASL answers every token with none, and the client stays who it was.
    fn answer_sasl(&mut self, id: ConnId, xid: i32, body: &[u8]) {
        match Reader::new(body).buffer() {
            Ok(Some(_)) => {
                let mut none = Vec::new();
                none.put_buffer(None);
                self.reply(id, xid, 0, 0, &none);
            }
            _ => self.close(id),
        }
    }

    pub(super) fn number(&mut self, conn: ConnId) -> u64 {
        let number = self.next_request;
        self.next_request += 1;
        self.waiting.insert(number, conn);
        number
    }

    pub(super) fn begin_write(&mut self, id: ConnId, xid: i32, kind: i32, body: Bytes) {
        let request = self.number(id);
        let Some(conn) = self.conns.get_mut(&id) else { return };
        let session = conn.session();
        let ids = conn.ids.clone();
        let bytes = if kind == op::CREATE_SESSION { 0 } else { body.len() + 8 };
        let what = Wait::Write { request, form: Form::of(kind, &body) };
        conn.queue.push_back(Waiting { xid, kind, bytes, since: Instant::now(), what });
        match &self.role {
            Role::Leading(_) => {
                let origin = Origin { server: Some(self.setup.me), request };
                self.propose(origin, session, kind, &body, &ids);
            }
            Role::Following(_) => {
                self.ask_leader(&Message::Request { request, session, kind, ids, body: body.to_vec() });
            }
            Role::Looking => {}
        }
    }

    fn begin_sync(&mut self, id: ConnId, xid: i32, body: Bytes) {
        let request = self.number(id);
        let Some(conn) = self.conns.get_mut(&id) else { return };
        let bytes = body.len() + 8;
        let path = Reader::new(&body).text().unwrap_or_default();
        conn.queue.push_back(Waiting {
            xid,
            kind: op::SYNC,
            bytes,
            since: Instant::now(),
            what: Wait::Sync { request, path },
        });
        match &mut self.role {
            Role::Leading(leading) => {
                if leading.wait_for_all(None, request) {
                    self.synced(request);
                }
            }
            Role::Following(_) => self.ask_leader(&Message::Sync { request }),
            Role::Looking => {}
        }
    }

    /// This server has seen everything that the leader had when it was asked.
    pub(super) fn synced(&mut self, number: u64) {
        self.answer_reads_before(number);
        let Some(id) = self.waiting.remove(&number) else { return };
        let Some(conn) = self.conns.get_mut(&id) else { return };
        let at = conn.queue.iter().position(|w| matches!(w.what, Wait::Sync { request, .. } if request == number));
        if at != Some(0) {
            return self.close(id);
        }
        if let Some(Waiting { xid, bytes, since, what: Wait::Sync { path, .. }, .. }) = conn.queue.pop_front() {
            let mut body = Vec::new();
            body.put_text(&path);
            self.reply(id, xid, 0, self.tree.last_zxid(), &body);
            self.count(id, op::SYNC, bytes, since);
        }
        self.advance(id);
    }

    /// A write of one of this server's clients is decided and applied.
    pub(super) fn decided(&mut self, number: u64, answer: impl FnOnce(Form) -> (i32, Vec<u8>)) {
        let Some(id) = self.waiting.remove(&number) else { return };
        let Some(conn) = self.conns.get_mut(&id) else { return };
        match conn.queue.pop_front() {
            Some(Waiting { xid, kind, bytes, since, what: Wait::Write { request, form } }) if request == number => {
                if kind == op::CREATE_SESSION {
                    conn.last_op = "SESS";
                    conn.last_xid = Some(0);
                    conn.last_zxid = self.tree.last_zxid();
                    conn.stats.answered(since);
                    self.stats.answered(since);
                    return self.joined(id, true);
                }
                let (error, body) = answer(form);
                if error == Code::SessionMoved.number() {
                    return self.close(id);
                }
                self.reply(id, xid, error, self.tree.last_zxid(), &body);
                self.count(id, kind, bytes, since);
                self.advance(id);
            }
            // Decisions come in the order of requests; anything else means that this connection can't be trusted.
            _ => self.close(id),
        }
    }

    /// Answers reads until one stands behind a write, or enough was said for this turn.
    pub(super) fn advance(&mut self, id: ConnId) {
        while let Some(conn) = self.conns.get(&id) {
            if conn.has_said_enough() || !self.answer_next_read(id) {
                break;
            }
        }
        // What was held back may be begun now.
        if self.conns.get(&id).is_some_and(Conn::can_go_on) {
            self.schedule(id);
        }
    }

    /// Something that stands behind reads is about to take effect: they must not see it.
    pub(super) fn answer_reads_before(&mut self, number: u64) {
        if let Some(id) = self.waiting.get(&number).copied() {
            while self.answer_next_read(id) {}
        }
    }

    /// Answers the read that stands in front, if one does.
    fn answer_next_read(&mut self, id: ConnId) -> bool {
        let Some(conn) = self.conns.get_mut(&id) else { return false };
        if !conn.has_read() {
            return false;
        }
        let Some(Waiting { xid, kind, bytes, since, what: Wait::Read(body) }) = conn.queue.pop_front() else {
            return false;
        };
        conn.reads -= 1;
        let (error, answer) = match self.read(id, kind, &body) {
            Ok(answer) => (0, answer),
            Err(code) => (code.number(), Vec::new()),
        };
        self.reply(id, xid, error, self.tree.last_zxid(), &answer);
        self.count(id, kind, bytes, since);
        true
    }

    pub(super) fn count(&mut self, id: ConnId, kind: i32, bytes: usize, since: Instant) {
        self.stats.answered(since);
        let ms = u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX);
        let latency = if Write::is(kind) { &mut self.metrics.update } else { &mut self.metrics.read };
        latency.add(ms);
        let zxid = self.tree.last_zxid();
        if let Some(conn) = self.conns.get_mut(&id) {
            conn.outbox.answered(1, bytes);
            conn.stats.answered(since);
            conn.last_op = super::words::short_name(kind);
            conn.last_zxid = zxid;
            conn.last_latency = since.elapsed().as_millis();
            conn.last_answer_ms = now_ms();
        }
    }

    pub(super) fn reply(&mut self, id: ConnId, xid: i32, error: i32, zxid: i64, body: &[u8]) {
        let Some(conn) = self.conns.get_mut(&id) else { return };
        conn.answers.put_len(16 + body.len());
        conn.answers.put_i32(xid);
        conn.answers.put_i64(zxid);
        conn.answers.put_i32(error);
        conn.answers.put_raw(body);
        conn.stats.sent += 1;
        self.stats.sent += 1;
        Stats::note(&mut self.stats.sizes, 16 + body.len());
        self.metrics.response_bytes += body.len() as u64 + 20;
        self.dirty.push(id);
    }

    // Watches.

    pub(super) fn fire_watches(&mut self) {
        for event in std::mem::take(&mut self.tree_events) {
            let heard = self.watches.trigger(&event);
            let told = match event.kind {
                EventKind::Created => &mut self.metrics.created_watches,
                EventKind::Deleted => &mut self.metrics.deleted_watches,
                EventKind::DataChanged => &mut self.metrics.changed_watches,
                EventKind::ChildrenChanged => &mut self.metrics.children_watches,
            };
            if !heard.is_empty() {
                told.add(heard.len() as u64);
            }
            for conn in heard {
                let ids = self.conns.get(&conn).map_or(&[][..], |conn| &conn.ids);
                if acl::permits(&event.acl, perm::READ, ids) {
                    self.tell_event(conn, event.kind, &event.path);
                }
            }
        }
    }

    pub(super) fn tell_event(&mut self, id: ConnId, kind: EventKind, path: &str) {
        const SYNC_CONNECTED: i32 = 3;
        let mut body = Vec::with_capacity(path.len() + 12);
        body.put_i32(kind as i32);
        body.put_i32(SYNC_CONNECTED);
        body.put_text(path);
        self.reply(id, EVENT_XID, 0, NO_ZXID, &body);
    }
}

fn is_read(kind: i32) -> bool {
    matches!(
        kind,
        op::PING
            | op::EXISTS
            | op::GET_DATA
            | op::GET_ACL
            | op::GET_CHILDREN
            | op::GET_CHILDREN2
            | op::GET_ALL_CHILDREN_NUMBER
            | op::GET_EPHEMERALS
            | op::MULTI_READ
            | op::SET_WATCHES
            | op::SET_WATCHES2
            | op::ADD_WATCH
            | op::CHECK_WATCHES
            | op::REMOVE_WATCHES
            | op::WHO_AM_I
    )
}

//! Clients take turns: whoever asks much, or for much, waits for the others in between.

use std::time::Instant;

use bytes::Bytes;

use super::{Conn, Engine, clients::Stage};
use crate::watch::ConnId;

/// Requests of one turn.
const REQUESTS: usize = 32;
/// Bytes of answers that end a turn.
const ANSWERS: usize = 64 << 10;
/// Reads that may wait behind writes. They must all be answered before the next write takes effect, so they must not be many.
const READS: usize = 32;
/// Turns before the server looks what else has happened.
const TURNS: usize = 64;

impl Conn {
    /// Whether its answers fill a turn.
    pub(super) fn has_said_enough(&self) -> bool {
        self.answers.len() >= ANSWERS
    }

    /// Whether there is something that can be done for it.
    pub(super) fn can_go_on(&self) -> bool {
        self.has_read() || (!self.frames.is_empty() && self.may_begin())
    }

    /// Whether another request may be begun. While the session is being opened none is: the real server does not even read on.
    fn may_begin(&self) -> bool {
        self.reads < READS && !matches!(self.stage, Stage::Joining { .. })
    }
}

impl Engine {
    pub(super) fn take_frames(&mut self, id: ConnId, frames: Vec<Bytes>) {
        let Some(conn) = self.conns.get_mut(&id) else { return };
        conn.heard = Instant::now();
        conn.frames.extend(frames);
        self.touch(id);
        self.schedule(id);
    }

    /// The client is gone. Writes that it sent before are done all the same, as the real server does them.
    pub(super) fn end_after_frames(&mut self, id: ConnId) {
        let Some(conn) = self.conns.get_mut(&id) else { return };
        conn.ending = true;
        if conn.frames.is_empty() {
            self.close(id);
        } else {
            self.schedule(id);
        }
    }

    /// Its turn comes.
    pub(super) fn schedule(&mut self, id: ConnId) {
        if let Some(conn) = self.conns.get_mut(&id).filter(|conn| !conn.scheduled) {
            conn.scheduled = true;
            self.turns.push_back(id);
        }
    }

    pub(super) fn give_turns(&mut self) {
        for _ in 0..TURNS {
            let Some(id) = self.turns.pop_front() else { return };
            if let Some(conn) = self.conns.get_mut(&id) {
                conn.scheduled = false;
                self.give_turn(id);
            }
        }
    }

    fn give_turn(&mut self, id: ConnId) {
        for _ in 0..REQUESTS {
            let Some(conn) = self.conns.get_mut(&id) else { return };
            if !conn.ending && conn.outbox.is_full(conn.answers.len()) {
                // What is said already must go, or nothing ever drains.
                return conn.send();
            }
            if conn.has_said_enough() {
                conn.send();
                break;
            }
            if conn.has_read() {
                self.advance(id);
                continue;
            }
            if !conn.may_begin() {
                return;
            }
            let Some(frame) = conn.frames.pop_front() else {
                if conn.ending {
                    self.close(id);
                }
                return;
            };
            self.on_frame(id, frame);
        }
        if self.conns.get(&id).is_some_and(Conn::can_go_on) {
            self.schedule(id);
        }
    }
}

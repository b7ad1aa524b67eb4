//! Answers to writes.

use super::Engine;
use crate::{
    tree::Outcome,
    txn::{Record, Txn},
    wire::{
        Put, op,
        request::{CreateForm, Write},
    },
};

/// What a write's answer looks like: the transaction does not tell, because two operations may become the same one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// A path.
    Path,
    /// A path and a stat.
    PathAndStat,
    /// A stat.
    Stat,
    /// The new members and a stat.
    Config,
    /// Nothing.
    Nothing,
    /// Part by part.
    Multi(Vec<Part>),
}

/// A part of a multi.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// The operation that the answer names.
    kind: i32,
}

impl Form {
    /// The form of an operation's answer.
    pub fn of(kind: i32, body: &[u8]) -> Self {
        match kind {
            op::CREATE => Self::Path,
            op::CREATE2 | op::CREATE_CONTAINER | op::CREATE_TTL => Self::PathAndStat,
            op::SET_DATA | op::SET_ACL => Self::Stat,
            op::RECONFIG => Self::Config,
            op::MULTI => match Write::decode(kind, body) {
                Ok(Some(Write::Multi(writes))) => Self::Multi(writes.iter().map(Part::of).collect()),
                // It will be refused as a whole.
                _ => Self::Nothing,
            },
            _ => Self::Nothing,
        }
    }
}

impl Part {
    fn of(write: &Write) -> Self {
        let kind = match write {
            Write::Create(create) if create.form == CreateForm::Plain => op::CREATE,
            Write::Create(_) => op::CREATE2,
            Write::SetData { .. } => op::SET_DATA,
            Write::Check { .. } => op::CHECK,
            _ => op::DELETE,
        };
        Self { kind }
    }
}

impl Engine {
    pub(super) fn answer(&mut self, request: u64, record: &Record, outcome: Outcome) {
        let is_session_end = matches!(record.txn, Txn::CloseSession { .. });
        self.decided(request, |form| match (form, outcome) {
            (_, Outcome::Error(code)) => (code, Vec::new()),
            (Form::Multi(parts), Outcome::Multi(outcomes)) => (0, multi(&parts, &outcomes)),
            (Form::Config, outcome) => (0, config(record, &outcome)),
            (form, outcome) if !is_session_end => (0, single(&form, &outcome)),
            _ => (0, Vec::new()),
        });
    }
}

fn config(record: &Record, outcome: &Outcome) -> Vec<u8> {
    let mut out = Vec::new();
    if let (Txn::SetData { data, .. }, Outcome::Set(stat)) = (&record.txn, outcome) {
        out.put_buffer(data.as_deref());
        stat.put(&mut out);
    }
    out
}

fn single(form: &Form, outcome: &Outcome) -> Vec<u8> {
    let mut out = Vec::new();
    match (form, outcome) {
        (Form::Path, Outcome::Created(path, _)) => out.put_text(path),
        (Form::PathAndStat, Outcome::Created(path, stat)) => {
            out.put_text(path);
            stat.put(&mut out);
        }
        (Form::Stat, Outcome::Set(stat)) => stat.put(&mut out),
        _ => {}
    }
    out
}

fn multi(parts: &[Part], outcomes: &[Outcome]) -> Vec<u8> {
    let mut out = Vec::new();
    for (part, outcome) in parts.iter().zip(outcomes) {
        if let Outcome::Error(code) = outcome {
            put_part_header(&mut out, op::ERROR, *code);
            out.put_i32(*code);
            continue;
        }
        put_part_header(&mut out, part.kind, 0);
        let form = match part.kind {
            op::CREATE => Form::Path,
            op::CREATE2 => Form::PathAndStat,
            op::SET_DATA => Form::Stat,
            _ => Form::Nothing,
        };
        out.put_raw(&single(&form, outcome));
    }
    put_end(&mut out);
    out
}

/// What stands before every part of a multi's answer.
pub fn put_part_header(out: &mut Vec<u8>, kind: i32, error: i32) {
    out.put_i32(kind);
    out.put_bool(false);
    out.put_i32(error);
}

/// What stands after the last part.
pub fn put_end(out: &mut Vec<u8>) {
    out.put_i32(-1);
    out.put_bool(true);
    out.put_i32(-1);
}

//! Changes of the ensemble.

use std::collections::BTreeMap;

use super::Draft;
use crate::{
    config::{Member, Membership, joiner},
    members::Members,
    path,
    txn::Txn,
    wire::{Code, records::perm, request::Reconfig},
};

impl Draft<'_> {
    /// A change of the members: whoever shall vote must be there, as far as a majority goes.
    pub(super) fn reconfig(&mut self, wish: &Reconfig) -> Result<Txn, Code> {
        if !self.prep.rules.reconfig {
            return Err(Code::ReconfigDisabled);
        }
        self.alive()?;
        if self.prep.ahead.contains_key(path::CONFIG) {
            return Err(Code::ReconfigInProgress);
        }
        let data = self.tree.data(path::CONFIG).and_then(|(data, _)| data).unwrap_or_default();
        let now = Membership::parse(&String::from_utf8_lossy(data)).map_err(|_| Code::BadArguments)?;
        if now.members.is_empty() {
            // A lone server.
            return Err(Code::Unimplemented);
        }
        if wish.from != -1 && wish.from != now.version {
            return Err(Code::BadVersion);
        }
        let next = Membership { members: changed_members(&now, wish)?, version: self.zxid };
        if next.voters().count() < self.prep.rules.fewest_voters {
            return Err(Code::BadArguments);
        }
        if !Members::decided(next.clone()).voters().is_quorum(|id| self.prep.present.contains(&id)) {
            return Err(Code::NewConfigNoQuorum);
        }
        let mut node = self.look(path::CONFIG)?;
        self.permit(&node, perm::WRITE)?;
        let data = next.to_string().into_bytes();
        // The real server sets no version either.
        node.version = -1;
        node.bytes = data.len();
        self.change(path::CONFIG, Some(node));
        Ok(Txn::SetData { path: path::CONFIG.to_owned(), data: Some(data), version: -1 })
    }
}

/// The members after a change; commas or lines divide what is listed.
fn changed_members(now: &Membership, wish: &Reconfig) -> Result<BTreeMap<u64, Member>, Code> {
    if let Some(all) = &wish.members {
        let all = Membership::parse(&all.replace(',', "\n")).map_err(|_| Code::BadArguments)?;
        return Ok(all.members);
    }
    let listed = |list: &Option<String>| -> Vec<String> {
        let list = list.as_deref().unwrap_or_default();
        list.split(',').map(str::trim).filter(|one| !one.is_empty()).map(str::to_owned).collect()
    };
    let mut members = now.members.clone();
    for leaving in listed(&wish.leaving) {
        members.remove(&leaving.parse().map_err(|_| Code::Marshalling)?);
    }
    for joining in listed(&wish.joining) {
        let (id, member) = joiner(&joining).ok_or(Code::BadArguments)?;
        members.insert(id, member);
    }
    Ok(members)
}

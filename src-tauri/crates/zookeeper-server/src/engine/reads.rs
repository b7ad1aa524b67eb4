//! Requests that this server answers from its own tree.

use super::{
    Engine,
    answers::{put_end, put_part_header},
};
use crate::{
    acl,
    watch::ConnId,
    wire::{
        Acl, Code, EventKind, Put, op,
        records::perm,
        request::{Read, SetWatches},
    },
};

type Answer = Result<Vec<u8>, Code>;

impl Engine {
    pub(super) fn read(&mut self, conn: ConnId, kind: i32, body: &[u8]) -> Answer {
        match Read::decode(kind, body) {
            Ok(Some(read)) => self.answer_read(conn, &read),
            Ok(None) => Err(Code::Unimplemented),
            Err(_) => Err(Code::Marshalling),
        }
    }

    fn answer_read(&mut self, conn: ConnId, read: &Read) -> Answer {
        match read {
            Read::Ping => Ok(Vec::new()),
            Read::Exists { path, watch } => self.exists(conn, path, *watch),
            Read::GetData { path, watch } => self.get_data(conn, path, *watch),
            Read::GetAcl { path } => self.get_acl(conn, path),
            Read::GetChildren { path, watch, stat } => self.get_children(conn, path, *watch, *stat),
            Read::GetAllChildrenNumber { path } => self.count_descendants(conn, path),
            Read::GetEphemerals { prefix } => Ok(self.get_ephemerals(conn, prefix)),
            Read::Multi(reads) => Ok(self.read_multi(conn, reads)),
            Read::SetWatches(watches) => {
                self.set_watches(conn, watches);
                Ok(Vec::new())
            }
            Read::AddWatch { path, recursive } => {
                self.watches.add_lasting(path, conn, *recursive);
                let mut out = Vec::new();
                out.put_i32(0);
                Ok(out)
            }
            Read::CheckWatches { path, kind } => no_watcher(self.watches.contains(path, *kind)),
            Read::RemoveWatches { path, kind } => no_watcher(self.watches.remove(path, conn, *kind)),
            Read::WhoAmI => Ok(self.who_am_i(conn)),
        }
    }

    fn permit(&self, conn: ConnId, path: &str, perms: i32) -> Result<(), Code> {
        let list = self.tree.acl(path).ok_or(Code::NoNode)?;
        let ids = self.conns.get(&conn).map_or(&[][..], |conn| &conn.ids);
        if acl::permits(&list, perms, ids) { Ok(()) } else { Err(Code::NoAuth) }
    }

    /// Existence is nobody's secret: no permission is needed.
    fn exists(&mut self, conn: ConnId, path: &str, watch: bool) -> Answer {
        if path.contains('\0') {
            return Err(Code::BadArguments);
        }
        if watch {
            self.watches.add_data(path, conn);
        }
        let mut out = Vec::new();
        self.tree.stat(path).ok_or(Code::NoNode)?.put(&mut out);
        Ok(out)
    }

    fn get_data(&mut self, conn: ConnId, path: &str, watch: bool) -> Answer {
        self.permit(conn, path, perm::READ)?;
        let (data, stat) = self.tree.data(path).ok_or(Code::NoNode)?;
        let mut out = Vec::with_capacity(data.map_or(0, <[u8]>::len) + 72);
        out.put_buffer(data);
        stat.put(&mut out);
        if watch {
            self.watches.add_data(path, conn);
        }
        Ok(out)
    }

    fn get_acl(&self, conn: ConnId, path: &str) -> Answer {
        self.permit(conn, path, perm::READ | perm::ADMIN)?;
        let list = self.tree.acl(path).ok_or(Code::NoNode)?;
        let stat = self.tree.stat(path).ok_or(Code::NoNode)?;
        let mut out = Vec::new();
        if self.permit(conn, path, perm::ADMIN).is_ok() {
            Acl::put_list(&mut out, &list);
        } else {
            Acl::put_list(&mut out, &acl::masked(&list));
        }
        stat.put(&mut out);
        Ok(out)
    }

    fn get_children(&mut self, conn: ConnId, path: &str, watch: bool, with_stat: bool) -> Answer {
        self.permit(conn, path, perm::READ)?;
        let children = self.tree.children(path).ok_or(Code::NoNode)?;
        let mut out = Vec::new();
        out.put_len(children.len());
        for child in children {
            out.put_text(child);
        }
        if with_stat {
            self.tree.stat(path).ok_or(Code::NoNode)?.put(&mut out);
        }
        if watch {
            self.watches.add_children(path, conn);
        }
        Ok(out)
    }

    fn count_descendants(&self, conn: ConnId, path: &str) -> Answer {
        self.permit(conn, path, perm::READ)?;
        let mut out = Vec::new();
        out.put_len(self.tree.descendants(path).ok_or(Code::NoNode)?);
        Ok(out)
    }

    fn get_ephemerals(&self, conn: ConnId, prefix: &str) -> Vec<u8> {
        let session = self.conns.get(&conn).map_or(0, super::Conn::session);
        let all = matches!(prefix.trim(), "" | "/");
        let mut paths = self.tree.ephemerals_of(session);
        paths.retain(|path| all || path.starts_with(prefix));
        let mut out = Vec::new();
        out.put_texts(&paths);
        out
    }

    fn read_multi(&mut self, conn: ConnId, reads: &[Read]) -> Vec<u8> {
        let mut out = Vec::new();
        for read in reads {
            let kind = if matches!(read, Read::GetData { .. }) { op::GET_DATA } else { op::GET_CHILDREN };
            match self.answer_read(conn, read) {
                Ok(answer) => {
                    put_part_header(&mut out, kind, 0);
                    out.put_raw(&answer);
                }
                Err(code) => {
                    put_part_header(&mut out, op::ERROR, code.number());
                    out.put_i32(code.number());
                }
            }
        }
        put_end(&mut out);
        out
    }

    fn who_am_i(&self, conn: ConnId) -> Vec<u8> {
        let ids = self.conns.get(&conn).map_or(&[][..], |conn| &conn.ids);
        let mut out = Vec::new();
        out.put_len(ids.len());
        for id in ids {
            out.put_text(&id.scheme);
            out.put_text(acl::user_name(id));
        }
        out
    }

    /// What changed since the client last looked is told at once; for the rest, watches are set.
    fn set_watches(&mut self, conn: ConnId, watches: &SetWatches) {
        for path in &watches.data {
            match self.tree.stat(path) {
                None => self.tell_event(conn, EventKind::Deleted, path),
                Some(stat) if stat.mzxid > watches.zxid => self.tell_event(conn, EventKind::DataChanged, path),
                Some(_) => self.watches.add_data(path, conn),
            }
        }
        for path in &watches.exist {
            match self.tree.stat(path) {
                Some(_) => self.tell_event(conn, EventKind::Created, path),
                None => self.watches.add_data(path, conn),
            }
        }
        for path in &watches.child {
            match self.tree.stat(path) {
                None => self.tell_event(conn, EventKind::Deleted, path),
                Some(stat) if stat.pzxid > watches.zxid => self.tell_event(conn, EventKind::ChildrenChanged, path),
                Some(_) => self.watches.add_children(path, conn),
            }
        }
        for path in &watches.persistent {
            self.watches.add_lasting(path, conn, false);
        }
        for path in &watches.recursive {
            self.watches.add_lasting(path, conn, true);
        }
    }
}

fn no_watcher(there_was: bool) -> Answer {
    if there_was { Ok(Vec::new()) } else { Err(Code::NoWatcher) }
}

//! Four-letter words: short questions in plain text, on the clients' port. The texts are those of ZooKeeper 3.8.0.

use std::fmt::Write;

use super::{Conn, Engine, Role, Setup, now_ms};
use crate::{log::Level, watch::ConnId, wire::op};

const NOT_SERVING: &str = "This ZooKeeper instance is not currently serving requests\n";
/// The version that is spoken.
pub const VERSION: &str = "3.8.0-5a02a05eddb59aee6ac762f7ea82e92a68eb9c0f, built on 2022-02-25 08:49 UTC";
/// The default trace mask.
pub const TRACE_MASK: u64 = 306;

impl Engine {
    /// The answer to a word.
    pub(super) fn word(&mut self, conn: ConnId, word: [u8; 4], number: u64) -> String {
        let name = String::from_utf8_lossy(&word).into_owned();
        let peer = self.conns.get(&conn).map(|conn| conn.peer);
        if let Some(conn) = self.conns.get_mut(&conn) {
            conn.stats.received += 1;
        }
        self.stats.received += 1;
        if !self.setup.config.allows_word(&name) {
            return format!("{name} is not executed because it is not in the whitelist.\n");
        }
        let message = format!("Processing {name} command from {}", super::slashed(peer));
        self.journal.from("NIOWorkerThread-1", Level::Info, "NIOServerCnxn@517", &message);
        match name.as_str() {
            "ruok" => return "imok".to_owned(),
            "envi" => return self.envi(),
            "gtmk" => return TRACE_MASK.to_string(),
            "stmk" => return number.to_string(),
            "isro" => return self.access().to_owned(),
            _ if !self.serves() => return NOT_SERVING.to_owned(),
            _ => {}
        }
        match name.as_str() {
            "srvr" => self.srvr(),
            "stat" => self.stat(),
            "mntr" => self.mntr(),
            "conf" => self.conf(),
            "cons" => self.cons(),
            "crst" => {
                self.reset_connections();
                "Connection stats reset.\n".to_owned()
            }
            "srst" => {
                self.stats.reset();
                "Server stats reset.\n".to_owned()
            }
            "dirs" => {
                let (data, logs) = self.setup.folder.sizes();
                format!("datadir_size: {data}\nlogdir_size: {logs}\n")
            }
            "dump" => self.dump(),
            "wchs" => {
                let (conns, paths, watches) = self.watches.summary();
                format!("{conns} connections watching {paths} paths\nTotal watches:{watches}\n")
            }
            "wchc" => self.watches_by_conn(),
            "wchp" => self.watches_by_path(),
            // `hash` lists digests of history, which this server does not compute.
            _ => String::new(),
        }
    }

    pub(super) fn reset_connections(&mut self) {
        self.conns.values_mut().for_each(|conn| conn.stats.reset());
    }

    /// Whether writes are taken, as `isro` says it.
    fn access(&self) -> &'static str {
        match (self.serves(), &self.read_only) {
            (false, _) => "null",
            (true, Some(_)) => "ro",
            (true, None) => "rw",
        }
    }

    pub(super) fn mode(&self) -> &'static str {
        match &self.role {
            Role::Leading(_) if self.ensemble.is_none() => "standalone",
            Role::Leading(_) => "leader",
            Role::Following(_) if self.setup.members.observes(self.setup.me) => "observer",
            Role::Following(_) => "follower",
            Role::Looking => "read-only",
        }
    }

    pub(super) fn outstanding(&self) -> usize {
        match &self.role {
            Role::Looking => 0,
            Role::Leading(leading) => leading.outstanding(),
            Role::Following(following) => following.outstanding(),
        }
    }

    fn srvr(&self) -> String {
        format!("Zookeeper version: {VERSION}\n{}", self.server_stats())
    }

    fn stat(&self) -> String {
        self.journal.from("NIOWorkerThread-1", Level::Info, "StatCommand@52", "Stat command output");
        let mut out = format!("Zookeeper version: {VERSION}\nClients:\n");
        for conn in self.conns.values() {
            out += &brief(conn);
            out += ")\n";
        }
        out + "\n" + &self.server_stats()
    }

    fn server_stats(&self) -> String {
        let stats = &self.stats;
        let (least, most) = stats.extremes();
        let mut out = format!(
            "Latency min/avg/max: {least}/{}/{most}\nReceived: {}\nSent: {}\nConnections: {}\nOutstanding: {}\nZxid: {:#x}\nMode: {}\nNode count: {}\n",
            stats.average(),
            stats.received,
            stats.sent,
            self.conns.len(),
            self.outstanding(),
            self.tree.last_zxid(),
            self.mode(),
            self.tree.counted_nodes(),
        );
        if self.mode() == "leader" {
            let (last, least, most) = sizes(stats.proposals);
            let _ = writeln!(out, "Proposal sizes last/min/max: {last}/{least}/{most}");
        }
        out
    }

    fn mntr(&self) -> String {
        let mut out = format!("zk_version\t{VERSION}\nzk_server_state\t{}\n", self.mode());
        self.gauges(&mut |key, value| {
            // Writing to a string does not fail.
            let _ = writeln!(out, "zk_{key}\t{value}");
        });
        out
    }

    /// Everything that `mntr` shows behind its first two lines.
    pub(super) fn gauges(&self, put: &mut dyn FnMut(&str, &dyn std::fmt::Display)) {
        if self.ensemble.is_some() {
            let state = match self.mode() {
                "leader" => "leading - broadcast",
                "observer" => "observing - broadcast",
                _ => "following - broadcast",
            };
            put("peer_state", &state);
        }
        let stats = &self.stats;
        let (least, most) = stats.extremes();
        let (last_size, least_size, most_size) = sizes(stats.sizes);
        put("ephemerals_count", &self.tree.ephemerals_count());
        put("num_alive_connections", &self.conns.len());
        put("avg_latency", &stats.average());
        put("outstanding_requests", &self.outstanding());
        put("znode_count", &self.tree.counted_nodes());
        put("global_sessions", &self.tree.sessions().len());
        put("non_mtls_remote_conn_count", &0);
        put("last_client_response_size", &last_size);
        put("packets_sent", &stats.sent);
        put("packets_received", &stats.received);
        put("max_client_response_size", &most_size);
        put("connection_drop_probability", &"0.0");
        put("watch_count", &self.watches.count());
        put("auth_failed_count", &self.auth_failed);
        put("min_latency", &least);
        put("max_file_descriptor_count", &1_048_576);
        put("approximate_data_size", &self.tree.data_size());
        put("open_file_descriptor_count", &(self.conns.len() + 32));
        put("local_sessions", &0);
        put("uptime", &super::stats::ms(self.started.elapsed()));
        put("max_latency", &most);
        put("outstanding_tls_handshake", &0);
        put("min_client_response_size", &least_size);
        put("non_mtls_local_conn_count", &0);
        if self.ensemble.is_some() {
            put("quorum_size", &self.setup.members.count_voters());
        }
        if let Role::Following(following) = &self.role
            && self.setup.members.observes(self.setup.me)
        {
            put("observer_master_id", &following.leader());
        }
        if let Role::Leading(leading) = &self.role
            && self.ensemble.is_some()
        {
            let members = &self.setup.members;
            let (followers, others): (Vec<u64>, Vec<u64>) = leading.synced().partition(|id| members.is_voter(*id));
            let observers = others.iter().filter(|id| members.observes(**id)).count();
            let (last, least, most) = sizes(stats.proposals);
            put("learners", &leading.learners());
            put("synced_followers", &followers.len());
            put("synced_observers", &observers);
            put("synced_non_voting_followers", &(others.len() - observers));
            put("pending_syncs", &0);
            put("leader_uptime", &super::stats::ms(leading.since().elapsed()));
            put("last_proposal_size", &last);
            put("min_proposal_size", &least);
            put("max_proposal_size", &most);
        }
        self.metrics.each(put);
    }

    fn conf(&self) -> String {
        let config = &self.setup.config;
        let (data, logs) = self.setup.folder.sizes();
        let mut out = format!(
            "clientPort={}\nsecureClientPort=-1\ndataDir={}/version-2\ndataDirSize={data}\ndataLogDir={}/version-2\ndataLogSize={logs}\n\
             tickTime={}\nmaxClientCnxns={}\nminSessionTimeout={}\nmaxSessionTimeout={}\nclientPortListenBacklog=-1\nserverId={}\n",
            self.setup.client.port(),
            config.data_dir,
            config.data_log_dir,
            config.tick_ms,
            config.max_client_connections,
            config.min_session_ms,
            config.max_session_ms,
            self.setup.me,
        );
        if let Some(own) = self.setup.own() {
            let _ = write!(
                out,
                "initLimit={}\nsyncLimit={}\nelectionAlg=3\nelectionPort={}\nquorumPort={}\npeerType={}\nmembership: \n{}",
                config.init_limit,
                config.sync_limit,
                own.election.port(),
                own.quorum.port(),
                u8::from(self.setup.members.observes(self.setup.me)),
                self.setup.members.now(),
            );
        }
        out
    }

    fn cons(&self) -> String {
        let mut out = String::new();
        for conn in self.conns.values() {
            out += &brief(conn);
            if conn.session() != 0 {
                let (least, most) = conn.stats.extremes();
                let _ = write!(
                    out,
                    ",sid={:#x},lop={},est={},to={}",
                    conn.session(),
                    conn.last_op,
                    conn.established_ms,
                    conn.timeout_ms
                );
                if let Some(xid) = conn.last_xid.filter(|xid| *xid >= 0) {
                    let _ = write!(out, ",lcxid={xid:#x}");
                }
                let _ = write!(
                    out,
                    ",lzxid={:#x},lresp={},llat={},minlat={least},avglat={},maxlat={most}",
                    conn.last_zxid,
                    conn.last_answer_ms,
                    conn.last_latency,
                    conn.stats.whole_average(),
                );
            }
            out += ")\n";
        }
        out + "\n"
    }

    /// The real server shows when sessions end in groups of equal moments; so does this one, by the second.
    fn dump(&self) -> String {
        let sessions = self.tree.sessions();
        let mut out = "SessionTracker dump:\n".to_owned();
        if matches!(self.role, Role::Leading(_)) {
            let _ = writeln!(out, "Session Sets ({0})/({0}):", sessions.len());
            for (session, timeout) in sessions {
                let _ = writeln!(out, "1 expire at {}:\n\t{session:#x}", java_date(now_ms() + i64::from(*timeout)));
            }
        } else {
            // Only the leader knows when they end.
            let _ = writeln!(out, "Global Sessions({}):", sessions.len());
            for (session, timeout) in std::collections::BTreeMap::from_iter(sessions) {
                let _ = writeln!(out, "{session:#x}\t{timeout}ms");
            }
        }
        let ephemerals: Vec<(i64, Vec<String>)> = self.tree.ephemerals().collect();
        let _ = writeln!(out, "ephemeral nodes dump:\nSessions with Ephemerals ({}):", ephemerals.len());
        for (session, paths) in ephemerals {
            let _ = writeln!(out, "{session:#x}:");
            for path in paths {
                let _ = writeln!(out, "\t{path}");
            }
        }
        let _ = writeln!(out, "Connections dump:\nConnections Sets ({0})/({0}):", self.conns.len());
        for conn in self.conns.values() {
            let ends = java_date(now_ms() + i64::from(conn.timeout_ms));
            let _ = writeln!(out, "1 expire at {ends}:\n\tip: /{} sessionId: {:#x}", conn.peer, conn.session());
        }
        out
    }

    fn session_of(&self, conn: ConnId) -> i64 {
        self.conns.get(&conn).map_or(0, Conn::session)
    }

    fn watches_by_conn(&self) -> String {
        let mut out = String::new();
        for (conn, paths) in self.watches.by_conn() {
            let _ = writeln!(out, "{:#x}", self.session_of(conn));
            for path in paths {
                let _ = writeln!(out, "\t{path}");
            }
        }
        out + "\n"
    }

    fn watches_by_path(&self) -> String {
        let mut out = String::new();
        for (path, conns) in self.watches.by_path() {
            let _ = writeln!(out, "{path}");
            for conn in conns {
                let _ = writeln!(out, "\t{:#x}", self.session_of(conn));
            }
        }
        out + "\n"
    }

    fn envi(&self) -> String {
        format!("Environment:\nzookeeper.version={VERSION}\n{}", environment(&self.setup).join("\n") + "\n")
    }
}

/// The environment that `envi` and the log show. This is no Java machine: what only one has is left out.
pub fn environment(setup: &Setup) -> Vec<String> {
    vec![
        format!("host.name={}", setup.host),
        format!("os.name={}", if cfg!(target_os = "macos") { "Mac OS X" } else { "Linux" }),
        format!("os.arch={}", if cfg!(target_arch = "x86_64") { "amd64" } else { std::env::consts::ARCH }),
        "user.name=zookeeper".to_owned(),
        "user.home=/var/lib/zookeeper".to_owned(),
        "user.dir=/".to_owned(),
    ]
}

fn brief(conn: &Conn) -> String {
    // Interest ops: 1 means that the server reads from it.
    let ops = u8::from(conn.session() != 0);
    let (queued, received, sent) = (conn.queued(), conn.stats.received, conn.stats.sent);
    format!(" /{}[{ops}](queued={queued},recved={received},sent={sent}", conn.peer)
}

pub fn sizes(sizes: Option<(usize, usize, usize)>) -> (i64, i64, i64) {
    let number = |size: usize| i64::try_from(size).unwrap_or(i64::MAX);
    sizes.map_or((-1, -1, -1), |(last, least, most)| (number(last), number(least), number(most)))
}

fn java_date(ms: i64) -> String {
    let moment = jiff::Timestamp::from_millisecond(ms).unwrap_or_default();
    moment.to_zoned(jiff::tz::TimeZone::UTC).strftime("%a %b %d %H:%M:%S UTC %Y").to_string()
}

/// What Java says of a port that could not be bound.
pub fn java_bind_error(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::AddrInUse => "Address already in use".to_owned(),
        std::io::ErrorKind::AddrNotAvailable => "Cannot assign requested address".to_owned(),
        std::io::ErrorKind::PermissionDenied => "Permission denied".to_owned(),
        _ => error.to_string(),
    }
}

/// The last operation, as `cons` names it.
pub fn short_name(kind: i32) -> &'static str {
    match kind {
        op::PING => "PING",
        op::CREATE | op::CREATE2 | op::CREATE_CONTAINER | op::CREATE_TTL => "CREA",
        op::DELETE | op::DELETE_CONTAINER => "DELE",
        op::EXISTS => "EXIS",
        op::GET_DATA => "GETD",
        op::SET_DATA => "SETD",
        op::GET_ACL => "GETA",
        op::SET_ACL => "SETA",
        op::GET_CHILDREN | op::GET_CHILDREN2 => "GETC",
        op::SYNC => "SYNC",
        op::CHECK => "CHEC",
        op::MULTI => "MULT",
        op::MULTI_READ => "MLTR",
        op::CLOSE_SESSION => "CLOS",
        op::SET_WATCHES => "SETW",
        op::SET_WATCHES2 => "STW2",
        op::ADD_WATCH => "ADDW",
        op::CHECK_WATCHES => "CHKW",
        op::REMOVE_WATCHES => "REMW",
        op::WHO_AM_I => "HOMI",
        op::GET_EPHEMERALS => "GETE",
        op::GET_ALL_CHILDREN_NUMBER => "GETACN",
        _ => "NA",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_javas() {
        assert_eq!(java_date(1_795_349_464_000), "Sun Nov 22 12:11:04 UTC 2026");
    }
}

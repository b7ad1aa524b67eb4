//! The AdminServer's commands. Form and values are those of ZooKeeper 3.8.0.

use std::collections::BTreeMap;

use super::{Conn, Engine, Role, words};
use crate::{
    admin::{self, Json, Question},
    watch::ConnId,
};

type Fields = Vec<(String, Json)>;

fn field(name: &str, value: impl Into<Json>) -> (String, Json) {
    (name.to_owned(), value.into())
}

fn number(name: &str, value: impl std::fmt::Display) -> (String, Json) {
    (name.to_owned(), Json::number(value))
}

/// What a command says.
enum Said {
    Fields(Fields),
    /// It cannot do that. Such an error stands in front.
    Error(String),
    /// It was not run.
    Refused(String),
}

impl Engine {
    pub(super) fn on_question(&mut self, question: Question) {
        let name = &question.command;
        let answer = match admin::command(name) {
            None => finish(name, Said::Refused(format!("Unknown command: {name}"))),
            Some((first, true)) if !self.serves() => {
                finish(first, Said::Refused("This ZooKeeper instance is not currently serving requests".to_owned()))
            }
            Some((first, _)) => finish(first, self.said(first, &question.parameters)),
        };
        // Whoever asked may be gone.
        let _ = question.answer.send(answer);
    }

    fn said(&mut self, name: &str, parameters: &BTreeMap<String, String>) -> Said {
        Said::Fields(match name {
            "configuration" => self.configuration(),
            "connection_stat_reset" => {
                self.reset_connections();
                Vec::new()
            }
            "connections" => self.connections(connection),
            "dirs" => {
                let (data, logs) = self.setup.folder.sizes();
                vec![number("datadir_size", data), number("logdir_size", logs)]
            }
            "dump" => self.sessions(),
            "environment" => self.environment_fields(),
            "get_trace_mask" => vec![number("tracemask", words::TRACE_MASK)],
            "hash" => vec![field("digests", Json::List(Vec::new()))],
            "initial_configuration" => vec![field("initial_configuration", self.setup.config.text.as_str())],
            "is_read_only" => vec![field("read_only", self.read_only.is_some())],
            "last_snapshot" => self.last_snapshot(),
            "leader" => return self.leader_fields(),
            "monitor" => self.monitor(),
            "observers" => self.observers(),
            "server_stats" => self.server_stats_fields(),
            "set_trace_mask" => return trace_mask(parameters.get("traceMask").map(String::as_str)),
            "stat_reset" => {
                self.stats.reset();
                Vec::new()
            }
            "stats" => [self.server_stats_fields(), self.connections(brief)].concat(),
            "voting_view" => self.voting_view(),
            "watch_summary" => {
                let (conns, paths, watches) = self.watches.summary();
                vec![number("num_connections", conns), number("num_paths", paths), number("num_total_watches", watches)]
            }
            "watches" => self.watches_by_session(),
            "watches_by_path" => self.watches_by_znode(),
            "zabstate" => self.zab_state(),
            // `ruok` and others say nothing but that they were heard.
            _ => Vec::new(),
        })
    }

    fn configuration(&self) -> Fields {
        let config = &self.setup.config;
        let mut fields = vec![
            number("client_port", self.setup.client.port()),
            field("data_dir", format!("{}/version-2", config.data_dir)),
            field("data_log_dir", format!("{}/version-2", config.data_log_dir)),
            number("tick_time", config.tick_ms),
            number("max_client_cnxns", config.max_client_connections),
            number("min_session_timeout", config.min_session_ms),
            number("max_session_timeout", config.max_session_ms),
            number("server_id", self.setup.me),
            number("client_port_listen_backlog", -1),
        ];
        if let Some(own) = self.setup.own() {
            fields.extend([
                number("init_limit", config.init_limit),
                number("sync_limit", config.sync_limit),
                number("election_alg", 3),
                number("election_port", own.election.port()),
                number("quorum_port", own.quorum.port()),
                number("peer_type", u8::from(self.setup.members.observes(self.setup.me))),
            ]);
        }
        fields
    }

    fn connections(&self, show: fn(&Conn) -> Fields) -> Fields {
        let with_session = self.conns.values().filter(|conn| conn.session() != 0);
        let open = with_session.map(|conn| Json::Object(show(conn))).collect();
        vec![field("connections", Json::List(open)), field("secure_connections", Json::List(Vec::new()))]
    }

    /// When sessions end, by the real server's clock, which counts ms from some moment.
    fn sessions(&self) -> Fields {
        let now = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let mut by_end: BTreeMap<u64, Vec<Json>> = BTreeMap::new();
        for (session, timeout) in self.tree.sessions() {
            let end = now.saturating_add(u64::try_from(*timeout).unwrap_or(0));
            by_end.entry(end).or_default().push(Json::number(session));
        }
        let ends = by_end.into_iter().map(|(end, sessions)| (end.to_string(), Json::List(sessions))).collect();
        let texts = |paths: Vec<String>| Json::List(paths.into_iter().map(Json::Text).collect());
        let ephemerals = self.tree.ephemerals().map(|(session, paths)| (session.to_string(), texts(paths))).collect();
        vec![
            field("expiry_time_to_session_ids", Json::Object(ends)),
            field("session_id_to_ephemeral_paths", Json::Object(ephemerals)),
        ]
    }

    fn environment_fields(&self) -> Fields {
        let mut fields = vec![field("zookeeper.version", words::VERSION)];
        for line in words::environment(&self.setup) {
            let (name, value) = line.split_once('=').unwrap_or((&line, ""));
            fields.push(field(name, value));
        }
        fields
    }

    fn last_snapshot(&self) -> Fields {
        let last = self.setup.folder.snapshots().ok().and_then(|mut all| all.pop());
        let modified = |path: &std::path::Path| {
            let at = std::fs::metadata(path).ok()?.modified().ok()?;
            i64::try_from(at.duration_since(std::time::UNIX_EPOCH).ok()?.as_secs()).ok()
        };
        let (zxid, time) = last.map_or((-1, -1), |(zxid, path)| (zxid, modified(&path).unwrap_or(-1)));
        vec![field("zxid", format!("{zxid:x}")), number("timestamp", time)]
    }

    fn leader_fields(&self) -> Said {
        if self.ensemble.is_none() {
            return Said::Error("server is not initialized".to_owned());
        }
        let leader = match &self.role {
            Role::Leading(_) => Some(self.setup.me),
            Role::Following(following) => Some(following.leader()),
            Role::Looking => None,
        };
        let address =
            leader.and_then(|id| self.setup.peers.get(&id)).map_or(String::new(), |peer| peer.quorum.ip().to_string());
        Said::Fields(vec![
            field("is_leader", matches!(self.role, Role::Leading(_))),
            number("leader_id", leader.map_or(-1, |id| i64::try_from(id).unwrap_or(-1))),
            field("leader_ip", address),
        ])
    }

    fn monitor(&self) -> Fields {
        let mut fields = vec![field("version", words::VERSION), field("server_state", self.mode())];
        self.gauges(&mut |name, value| {
            let value = value.to_string();
            fields.push((
                name.to_owned(),
                if value.parse::<f64>().is_ok() { Json::Number(value) } else { Json::Text(value) },
            ));
        });
        fields
    }

    fn observers(&self) -> Fields {
        let observers = match &self.role {
            Role::Leading(leading) => leading.synced().filter(|id| self.setup.members.observes(*id)).count(),
            _ => 0,
        };
        vec![number("synced_observers", observers), field("observers", Json::List(Vec::new()))]
    }

    fn server_stats_fields(&self) -> Fields {
        let stats = &self.stats;
        let (least, most) = stats.extremes();
        let (data, logs) = self.setup.folder.sizes();
        let buffers = |sizes| {
            let (last, least, most) = words::sizes(sizes);
            Json::Object(vec![
                number("last_buffer_size", last),
                number("min_buffer_size", least),
                number("max_buffer_size", most),
            ])
        };
        let inner = vec![
            number("packets_sent", stats.sent),
            number("packets_received", stats.received),
            number("fsync_threshold_exceed_count", 0),
            field("client_response_stats", buffers(stats.sizes)),
            number("data_dir_size", data),
            number("log_dir_size", logs),
            field("provider_null", false),
            field("server_state", self.mode()),
            number("last_processed_zxid", self.tree.last_zxid()),
            number("outstanding_requests", self.outstanding()),
            number("avg_latency", stats.average()),
            number("max_latency", most),
            number("min_latency", least),
            number("num_alive_client_connections", self.conns.len()),
            number("uptime", self.started.elapsed().as_millis()),
            number("auth_failed_count", self.auth_failed),
            number("non_mtlsremote_conn_count", 0),
            number("non_mtlslocal_conn_count", 0),
        ];
        let mut fields = vec![
            field("version", words::VERSION),
            field("read_only", self.read_only.is_some()),
            field("server_stats", Json::Object(inner)),
            field("client_response", buffers(stats.sizes)),
        ];
        if self.mode() == "leader" {
            fields.push(field("proposal_stats", buffers(stats.proposals)));
        }
        fields.push(number("node_count", self.tree.counted_nodes()));
        fields
    }

    fn voting_view(&self) -> Fields {
        let view = self.setup.members.now().voters().filter(|_| self.ensemble.is_some()).map(|(id, member)| {
            let address = |port: u16| Json::Text(format!("{}:{port}", member.host));
            let client =
                member.client.as_ref().map_or(String::new(), |client| format!("{}:{}", client.host, client.port));
            let view = Json::Object(vec![
                field("serverAddresses", Json::List(vec![address(member.peer_port)])),
                field("electionAddresses", Json::List(vec![address(member.election_port)])),
                field("clientAddress", client),
                field("learnerType", "participant"),
            ]);
            (id.to_string(), view)
        });
        vec![field("current_config", Json::Object(view.collect()))]
    }

    fn session_number(&self, conn: ConnId) -> i64 {
        self.conns.get(&conn).map_or(0, Conn::session)
    }

    fn watches_by_session(&self) -> Fields {
        let watches = self.watches.by_conn();
        let listed = watches
            .map(|(conn, paths)| (self.session_number(conn).to_string(), Json::List(paths.map(Json::from).collect())));
        vec![field("session_id_to_watched_paths", Json::Object(listed.collect()))]
    }

    fn watches_by_znode(&self) -> Fields {
        let watches = self.watches.by_path();
        let listed = watches.map(|(path, conns)| {
            (path.to_owned(), Json::List(conns.map(|conn| Json::number(self.session_number(conn))).collect()))
        });
        vec![field("path_to_session_ids", Json::Object(listed.collect()))]
    }

    fn zab_state(&self) -> Fields {
        let Some(own) = self.setup.own().filter(|_| self.serves() && self.read_only.is_none()) else {
            return vec![field("voting", false), field("zabstate", "")];
        };
        let zxid = self.tree.last_zxid();
        vec![
            number("myid", self.setup.me),
            field("is_leader", matches!(self.role, Role::Leading(_))),
            field("quorum_address", own.quorum.to_string()),
            field("election_address", own.election.to_string()),
            field("client_address", self.setup.client.to_string()),
            field("voting", self.setup.members.is_voter(self.setup.me)),
            field("last_zxid", format!("{zxid:#x}")),
            number("zab_epoch", zxid >> 32),
            number("zab_counter", zxid & 0xffff_ffff),
            field("zabstate", "broadcast"),
        ]
    }
}

fn brief(conn: &Conn) -> Fields {
    vec![
        field("remote_socket_address", conn.peer.to_string()),
        number("interest_ops", 1),
        number("outstanding_requests", conn.queued()),
        number("packets_received", conn.stats.received),
        number("packets_sent", conn.stats.sent),
    ]
}

fn connection(conn: &Conn) -> Fields {
    let (least, most) = conn.stats.extremes();
    let mut fields = brief(conn);
    fields.extend([
        number("session_id", conn.session()),
        field("last_operation", conn.last_op),
        number("established", conn.established_ms),
        number("session_timeout", conn.timeout_ms),
        number("last_cxid", conn.last_xid.unwrap_or(0)),
        number("last_zxid", conn.last_zxid),
        number("last_response_time", conn.last_answer_ms),
        number("last_latency", conn.last_latency),
        number("min_latency", least),
        number("avg_latency", conn.stats.whole_average()),
        number("max_latency", most),
    ]);
    fields
}

fn trace_mask(given: Option<&str>) -> Said {
    match given.map(str::parse::<i64>) {
        None => Said::Error("setTraceMask requires long traceMask argument".to_owned()),
        Some(Ok(mask)) => Said::Fields(vec![number("tracemask", mask)]),
        Some(Err(_)) => {
            Said::Error(format!("setTraceMask requires long traceMask argument, got {}", given.unwrap_or_default()))
        }
    }
}

fn finish(command: &str, said: Said) -> Json {
    let command = field("command", command);
    Json::Object(match said {
        Said::Fields(mut fields) => {
            fields.extend([command, field("error", Json::Null)]);
            fields
        }
        Said::Error(error) => vec![field("error", error), command],
        Said::Refused(error) => vec![command, field("error", error)],
    })
}

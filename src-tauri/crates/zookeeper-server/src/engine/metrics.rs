//! The measurements of `mntr` behind its first lines: counters, and how values were spread. All of ZooKeeper 3.8.0's names are listed; those
//! of parts that this server has not (TLS, Netty, its queues between threads) stay at zero, as they do on a real server that does not use them.

use std::fmt::Display;

/// What only grows.
const COUNTERS: [&str; 47] = [
    "proposal_count",
    "watch_bytes",
    "outstanding_changes_removed",
    "throttled_ops",
    "stale_requests_dropped",
    "large_requests_rejected",
    "insecure_admin_count",
    "connection_rejected",
    "cnxn_closed_without_zk_server_running",
    "sessionless_connections_expired",
    "looking_count",
    "dead_watchers_queued",
    "stale_requests",
    "connection_drop_count",
    "learner_proposal_received_count",
    "digest_mismatches_count",
    "dead_watchers_cleared",
    "response_packet_cache_hits",
    "bytes_received_count",
    "add_dead_watcher_stall_time",
    "request_throttle_wait_count",
    "requests_not_forwarded_to_commit_processor",
    "response_packet_cache_misses",
    "ensemble_auth_success",
    "prep_processor_request_queued",
    "learner_commit_received_count",
    "stale_replies",
    "connection_request_count",
    "response_bytes",
    "ensemble_auth_fail",
    "diff_count",
    "response_packet_get_children_cache_misses",
    "connection_revalidate_count",
    "quit_leading_due_to_disloyal_voter",
    "snap_count",
    "unrecoverable_error_count",
    "unsuccessful_handshake",
    "commit_count",
    "stale_sessions_expired",
    "response_packet_get_children_cache_hits",
    "sync_processor_request_queued",
    "outstanding_changes_queued",
    "request_commit_queued",
    "ensemble_auth_skip",
    "skip_learner_request_to_next_processor_count",
    "tls_handshake_exceeded",
    "revalidate_count",
];

/// Average, least, most, number and sum.
const SPREADS: [&str; 41] = [
    "socket_closing_time",
    "proposal_process_time",
    "leader_unavailable_time",
    "node_created_watch_count",
    "session_queues_drained",
    "write_commit_proc_req_queued",
    "connection_token_deficit",
    "read_commit_proc_req_queued",
    "node_deleted_watch_count",
    "startup_txns_load_time",
    "sync_processor_queue_size",
    "follower_sync_time",
    "prep_processor_queue_size",
    "fsynctime",
    "inflight_snap_count",
    "reads_issued_from_session_queue",
    "learner_request_processor_queue_size",
    "snapshottime",
    "unavailable_time",
    "startup_txns_loaded",
    "reads_after_write_in_session_queue",
    "requests_in_session_queue",
    "write_commit_proc_issued",
    "prep_process_time",
    "pending_session_queue_size",
    "time_waiting_empty_pool_in_commit_processor_read_ms",
    "commit_process_time",
    "dbinittime",
    "inflight_diff_count",
    "netty_queued_buffer_capacity",
    "election_time",
    "commit_commit_proc_req_queued",
    "sync_processor_batch_size",
    "node_children_watch_count",
    "write_batch_time_in_commit_processor",
    "read_commit_proc_issued",
    "concurrent_request_processing_in_commit_processor",
    "observer_sync_time",
    "node_changed_watch_count",
    "sync_process_time",
    "startup_snap_load_time",
];

/// The same with percentiles.
const PERCENTILES: [&str; 23] = [
    "prep_processor_queue_time_ms",
    "jvm_pause_time_ms",
    "close_session_prep_time",
    "read_commitproc_time_ms",
    "updatelatency",
    "local_write_committed_time_ms",
    "request_throttle_queue_time_ms",
    "readlatency",
    "quorum_ack_latency",
    "om_commit_process_time_ms",
    "read_final_proc_time_ms",
    "commit_propagation_latency",
    "dead_watchers_cleaner_latency",
    "write_final_proc_time_ms",
    "proposal_ack_creation_latency",
    "proposal_latency",
    "om_proposal_process_time_ms",
    "sync_processor_queue_and_flush_time_ms",
    "propagation_latency",
    "server_write_committed_time_ms",
    "sync_processor_queue_time_ms",
    "sync_processor_queue_flush_time_ms",
    "write_commitproc_time_ms",
];

/// How many values percentiles are taken from.
const KEPT: usize = 1024;

/// How values were spread.
#[derive(Clone, Debug, Default)]
pub struct Spread {
    count: u64,
    sum: u64,
    least: u64,
    most: u64,
    /// The last values.
    kept: Vec<u64>,
}

impl Spread {
    /// One more value.
    pub fn add(&mut self, value: u64) {
        self.least = if self.count == 0 { value } else { self.least.min(value) };
        self.most = self.most.max(value);
        self.sum = self.sum.saturating_add(value);
        if self.kept.len() < KEPT {
            self.kept.push(value);
        } else {
            self.kept[self.count as usize % KEPT] = value;
        }
        self.count += 1;
    }

    fn average(&self) -> String {
        let exact = if self.count == 0 { 0.0 } else { self.sum as f64 / self.count as f64 };
        java_number(exact)
    }

    fn percentile(sorted: &[u64], thousandth: usize) -> u64 {
        let at = (sorted.len() * thousandth).div_ceil(1000).saturating_sub(1);
        sorted.get(at).copied().unwrap_or(0)
    }
}

/// With at most four digits behind the point, as Java prints a double.
pub fn java_number(number: f64) -> String {
    format!("{:?}", (number * 10_000.0).round() / 10_000.0)
}

/// What a server measures.
#[derive(Clone, Debug, Default)]
pub struct Metrics {
    /// Bytes of requests.
    pub bytes_received: u64,
    /// Bytes of answers.
    pub response_bytes: u64,
    /// First frames of connections.
    pub connection_requests: u64,
    /// Sessions that came back.
    pub revalidations: u64,
    /// Frames that came while nothing was served.
    pub closed_not_running: u64,
    /// Connections that never opened a session.
    pub sessionless: u64,
    /// Sessions that ended by silence.
    pub stale_sessions: u64,
    /// Learners that were sent the whole tree.
    pub snapshots_sent: u64,
    /// Learners that were sent what they missed.
    pub diffs_sent: u64,
    /// Transactions that were proposed as leader.
    pub proposals: u64,
    /// Transactions that were decided as leader.
    pub commits: u64,
    /// Proposals heard as learner.
    pub proposals_heard: u64,
    /// Decisions heard as learner.
    pub commits_heard: u64,
    /// Elections begun.
    pub looking: u64,
    /// ms a read took.
    pub read: Spread,
    /// ms a write took.
    pub update: Spread,
    /// ms from a proposal to its application.
    pub propagation: Spread,
    /// ms that writing to the log took.
    pub fsync: Spread,
    /// ms that writing a snapshot took.
    pub snapshot: Spread,
    /// ms an election took.
    pub election: Spread,
    /// ms that reading the data took at the start.
    pub load: Spread,
    /// Watches told of a new znode.
    pub created_watches: Spread,
    /// Watches told of a removed znode.
    pub deleted_watches: Spread,
    /// Watches told of new data.
    pub changed_watches: Spread,
    /// Watches told of children.
    pub children_watches: Spread,
}

impl Metrics {
    fn counter(&self, name: &str) -> u64 {
        match name {
            "bytes_received_count" => self.bytes_received,
            "response_bytes" => self.response_bytes,
            "connection_request_count" => self.connection_requests,
            "connection_revalidate_count" => self.revalidations,
            "cnxn_closed_without_zk_server_running" => self.closed_not_running,
            "sessionless_connections_expired" => self.sessionless,
            "stale_sessions_expired" => self.stale_sessions,
            "snap_count" => self.snapshots_sent,
            "diff_count" => self.diffs_sent,
            "proposal_count" => self.proposals,
            "commit_count" => self.commits,
            "learner_proposal_received_count" => self.proposals_heard,
            "learner_commit_received_count" => self.commits_heard,
            "looking_count" => self.looking,
            _ => 0,
        }
    }

    fn spread(&self, name: &str) -> Option<&Spread> {
        match name {
            "readlatency" => Some(&self.read),
            "updatelatency" => Some(&self.update),
            "propagation_latency" => Some(&self.propagation),
            "fsynctime" => Some(&self.fsync),
            "snapshottime" => Some(&self.snapshot),
            "election_time" => Some(&self.election),
            "dbinittime" | "startup_snap_load_time" => Some(&self.load),
            "node_created_watch_count" => Some(&self.created_watches),
            "node_deleted_watch_count" => Some(&self.deleted_watches),
            "node_changed_watch_count" => Some(&self.changed_watches),
            "node_children_watch_count" => Some(&self.children_watches),
            _ => None,
        }
    }

    /// Each measurement by name.
    pub fn each(&self, tell: &mut dyn FnMut(&str, &dyn Display)) {
        let nothing = Spread::default();
        for name in COUNTERS {
            tell(name, &self.counter(name));
        }
        let mut spread = |name: &str, percentiles: bool| {
            let spread = self.spread(name).unwrap_or(&nothing);
            tell(&format!("avg_{name}"), &spread.average());
            for (key, value) in
                [("min", spread.least), ("max", spread.most), ("cnt", spread.count), ("sum", spread.sum)]
            {
                tell(&format!("{key}_{name}"), &value);
            }
            if percentiles {
                let mut sorted = spread.kept.clone();
                sorted.sort_unstable();
                for (key, thousandth) in [("p50", 500), ("p95", 950), ("p99", 990), ("p999", 999)] {
                    tell(&format!("{key}_{name}"), &Spread::percentile(&sorted, thousandth));
                }
            }
        };
        SPREADS.into_iter().for_each(|name| spread(name, false));
        PERCENTILES.into_iter().for_each(|name| spread(name, true));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spreads_are_printed_as_the_real_one_prints() {
        let mut metrics = Metrics::default();
        (1..=100).for_each(|ms| metrics.read.add(ms));
        let mut out = Vec::new();
        metrics.each(&mut |key, value| out.push(format!("{key}\t{value}")));
        for line in [
            "avg_readlatency\t50.5",
            "p50_readlatency\t50",
            "p99_readlatency\t99",
            "cnt_readlatency\t100",
            "snap_count\t0",
        ] {
            assert!(out.iter().any(|printed| printed == line), "{line}");
        }
        assert_eq!(java_number(1.0 / 3.0), "0.3333");
    }
}

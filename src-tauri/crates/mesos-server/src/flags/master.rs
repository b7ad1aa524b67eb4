//! `mesos-master`'s flags.

use std::{collections::BTreeMap, net::Ipv4Addr, time::Duration};

use super::{
    FlagError, ZkAddress,
    load::{
        self,
        Kind::{Bool, Ip, Number, Text, Time, Whole},
        Known, Loaded,
    },
};

/// What `mesos-master` was started with.
#[derive(Clone, Debug)]
pub struct MasterFlags {
    /// Every flag in effect, as `/flags` shows them.
    pub(crate) shown: Loaded,
    /// `--ip`.
    pub(crate) ip: Option<Ipv4Addr>,
    /// `--port`.
    pub(crate) port: u16,
    /// `--hostname`.
    pub(crate) hostname: Option<String>,
    /// `--hostname_lookup`.
    pub(crate) hostname_lookup: bool,
    /// `--cluster`.
    pub(crate) cluster: Option<String>,
    /// `--zk`; without it the master is on its own and leads at once.
    pub(crate) zk: Option<ZkAddress>,
    /// `--zk_session_timeout`.
    pub(crate) zk_session_timeout: Duration,
    /// `--quorum`.
    pub(crate) quorum: u32,
    /// `--work_dir`, on the machine.
    pub(crate) work_dir: String,
    /// `--agent_ping_timeout`.
    pub(crate) ping_timeout: Duration,
    /// `--max_agent_ping_timeouts`.
    pub(crate) max_pings: u32,
    /// `--agent_reregister_timeout`.
    pub(crate) reregister_timeout: Duration,
    /// `--offer_timeout`.
    pub(crate) offer_timeout: Option<Duration>,
    /// `--max_completed_frameworks`.
    pub(crate) max_completed_frameworks: usize,
    /// `--max_completed_tasks_per_framework`.
    pub(crate) max_completed_tasks: usize,
    /// `--max_operator_event_stream_subscribers`.
    pub(crate) max_subscribers: usize,
}

impl MasterFlags {
    /// Reads flags, given as `name` → `value` without the dashes; a boolean may be given as `name` or `no-name` with an
    /// empty value.
    pub fn parse(flags: &BTreeMap<String, String>) -> Result<Self, FlagError> {
        let shown = load::load(flags, KNOWN, ALIASES)?;
        if !shown.contains_key("work_dir") {
            return Err(FlagError::Required("work_dir"));
        }
        let port: u32 = load::number(&shown, "port");
        let invalid = |text: &str| Err(FlagError::Invalid(text.into()));
        let Ok(port) = u16::try_from(port) else { return invalid("Expected `--port` to be between 0 and 65535") };
        let ping_timeout = load::time(&shown, "agent_ping_timeout");
        if !(Duration::from_secs(1)..=Duration::from_secs(15 * 60)).contains(&ping_timeout) {
            return invalid("Expected `--agent_ping_timeout` to be between 1secs and 15mins");
        }
        let max_pings = load::number(&shown, "max_agent_ping_timeouts");
        if max_pings < 1 {
            return invalid("Expected `--max_agent_ping_timeouts` to be at least 1");
        }
        let reregister_timeout = load::time(&shown, "agent_reregister_timeout");
        if reregister_timeout < Duration::from_secs(600) {
            return invalid("Expected `--agent_reregister_timeout` to be at least 10mins");
        }
        let zk = shown.get("zk").map(|text| ZkAddress::parse(text)).transpose()?;
        let replicated = shown.get("registry").is_some_and(|r| r == "replicated_log");
        if zk.is_some() && replicated && !shown.contains_key("quorum") {
            return invalid("Need to specify --quorum for replicated log based registry when using ZooKeeper");
        }
        Ok(Self {
            ip: shown.get("ip").and_then(|ip| ip.parse().ok()),
            port,
            hostname: shown.get("hostname").cloned(),
            hostname_lookup: shown.get("hostname_lookup").is_some_and(|v| v == "true"),
            cluster: shown.get("cluster").cloned(),
            zk,
            zk_session_timeout: load::time(&shown, "zk_session_timeout"),
            quorum: load::number(&shown, "quorum"),
            work_dir: shown.get("work_dir").cloned().unwrap_or_default(),
            ping_timeout,
            max_pings,
            reregister_timeout,
            offer_timeout: shown.contains_key("offer_timeout").then(|| load::time(&shown, "offer_timeout")),
            max_completed_frameworks: load::number(&shown, "max_completed_frameworks"),
            max_completed_tasks: load::number(&shown, "max_completed_tasks_per_framework"),
            max_subscribers: load::number(&shown, "max_operator_event_stream_subscribers"),
            shown,
        })
    }
}

const ALIASES: &[(&str, &str)] = &[
    ("authenticate_slaves", "authenticate_agents"),
    ("authenticate_frameworks_v0", "authenticate_frameworks"),
    ("max_slave_ping_timeouts", "max_agent_ping_timeouts"),
    ("recovery_slave_removal_limit", "recovery_agent_removal_limit"),
    ("slave_ping_timeout", "agent_ping_timeout"),
    ("slave_removal_rate_limit", "agent_removal_rate_limit"),
    ("slave_reregister_timeout", "agent_reregister_timeout"),
];

/// Every flag of mesos-master 1.11.0 with the default that its `/flags` shows.
const KNOWN: &[Known] = &[
    ("acls", Text, None),
    ("advertise_ip", Ip, None),
    ("advertise_port", Whole, None),
    ("agent_ping_timeout", Time, Some("15secs")),
    ("agent_removal_rate_limit", Text, None),
    ("agent_reregister_timeout", Time, Some("10mins")),
    ("allocation_interval", Time, Some("1secs")),
    ("allocator", Text, Some("hierarchical")),
    ("allocator_agent_recovery_factor", Number, Some("0.8")),
    ("allocator_recovery_timeout", Time, Some("10mins")),
    ("authenticate_agents", Bool, Some("false")),
    ("authenticate_frameworks", Bool, Some("false")),
    ("authenticate_http_frameworks", Bool, Some("false")),
    ("authenticate_http_readonly", Bool, Some("false")),
    ("authenticate_http_readwrite", Bool, Some("false")),
    ("authentication_v0_timeout", Time, Some("15secs")),
    ("authenticators", Text, Some("crammd5")),
    ("authorizers", Text, Some("local")),
    ("cluster", Text, None),
    ("credentials", Text, None),
    ("domain", Text, None),
    ("external_log_file", Text, None),
    ("fair_sharing_excluded_resource_names", Text, None),
    ("filter_gpu_resources", Bool, Some("true")),
    ("firewall_rules", Text, None),
    ("framework_sorter", Text, Some("drf")),
    ("help", Bool, Some("false")),
    ("hooks", Text, None),
    ("hostname", Text, None),
    ("hostname_lookup", Bool, Some("true")),
    ("http_authenticators", Text, Some("basic")),
    ("http_framework_authenticators", Text, None),
    ("initialize_driver_logging", Bool, Some("true")),
    ("ip", Ip, None),
    ("ip_discovery_command", Text, None),
    ("log_auto_initialize", Bool, Some("true")),
    ("log_dir", Text, None),
    ("logbufsecs", Whole, Some("0")),
    ("logging_level", Text, Some("INFO")),
    ("master_contender", Text, None),
    ("master_detector", Text, None),
    ("max_agent_ping_timeouts", Whole, Some("5")),
    ("max_completed_frameworks", Whole, Some("50")),
    ("max_completed_tasks_per_framework", Whole, Some("1000")),
    ("max_executors_per_agent", Whole, None),
    ("max_operator_event_stream_subscribers", Whole, Some("1000")),
    ("max_unreachable_tasks_per_framework", Whole, Some("1000")),
    ("memory_profiling", Bool, Some("false")),
    ("min_allocatable_resources", Text, Some("cpus:0.01|mem:32")),
    ("modules", Text, None),
    ("modules_dir", Text, None),
    ("offer_constraints_re2_max_mem", Text, Some("4KB")),
    ("offer_constraints_re2_max_program_size", Whole, Some("100")),
    ("offer_timeout", Time, None),
    ("port", Whole, Some("5050")),
    ("publish_per_framework_metrics", Bool, Some("true")),
    ("quiet", Bool, Some("false")),
    ("quorum", Whole, None),
    ("rate_limits", Text, None),
    ("recovery_agent_removal_limit", Text, Some("100%")),
    ("registry", Text, Some("replicated_log")),
    ("registry_fetch_timeout", Time, Some("1mins")),
    ("registry_gc_interval", Time, Some("15mins")),
    ("registry_max_agent_age", Time, Some("2weeks")),
    ("registry_max_agent_count", Whole, Some("102400")),
    ("registry_store_timeout", Time, Some("20secs")),
    ("registry_strict", Bool, Some("false")),
    ("require_agent_domain", Bool, Some("false")),
    ("role_sorter", Text, Some("drf")),
    ("roles", Text, None),
    ("root_submissions", Bool, Some("true")),
    ("version", Bool, Some("false")),
    ("webui_dir", Text, Some("/usr/share/mesos/webui")),
    ("weights", Text, None),
    ("whitelist", Text, None),
    ("work_dir", Text, None),
    ("zk", Text, None),
    ("zk_session_timeout", Time, Some("10secs")),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(flags: &[(&str, &str)]) -> Result<MasterFlags, String> {
        let flags = flags.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        MasterFlags::parse(&flags).map_err(|e| e.to_string())
    }

    #[test]
    fn refuses_as_the_real_one() {
        let work = ("work_dir", "/x");
        let texts = [
            (vec![work, ("foo", "1")], "Failed to load unknown flag 'foo'"),
            (vec![], "Flag 'work_dir' is required, but it was not provided"),
            (
                vec![work, ("quorum", "abc")],
                "Failed to load flag 'quorum': Failed to load value 'abc': Failed to convert into required type",
            ),
            (
                vec![work, ("zk", "zk://h:2181/mesos")],
                "Need to specify --quorum for replicated log based registry when using ZooKeeper",
            ),
            (
                vec![work, ("zk", "zk://h:2181"), ("quorum", "1")],
                "Expecting a (chroot) path for ZooKeeper ('/' is not supported)",
            ),
            (
                vec![work, ("agent_ping_timeout", "100mins")],
                "Expected `--agent_ping_timeout` to be between 1secs and 15mins",
            ),
            (
                vec![work, ("ip", "300.1.1.1")],
                "Failed to load flag 'ip': Failed to load value '300.1.1.1': Failed to parse IP as either IPv4 or IPv6:300.1.1.1",
            ),
            (vec![work, ("no-quiet", "3")], "Failed to load boolean flag 'quiet' via 'no-quiet' with value '3'"),
            (vec![work, ("no-cluster", "")], "Failed to load non-boolean flag 'cluster' via 'no-cluster'"),
            (vec![work, ("cluster", "")], "Failed to load non-boolean flag 'cluster': Missing value"),
        ];
        for (flags, text) in texts {
            assert_eq!(parse(&flags).map(|_| ()), Err(text.to_owned()));
        }
    }

    #[test]
    fn old_names_and_negations_work() {
        let flags = parse(&[("work_dir", "/x"), ("slave_ping_timeout", "90secs"), ("no-hostname_lookup", "")]);
        let flags = flags.expect("these are good");
        assert_eq!(flags.shown["agent_ping_timeout"], "1.5mins");
        assert!(!flags.hostname_lookup);
    }
}

//! `mesos-agent`'s flags.

use std::{collections::BTreeMap, net::Ipv4Addr, time::Duration};

use super::{
    FlagError, ZkAddress,
    load::{
        self,
        Kind::{Bool, Ip, Number, Text, Time, Whole},
        Known, Loaded,
    },
};
use crate::{
    resources::{self, Resources},
    wire::Attribute,
};

/// What an agent does when its resources or attributes changed since its last run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// It does not start.
    Equal,
    /// It starts if nothing was taken away.
    Additive,
    /// It starts.
    Any,
}

/// What `mesos-agent` was started with.
#[derive(Clone, Debug)]
pub struct AgentFlags {
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
    /// `--master`, which must be a ZooKeeper address here.
    pub(crate) master: ZkAddress,
    /// `--zk_session_timeout`.
    pub(crate) zk_session_timeout: Duration,
    /// `--work_dir`, on the machine.
    pub(crate) work_dir: String,
    /// `--resources`; what is missing is found on the machine.
    pub(crate) resources: Resources,
    /// `--attributes`.
    pub(crate) attributes: Vec<Attribute>,
    /// `--reconfiguration_policy`.
    pub(crate) policy: Policy,
    /// `--executor_shutdown_grace_period`.
    pub(crate) grace: Duration,
    /// `--max_completed_executors_per_framework`.
    pub(crate) max_completed: usize,
}

impl AgentFlags {
    /// Reads flags, given as `name` → `value` without the dashes; a boolean may be given as `name` or `no-name` with an
    /// empty value.
    pub fn parse(flags: &BTreeMap<String, String>) -> Result<Self, FlagError> {
        let shown = load::load(flags, KNOWN, ALIASES)?;
        if !shown.contains_key("work_dir") {
            return Err(FlagError::Required("work_dir"));
        }
        let text = |name: &str| shown.get(name).map(String::as_str).unwrap_or_default();
        let invalid = |text: String| Err(FlagError::Invalid(text));
        if text("master").is_empty() {
            return invalid("Missing required option: `--master`".into());
        }
        let Ok(port) = u16::try_from(load::number::<u32>(&shown, "port")) else {
            return invalid("Expected `--port` to be between 0 and 65535".into());
        };
        let policy = match text("reconfiguration_policy") {
            "equal" => Policy::Equal,
            "additive" => Policy::Additive,
            "any" => Policy::Any,
            other => {
                return invalid(format!(
                    "Unknown option for 'reconfiguration_policy' flag {other}. Please run the agent with '--help' to see the valid options."
                ));
            }
        };
        let resources = resources::parse(text("resources"), text("default_role"))
            .map_err(|e| FlagError::Invalid(format!("Failed to determine agent resources: {e}")))?;
        Ok(Self {
            ip: shown.get("ip").and_then(|ip| ip.parse().ok()),
            port,
            hostname: shown.get("hostname").cloned(),
            hostname_lookup: text("hostname_lookup") == "true",
            master: ZkAddress::parse(text("master"))?,
            zk_session_timeout: load::time(&shown, "zk_session_timeout"),
            work_dir: text("work_dir").to_owned(),
            resources,
            attributes: Attribute::parse_all(text("attributes")).map_err(FlagError::Invalid)?,
            policy,
            grace: load::time(&shown, "executor_shutdown_grace_period"),
            max_completed: load::number(&shown, "max_completed_executors_per_framework"),
            shown,
        })
    }
}

const ALIASES: &[(&str, &str)] = &[("slave_subsystems", "agent_subsystems")];

/// Every flag of mesos-agent 1.11.0 with the default that its `/flags` shows.
const KNOWN: &[Known] = &[
    ("advertise_ip", Ip, None),
    ("advertise_port", Whole, None),
    ("agent_features", Text, None),
    ("agent_subsystems", Text, None),
    ("allowed_devices", Text, None),
    ("appc_simple_discovery_uri_prefix", Text, Some("http://")),
    ("appc_store_dir", Text, Some("/tmp/mesos/store/appc")),
    ("attributes", Text, None),
    ("authenticate_http_executors", Bool, Some("false")),
    ("authenticate_http_readonly", Bool, Some("false")),
    ("authenticate_http_readwrite", Bool, Some("false")),
    ("authenticatee", Text, Some("crammd5")),
    ("authentication_backoff_factor", Time, Some("1secs")),
    ("authentication_timeout_max", Time, Some("1mins")),
    ("authentication_timeout_min", Time, Some("5secs")),
    ("authorizer", Text, Some("local")),
    ("bounding_capabilities", Text, None),
    ("cgroups_cpu_enable_pids_and_tids_count", Bool, Some("false")),
    ("cgroups_destroy_timeout", Time, Some("1mins")),
    ("cgroups_enable_cfs", Bool, Some("false")),
    ("cgroups_hierarchy", Text, Some("/sys/fs/cgroup")),
    ("cgroups_limit_swap", Bool, Some("false")),
    ("cgroups_net_cls_primary_handle", Text, None),
    ("cgroups_net_cls_secondary_handles", Text, None),
    ("cgroups_root", Text, Some("mesos")),
    ("container_disk_watch_interval", Time, Some("15secs")),
    ("container_logger", Text, None),
    ("containerizers", Text, Some("mesos")),
    ("credential", Text, None),
    ("csi_plugin_config_dir", Text, None),
    ("default_container_dns", Text, None),
    ("default_container_info", Text, None),
    ("default_role", Text, Some("*")),
    ("default_shm_size", Text, None),
    ("disallow_sharing_agent_ipc_namespace", Bool, Some("false")),
    ("disallow_sharing_agent_pid_namespace", Bool, Some("false")),
    ("disk_profile_adaptor", Text, None),
    ("disk_watch_interval", Time, Some("1mins")),
    ("docker", Text, Some("docker")),
    ("docker_config", Text, None),
    ("docker_ignore_runtime", Bool, Some("false")),
    ("docker_kill_orphans", Bool, Some("true")),
    ("docker_mesos_image", Text, None),
    ("docker_registry", Text, Some("https://registry-1.docker.io")),
    ("docker_remove_delay", Time, Some("6hrs")),
    ("docker_socket", Text, Some("/var/run/docker.sock")),
    ("docker_stop_timeout", Time, Some("0ns")),
    ("docker_store_dir", Text, Some("/tmp/mesos/store/docker")),
    ("docker_volume_checkpoint_dir", Text, Some("/var/run/mesos/isolators/docker/volume")),
    ("docker_volume_chown", Bool, Some("false")),
    ("domain", Text, None),
    ("domain_socket_location", Text, None),
    ("effective_capabilities", Text, None),
    ("enforce_container_disk_quota", Bool, Some("false")),
    ("enforce_container_ports", Bool, None),
    ("ephemeral_ports_per_container", Whole, None),
    ("executor_environment_variables", Text, None),
    ("executor_registration_timeout", Time, Some("1mins")),
    ("executor_reregistration_retry_interval", Time, None),
    ("executor_reregistration_timeout", Time, Some("2secs")),
    ("executor_shutdown_grace_period", Time, Some("5secs")),
    ("external_log_file", Text, None),
    ("fetcher_cache_dir", Text, Some("/tmp/mesos/fetch")),
    ("fetcher_cache_size", Text, Some("2GB")),
    ("fetcher_stall_timeout", Time, Some("1mins")),
    ("firewall_rules", Text, None),
    ("frameworks_home", Text, Some("")),
    ("gc_delay", Time, Some("1weeks")),
    ("gc_disk_headroom", Number, Some("0.1")),
    ("gc_non_executor_container_sandboxes", Bool, Some("false")),
    ("hadoop_home", Text, None),
    ("help", Bool, Some("false")),
    ("hooks", Text, None),
    ("host_path_volume_force_creation", Text, None),
    ("hostname", Text, None),
    ("hostname_lookup", Bool, Some("true")),
    ("http_authenticators", Text, None),
    ("http_command_executor", Bool, Some("false")),
    ("http_credentials", Text, None),
    ("http_executor_authenticators", Text, None),
    ("http_executor_domain_sockets", Bool, Some("false")),
    ("http_heartbeat_interval", Time, Some("30secs")),
    ("image_gc_config", Text, None),
    ("image_providers", Text, None),
    ("image_provisioner_backend", Text, None),
    ("initialize_driver_logging", Bool, Some("true")),
    ("ip", Ip, None),
    ("ip_discovery_command", Text, None),
    ("isolation", Text, Some("posix/cpu,posix/mem")),
    ("jwt_secret_key", Text, None),
    ("launcher", Text, Some("posix")),
    ("launcher_dir", Text, Some("/usr/libexec/mesos")),
    ("log_dir", Text, None),
    ("logbufsecs", Whole, Some("0")),
    ("logging_level", Text, Some("INFO")),
    ("master", Text, None),
    ("master_detector", Text, None),
    ("max_completed_executors_per_framework", Whole, Some("150")),
    ("memory_profiling", Bool, Some("false")),
    ("modules", Text, None),
    ("modules_dir", Text, None),
    ("network_cni_config_dir", Text, None),
    ("network_cni_metrics", Bool, Some("true")),
    ("network_cni_plugins_dir", Text, None),
    ("network_cni_root_dir_persist", Bool, Some("false")),
    ("nvidia_gpu_devices", Text, None),
    ("oversubscribed_resources_interval", Time, Some("15secs")),
    ("perf_duration", Time, Some("10secs")),
    ("perf_events", Text, None),
    ("perf_interval", Time, Some("1mins")),
    ("port", Whole, Some("5051")),
    ("qos_controller", Text, None),
    ("qos_correction_interval_min", Time, Some("0ns")),
    ("quiet", Bool, Some("false")),
    ("reconfiguration_policy", Text, Some("equal")),
    ("recover", Text, Some("reconnect")),
    ("recovery_timeout", Time, Some("15mins")),
    ("registration_backoff_factor", Time, Some("1secs")),
    ("resource_estimator", Text, None),
    ("resource_provider_config_dir", Text, None),
    ("resources", Text, None),
    ("revocable_cpu_low_priority", Bool, Some("true")),
    ("runtime_dir", Text, Some("/var/run/mesos")),
    ("sandbox_directory", Text, Some("/mnt/mesos/sandbox")),
    ("seccomp_config_dir", Text, None),
    ("seccomp_profile_name", Text, None),
    ("secret_resolver", Text, None),
    ("strict", Bool, Some("true")),
    ("switch_user", Bool, Some("true")),
    ("systemd_enable_support", Bool, Some("true")),
    ("systemd_runtime_directory", Text, Some("/run/systemd/system")),
    ("version", Bool, Some("false")),
    ("volume_gid_range", Text, None),
    ("work_dir", Text, None),
    ("xfs_kill_containers", Bool, None),
    ("xfs_project_range", Text, None),
    ("zk_session_timeout", Time, Some("10secs")),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(flags: &[(&str, &str)]) -> Result<AgentFlags, String> {
        let flags = flags.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        AgentFlags::parse(&flags).map_err(|e| e.to_string())
    }

    #[test]
    fn refuses_as_the_real_one() {
        let base = [("work_dir", "/x"), ("master", "zk://h:2181/mesos")];
        assert_eq!(
            parse(&base[1..]).map(|_| ()),
            Err("Flag 'work_dir' is required, but it was not provided".to_owned())
        );
        assert_eq!(parse(&base[..1]).map(|_| ()), Err("Missing required option: `--master`".to_owned()));
        let bad = parse(&[base[0], base[1], ("resources", "cpus")]);
        assert!(bad.is_err_and(|e| e.contains("missing or extra ':' in cpus")));
        assert!(parse(&[base[0], base[1], ("attributes", "rack")]).is_err());
        assert!(parse(&[base[0], base[1], ("reconfiguration_policy", "none")]).is_err());
    }
}

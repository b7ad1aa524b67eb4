//! The names of options: which are Marathon's, and which of those Pacer does without.

/// What the names begin with; the rest is the name of Marathon's command line option.
pub const PREFIX: &str = "MARATHON_";

/// Options of Marathon 1.11 that Pacer takes and has no use for: they tune what it does not have, or does by itself.
/// Taking them lets the same `/etc/default/marathon` serve both.
pub const WITHOUT_EFFECT: &[&str] = &[
    "ACCESS_CONTROL_ALLOW_ORIGIN",
    "AVAILABILITY_ZONE",
    "CHECKPOINT",
    "DEFAULT_ACCEPTED_RESOURCE_ROLES",
    "DEFAULT_NETWORK_NAME",
    "DEPLOYMENT_MANAGER_REQUEST_DELAY",
    "DEPRECATED_FEATURES",
    "DISABLE_CHECKPOINT",
    "DISABLE_HA",
    "DISABLE_HTTP_COMPRESSION",
    "DISABLE_ZK_COMPRESSION",
    "DRAINING_SECONDS",
    "EVENT_STREAM_MAX_OUTSTANDING_MESSAGES",
    "EXECUTOR",
    "GPU_SCHEDULING_BEHAVIOR",
    "HA",
    "HTTP_COMPRESSION",
    "HTTP_MAX_CONCURRENT_REQUESTS",
    "JAVA_OPTS",
    "JVM_OPTS",
    "KILL_CHUNK_SIZE",
    "LAUNCH_TOKEN",
    "LAUNCH_TOKEN_REFRESH_INTERVAL",
    "LOGGING_LEVEL",
    "MAX_INSTANCES_PER_OFFER",
    "MAX_QUEUED_ROOT_GROUP_UPDATES",
    "MESOS_BRIDGE_NAME",
    "MESOS_HEARTBEAT_FAILURE_THRESHOLD",
    "MESOS_HEARTBEAT_INTERVAL",
    "MESOS_LEADER_UI_URL",
    "METRICS_AVERAGING_WINDOW",
    "NEW_GROUP_ENFORCE_ROLE",
    "OFFER_MATCHING_TIMEOUT",
    "ON_ELECTED_PREPARE_TIMEOUT",
    "RECONCILIATION_INITIAL_DELAY",
    "REVIVE_OFFERS_REPETITIONS",
    "SAVE_TASKS_TO_LAUNCH_TIMEOUT",
    "SCALE_APPS_INITIAL_DELAY",
    "SCALE_APPS_INTERVAL",
    "STORE_CACHE",
    "TASK_LAUNCH_CONFIRM_TIMEOUT",
    "TASK_LOST_EXPUNGE_INITIAL_DELAY",
    "TASK_LOST_EXPUNGE_INTERVAL",
    "TASK_RESERVATION_TIMEOUT",
    "ZK_COMPRESSION",
    "ZK_COMPRESSION_THRESHOLD",
    "ZK_CONNECTION_TIMEOUT",
    "ZK_MAX_NODE_SIZE",
    "ZK_TIMEOUT",
];

/// Options of Marathon 1.11 that Pacer refuses: to take them and do nothing would be worse than to say so.
pub const UNSUPPORTED: &[&str] = &[
    "BACKUP_LOCATION",
    "INTERNAL_STORE_BACKEND",
    "MESOS_ROLE_BEHAVIOR",
    "PLUGIN_CONF",
    "PLUGIN_DIR",
    "SSL_KEYSTORE_PASSWORD",
];

/// The variable of an option.
pub fn variable(option: &str) -> String {
    format!("{PREFIX}{}", option.to_uppercase())
}

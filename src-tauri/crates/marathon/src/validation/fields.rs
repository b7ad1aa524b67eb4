//! The fields of an application and what each may be.
//!
//! Source: Marathon 1.11's `AppDefinition.schema.json`, made narrower where the RAML (which Marathon itself goes by) is,
//! and completed by what the RAML has and the older schema has not: `role`, `tty`, `check`, `resourceLimits`,
//! `container.linuxInfo`, secret volumes, and ports that are both `udp,tcp`.

use super::{
    form::{
        Field,
        Shape::{self, Any, Closed, Either, Flag, List, Map, Matching, Number, Open, Text, Whole, Word},
        field, required,
    },
    texts::{is_date_time, is_executor, is_network_name, is_path, is_port_name},
};

const TEXTS: Shape = List(&Text(0));
const LABELS: Shape = Map(&Text(0));
const PORT: Shape = Whole(0, 65535);
/// A number that Marathon keeps in 32 bits.
const COUNT: Shape = Whole(0, i32::MAX as i64);
const AMOUNT: Shape = Number(0.0, f64::MAX);
const SHARE: Shape = Number(0.0, 1.0);
const PROTOCOL: Shape = Word(&["tcp", "udp", "udp,tcp"]);
const READ_MODE: Shape = Word(&["RO", "RW"]);

pub(super) const APPLICATION: &[Field] = &[
    required("id", Matching(is_path)),
    field("acceptedResourceRoles", TEXTS),
    field("args", TEXTS),
    field("backoffFactor", Number(1.0, f64::MAX)),
    field("backoffSeconds", COUNT),
    field("check", Closed(CHECK)),
    field("cmd", Text(1)),
    field("constraints", List(&List(&Text(0)))),
    field("container", Closed(CONTAINER)),
    field("cpus", Number(0.001, f64::MAX)),
    field("dependencies", List(&Matching(is_path))),
    field("disk", AMOUNT),
    field("env", Map(&Either(&[Text(0), Closed(&[required("secret", Text(1))])]))),
    field("executor", Matching(is_executor)),
    field("executorResources", Open(EXECUTOR_RESOURCES)),
    field("fetch", List(&Closed(FETCH))),
    field("gpus", COUNT),
    field("healthChecks", List(&Closed(HEALTH_CHECK))),
    field("instances", COUNT),
    field("ipAddress", Open(IP_ADDRESS)),
    field("killSelection", Word(&["YOUNGEST_FIRST", "OLDEST_FIRST"])),
    field("labels", LABELS),
    field("maxLaunchDelaySeconds", COUNT),
    field("mem", AMOUNT),
    field("networks", List(&Open(NETWORK))),
    field("portDefinitions", List(&Closed(PORT_DEFINITION))),
    field("ports", List(&PORT)),
    field("readinessChecks", List(&Closed(READINESS_CHECK))),
    field("requirePorts", Flag),
    field("residency", Closed(RESIDENCY)),
    field("resourceLimits", Open(&[])),
    field("role", Text(1)),
    field("secrets", Map(&Closed(&[required("source", Text(1))]))),
    field("taskKillGracePeriodSeconds", COUNT),
    field("tty", Flag),
    field("unreachableStrategy", Either(&[Word(&["disabled"]), Closed(UNREACHABLE_TIMES)])),
    field("upgradeStrategy", Closed(&[field("maximumOverCapacity", SHARE), field("minimumHealthCapacity", SHARE)])),
    field("uris", List(&Text(1))),
    field("user", Text(0)),
    field("version", Matching(is_date_time)),
    field("versionInfo", Closed(VERSION_INFO)),
];

/// What `POST` and `PUT /v2/groups` take. Applications and groups may name themselves relative to the group.
pub(super) static GROUP: [Field; 8] = [
    field("id", Matching(is_path)),
    field("apps", List(&Closed(APPLICATION))),
    field("dependencies", List(&Matching(is_path))),
    field("enforceRole", Flag),
    field("groups", List(&Closed(&CHILD_GROUP))),
    // What `GET` answers can be sent back; there are no pods in it.
    field("pods", List(&Word(&[]))),
    field("scaleBy", Number(0.0, f64::MAX)),
    field("version", Matching(is_date_time)),
];

/// A group in a group has a name.
static CHILD_GROUP: [Field; 6] = [
    required("id", Matching(is_path)),
    field("apps", List(&Closed(APPLICATION))),
    field("dependencies", List(&Matching(is_path))),
    field("enforceRole", Flag),
    field("groups", List(&Closed(&CHILD_GROUP))),
    field("pods", List(&Word(&[]))),
];

const EXECUTOR_RESOURCES: &[Field] = &[field("cpus", AMOUNT), field("mem", AMOUNT), field("disk", AMOUNT)];

const FETCH: &[Field] = &[
    required("uri", Text(1)),
    field("extract", Flag),
    field("executable", Flag),
    field("cache", Flag),
    field("destPath", Text(0)),
];

const HEALTH_CHECK: &[Field] = &[
    field("command", Open(&[field("value", Text(0))])),
    field("delaySeconds", COUNT),
    field("gracePeriodSeconds", COUNT),
    field("ignoreHttp1xx", Flag),
    field("intervalSeconds", COUNT),
    field("ipProtocol", Word(&["IPv4", "IPv6"])),
    field("maxConsecutiveFailures", COUNT),
    field("path", Text(0)),
    field("port", PORT),
    field("portIndex", PORT),
    field("protocol", Word(&["HTTP", "HTTPS", "TCP", "COMMAND", "MESOS_HTTP", "MESOS_HTTPS", "MESOS_TCP"])),
    field("timeoutSeconds", COUNT),
];

const CHECK: &[Field] = &[
    field("delaySeconds", COUNT),
    field("exec", Closed(&[required("command", Closed(COMMAND))])),
    field("http", Closed(HTTP_CHECK)),
    field("intervalSeconds", COUNT),
    field("tcp", Closed(&[field("port", PORT), field("portIndex", PORT)])),
    field("timeoutSeconds", COUNT),
];

const HTTP_CHECK: &[Field] =
    &[field("path", Text(0)), field("port", PORT), field("portIndex", PORT), field("scheme", Word(&["HTTP", "HTTPS"]))];

const COMMAND: &[Field] = &[field("argv", List(&Text(0))), field("shell", Text(1))];

const READINESS_CHECK: &[Field] = &[
    field("httpStatusCodesForReady", List(&Whole(100, 999))),
    field("intervalSeconds", COUNT),
    field("name", Text(1)),
    field("path", Text(1)),
    field("portName", Matching(is_port_name)),
    field("preserveLastResponse", Flag),
    field("protocol", Word(&["HTTP", "HTTPS"])),
    field("timeoutSeconds", Whole(1, i32::MAX as i64)),
];

const PORT_DEFINITION: &[Field] =
    &[field("labels", LABELS), field("name", Matching(is_port_name)), field("port", PORT), field("protocol", PROTOCOL)];

const PORT_MAPPING: &[Field] = &[
    field("containerPort", PORT),
    field("hostPort", PORT),
    field("labels", LABELS),
    field("name", Matching(is_port_name)),
    field("networkNames", List(&Matching(is_network_name))),
    field("protocol", PROTOCOL),
    field("servicePort", PORT),
];

const NETWORK: &[Field] = &[
    field("labels", Map(&Any)),
    field("mode", Word(&["container", "container/bridge", "host"])),
    field("name", Text(1)),
];

const IP_ADDRESS: &[Field] = &[
    field("discovery", Open(&[field("ports", List(&Open(DISCOVERY_PORT)))])),
    field("groups", TEXTS),
    field("labels", Map(&Any)),
    field("networkName", Text(1)),
];

const DISCOVERY_PORT: &[Field] = &[
    field("labels", LABELS),
    field("name", Matching(is_port_name)),
    field("number", PORT),
    field("protocol", Word(&["tcp", "udp"])),
];

const RESIDENCY: &[Field] = &[
    field("relaunchEscalationTimeoutSeconds", COUNT),
    field("taskLostBehavior", Word(&["WAIT_FOREVER", "RELAUNCH_AFTER_TIMEOUT"])),
];

const UNREACHABLE_TIMES: &[Field] = &[field("inactiveAfterSeconds", COUNT), field("expungeAfterSeconds", COUNT)];

const VERSION_INFO: &[Field] =
    &[field("lastConfigChangeAt", Matching(is_date_time)), field("lastScalingAt", Matching(is_date_time))];

const CONTAINER: &[Field] = &[
    field("appc", Closed(APPC)),
    field("docker", Closed(DOCKER)),
    field("linuxInfo", Open(&[])),
    field("portMappings", List(&Closed(PORT_MAPPING))),
    field("type", Word(&["MESOS", "DOCKER"])),
    field("volumes", List(&Closed(VOLUME))),
];

const APPC: &[Field] =
    &[field("forcePullImage", Flag), field("id", Text(7)), required("image", Text(1)), field("labels", LABELS)];

const DOCKER: &[Field] = &[
    field("credential", Closed(&[required("principal", Text(0)), field("secret", Text(0))])),
    field("forcePullImage", Flag),
    required("image", Text(1)),
    field("network", Word(&["BRIDGE", "HOST", "NONE", "USER"])),
    field("parameters", List(&Closed(&[required("key", Text(1)), required("value", Text(0))]))),
    field("portMappings", List(&Closed(PORT_MAPPING))),
    field("privileged", Flag),
    field("pullConfig", Closed(&[required("secret", Text(1))])),
];

const VOLUME: &[Field] = &[
    field("containerPath", Text(1)),
    field("external", Closed(EXTERNAL_VOLUME)),
    field("hostPath", Text(1)),
    field("mode", READ_MODE),
    field("persistent", Closed(PERSISTENT_VOLUME)),
    field("secret", Text(1)),
];

const EXTERNAL_VOLUME: &[Field] = &[
    field("name", Text(0)),
    field("options", Open(&[])),
    field("provider", Text(0)),
    field("shared", Flag),
    field("size", COUNT),
];

const PERSISTENT_VOLUME: &[Field] = &[
    field("constraints", List(&List(&Text(0)))),
    field("maxSize", Whole(0, i64::MAX)),
    field("profileName", Text(1)),
    required("size", Whole(0, i64::MAX)),
    field("type", Word(&["root", "path", "mount"])),
];

//! Each rule finds what it is for, where it is, as bad as it is; and its fix removes it.

use plan::{
    AgentResources, ClusterPlan, Finding, HostLimits, Preset, Provider, SchedulerKind, Severity, ValidPlan,
    real_network,
};
use serde_json::json;

use Severity::{Error, Hint, Warning};

fn practice(preset: Preset) -> ClusterPlan {
    preset.plan("demo", Provider::Practice, "127.56.3.0/24".parse().unwrap())
}

fn real(preset: Preset) -> ClusterPlan {
    preset.plan("demo", Provider::VirtualBox, real_network())
}

fn has(plan: &ClusterPlan, host: Option<HostLimits>, path: &str, id: &str) -> Option<Finding> {
    plan.findings(host).into_iter().find(|f| f.path == path && f.id == id)
}

/// The changed plan has the finding, and, if it has a fix, the fixed one has not.
#[track_caller]
fn finds(
    mut plan: ClusterPlan,
    change: impl FnOnce(&mut ClusterPlan),
    severity: Severity,
    path: &str,
    id: &str,
    fixed: bool,
) {
    change(&mut plan);
    let found = plan.findings(None);
    let Some(finding) = has(&plan, None, path, id) else {
        panic!("{id} at {path} is not among {:?}", found.iter().map(|f| (&f.path, &f.id)).collect::<Vec<_>>());
    };
    assert_eq!(finding.severity, severity, "{id}");
    assert!(!finding.text.en.is_empty() && finding.text.fr != finding.text.en);
    assert_eq!(ValidPlan::new(plan.clone()).is_err(), found.iter().any(|f| f.severity == Error));
    assert_eq!(finding.fix.is_some(), fixed, "{id}");
    if let Some(fix) = finding.fix {
        fix.apply(&mut plan);
        assert_eq!(has(&plan, None, path, id), None, "after “{}”", fix.label.en);
    }
}

#[track_caller]
fn practice_finds(change: impl FnOnce(&mut ClusterPlan), severity: Severity, path: &str, id: &str) {
    finds(practice(Preset::Ha), change, severity, path, id, true);
}

#[track_caller]
fn real_finds(change: impl FnOnce(&mut ClusterPlan), severity: Severity, path: &str, id: &str) {
    finds(real(Preset::Ha), change, severity, path, id, true);
}

const HOSTILE: [&str; 16] = [
    "",
    "a b",
    "a\"b",
    "a'b",
    "a\nb",
    "#{system('id')}",
    "`id`",
    "$(id)",
    "a;b",
    "a\\",
    "a\u{0}",
    "a\u{202e}b",
    "é",
    "a|b",
    "../a",
    "-x",
];

#[test]
fn names() {
    for name in HOSTILE.into_iter().chain(["Demo", "1demo", &"d".repeat(41)]) {
        practice_finds(|p| p.name = name.into(), Error, "name", "cluster-name");
    }
    for name in HOSTILE.into_iter().chain(["localhost", "a.b", "12"]) {
        practice_finds(|p| p.nodes[1].name = name.into(), Error, "nodes[1].name", "machine-name");
    }
    for name in ["", "a\"b", "a\nb", "$(id)", "`id`", "#{x}", "é", " a"] {
        practice_finds(|p| p.mesos.cluster = Some(name.into()), Error, "mesos.cluster", "mesos-cluster-name");
    }
    practice_finds(|p| p.nodes[1].name = "NODE1".into(), Error, "nodes[1].name", "machine-name-twice");
}

#[test]
fn networks() {
    let set = |cidr: &str| {
        let cidr = cidr.parse().unwrap();
        move |p: &mut ClusterPlan| p.network.cidr = cidr
    };
    practice_finds(set("192.168.56.0/24"), Error, "network.cidr", "practice-network-not-loopback");
    practice_finds(set("127.0.0.0/8"), Error, "network.cidr", "practice-network-in-use");
    practice_finds(set("127.0.3.0/24"), Error, "network.cidr", "practice-network-in-use");
    practice_finds(set("127.56.3.7/24"), Error, "network.cidr", "network-host-bits");
    practice_finds(set("127.56.3.0/31"), Error, "network.cidr", "network-too-small");
    real_finds(set("127.56.3.0/24"), Error, "network.cidr", "network-is-loopback");
    real_finds(set("0.0.0.0/0"), Error, "network.cidr", "network-is-loopback");
    real_finds(set("224.0.0.0/24"), Error, "network.cidr", "network-not-usable");
    real_finds(set("10.1.0.0/16"), Error, "network.cidr", "network-outside-virtualbox");
    let libvirt = |cidr: &str| {
        let set = set(cidr);
        move |p: &mut ClusterPlan| {
            p.provider = Provider::Libvirt;
            set(p);
        }
    };
    real_finds(libvirt("192.168.121.0/24"), Error, "network.cidr", "network-used-by-provider");
    real_finds(libvirt("8.8.8.0/24"), Warning, "network.cidr", "network-not-private");
}

#[test]
fn changing_the_provider_is_one_fix_away_from_a_good_plan() {
    for (mut plan, provider) in [(practice(Preset::Ha), Provider::VirtualBox), (real(Preset::Ha), Provider::Practice)] {
        plan.provider = provider;
        let fix = plan.findings(None).into_iter().find_map(|f| f.fix.filter(|_| f.path == "network.cidr")).unwrap();
        fix.apply(&mut plan);
        assert_eq!(plan.findings(None), []);
        assert_eq!(plan.nodes[0].address.octets()[3], 11);
    }
}

#[test]
fn addresses() {
    let set = |address: [u8; 4]| move |p: &mut ClusterPlan| p.nodes[1].address = address.into();
    practice_finds(set([10, 0, 0, 1]), Error, "nodes[1].address", "address-outside-network");
    practice_finds(set([127, 56, 3, 11]), Error, "nodes[1].address", "address-twice");
    practice_finds(set([127, 56, 3, 0]), Error, "nodes[1].address", "address-not-a-machines");
    practice_finds(set([127, 56, 3, 255]), Error, "nodes[1].address", "address-not-a-machines");
    real_finds(set([192, 168, 56, 1]), Error, "nodes[1].address", "address-is-the-hosts");
    let mut plan = practice(Preset::Ha);
    set([127, 56, 3, 1])(&mut plan);
    assert_eq!(plan.findings(None), [], "practice machines have no gateway");
}

#[test]
fn another_network_moves_all_machines_at_once() {
    let other = |p: &mut ClusterPlan| p.network.cidr = "127.80.1.0/24".parse().expect("a network");
    practice_finds(other, Error, "network.cidr", "machines-outside-network");
    let mut wrong = practice(Preset::Ha);
    wrong.network.cidr = "10.0.0.0/24".parse().expect("a network");
    let found = wrong.findings(None);
    let paths: Vec<_> = found.iter().map(|f| f.path.as_str()).collect();
    assert_eq!(paths, ["network.cidr"], "one trouble, one finding");
    found[0].fix.as_ref().expect("a fix").apply(&mut wrong);
    assert_eq!(wrong.findings(None), []);
}

#[test]
fn a_fix_keeps_what_it_can() {
    let mut plan = practice(Preset::Ha);
    let last = plan.nodes[1].address.octets()[3];
    plan.nodes[1].address = [10, 0, 0, last].into();
    let label = |plan: &ClusterPlan, path, id| has(plan, None, path, id).and_then(|f| f.fix).map(|f| f.label.en);
    let moved = label(&plan, "nodes[1].address", "address-outside-network");
    assert_eq!(moved, Some(format!("Use 127.56.3.{last}")));
    let mut plan = practice(Preset::Ha);
    plan.nodes[1].name = plan.nodes[0].name.clone();
    let named = label(&plan, "nodes[1].name", "machine-name-twice").expect("a fix");
    assert!(named.starts_with("Call it “") && named.ends_with("2”"), "{named}");
}

#[test]
fn machines() {
    finds(practice(Preset::Solo), |p| p.nodes.clear(), Error, "nodes", "no-machines", false);
    practice_finds(|p| p.nodes[3].roles = Default::default(), Warning, "nodes[3].roles", "machine-without-role");
    practice_finds(|p| p.nodes[3].cpus = 0, Error, "nodes[3].cpus", "machine-without-cpus");
    practice_finds(|p| p.nodes[3].memory_mb = 0, Error, "nodes[3].memory_mb", "machine-memory-too-small");
    real_finds(|p| p.nodes[0].memory_mb = 512, Error, "nodes[0].memory_mb", "machine-memory-too-small");
    let marathon = |p: &mut ClusterPlan| p.scheduler.kind = SchedulerKind::Marathon;
    real_finds(marathon, Error, "nodes[0].memory_mb", "machine-memory-too-small");
    practice_finds(marathon, Hint, "scheduler.kind", "practice-runs-pacer");
}

#[test]
fn ensembles() {
    let servers = |count: usize| {
        move |p: &mut ClusterPlan| {
            for (n, node) in p.nodes.iter_mut().enumerate() {
                node.roles.zookeeper = (n < count).then_some(plan::ZooKeeperRole { myid: n as u16 + 1 });
            }
        }
    };
    practice_finds(servers(0), Error, "nodes", "no-zookeeper");
    finds(practice(Preset::Ha), servers(1), Hint, "nodes", "single-zookeeper", false);
    practice_finds(servers(2), Warning, "nodes", "ensemble-even");
    practice_finds(servers(4), Warning, "nodes", "ensemble-even");
    practice_finds(servers(6), Warning, "nodes", "ensemble-even");
    let many = |count: usize| {
        move |p: &mut ClusterPlan| {
            while p.nodes.len() < count {
                let n = p.nodes.len() as u8;
                let mut node = p.nodes[0].clone();
                (node.name, node.address) = (format!("more{n}"), [127, 56, 3, 100 + n].into());
                p.nodes.push(node);
            }
            servers(count)(p);
        }
    };
    finds(practice(Preset::Ha), many(7), Hint, "nodes", "ensemble-large", false);
    practice_finds(many(8), Warning, "nodes", "ensemble-too-large");
    practice_finds(many(11), Warning, "nodes", "ensemble-too-large");
}

#[test]
fn ensemble_settings() {
    let myid = |myid| move |p: &mut ClusterPlan| p.nodes[1].roles.zookeeper = Some(plan::ZooKeeperRole { myid });
    practice_finds(myid(0), Error, "nodes[1].roles.zookeeper.myid", "myid-out-of-range");
    practice_finds(myid(256), Error, "nodes[1].roles.zookeeper.myid", "myid-out-of-range");
    practice_finds(myid(1), Error, "nodes[1].roles.zookeeper.myid", "myid-twice");
    practice_finds(|p| p.zookeeper.tick_ms = 0, Error, "zookeeper.tick_ms", "tick-not-usable");
    practice_finds(|p| p.zookeeper.tick_ms = 5, Warning, "zookeeper.tick_ms", "tick-unusual");
    practice_finds(|p| p.zookeeper.init_limit = 0, Error, "zookeeper.init_limit", "limit-not-usable");
    practice_finds(|p| p.zookeeper.sync_limit = u32::MAX, Error, "zookeeper.sync_limit", "limit-not-usable");
    let path = "zookeeper.max_client_connections";
    practice_finds(|p| p.zookeeper.max_client_connections = u32::MAX, Error, path, "connections-too-many");
    practice_finds(|p| p.zookeeper.heap_mb = 1024, Error, "zookeeper.heap_mb", "heap-beyond-memory");
    practice_finds(|p| p.zookeeper.heap_mb = 0, Error, "zookeeper.heap_mb", "heap-too-small");
}

#[test]
fn masters_and_scheduler() {
    let masters = |count: usize| {
        move |p: &mut ClusterPlan| p.nodes.iter_mut().enumerate().for_each(|(n, node)| node.roles.master = n < count)
    };
    practice_finds(masters(0), Error, "nodes", "no-master");
    practice_finds(masters(2), Warning, "nodes", "masters-even");
    let quorum = |quorum| move |p: &mut ClusterPlan| p.mesos.quorum = Some(quorum);
    practice_finds(quorum(0), Error, "mesos.quorum", "quorum-loses-data");
    practice_finds(quorum(1), Error, "mesos.quorum", "quorum-loses-data");
    practice_finds(quorum(3), Warning, "mesos.quorum", "quorum-too-strict");
    practice_finds(quorum(4), Error, "mesos.quorum", "quorum-out-of-reach");
    let four = |p: &mut ClusterPlan| {
        masters(4)(p);
        quorum(2)(p);
    };
    practice_finds(four, Error, "mesos.quorum", "quorum-loses-data");
    practice_finds(|p| p.nodes.iter_mut().for_each(|n| n.roles.marathon = false), Error, "nodes", "no-scheduler");
    practice_finds(|p| p.nodes.iter_mut().for_each(|n| n.roles.agent = None), Error, "nodes", "no-agent");
}

#[test]
fn what_agents_offer() {
    let one = |cpus, mem_mb| {
        let resources = Some(AgentResources { cpus, mem_mb, disk_mb: 0 });
        move |p: &mut ClusterPlan| p.nodes[3].roles.agent.as_mut().unwrap().resources = resources
    };
    let path = "nodes[3].roles.agent.resources";
    practice_finds(one(2.0, 512), Warning, &format!("{path}.cpus"), "agent-beyond-cpus");
    practice_finds(one(0.0, 512), Error, &format!("{path}.cpus"), "agent-without-cpus");
    practice_finds(one(f64::NAN, 512), Error, &format!("{path}.cpus"), "agent-without-cpus");
    practice_finds(one(1.0, 1025), Error, &format!("{path}.mem_mb"), "agent-beyond-memory");
    practice_finds(one(1.0, 0), Error, &format!("{path}.mem_mb"), "agent-without-memory");
    let all = |p: &mut ClusterPlan| p.mesos.agent = Some(AgentResources { cpus: 1.0, mem_mb: 4096, disk_mb: 0 });
    practice_finds(all, Error, "mesos.agent.mem_mb", "agent-beyond-memory");
}

#[test]
fn ports() {
    let solo = |change: fn(&mut ClusterPlan), severity, path, id| {
        finds(practice(Preset::Solo), change, severity, path, id, true)
    };
    solo(|p| p.zookeeper.admin_port = Some(8080), Error, "zookeeper.admin_port", "admin-server-on-schedulers-port");
    solo(|p| p.scheduler.port = 2181, Error, "scheduler.port", "port-twice");
    solo(|p| p.mesos.agent_port = 5050, Error, "mesos.agent_port", "port-twice");
    solo(|p| p.zookeeper.peer_port = 3888, Error, "zookeeper.election_port", "port-twice");
    solo(|p| p.scheduler.port = 31500, Error, "scheduler.port", "port-among-task-ports");
    solo(|p| p.mesos.task_ports = (5000, 6000), Error, "mesos.master_port", "port-among-task-ports");
    solo(|p| p.mesos.task_ports = (32000, 31000), Error, "mesos.task_ports", "task-ports-reversed");
    solo(|p| p.mesos.task_ports = (5, 1), Error, "mesos.task_ports", "task-ports-reversed");
    solo(|p| p.mesos.task_ports = (80, 90), Error, "mesos.task_ports", "task-ports-privileged");
    solo(|p| p.scheduler.port = 0, Error, "scheduler.port", "port-zero");
    solo(|p| p.scheduler.port = 80, Error, "scheduler.port", "port-privileged");
    real_finds(|p| p.scheduler.port = 80, Warning, "scheduler.port", "port-privileged");
    real_finds(|p| p.scheduler.port = 22, Error, "scheduler.port", "port-is-sshs");
}

#[test]
fn the_same_port_on_different_machines_is_no_collision() {
    let mut plan = practice(Preset::Ha);
    plan.mesos.agent_port = 5050;
    plan.mesos.task_ports = (8000, 9000);
    assert_eq!(plan.findings(None), []);
}

#[test]
fn attributes() {
    let attribute = |name: &str, value: &str| {
        let pair = (name.to_owned(), value.to_owned());
        move |p: &mut ClusterPlan| p.nodes[3].roles.agent.as_mut().unwrap().attributes.extend([pair])
    };
    let path = |name: &str| format!("nodes[3].roles.agent.attributes.{name}");
    for bad in ["a b", "a\"b", "a\nb", "#{x}", "$(id)", "`id`", "a;b", "a:b", "é", "[1-3]", "{a}", "", "a\u{202e}"] {
        practice_finds(attribute("rack", bad), Error, &path("rack"), "attribute-value");
        practice_finds(attribute(bad, "r1"), Error, &path(bad), "attribute-name");
    }
}

#[test]
fn boxes() {
    let finds = |change: &dyn Fn(&mut ClusterPlan), path, id| finds(real(Preset::Solo), change, Error, path, id, false);
    for bad in HOSTILE.into_iter().filter(|t| *t != "-x").chain(["a//b", "a/", "a:b"]) {
        finds(&|p| p.image.name = bad.into(), "box.name", "box-name");
        finds(&|p| p.image.url = Some(format!("https://example.org/{bad}\"")), "box.url", "box-url");
        finds(&|p| p.image.checksum = Some(bad.into()), "box.checksum", "box-checksum");
        finds(&|p| p.image.version = Some(bad.into()), "box.version", "box-version");
    }
    finds(&|p| p.image.url = Some("ftp://example.org/a.box".into()), "box.url", "box-url");
    finds(&|p| p.image.url = Some("https://example.org/#{`id`}.box".into()), "box.url", "box-url");
    let mut plan = real(Preset::Solo);
    for good in ["https://example.org/a.box?x=1", "file:///tmp/a.box", "../boxes/a b.box", "C:/a.box"] {
        plan.image.url = Some(good.into());
        assert_eq!(plan.findings(None), [], "{good}");
    }
    plan.image.url = Some("http://example.org/a.box".into());
    assert_eq!(has(&plan, None, "box.checksum", "box-unverified").unwrap().severity, Warning);
    plan.image.checksum = Some("0123456789abcdef".repeat(4));
    assert_eq!(plan.findings(None), []);
}

#[test]
fn the_host() {
    let host = HostLimits { cpus: 2, memory_mb: 7000 };
    let found =
        |plan: &ClusterPlan| plan.findings(Some(host)).into_iter().map(|f| (f.severity, f.id)).collect::<Vec<_>>();
    let mut plan = real(Preset::Ha);
    assert_eq!(found(&plan), [(Warning, "host-memory-tight".into())]);
    plan.nodes[5].memory_mb = 4096;
    assert_eq!(found(&plan), [(Error, "host-memory-exceeded".into())]);
    plan.provider = Provider::Docker;
    assert_eq!(found(&plan), [(Warning, "host-memory-exceeded".into())]);
    let fix = plan.findings(Some(host)).remove(0).fix.unwrap();
    fix.apply(&mut plan);
    assert_eq!((plan.provider, found(&plan)), (Provider::Practice, vec![]));

    let mut plan = real(Preset::Solo);
    plan.nodes[0].cpus = 3;
    assert_eq!(found(&plan), [(Error, "host-cpus-exceeded".into())]);
    let fix = plan.findings(Some(host)).remove(0).fix.unwrap();
    fix.apply(&mut plan);
    assert_eq!(found(&plan), []);
}

#[test]
fn applications() {
    let app = |json: serde_json::Value| {
        let app = serde_json::from_value(json).unwrap();
        move |p: &mut ClusterPlan| p.applications = vec![app]
    };
    let refused = |json, path| finds(practice(Preset::Ha), app(json), Error, path, "application-refused", false);
    refused(json!({"id": "/Bad", "cmd": "true"}), "applications[0].id");
    refused(json!({"id": "/a"}), "applications[0]");
    refused(json!({"id": "/a", "cmd": "true", "cpus": -1}), "applications[0].cpus");
    refused(json!({"id": "/a", "cmd": "true", "memory": 5}), "applications[0].memory");
    let check = json!([{"protocol": "HTTP", "portIndex": 3}]);
    refused(json!({"id": "/a", "cmd": "true", "healthChecks": check}), "applications[0].healthChecks[0]");
    let check = json!([{"protocol": "HTTTP"}]);
    refused(json!({"id": "/a", "cmd": "true", "healthChecks": check}), "applications[0].healthChecks[0].protocol");

    let large = json!({"id": "/a", "cmd": "true", "mem": 100_000});
    finds(practice(Preset::Ha), app(large), Warning, "applications[0]", "application-fits-nowhere", false);
    let port = json!({"id": "/a", "cmd": "true", "requirePorts": true, "portDefinitions": [{"port": 80}]});
    finds(practice(Preset::Ha), app(port), Warning, "applications[0]", "port-not-offered", false);
    let port =
        json!({"id": "/a", "cmd": "true", "requirePorts": true, "portDefinitions": [{"port": 31001}], "instances": 4});
    practice_finds(app(port), Warning, "applications[0].instances", "more-instances-than-agents");
    let unique = json!({"id": "/a", "cmd": "true", "constraints": [["hostname", "UNIQUE"]], "instances": 4});
    practice_finds(app(unique), Warning, "applications[0].instances", "more-instances-than-agents");
    let waits = json!({"id": "/a", "cmd": "true", "dependencies": ["/b"]});
    finds(practice(Preset::Ha), app(waits), Warning, "applications[0].dependencies[0]", "dependency-unknown", false);
    let twice = |p: &mut ClusterPlan| {
        let mut same = p.applications[0].clone();
        same.id = "hello".into();
        p.applications.push(same);
    };
    practice_finds(twice, Error, "applications[1].id", "application-twice");
}

#[test]
fn the_worst_comes_first() {
    let mut plan = practice(Preset::Ha);
    plan.zookeeper.tick_ms = 5;
    plan.scheduler.kind = SchedulerKind::Marathon;
    plan.name = "Bad".into();
    let severities: Vec<_> = plan.findings(None).iter().map(|f| f.severity).collect();
    assert_eq!(severities, [Error, Warning, Hint]);
}

#[test]
fn a_hostile_text_does_not_get_into_the_sentences() {
    let mut plan = practice(Preset::Ha);
    plan.nodes[0].name = format!("a\n\u{202e}{}", "x".repeat(500));
    let finding = has(&plan, None, "nodes[0].name", "machine-name").unwrap();
    assert!(finding.text.en.len() < 250 && !finding.text.en.contains(['\n', '\u{202e}']), "{}", finding.text.en);
}

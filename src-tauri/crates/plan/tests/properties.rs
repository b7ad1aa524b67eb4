//! What holds for every plan, however odd.

use std::{collections::BTreeMap, net::Ipv4Addr};

use plan::{
    AgentResources, AgentRole, BoxImage, ClusterPlan, HostLimits, Mesos, MesosSource, Network, Node, Preset, Provider,
    Roles, Scheduler, SchedulerKind, Sources, ValidPlan, ZooKeeper, ZooKeeperRole, ZooKeeperSource,
};
use proptest::{collection::vec, option, prelude::*, sample::select};
use serde_json::json;

/// Texts: good ones, hostile ones, any.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z][a-z0-9-]{0,8}",
        select(vec![
            "",
            "a\"b",
            "#{`id`}",
            "$(id)",
            "a\nb",
            "'''",
            "\"\"\"",
            "é\u{202e}",
            "\u{0}",
            "localhost",
            "[box]"
        ])
        .prop_map(str::to_owned),
        any::<String>(),
    ]
}

/// Numbers: usual ones, the ends, any.
fn number() -> impl Strategy<Value = u32> {
    prop_oneof![1..10_u32, select(vec![0, 1, 255, 256, 1024, 4096, u32::MAX]), any::<u32>()]
}

fn port() -> impl Strategy<Value = u16> {
    prop_oneof![select(vec![0, 22, 80, 2181, 2888, 3888, 5050, 5051, 8080, 31000, u16::MAX]), any::<u16>()]
}

fn address() -> impl Strategy<Value = Ipv4Addr> {
    prop_oneof![
        (0..=255_u8).prop_map(|d| Ipv4Addr::new(192, 168, 56, d)),
        (10..14_u8).prop_map(|d| Ipv4Addr::new(127, 56, 3, d)),
        any::<u32>().prop_map(Ipv4Addr::from_bits),
    ]
}

fn resources() -> impl Strategy<Value = AgentResources> {
    let cpus = prop_oneof![Just(1.0), Just(0.0), Just(-1.5), Just(1e300), Just(f64::INFINITY), 0.1..8.0_f64];
    (cpus, number(), number()).prop_map(|(cpus, mem_mb, disk_mb)| AgentResources { cpus, mem_mb, disk_mb })
}

fn roles() -> impl Strategy<Value = Roles> {
    let attributes = proptest::collection::btree_map(text(), text(), 0..3);
    let agent = (attributes, option::of(resources()));
    let agent = agent.prop_map(|(attributes, resources)| AgentRole { attributes, resources });
    let zookeeper = prop_oneof![1..5_u16, any::<u16>()].prop_map(|myid| ZooKeeperRole { myid });
    (option::of(zookeeper), any::<bool>(), option::of(agent), any::<bool>())
        .prop_map(|(zookeeper, master, agent, marathon)| Roles { zookeeper, master, agent, marathon })
}

fn node() -> impl Strategy<Value = Node> {
    (text(), address(), number(), number(), roles()).prop_map(|(name, address, cpus, memory_mb, roles)| Node {
        name,
        address,
        cpus,
        memory_mb,
        roles,
    })
}

fn application() -> impl Strategy<Value = marathon::AppDefinition> {
    let odd = select(vec![
        json!({}),
        json!({"odd": {"a": [1, null, {"b": null}], "c d": 1.0, "big": u64::MAX, "none": null}, "list": [[], {}]}),
        json!({"env": {"A B": "x", "S": {"secret": "s"}}, "labels": {"\"": "\n"}, "secrets": {"s": {"source": "/s"}}}),
        json!({"container": {"type": "DOCKER", "docker": {"image": "x", "odd": [{}]}, "volumes": [{"hostPath": "/"}]}}),
        json!({"healthChecks": [{"protocol": "odd", "portIndex": 7}], "portDefinitions": [{"port": 80}], "requirePorts": true}),
        json!({"constraints": [["hostname", "UNIQUE"], []], "dependencies": ["/x"], "upgradeStrategy": {}, "args": []}),
        json!({"unreachableStrategy": "disabled", "killSelection": "X", "cpus": 1e300, "ports": [], "check": {"tcp": {}}}),
    ]);
    (text(), option::of(text()), option::of(-1.0..9.0_f64), option::of(number()), odd).prop_map(
        |(id, cmd, cpus, instances, mut odd)| {
            for (key, value) in
                [("id", json!(id)), ("cmd", json!(cmd)), ("cpus", json!(cpus)), ("instances", json!(instances))]
            {
                if !value.is_null() {
                    odd[key] = value;
                }
            }
            serde_json::from_value(odd).unwrap()
        },
    )
}

prop_compose! {
    fn zookeeper()(ports in (port(), port(), port(), option::of(port())), limits in (number(), number(), number(), number(), number())) -> ZooKeeper {
        let (client_port, peer_port, election_port, admin_port) = ports;
        let (tick_ms, init_limit, sync_limit, max_client_connections, heap_mb) = limits;
        ZooKeeper { client_port, peer_port, election_port, tick_ms, init_limit, sync_limit, max_client_connections, heap_mb, admin_port }
    }
}

prop_compose! {
    fn mesos()(cluster in option::of(text()), master_port in port(), agent_port in port(), quorum in option::of(number()),
               agent in option::of(resources()), task_ports in (port(), port())) -> Mesos {
        Mesos { cluster, master_port, agent_port, quorum, agent, task_ports }
    }
}

prop_compose! {
    fn image()(name in text(), url in option::of(text()), checksum in option::of(text()), version in option::of(text())) -> BoxImage {
        BoxImage { name, url, checksum, version }
    }
}

fn provider() -> impl Strategy<Value = Provider> {
    select(Provider::ALL.map(|(provider, _)| provider).to_vec())
}

prop_compose! {
    fn plan()(name in text(), fr in any::<bool>(), provider in provider(), image in image(), net in (address(), 0..=32_u8),
              zookeeper in zookeeper(), mesos in mesos(), scheduler in (any::<bool>(), port()), sources in any::<(bool, bool)>(),
              nodes in vec(node(), 0..6), applications in vec(application(), 0..3)) -> ClusterPlan {
        ClusterPlan {
            name, provider, image, zookeeper, mesos, nodes, applications,
            language: if fr { words::Lang::Fr } else { words::Lang::En },
            network: Network { cidr: ipnet::Ipv4Net::new_assert(net.0, net.1) },
            scheduler: Scheduler { kind: if scheduler.0 { SchedulerKind::Pacer } else { SchedulerKind::Marathon }, port: scheduler.1 },
            sources: Sources {
                zookeeper: if sources.0 { ZooKeeperSource::Debian } else { ZooKeeperSource::Bigtop },
                mesos: if sources.1 { MesosSource::Pypi } else { MesosSource::Aventer },
            },
        }
    }
}

/// TOML has no `null` and no numbers beyond 64 signed bits: what is left of an application without them.
fn as_toml_holds_it(value: serde_json::Value) -> serde_json::Value {
    use serde_json::Value;
    match value {
        Value::Object(map) => {
            map.into_iter().filter(|(_, v)| !v.is_null()).map(|(k, v)| (k, as_toml_holds_it(v))).collect()
        }
        Value::Array(items) => items.into_iter().filter(|v| !v.is_null()).map(as_toml_holds_it).collect(),
        Value::Number(n) if n.as_i64().is_none() => json!(n.as_f64()),
        other => other,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_plan_is_read_back_as_it_was_written(plan in plan()) {
        let file = plan.to_toml();
        let back = ClusterPlan::from_toml(&file);
        let back = back.map_err(|e| TestCaseError::fail(format!("{e}\n{file}")))?;
        let mut expected = plan;
        expected.applications = expected.applications.into_iter()
            .map(|app| serde_json::from_value(as_toml_holds_it(serde_json::to_value(app).unwrap())).unwrap())
            .collect();
        prop_assert_eq!(&back, &expected);
        prop_assert_eq!(back.to_toml(), file);
    }

    #[test]
    fn every_fix_removes_its_finding(plan in plan(), cpus in 0..8_u32, memory_mb in number()) {
        let host = Some(HostLimits { cpus, memory_mb });
        for finding in plan.findings(host) {
            prop_assert!(!finding.text.en.is_empty() && !finding.text.fr.is_empty());
            let Some(fix) = &finding.fix else { continue };
            let mut fixed = plan.clone();
            fix.apply(&mut fixed);
            let still = fixed.findings(host).into_iter().any(|f| f.path == finding.path && f.id == finding.id);
            prop_assert!(!still, "{} at {} after {:?}", finding.id, finding.path, fix);
        }
    }

    #[test]
    fn a_valid_plan_has_nothing_hostile_in_it(plan in plan()) {
        let mut plan = plan;
        // Repairs whatever can be repaired, as a student who presses every button would.
        for _ in 0..60 {
            let Some(fix) = plan.findings(None).into_iter().find_map(|f| f.fix) else { break };
            fix.apply(&mut plan);
        }
        plan.image = BoxImage::default();
        plan.applications.clear();
        let Ok(valid) = ValidPlan::new(plan) else { return Ok(()) };
        let mut texts = vec![valid.name.clone()];
        texts.extend(valid.mesos.cluster.clone());
        for node in &valid.nodes {
            texts.push(node.name.clone());
            let attributes = node.roles.agent.as_ref().map(|a| a.attributes.clone());
            texts.extend(attributes.unwrap_or_else(BTreeMap::new).into_iter().flat_map(|(k, v)| [k, v]));
        }
        for text in texts {
            prop_assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b" ._/-".contains(&b)), "{:?}", text);
        }
    }

    #[test]
    fn presets_under_any_good_name_are_good(name in "[a-z][a-z0-9-]{0,39}", seed in any::<u64>(), preset in 0..3_usize) {
        let plan = Preset::ALL[preset].0.plan(&name, Provider::Practice, plan::practice_network(seed));
        prop_assert_eq!(plan.findings(None), vec![]);
    }

    #[test]
    fn any_text_is_read_or_refused_in_its_place(file in prop_oneof![any::<String>(), "[a-z\\[\\]{}=\"0-9.\n ]{0,200}"]) {
        if let Err(error) = ClusterPlan::from_toml(&file) {
            prop_assert!(error.place().line >= 1 && error.place().line <= file.lines().count() + 1);
            prop_assert!(error.problem().id.starts_with("plan-"));
        }
    }

    #[test]
    fn a_plan_with_a_part_cut_out_is_read_or_refused_in_its_place(from in 0..1500_usize, length in 0..40_usize) {
        let file = Preset::Ha.plan("demo", Provider::Libvirt, plan::real_network()).to_toml();
        let (from, to) = (from.min(file.len()), (from + length).min(file.len()));
        let cut = format!("{}{}", &file[..from], &file[to..]);
        if let Err(error) = ClusterPlan::from_toml(&cut) {
            prop_assert!(error.place().line <= cut.lines().count() + 1);
        }
    }
}

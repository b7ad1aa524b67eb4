//! The three presets: golden files, nothing to find fault with, and back again.

use plan::{ClusterPlan, HostLimits, Preset, Provider, Severity, ValidPlan, practice_network, real_network};

#[test]
fn their_files_are_as_they_were() {
    for (preset, name) in Preset::ALL {
        insta::assert_snapshot!(format!("practice-{name}"), practice(preset).to_toml());
    }
    insta::assert_snapshot!("virtualbox-ha", real(Preset::Ha, Provider::VirtualBox).to_toml());
}

#[test]
fn nothing_is_wrong_with_them() {
    for plan in all() {
        let serious: Vec<_> = plan
            .findings(None)
            .into_iter()
            .filter(|f| f.severity >= Severity::Warning)
            .map(|f| (f.path, f.id))
            .collect();
        assert_eq!(serious, [], "{} on {}", plan.name, plan.provider);
        assert!(ValidPlan::new(plan).is_ok());
    }
}

#[test]
fn they_fit_on_a_computer_of_16_gb() {
    let host = HostLimits { cpus: 4, memory_mb: 16_000 };
    for plan in all() {
        assert!(plan.findings(Some(host)).iter().all(|f| f.severity < Severity::Warning), "{}", plan.name);
    }
}

#[test]
fn their_files_are_read_back() {
    for plan in all() {
        assert_eq!(ClusterPlan::from_toml(&plan.to_toml()).unwrap(), plan);
    }
}

#[test]
fn roles_are_where_they_belong() {
    let roles = |preset| {
        let plan = practice(preset);
        (
            plan.nodes.len(),
            plan.ensemble().count(),
            plan.masters().count(),
            plan.agents().count(),
            plan.schedulers().count(),
        )
    };
    assert_eq!(roles(Preset::Solo), (1, 1, 1, 1, 1));
    assert_eq!(roles(Preset::Classroom), (3, 1, 1, 2, 1));
    assert_eq!(roles(Preset::Ha), (6, 3, 3, 3, 3));
}

#[test]
fn practice_networks_lie_where_they_may_and_differ() {
    let networks: std::collections::BTreeSet<_> = (0..1000).map(practice_network).collect();
    assert!(networks.len() > 980, "only {} different ones", networks.len());
    for network in networks {
        let [first, second, _, last] = network.network().octets();
        assert_eq!((first, last, network.prefix_len()), (127, 0, 24));
        assert!((16..=250).contains(&second), "{network}");
    }
    assert_eq!(practice_network(7), practice_network(7));
}

fn practice(preset: Preset) -> ClusterPlan {
    preset.plan("demo", Provider::Practice, "127.56.3.0/24".parse().unwrap())
}

fn real(preset: Preset, provider: Provider) -> ClusterPlan {
    preset.plan("demo", provider, real_network())
}

fn all() -> Vec<ClusterPlan> {
    let mut plans = Vec::new();
    for (preset, _) in Preset::ALL {
        plans.push(practice(preset));
        plans.extend([Provider::VirtualBox, Provider::Libvirt, Provider::Docker].map(|p| real(preset, p)));
    }
    plans
}

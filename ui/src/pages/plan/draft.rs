//! The plan as it is being changed: what is typed, what it means, what is wrong with it.

use leptos::prelude::*;
use plan::{AgentRole, ClusterPlan, Finding, Fix, HostLimits, Node, Roles, Severity, ZooKeeperRole};
use words::Text;

use crate::held::Held;
use crate::kept::{Kept, kept};
use crate::{app::Home, store::Cluster};

/// What a person typed into one field.
#[derive(Clone, Debug, PartialEq)]
pub struct Typed {
    /// The text as it stands there.
    pub text: String,
    /// Why it means nothing, if so. The plan keeps the last value that meant something.
    pub broken: Option<Text>,
}

/// The draft. Lives as long as the cluster's page, so that looking elsewhere loses nothing.
#[derive(Clone, Copy)]
pub struct Draft {
    /// The plan that the draft means.
    pub plan: Held<ClusterPlan>,
    /// What stands in the fields that are being edited or mean nothing, by the field's path.
    pub typed: Held<Vec<(String, Typed)>>,
    /// What is wrong or could be better, worst first.
    pub findings: Kept<Vec<Finding>>,
    /// It differs from the cluster's plan.
    pub dirty: Kept<bool>,
    saved: Held<ClusterPlan>,
}

impl Draft {
    /// A draft of the cluster's plan; it follows the cluster for as long as nothing is changed in it.
    pub fn new(cluster: Cluster, home: Home) -> Self {
        let saved = cluster.plan;
        let plan = Held::new(saved.get_untracked());
        let typed = Held::new(Vec::<(String, Typed)>::new());
        let host = kept(move || {
            home.view.with(|view| view.as_ref().map(|v| HostLimits { cpus: v.host.cpus, memory_mb: v.host.memory_mb }))
        });
        let findings = kept(move || plan.with(|plan| plan.findings(host.get())));
        let dirty = kept(move || {
            typed.with(|typed| typed.iter().any(|(_, typed)| typed.broken.is_some()))
                || plan.with(|plan| saved.with(|saved| plan != saved))
        });
        let before = StoredValue::new(saved.get_untracked());
        Effect::new(move || {
            let now = saved.get();
            let untouched = plan.with_untracked(|plan| before.with_value(|before| plan == before));
            before.set_value(now.clone());
            if untouched {
                plan.set(now);
            }
        });
        Self { plan, typed, findings, dirty, saved }
    }

    /// Whether it can be saved: every field means something, and there are no errors. Tracked.
    pub fn is_sound(self) -> bool {
        self.typed.with(|typed| typed.iter().all(|(_, typed)| typed.broken.is_none()))
            && self.findings.with(|findings| findings.iter().all(|finding| finding.severity < Severity::Error))
    }

    /// Back to the cluster's plan.
    pub fn discard(self) {
        self.typed.update(Vec::clear);
        self.plan.set(self.saved.get_untracked());
    }

    /// Changes the plan otherwise than by typing into a field: what is typed elsewhere gives way to what the plan says.
    pub fn change(self, change: impl FnOnce(&mut ClusterPlan)) {
        self.typed.update(Vec::clear);
        self.plan.update(change);
    }

    /// Does what a finding proposes.
    pub fn fix(self, fix: &Fix) {
        self.change(|plan| fix.apply(plan));
    }

    /// What stands in the field at `path`, if that differs from what the plan says. Tracked.
    pub fn typed_at(self, path: &str) -> Option<Typed> {
        self.typed.with(|typed| typed.iter().find(|(at, _)| at == path).map(|(_, typed)| typed.clone()))
    }

    /// Notes what stands in the field at `path`; none if it is what the plan says.
    pub fn set_typed(self, path: &str, now: Option<Typed>) {
        self.typed.update(|typed| {
            typed.retain(|(at, _)| at != path);
            typed.extend(now.map(|now| (path.to_owned(), now)));
        });
    }

    /// The findings of the field at `path` and of what lies in it. Tracked.
    pub fn findings_at(self, path: &str) -> Vec<Finding> {
        self.findings.with(|findings| findings.iter().filter(|finding| lies_in(&finding.path, path)).cloned().collect())
    }
}

/// `nodes[1].roles.agent` lies in `nodes[1].roles`, and in itself; `nodes[11]` does not lie in `nodes[1]`.
pub fn lies_in(path: &str, field: &str) -> bool {
    path.strip_prefix(field).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

/// Another agent, with the first name and address that are free.
pub fn another_node(plan: &ClusterPlan) -> Node {
    let name = (1..).map(|n| format!("agent{n}")).find(|name| plan.node(name).is_none()).unwrap_or_default();
    let taken = |address: &std::net::Ipv4Addr| plan.nodes.iter().any(|node| node.address == *address);
    // Agents begin at .21, as in the presets; a small network is searched from its beginning.
    let hosts = || plan.network.cidr.hosts();
    let address = hosts().skip(20).chain(hosts()).find(|address| !taken(address));
    let agent = AgentRole::default();
    Node {
        name,
        address: address.unwrap_or(plan.network.cidr.network()),
        cpus: 1,
        memory_mb: 1024,
        roles: Roles { agent: Some(agent), ..Roles::default() },
    }
}

/// The smallest number that no server of the ensemble has.
pub fn free_myid(plan: &ClusterPlan) -> ZooKeeperRole {
    let taken = |myid: &u16| plan.ensemble().any(|(other, _)| other == *myid);
    ZooKeeperRole { myid: (1..=255).find(|myid| !taken(myid)).unwrap_or(255) }
}

#[cfg(test)]
mod tests {
    use plan::{Preset, Provider};

    use super::*;

    fn plan() -> ClusterPlan {
        Preset::Ha.plan("a", Provider::Practice, plan::practice_network(1))
    }

    #[test]
    fn paths_lie_in_fields() {
        assert!(lies_in("nodes[1].roles.agent", "nodes[1].roles"));
        assert!(lies_in("applications[0].id", "applications[0]"));
        assert!(lies_in("name", "name"));
        assert!(!lies_in("nodes[11]", "nodes[1]"));
        assert!(!lies_in("names", "name"));
    }

    #[test]
    fn another_machine_brings_no_new_error() {
        let mut plan = plan();
        let errors = |plan: &ClusterPlan| plan.findings(None).iter().filter(|f| f.severity == Severity::Error).count();
        let before = errors(&plan);
        for _ in 0..5 {
            let node = another_node(&plan);
            plan.nodes.push(node);
        }
        assert_eq!(errors(&plan), before);
    }

    #[test]
    fn a_new_server_gets_a_number_of_its_own() {
        assert_eq!(free_myid(&plan()).myid, 4);
    }
}

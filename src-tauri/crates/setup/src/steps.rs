//! A plan's steps, in the order in which a person would do them, each with all that it teaches.

mod application;
mod machines;
mod mesos;
mod project;
mod scheduler;
mod zookeeper;

use ::machines::Upload;
use plan::{Node, ValidPlan};
use protocol::{Page, Step, StepState};
use words::Text;

use crate::act::{Act, Command, Expect, Files};

/// A step: its record, and what it does.
#[derive(Clone, Debug)]
pub struct Planned {
    /// What a person sees.
    pub record: Step,
    pub(crate) act: Act,
}

/// The steps that make a plan real, each after all that it waits for.
pub fn steps(plan: &ValidPlan) -> Vec<Planned> {
    let bundle = configs::render(plan);
    let site = Site { plan, bundle: &bundle };
    let mut steps = project::steps(&site);
    steps.extend(machines::steps(&site));
    steps.extend(zookeeper::steps(&site));
    steps.extend(mesos::steps(&site));
    steps.extend(scheduler::steps(&site));
    steps.extend(application::steps(&site));
    steps
}

/// What the steps are made from.
struct Site<'a> {
    plan: &'a ValidPlan,
    bundle: &'a configs::Bundle,
}

impl Site<'_> {
    /// The files of a machine whose place begins with one of these, as they are put there.
    fn uploads(&self, node: &Node, places: &[&str]) -> Vec<Upload> {
        let wanted = |dest: &str| places.iter().any(|p| dest == *p || (p.ends_with('/') && dest.starts_with(p)));
        self.bundle
            .for_node(&node.name)
            .filter_map(|f| f.dest.as_ref().filter(|d| wanted(d)).map(|d| (f, d)))
            .map(|(f, dest)| Upload {
                path: dest.clone(),
                content: f.content.clone().into_bytes(),
                owner: f.owner.clone(),
                mode: f.mode,
            })
            .collect()
    }
}

/// A record in the making.
struct Record {
    id: String,
    page: Page,
    node: Option<String>,
    title: Text,
    why: Text,
    expected: Text,
    after: Vec<String>,
    deadline_s: u32,
}

impl Record {
    fn planned(self, command: impl Into<String>, act: Act) -> Planned {
        let Self { id, page, node, title, why, expected, after, deadline_s } = self;
        let (command, state, observed) = (command.into(), StepState::Waiting, None);
        let record = Step { id, page, node, title, command, why, expected, after, deadline_s, state, observed };
        Planned { record, act }
    }

    /// A step that puts files. The command is what one would type on a Vagrant machine, where the project folder is `/vagrant`.
    fn files(self, node: &Node, files: Vec<Upload>, then: Vec<String>) -> Planned {
        let mut lines: Vec<_> = files
            .iter()
            .map(|f| {
                let (user, group) = f.owner.split_once(':').unwrap_or((&f.owner, &f.owner));
                format!(
                    "sudo install -D -o {user} -g {group} -m {:o} /vagrant/files/{}{} {}",
                    f.mode, node.name, f.path, f.path
                )
            })
            .collect();
        lines.extend(then.iter().cloned());
        self.planned(lines.join("\n"), Act::Files(Files { node: node.name.clone(), files, then }))
    }

    fn command(self, command: Command) -> Planned {
        self.planned(command.lines.join("\n"), Act::Command(command))
    }
}

/// Installing by the script that lies on the machine; it leaves a stamp when it is through.
fn install(node: &Node, name: &str, waiting_for: Text) -> Command {
    Command {
        node: node.name.clone(),
        lines: vec![format!("sudo bash /opt/startline/install-{name}.sh")],
        or_else: None,
        look: format!("cat /var/lib/startline/{name}.installed"),
        expect: Expect::Success,
        waiting_for,
        evidence: None,
    }
}

/// Enabling and starting a unit.
fn start(node: &Node, unit: &str) -> Command {
    Command {
        node: node.name.clone(),
        lines: vec![format!("sudo systemctl enable {unit}"), format!("sudo service {unit} start")],
        or_else: None,
        look: format!("systemctl is-enabled {unit}; systemctl is-active {unit}"),
        expect: Expect::Output("enabled\nactive".into()),
        waiting_for: words::text!("{unit} is not active", "{unit} n’est pas actif"),
        evidence: Some(format!("sudo journalctl -u {unit} -n 12 --no-pager")),
    }
}

/// What makes a running unit take its new files; one that doesn't run stays as it is.
fn take_notice(unit: &str) -> Vec<String> {
    vec!["sudo systemctl daemon-reload".into(), format!("sudo systemctl try-restart {unit}")]
}

/// Minutes that a real machine may take where a practice machine takes milliseconds.
fn deadline(plan: &ValidPlan, practice_s: u32, real_s: u32) -> u32 {
    if plan.provider == plan::Provider::Practice { practice_s } else { real_s }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use plan::{Preset, Provider};

    use super::*;

    fn planned() -> impl Iterator<Item = (String, Vec<Planned>)> {
        let providers = [Provider::Practice, Provider::VirtualBox, Provider::Libvirt, Provider::Docker];
        [Preset::Solo, Preset::Classroom, Preset::Ha].into_iter().flat_map(move |preset| {
            providers.into_iter().map(move |provider| {
                let network =
                    if provider == Provider::Practice { plan::practice_network(7) } else { plan::real_network() };
                let plan = ValidPlan::new(preset.plan("lab", provider, network)).expect("presets are valid");
                (format!("{preset:?} on {provider:?}"), steps(&plan))
            })
        })
    }

    #[test]
    fn every_step_comes_after_steps_that_are_there_and_before_it() {
        for (which, steps) in planned() {
            let mut before = HashSet::new();
            for Planned { record, .. } in &steps {
                for after in &record.after {
                    assert!(before.contains(after), "{which}: {} waits for {after}, which is not before it", record.id);
                }
                assert!(before.insert(record.id.clone()), "{which}: {} is there twice", record.id);
            }
        }
    }

    #[test]
    fn every_file_for_a_machine_is_put_by_just_one_step() {
        for preset in [Preset::Solo, Preset::Ha] {
            let plan = preset.plan("lab", Provider::Libvirt, plan::real_network());
            let plan = ValidPlan::new(plan).expect("presets are valid");
            let mut put: Vec<_> = steps(&plan)
                .into_iter()
                .filter_map(|p| if let Act::Files(files) = p.act { Some(files) } else { None })
                .flat_map(|f| f.files.into_iter().map(move |u| (f.node.clone(), u.path)))
                // Masters and agents on one machine share where ZooKeeper is.
                .filter(|(_, path)| path != "/etc/mesos/zk")
                .collect();
            put.sort();
            let bundle = configs::render(&plan);
            let mut rendered: Vec<_> = bundle
                .files
                .into_iter()
                .filter_map(|f| Some((f.node?, f.dest?)))
                .filter(|(_, path)| path != "/etc/mesos/zk")
                .collect();
            rendered.sort();
            assert_eq!(put, rendered);
        }
    }

    #[test]
    fn every_step_says_what_it_must_in_both_languages() {
        for (which, steps) in planned() {
            for Planned { record, .. } in steps {
                for text in [&record.title, &record.why, &record.expected] {
                    assert!(!text.en.is_empty() && !text.fr.is_empty(), "{which}: {}", record.id);
                    assert!(!text.en.contains('{') && !text.fr.contains('{'), "{which}: {}", record.id);
                }
                assert!(!record.command.is_empty() && record.deadline_s > 0, "{which}: {}", record.id);
            }
        }
    }
}

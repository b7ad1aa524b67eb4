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
                format!("sudo install -D -o {user} -g {group} -m {:o} /vagrant/files/{}{} {}", f.mode, node.name, f.path, f.path)
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

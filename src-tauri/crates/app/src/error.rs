//! What can go wrong, and how a person meets it.

use std::{io, path::PathBuf};

use ipnet::Ipv4Net;
use plan::Finding;
use words::{Action, Problem, text};

/// A trouble of the program's own API. [`Self::problem`] is how a person meets it, [`Self::exit`] the program's exit code.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The plan's text is not a plan.
    #[error(transparent)]
    Plan(#[from] plan::PlanError),
    /// The plan is one, and can't work.
    #[error("the plan has {} error(s)", .0.len())]
    Findings(Vec<Finding>),
    /// No cluster of that name.
    #[error("no cluster named {name}")]
    NoCluster {
        /// The name.
        name: String,
        /// The names that there are.
        known: Vec<String>,
    },
    /// No machine of that name in the cluster.
    #[error("no machine named {name}")]
    NoMachine {
        /// The name.
        name: String,
        /// The names that there are.
        known: Vec<String>,
    },
    /// A cluster of that name is there already.
    #[error("a cluster named {0} exists already")]
    Exists(String),
    /// Another practice cluster has these addresses.
    #[error("{other} has addresses of {network} already")]
    NetworkTaken {
        /// The network that was wanted.
        network: Ipv4Net,
        /// Who has it.
        other: String,
        /// One that nobody has.
        free: Ipv4Net,
    },
    /// Someone else is working on the cluster: another window, another terminal.
    #[error("{name} is being worked on by process {pid}")]
    Busy {
        /// The cluster.
        name: String,
        /// The process that works on it, if it said.
        pid: String,
    },
    /// A folder or file could not be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// A folder or file could not be written.
    #[error(transparent)]
    Write(#[from] setup::WriteError),
    /// The journal could not be opened.
    #[error(transparent)]
    Journal(#[from] setup::JournalError),
    /// The cluster's steps could not be opened.
    #[error(transparent)]
    Open(#[from] setup::OpenError),
    /// A bundle could not be imported.
    #[error(transparent)]
    Import(#[from] configs::ImportError),
    /// A bundle could not be exported.
    #[error(transparent)]
    Export(#[from] configs::ExportError),
    /// The machines' provider failed.
    #[error(transparent)]
    Machines(#[from] machines::Error),
    /// The scheduler refused, or could not be reached.
    #[error(transparent)]
    Marathon(#[from] marathon::Error),
    /// Marathon would refuse the application.
    #[error("{id} is not an application that Marathon takes")]
    Application {
        /// Its id.
        id: String,
        /// What Marathon would say.
        violations: Vec<marathon::Violation>,
    },
    /// An application's JSON is not one.
    #[error("not an application: {0}")]
    NotAnApplication(String),
    /// The plan has another name than its cluster.
    #[error("the plan of {cluster} is named {plan}")]
    Renamed {
        /// The cluster.
        cluster: String,
        /// The name in its plan.
        plan: String,
    },
    /// The cluster's machines are off, so nothing on them answers.
    #[error("{name} is not up")]
    NotUp {
        /// The cluster.
        name: String,
    },
    /// The plan can't be changed any more.
    #[error("{name} has machines: its plan is fixed")]
    Made {
        /// The cluster.
        name: String,
        /// What of the plan would change that machines are known by: `- node a 10.0.0.1`, `+ node b 10.0.0.1`.
        changes: Vec<String>,
    },
}

/// What the program's exit code says. The numbers are documented and never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// All went well.
    Success = 0,
    /// Something was begun and failed: a step, a request to the cluster.
    Failed = 1,
    /// The command line could not be understood.
    Usage = 2,
    /// What was given is not right: a plan, a bundle, an application.
    Input = 3,
    /// What was asked for is not there.
    Missing = 4,
    /// Someone else is working on it.
    Busy = 5,
    /// This computer stands in the way: disk, folder, rights, port.
    Host = 6,
    /// The person cancelled (130 = 128 + SIGINT).
    Cancelled = 130,
}

impl Error {
    /// The program's exit code for it.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Import(configs::ImportError::CannotRead { source, .. })
                if source.kind() == io::ErrorKind::NotFound =>
            {
                Exit::Missing
            }
            Self::Plan(_) | Self::Findings(_) | Self::Import(_) | Self::NotAnApplication(_) => Exit::Input,
            Self::Application { .. } => Exit::Input,
            Self::Exists(_) | Self::Made { .. } | Self::Renamed { .. } | Self::NetworkTaken { .. } => Exit::Input,
            Self::NoCluster { .. } | Self::NoMachine { .. } => Exit::Missing,
            Self::Busy { .. } => Exit::Busy,
            Self::Read { source, .. } if source.kind() == io::ErrorKind::NotFound => Exit::Missing,
            Self::Read { .. } | Self::Write(_) | Self::Journal(_) | Self::Open(_) | Self::Export(_) => Exit::Host,
            Self::Marathon(marathon::Error::NotFound { .. }) => Exit::Missing,
            Self::Machines(_) | Self::Marathon(_) | Self::NotUp { .. } => Exit::Failed,
        }
    }

    /// How a person meets it.
    pub fn problem(&self) -> Problem {
        match self {
            Self::Plan(e) => e.problem(),
            Self::Findings(findings) => findings_problem(findings),
            Self::NoCluster { name, known } => no_cluster(name, known),
            Self::NoMachine { name, known } => {
                let list = known.join(", ");
                Problem::new(
                    "machine-unknown",
                    text!("There is no machine named {name}.", "Il n’y a pas de machine nommée {name}."),
                    text!("There are: {list}.", "Il y a : {list}."),
                )
            }
            Self::Exists(name) => Problem::new(
                "cluster-exists",
                text!("There is a cluster named {name} already.", "Il y a déjà un cluster nommé {name}."),
                text!(
                    "Choose another name, or destroy the old one first.",
                    "Choisissez un autre nom, ou détruisez d’abord l’ancien."
                ),
            ),
            Self::NetworkTaken { network, other, free } => Problem::new(
                "network-of-another-cluster",
                text!(
                    "{other} has addresses of {network} already.",
                    "{other} a déjà des adresses de {network}."
                ),
                text!(
                    "Destroy {other}, or give this plan another network, such as {free}, and its machines addresses in it.",
                    "Détruisez {other}, ou donnez à ce plan un autre réseau, comme {free}, et à ses machines des adresses dedans."
                ),
            )
            .with_action(Action::OpenPlan { path: "network.cidr".into() }),
            Self::Busy { name, pid } => Problem::new(
                "cluster-busy",
                text!("{name} is being worked on by another Startline.", "Un autre Startline travaille sur {name}."),
                text!(
                    "Wait until it is done, or end it there (process {pid}).",
                    "Attendez qu’il ait fini, ou arrêtez-le là-bas (processus {pid})."
                ),
            ),
            Self::Read { path, source } => unreadable(path, source),
            Self::Write(e) => e.problem(),
            Self::Journal(e) => unreadable(&e.path, &e.source),
            Self::Open(setup::OpenError::Journal(e)) => unreadable(&e.path, &e.source),
            Self::Open(setup::OpenError::Mesos(e)) => e.problem(),
            Self::Open(setup::OpenError::Marathon(e)) => e.problem(),
            Self::Import(e) => e.problem(),
            Self::Export(e) => e.problem(),
            Self::Machines(e) => e.problem(),
            Self::Marathon(e) => e.problem(),
            Self::Application { id, violations } => refused(id, violations),
            Self::NotAnApplication(why) => Problem::new(
                "application-not-json",
                text!(
                    "This is not an application as Marathon takes it.",
                    "Ceci n’est pas une application telle que Marathon l’accepte."
                ),
                text!("Correct the JSON, then deploy again.", "Corrigez le JSON, puis déployez à nouveau."),
            )
            .with_evidence(why),
            Self::Renamed { cluster, plan } => Problem::new(
                "plan-renamed",
                text!(
                    "The plan of {cluster} says that its name is {plan}.",
                    "Le plan de {cluster} dit que son nom est {plan}."
                ),
                text!(
                    "Set name = \"{cluster}\" in it; another name takes another cluster: startline up PLAN.toml, with this plan elsewhere.",
                    "Mettez-y name = \"{cluster}\" ; un autre nom demande un autre cluster : startline up PLAN.toml, avec ce plan ailleurs."
                ),
            )
            .with_action(Action::OpenPlan { path: "name".into() }),
            Self::NotUp { name } => Problem::new(
                "cluster-not-up",
                text!("The machines of {name} are off.", "Les machines de {name} sont éteintes."),
                text!("Bring them up first: startline up {name}", "Démarrez-les d’abord : startline up {name}"),
            ),
            Self::Made { name, changes } => {
                let problem = Problem::new(
                    "plan-fixed",
                    text!(
                        "{name} has machines, so its name, network, machines and scheduler stay as they are.",
                        "{name} a des machines : ses nom, réseau, machines et ordonnanceur restent donc tels quels."
                    ),
                    text!(
                        "Undo the change below in the plan; or destroy the cluster first, or make a new one.",
                        "Annulez dans le plan le changement ci-dessous ; ou détruisez d’abord le cluster, ou créez-en un nouveau."
                    ),
                );
                changes.iter().fold(problem, Problem::with_evidence)
            }
        }
    }
}

fn findings_problem(findings: &[Finding]) -> Problem {
    let first = findings.first();
    let at = first.map(|f| f.path.clone()).unwrap_or_default();
    let to_plan = Action::OpenPlan { path: at.clone() };
    if let [only] = findings {
        let next = match &only.fix {
            Some(fix) => fix.label.clone(),
            None => text!("Correct `{at}` of the plan.", "Corrigez « {at} » du plan."),
        };
        return Problem::new(&only.id, only.text.clone(), next).with_action(to_plan);
    }
    let count = findings.len();
    let problem = Problem::new(
        first.map_or("plan-has-errors", |f| &f.id),
        text!("The plan has {count} errors.", "Le plan a {count} erreurs."),
        text!("Correct the plan at the places named below.", "Corrigez le plan aux endroits indiqués ci-dessous."),
    )
    .with_action(to_plan);
    findings.iter().fold(problem, |p, f| p.with_evidence(format!("{}: {}", f.path, f.text.en)))
}

fn no_cluster(name: &str, known: &[String]) -> Problem {
    let list = known.join(", ");
    let next = if known.is_empty() {
        text!("Make one with `startline new NAME`.", "Créez-en un avec « startline new NOM ».")
    } else {
        text!("There are: {list}.", "Il y a : {list}.")
    };
    Problem::new(
        "cluster-unknown",
        text!("There is no cluster named {name}.", "Il n’y a pas de cluster nommé {name}."),
        next,
    )
}

fn unreadable(path: &std::path::Path, source: &io::Error) -> Problem {
    let path = path.display();
    Problem::new(
        "not-readable",
        text!("{path} could not be read.", "{path} n’a pas pu être lu."),
        text!(
            "Look at its rights and whether it is there, then try again.",
            "Vérifiez ses droits et sa présence, puis réessayez."
        ),
    )
    .with_evidence(source.to_string())
}

pub fn provider_problem(provider: plan::Provider) -> Problem {
    let name = crate::host::provider_name(provider);
    Problem::new(
        "provider-not-driven",
        text!("This version does not drive {name} machines yet.", "Cette version ne pilote pas encore de machines {name}."),
        text!(
            "Export the cluster and run `vagrant up` in the folder, as its guide explains; or set provider = \"practice\".",
            "Exportez le cluster et lancez « vagrant up » dans le dossier, comme l’explique son guide ; ou mettez provider = \"practice\"."
        ),
    )
    .with_action(Action::OpenPlan { path: "provider".into() })
}

fn refused(id: &str, violations: &[marathon::Violation]) -> Problem {
    let what = match violations {
        [only] if only.path.len() > 1 => {
            let words::Text { en, fr } = plan::refusal(&only.path, &only.message);
            text!("Marathon would refuse {id}: {en}", "Marathon refuserait {id} : {fr}")
        }
        _ => text!("Marathon would refuse {id}.", "Marathon refuserait {id}."),
    };
    let next = text!(
        "Correct the fields named below, then deploy again.",
        "Corrigez les champs indiqués ci-dessous, puis redéployez."
    );
    let problem = Problem::new("application-invalid", what, next);
    violations.iter().fold(problem, |p, v| p.with_evidence(format!("{}: {}", v.path, v.message)))
}

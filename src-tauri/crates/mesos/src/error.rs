//! What can go wrong between us and a Mesos master.

use std::time::Duration;

use tls::Fault;
use words::{Action, Problem, Text, text};

/// What can go wrong between us and a Mesos master, or the ZooKeeper that says who leads.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// Masters answer, and none of them leads (503), or ZooKeeper knows of none.
    #[error("no master is leading")]
    NoLeader,
    /// No connection: `address` is what was tried.
    #[error("{address} cannot be reached: {why}")]
    Unreachable {
        /// `host:port`, several joined by commas.
        address: String,
        /// The system's words.
        why: String,
    },
    /// It and we don't speak TLS together.
    #[error("{address}: {fault}")]
    Untrusted {
        /// `host:port`.
        address: String,
        /// Why not.
        fault: Fault,
    },
    /// It was there and did not answer in time, or its stream fell silent.
    #[error("{address} said nothing for {after:?}")]
    Silent {
        /// `host:port`.
        address: String,
        /// How long we waited.
        after: Duration,
    },
    /// It asks who we are, and does not take our word for it, if we gave one (401).
    #[error("{address} {}", if *.given { "does not accept our principal and secret" } else { "wants a principal and a secret" })]
    Unauthorized {
        /// `host:port`.
        address: String,
        /// Whether we said who we are.
        given: bool,
    },
    /// It answered with a status that says no.
    #[error("{address} answered {status}: {body}")]
    Refused {
        /// `host:port`.
        address: String,
        /// The HTTP status.
        status: u16,
        /// What it said, shortened.
        body: String,
    },
    /// It answered something that is not Mesos's.
    #[error("the answer of {address} is not understood: {why}")]
    NotUnderstood {
        /// `host:port`, or a path in ZooKeeper.
        address: String,
        /// What was wrong with it.
        why: String,
    },
    /// Our own certificates are not ready for it.
    #[error(transparent)]
    Tls(#[from] tls::Error),
    /// ZooKeeper, which knows the leader, does not serve us.
    #[error("ZooKeeper at {hosts}: {why}")]
    ZooKeeper {
        /// Its connect string.
        hosts: String,
        /// Its client's words.
        why: String,
    },
}

impl Error {
    /// Whether one server could not be spoken with: another one may.
    pub(crate) fn is_absence(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::Untrusted { .. } | Self::Silent { .. })
    }

    /// The same as a person meets it.
    pub fn problem(&self) -> Problem {
        match self {
            Self::NoLeader => {
                Problem::new("mesos-no-leader", no_leader(), look_at_zookeeper()).with_action(Action::Retry)
            }
            Self::Unreachable { address, why } => Problem::new(
                "mesos-unreachable",
                text!("The Mesos master at {address} cannot be reached.", "Le maître Mesos {address} est injoignable."),
                look_at_service(),
            )
            .with_evidence(why)
            .with_action(Action::Retry),
            Self::Untrusted { address, fault } => fault.problem(address),
            Self::Silent { address, after } => {
                let seconds = after.as_secs_f32();
                Problem::new(
                    "mesos-silent",
                    text!(
                        "The Mesos master at {address} said nothing for {seconds:.0} s.",
                        "Le maître Mesos {address} n’a rien dit pendant {seconds:.0} s."
                    ),
                    look_at_service(),
                )
                .with_action(Action::Retry)
            }
            Self::Unauthorized { address, given } => unauthorized(address, *given),
            Self::Refused { address, status, body } => Problem::new(
                "mesos-refused",
                text!("Mesos at {address} refused ({status}).", "Mesos à l’adresse {address} a refusé ({status})."),
                Text::new("Read what it said below.", "Lisez ci-dessous ce qu’il a répondu."),
            )
            .with_evidence(body),
            Self::NotUnderstood { address, why } => Problem::new(
                "mesos-answer-not-understood",
                text!("What {address} answered is not Mesos’s.", "La réponse de {address} n’est pas celle de Mesos."),
                Text::new(
                    "Check that nothing else listens on this address.",
                    "Vérifiez que rien d’autre n’écoute à cette adresse.",
                ),
            )
            .with_evidence(why),
            Self::Tls(error) => error.problem(),
            Self::ZooKeeper { hosts, why } => Problem::new(
                "mesos-zookeeper-unreachable",
                text!(
                    "ZooKeeper ({hosts}), which knows the leading master, does not answer.",
                    "ZooKeeper ({hosts}), qui connaît le maître principal, ne répond pas."
                ),
                look_at_zookeeper(),
            )
            .with_evidence(why)
            .with_action(Action::Retry),
        }
    }
}

fn unauthorized(address: &str, given: bool) -> Problem {
    let what = if given {
        text!(
            "The Mesos server at {address} does not accept our principal and secret.",
            "Le serveur Mesos {address} n’accepte pas notre identifiant ni son secret."
        )
    } else {
        text!(
            "The Mesos server at {address} wants a principal and a secret.",
            "Le serveur Mesos {address} demande un identifiant et un secret."
        )
    };
    let next = Text::new(
        "Compare them with the file that its flag --credentials names.",
        "Comparez-les avec le fichier que désigne son option --credentials.",
    );
    Problem::new("mesos-unauthorized", what, next).with_evidence(format!("{address}: 401 Unauthorized"))
}

fn no_leader() -> Text {
    Text::new("No Mesos master is leading.", "Aucun maître Mesos n’est élu.")
}

fn look_at_zookeeper() -> Text {
    Text::new(
        "Masters elect a leader through ZooKeeper: check that a majority of its servers runs, and that /etc/mesos/zk names them.",
        "Les maîtres élisent leur chef par ZooKeeper : vérifiez qu’une majorité de ses serveurs tourne et que /etc/mesos/zk les nomme.",
    )
}

fn look_at_service() -> Text {
    Text::new(
        "Look at the service on its machine: systemctl status mesos-master.",
        "Regardez le service sur sa machine : systemctl status mesos-master.",
    )
}

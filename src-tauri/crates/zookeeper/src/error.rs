//! What can go wrong when a server is asked.

use std::{io, time::Duration};

use tls::Fault;
use words::{Action, Problem, text};

/// A server could not be asked, or its answer not understood.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nothing answers there.
    #[error("{address}: {source}")]
    Unreachable {
        /// `host:port`.
        address: String,
        /// The system's reason.
        source: io::Error,
    },
    /// It and we don't speak TLS together.
    #[error("{address}: {fault}")]
    Untrusted {
        /// `host:port`.
        address: String,
        /// Why not.
        fault: Fault,
    },
    /// Our own certificates are not ready for it.
    #[error(transparent)]
    Tls(#[from] tls::Error),
    /// The answer took too long.
    #[error("{address} did not answer within {deadline:?}")]
    Deadline {
        /// `host:port`.
        address: String,
        /// How long it was given.
        deadline: Duration,
    },
    /// The word is not in the server's `4lw.commands.whitelist`.
    #[error("{address} does not answer `{word}`: it is not in its whitelist")]
    NotWhitelisted {
        /// `host:port`.
        address: String,
        /// The word.
        word: String,
    },
    /// The server runs, and serves nobody: it has no majority.
    #[error("{address} is not serving requests")]
    NotServing {
        /// `host:port`.
        address: String,
    },
    /// No server of the ensemble opened a session in time, or the session was lost.
    #[error("no session with {servers}: {reason}")]
    NoSession {
        /// `host:port`, joined by commas.
        servers: String,
        /// What the client library says.
        reason: String,
    },
    /// There is no such znode, or there is none any more.
    #[error("there is no znode {path}")]
    NoZnode {
        /// Its path.
        path: String,
    },
    /// The znode's access list says no, or the path cannot be one.
    #[error("{path}: {reason}")]
    Refused {
        /// Its path.
        path: String,
        /// What the server says.
        reason: String,
    },
    /// The answer has another form than ZooKeeper's.
    #[error("{address} answered something else than ZooKeeper does")]
    NotUnderstood {
        /// `host:port`.
        address: String,
        /// What it said.
        answer: String,
    },
}

impl Error {
    /// How a person meets it.
    pub fn problem(&self) -> Problem {
        match self {
            Self::Unreachable { address, source } => Problem::new(
                "zookeeper-unreachable",
                text!("No ZooKeeper answers at {address}.", "Aucun ZooKeeper ne répond à {address}."),
                text!(
                    "See whether the machine is up and the server started.",
                    "Vérifiez que la machine tourne et que le serveur est démarré."
                ),
            )
            .with_evidence(source.to_string())
            .with_action(Action::Up),
            Self::Untrusted { address, fault } => fault.problem(address),
            Self::Tls(error) => error.problem(),
            Self::Deadline { address, deadline } => {
                let s = deadline.as_secs_f32();
                Problem::new(
                    "zookeeper-slow",
                    text!("{address} did not answer within {s} s.", "{address} n’a pas répondu en {s} s."),
                    text!("Look at that machine’s load and log.", "Regardez la charge et le journal de cette machine."),
                )
            }
            Self::NotWhitelisted { address, word } => Problem::new(
                "zookeeper-word-refused",
                text!("{address} refuses the word `{word}`.", "{address} refuse le mot « {word} »."),
                text!(
                    "Add it to 4lw.commands.whitelist in zoo.cfg and restart the server.",
                    "Ajoutez-le à 4lw.commands.whitelist dans zoo.cfg et redémarrez le serveur."
                ),
            ),
            Self::NotServing { address } => Problem::new(
                "zookeeper-no-quorum",
                text!("{address} runs, but has no majority.", "{address} tourne, mais n’a pas de majorité."),
                text!("Start the other servers of the ensemble.", "Démarrez les autres serveurs de l’ensemble."),
            ),
            Self::NoSession { servers, reason } => Problem::new(
                "zookeeper-no-session",
                text!(
                    "No ZooKeeper session: {servers} did not open one.",
                    "Aucune session ZooKeeper : {servers} n’en a pas ouvert."
                ),
                text!(
                    "See which servers serve: a majority of them must be up.",
                    "Voyez quels serveurs répondent : une majorité doit tourner."
                ),
            )
            .with_evidence(reason)
            .with_action(Action::Retry),
            Self::NoZnode { path } => Problem::new(
                "zookeeper-no-znode",
                text!("There is no znode {path}.", "Il n’y a pas de znode {path}."),
                text!(
                    "It may just have been removed: look at its parent.",
                    "Il vient peut-être d’être supprimé : regardez son parent."
                ),
            ),
            Self::Refused { path, reason } => Problem::new(
                "zookeeper-refused",
                text!("ZooKeeper refuses to show {path}.", "ZooKeeper refuse de montrer {path}."),
                text!("Look at the znode’s access list.", "Regardez la liste d’accès du znode."),
            )
            .with_evidence(reason),
            Self::NotUnderstood { address, answer } => Problem::new(
                "zookeeper-not-understood",
                text!(
                    "What answers at {address} is no ZooKeeper.",
                    "Ce qui répond à {address} n’est pas un ZooKeeper."
                ),
                text!("See which program has that port.", "Voyez quel programme occupe ce port."),
            )
            .with_evidence(words::plain(answer)),
        }
    }
}

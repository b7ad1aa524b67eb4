//! What can go wrong with practice machines, and how a person meets it.

use std::io;

use words::{Action, Problem, text};

/// A trouble with the practice process or its machines.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The practice process is gone although machines were running in it.
    #[error("the practice process has ended while machines were running: {}", running.join(", "))]
    Died {
        /// The machines that were running.
        running: Vec<String>,
        /// The last lines of its log.
        log: Vec<String>,
    },
    /// The practice process could not be started.
    #[error("the practice process did not start: {why}")]
    NotStarted {
        /// What the system said.
        why: String,
        /// The last lines of its log.
        log: Vec<String>,
    },
    /// The practice process runs and does not answer.
    #[error("the practice process does not answer")]
    Silent {
        /// What was asked.
        asked: &'static str,
    },
    /// The practice process is another version of the program, or refuses for another reason.
    #[error("the practice process refuses: {why}")]
    Refused {
        /// Its reason.
        why: String,
    },
    /// Another practice process already holds this cluster.
    #[error("another practice process already holds this cluster")]
    AlreadyServed,
    /// No machine of that name is in the plan.
    #[error("no machine is called {node}")]
    Unknown {
        /// The name.
        node: String,
    },
    /// The machine cannot be simulated: its name is no host name, or its address is not in 127.0.0.0/8.
    #[error("{node} cannot be a practice machine")]
    Unsound {
        /// The name.
        node: String,
    },
    /// Something on the disk or in the practice process failed.
    #[error("{doing}: {why}")]
    Failed {
        /// What was being done.
        doing: String,
        /// The system's own words.
        why: String,
    },
}

impl Error {
    pub(crate) fn io(doing: impl Into<String>, error: &io::Error) -> Self {
        Self::Failed { doing: doing.into(), why: error.to_string() }
    }

    /// How a person meets it.
    pub fn problem(&self) -> Problem {
        match self {
            Self::Died { running, log } => died(running, log),
            Self::NotStarted { why, log } => log.iter().fold(
                Problem::new(
                    "practice-not-started",
                    text!(
                        "The practice machines’ own process did not start.",
                        "Le processus des machines d’entraînement n’a pas démarré."
                    ),
                    text!(
                        "Read its log, logs/practice.log in the cluster’s folder, then try again.",
                        "Lisez son journal, logs/practice.log dans le dossier du cluster, puis réessayez."
                    ),
                )
                .with_evidence(why)
                .with_action(Action::Retry),
                |problem, line| problem.with_evidence(line),
            ),
            Self::Silent { asked } => Problem::new(
                "practice-silent",
                text!(
                    "The practice machines’ own process runs but does not answer.",
                    "Le processus des machines d’entraînement tourne mais ne répond pas."
                ),
                text!(
                    "Wait a moment and try again. If it stays silent, end the process and bring the cluster up again; no data is lost.",
                    "Attendez un instant et réessayez. S’il reste muet, arrêtez ce processus puis redémarrez le cluster ; aucune donnée n’est perdue."
                ),
            )
            .with_evidence(*asked)
            .with_action(Action::Retry),
            Self::Refused { why } => Problem::new(
                "practice-refused",
                text!(
                    "The practice machines’ own process refused the request.",
                    "Le processus des machines d’entraînement a refusé la demande."
                ),
                text!(
                    "It may belong to another version of Startline: halt the cluster with that version, then try again.",
                    "Il appartient peut-être à une autre version de Startline : arrêtez le cluster avec celle-ci, puis réessayez."
                ),
            )
            .with_evidence(why),
            Self::AlreadyServed => Problem::new(
                "practice-already-served",
                text!(
                    "Another practice process already holds this cluster.",
                    "Un autre processus d’entraînement tient déjà ce cluster."
                ),
                text!("There is nothing to do: it serves the cluster.", "Il n’y a rien à faire : il sert le cluster."),
            ),
            Self::Unknown { node } => Problem::new(
                "practice-unknown-machine",
                text!("No machine of this cluster is called {node}.", "Aucune machine de ce cluster ne s’appelle {node}."),
                text!("Check the name in the plan.", "Vérifiez le nom dans le plan."),
            ),
            Self::Unsound { node } => Problem::new(
                "practice-unsound-machine",
                text!(
                    "{node} cannot be a practice machine: its name must be a host name and its address must begin with 127.",
                    "{node} ne peut pas être une machine d’entraînement : son nom doit être un nom d’hôte et son adresse doit commencer par 127."
                ),
                text!("Correct the plan.", "Corrigez le plan."),
            ),
            Self::Failed { doing, why } => Problem::new(
                "practice-failed",
                text!("A practice machine could not do this: {doing}.", "Une machine d’entraînement n’a pas pu faire ceci : {doing}."),
                text!(
                    "The system’s own message is below. Check that the disk is not full and that the cluster’s folder can be written to.",
                    "Le message du système est ci-dessous. Vérifiez que le disque n’est pas plein et que le dossier du cluster est accessible en écriture."
                ),
            )
            .with_evidence(why)
            .with_action(Action::Retry),
        }
    }
}

fn died(running: &[String], log: &[String]) -> Problem {
    let names = running.join(", ");
    let problem = Problem::new(
        "practice-died",
        text!(
            "The practice machines’ own process has ended while these were running: {names}.",
            "Le processus des machines d’entraînement s’est arrêté alors que celles-ci tournaient : {names}."
        ),
        text!(
            "Bring the cluster up again: the machines’ disks are intact and enabled services start by themselves.",
            "Redémarrez le cluster : les disques des machines sont intacts et les services activés démarrent d’eux-mêmes."
        ),
    )
    .with_action(Action::Up);
    log.iter().fold(problem, |problem, line| problem.with_evidence(line))
}

impl From<Error> for machines::Error {
    fn from(error: Error) -> Self {
        Self::Provider(Box::new(error.problem()))
    }
}

//! What can go wrong with a call, and how it is told.

use tls::Fault;
use words::{Action, Problem, Text, text};

use crate::ErrorBody;

/// What can go wrong with a call.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// An address is none.
    #[error("“{url}” is no address of a scheduler: {reason}")]
    Address {
        /// The address.
        url: String,
        /// Why not.
        reason: String,
    },
    /// No scheduler answered.
    #[error("no scheduler answered: {}", list(attempts))]
    Unreachable {
        /// Who was asked, and what came of it.
        attempts: Vec<Attempt>,
    },
    /// No scheduler answered, and this one does not speak TLS as we do.
    #[error("{base}: {fault}")]
    Untrusted {
        /// Its address.
        base: String,
        /// Why not.
        fault: Fault,
    },
    /// Schedulers answered, but none of them leads (503).
    #[error("no scheduler leads: {}", list(attempts))]
    NoLeader {
        /// Who was asked, and what came of it.
        attempts: Vec<Attempt>,
    },
    /// The scheduler refused what was sent (400, 422).
    #[error("refused: {message}")]
    Refused {
        /// Its sentence.
        message: String,
        /// Where and why, one a line.
        reasons: Vec<String>,
    },
    /// A deployment is changing the application (409).
    #[error("locked by {}: {message}", deployments.join(", "))]
    Locked {
        /// Its sentence.
        message: String,
        /// The deployments' ids.
        deployments: Vec<String>,
    },
    /// There is such an application already, or somebody else changed it at the same time (409).
    #[error("conflict: {message}")]
    Conflict {
        /// Its sentence.
        message: String,
    },
    /// There is no such application, task or deployment (404).
    #[error("not found: {message}")]
    NotFound {
        /// Its sentence.
        message: String,
    },
    /// Too many deployments at once (403).
    #[error("too many deployments: {message}")]
    TooManyDeployments {
        /// Its sentence.
        message: String,
    },
    /// Not allowed (401, 403).
    #[error("not allowed: {message}")]
    Forbidden {
        /// Its sentence.
        message: String,
    },
    /// The scheduler failed (500), or answered something that nobody documented.
    #[error("{status} from {url}: {message}")]
    Failed {
        /// The HTTP status.
        status: u16,
        /// What was asked for.
        url: String,
        /// Its sentence.
        message: String,
    },
    /// The answer is not what the API promises.
    #[error("unreadable answer from {url}: {reason}")]
    Unreadable {
        /// What was asked for.
        url: String,
        /// Why.
        reason: String,
    },
}

/// A scheduler that did not answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Its address.
    pub base: String,
    /// What came of it.
    pub reason: String,
    /// It and we don't speak TLS together.
    pub fault: Option<Fault>,
}

fn list(attempts: &[Attempt]) -> String {
    let lines: Vec<String> = attempts.iter().map(|a| format!("{} {}", a.base, a.reason)).collect();
    lines.join("; ")
}

impl Error {
    /// Of attempts that all failed.
    pub(super) fn of_attempts(attempts: Vec<Attempt>) -> Self {
        if attempts.iter().any(|a| a.reason.starts_with("503")) {
            return Self::NoLeader { attempts };
        }
        let untrusted = attempts.iter().find_map(|a| Some((a.base.clone(), a.fault.clone()?)));
        match untrusted {
            Some((base, fault)) => Self::Untrusted { base, fault },
            None => Self::Unreachable { attempts },
        }
    }

    /// Of an answer that says no.
    pub(super) fn of_answer(status: u16, url: &str, bytes: &[u8]) -> Self {
        let body: ErrorBody = serde_json::from_slice(bytes).unwrap_or_default();
        let reasons = body.reasons();
        let message = if body.message.is_empty() { plain(bytes) } else { body.message };
        match status {
            400 | 422 => Self::Refused { message, reasons },
            409 if !body.deployments.is_empty() => {
                Self::Locked { message, deployments: body.deployments.into_iter().map(|d| d.id).collect() }
            }
            409 => Self::Conflict { message },
            404 => Self::NotFound { message },
            403 if message.contains("running deployments") => Self::TooManyDeployments { message },
            401 | 403 => Self::Forbidden { message },
            _ => Self::Failed { status, url: url.into(), message },
        }
    }

    /// The stable id.
    pub fn id(&self) -> &'static str {
        match self {
            Self::Address { .. } => "marathon-bad-address",
            Self::Unreachable { .. } => "marathon-unreachable",
            Self::Untrusted { fault, .. } => fault.id(),
            Self::NoLeader { .. } => "marathon-no-leader",
            Self::Refused { .. } => "marathon-refused",
            Self::Locked { .. } => "marathon-locked",
            Self::Conflict { .. } => "marathon-conflict",
            Self::NotFound { .. } => "marathon-not-found",
            Self::TooManyDeployments { .. } => "marathon-too-many-deployments",
            Self::Forbidden { .. } => "marathon-forbidden",
            Self::Failed { .. } => "marathon-failed",
            Self::Unreadable { .. } => "marathon-unreadable-answer",
        }
    }

    /// Whether the same call may succeed a little later without anybody doing anything.
    pub fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::Unreachable { .. } | Self::NoLeader { .. } | Self::Locked { .. } | Self::TooManyDeployments { .. }
        )
    }

    /// As a person meets it.
    pub fn problem(&self) -> Problem {
        let mut problem = Problem::new(self.id(), self.what(), self.next());
        for line in self.evidence() {
            problem = problem.with_evidence(line);
        }
        if self.is_transient() { problem.with_action(Action::Retry) } else { problem }
    }

    fn evidence(&self) -> Vec<String> {
        match self {
            Self::Address { url, reason } | Self::Unreadable { url, reason } => vec![format!("{url}: {reason}")],
            Self::Untrusted { fault, .. } => vec![fault.to_string()],
            Self::Unreachable { attempts } | Self::NoLeader { attempts } => {
                attempts.iter().map(|a| format!("{}: {}", a.base, a.reason)).collect()
            }
            Self::Refused { message, reasons } => {
                std::iter::once(message.clone()).chain(reasons.iter().cloned()).collect()
            }
            Self::Locked { message, deployments } => {
                std::iter::once(message.clone()).chain(deployments.iter().cloned()).collect()
            }
            Self::Failed { status, url, message } => vec![format!("{url}: {status} {message}")],
            Self::Conflict { message }
            | Self::NotFound { message }
            | Self::TooManyDeployments { message }
            | Self::Forbidden { message } => vec![message.clone()],
        }
    }

    fn what(&self) -> Text {
        match self {
            Self::Address { .. } => {
                text!("The scheduler’s address is none.", "L’adresse de l’ordonnanceur n’en est pas une.")
            }
            Self::Unreachable { .. } => text!("The scheduler does not answer.", "L’ordonnanceur ne répond pas."),
            Self::Untrusted { base, fault } => fault.what(base),
            Self::NoLeader { .. } => {
                text!("No scheduler leads at the moment.", "Aucun ordonnanceur n’est meneur en ce moment.")
            }
            Self::Refused { .. } => {
                text!("The scheduler refused the application.", "L’ordonnanceur a refusé l’application.")
            }
            Self::Locked { deployments, .. } => {
                let id = deployments.first().map_or("", String::as_str);
                text!(
                    "The application is being changed by another deployment ({id}).",
                    "L’application est en train d’être modifiée par un autre déploiement ({id})."
                )
            }
            Self::Conflict { .. } => text!(
                "The application exists already, or was changed at the same time.",
                "L’application existe déjà, ou a été modifiée au même moment."
            ),
            Self::NotFound { .. } => {
                text!("The scheduler does not know it (any more).", "L’ordonnanceur ne le connaît pas (ou plus).")
            }
            Self::TooManyDeployments { .. } => {
                text!("Too many deployments are under way.", "Trop de déploiements sont en cours.")
            }
            Self::Forbidden { .. } => text!("The scheduler does not allow it.", "L’ordonnanceur ne le permet pas."),
            Self::Failed { status, .. } => {
                text!("The scheduler failed (status {status}).", "L’ordonnanceur a échoué (code {status}).")
            }
            Self::Unreadable { .. } => {
                text!("The scheduler’s answer can’t be read.", "La réponse de l’ordonnanceur est illisible.")
            }
        }
    }

    fn next(&self) -> Text {
        match self {
            Self::Address { .. } => text!("Check the plan.", "Vérifiez le plan."),
            Self::Unreachable { .. } => text!(
                "Check that its machine is up and that its service runs.",
                "Vérifiez que sa machine tourne et que son service est démarré."
            ),
            Self::Untrusted { fault, .. } => fault.next(),
            Self::NoLeader { .. } => text!(
                "Wait for the election, some seconds. If it never ends, look at ZooKeeper first.",
                "Attendez l’élection, quelques secondes. Si elle n’aboutit pas, regardez d’abord ZooKeeper."
            ),
            Self::Refused { .. } => text!(
                "Correct the fields named below and try again.",
                "Corrigez les champs nommés ci-dessous et réessayez."
            ),
            Self::Locked { .. } => text!(
                "Wait until that deployment is done, or force this change (--force): then that deployment is cancelled.",
                "Attendez la fin de ce déploiement, ou forcez ce changement (--force) : il est alors annulé."
            ),
            Self::Conflict { .. } => text!(
                "Look at the application as it is now, then try again.",
                "Regardez l’application telle qu’elle est, puis réessayez."
            ),
            Self::NotFound { .. } => {
                text!("Look at the list of applications again.", "Regardez de nouveau la liste des applications.")
            }
            Self::TooManyDeployments { .. } => {
                text!("Wait until one is done.", "Attendez que l’un d’eux soit terminé.")
            }
            Self::Forbidden { .. } => text!(
                "Check the scheduler’s settings for authentication.",
                "Vérifiez les réglages d’authentification de l’ordonnanceur."
            ),
            Self::Failed { .. } | Self::Unreadable { .. } => text!(
                "Look into the scheduler’s log on its machine.",
                "Regardez le journal de l’ordonnanceur sur sa machine."
            ),
        }
    }
}

/// The beginning of a body that is no JSON, in one line.
fn plain(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(200)]);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

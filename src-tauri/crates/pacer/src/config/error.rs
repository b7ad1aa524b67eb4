//! Why a configuration is refused.

use words::{Problem, Text, text};

use super::names::variable;

/// Why a configuration is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// Marathon has no such option.
    #[error("Unknown option '{option}'")]
    Unknown {
        /// The option, as on Marathon's command line.
        option: String,
        /// The variable that asked for it.
        variable: String,
    },
    /// Marathon has it, Pacer has not.
    #[error("Option '{option}' is not supported by Pacer")]
    Unsupported {
        /// The option, as on Marathon's command line.
        option: String,
        /// The variable that asked for it.
        variable: String,
    },
    /// An option is missing.
    #[error("Required option '{option}' not found")]
    Missing {
        /// The option, as on Marathon's command line.
        option: &'static str,
    },
    /// An option has a value that it cannot have.
    #[error("Bad arguments for option '{option}': '{value}' - {why}")]
    Bad {
        /// The option, as on Marathon's command line.
        option: String,
        /// Its value.
        value: String,
        /// What it should be.
        why: &'static str,
    },
}

impl ConfigError {
    /// The same as a person meets it.
    pub fn problem(&self) -> Problem {
        let evidence = self.to_string();
        let problem = match self {
            Self::Unknown { variable, .. } => Problem::new(
                "pacer-unknown-option",
                text!("Marathon has no option {variable}.", "Marathon n’a pas d’option {variable}."),
                Text::new(
                    "Correct its name in /etc/default/marathon, or remove it.",
                    "Corrigez son nom dans /etc/default/marathon, ou retirez-la.",
                ),
            ),
            Self::Unsupported { variable, .. } => Problem::new(
                "pacer-unsupported-option",
                text!(
                    "Pacer cannot do what {variable} asks for.",
                    "Pacer ne sait pas faire ce que demande {variable}."
                ),
                Text::new(
                    "Remove it from /etc/default/marathon, or run Marathon instead.",
                    "Retirez-la de /etc/default/marathon, ou utilisez Marathon.",
                ),
            ),
            Self::Missing { option } => {
                let variable = variable(option);
                Problem::new(
                    "pacer-missing-option",
                    text!("{variable} is not set.", "{variable} n’est pas définie."),
                    Text::new("Add it to /etc/default/marathon.", "Ajoutez-la dans /etc/default/marathon."),
                )
            }
            Self::Bad { option, .. } => {
                let variable = variable(option);
                Problem::new(
                    "pacer-bad-option",
                    text!("The value of {variable} is not usable.", "La valeur de {variable} n’est pas utilisable."),
                    Text::new("Correct it in /etc/default/marathon.", "Corrigez-la dans /etc/default/marathon."),
                )
            }
        };
        problem.with_evidence(evidence)
    }
}

//! A command line that could not be understood, or that asks for help.

use app::Exit;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use words::{Lang, Problem, Text, text};

use super::say::Say;

/// Why nothing was done.
#[derive(Debug)]
pub struct Usage {
    /// What clap found.
    pub error: clap::Error,
    /// The command whose help explains it.
    pub command: String,
    /// The language to say it in.
    pub lang: Lang,
    /// Say it as JSON.
    pub json: bool,
}

impl Usage {
    /// Says it, and gives the program's exit code.
    pub fn say(&self) -> Exit {
        match self.error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
                // Nobody is left to tell if standard output is closed.
                let _ = self.error.print();
                Exit::Success
            }
            ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
                let _ = self.error.print();
                Exit::Usage
            }
            _ => {
                Say::new(self.json, self.lang).problem(&self.problem());
                Exit::Usage
            }
        }
    }

    fn problem(&self) -> Problem {
        let command = &self.command;
        let problem =
            Problem::new("command-line", self.what(), text!("See: {command} --help", "Voyez : {command} --help"));
        let meant = [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg, ContextKind::SuggestedValue];
        let meant = meant.iter().find_map(|kind| self.context(*kind));
        let choices = self.context(ContextKind::ValidValue);
        meant.or(choices).into_iter().fold(problem, |p, words| p.with_evidence(format!("→ {words}")))
    }

    fn what(&self) -> Text {
        let named = |kind| self.context(kind).unwrap_or_default();
        let argument = named(ContextKind::InvalidArg);
        let value = named(ContextKind::InvalidValue);
        match self.error.kind() {
            ErrorKind::InvalidSubcommand => {
                let command = named(ContextKind::InvalidSubcommand);
                text!("{command} is not a command of Startline.", "{command} n’est pas une commande de Startline.")
            }
            ErrorKind::UnknownArgument => {
                text!("{argument} is not expected here.", "{argument} n’est pas attendu ici.")
            }
            ErrorKind::InvalidValue | ErrorKind::ValueValidation if value.is_empty() => {
                text!("{argument} lacks its value.", "Il manque la valeur de {argument}.")
            }
            ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
                text!("{value} is no value for {argument}.", "{value} n’est pas une valeur pour {argument}.")
            }
            ErrorKind::MissingRequiredArgument => text!("{argument} is missing.", "Il manque {argument}."),
            ErrorKind::MissingSubcommand => text!("A command is missing.", "Il manque une commande."),
            _ => Text::new("The command could not be understood.", "La commande n’a pas été comprise."),
        }
    }

    /// A detail that clap found, as one line.
    fn context(&self, kind: ContextKind) -> Option<String> {
        match self.error.get(kind)? {
            ContextValue::String(one) => Some(one.clone()),
            ContextValue::Strings(many) => Some(many.join(", ")),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terminal::arguments::Arguments;

    fn problem(typed: &[&str]) -> Problem {
        let typed: Vec<_> = std::iter::once("startline").chain(typed.iter().copied()).map(String::from).collect();
        Arguments::read(&typed).map(|_| ()).expect_err("this is no command").problem()
    }

    #[test]
    fn what_was_meant_is_named() {
        let typo = problem(&["dploy", "lab"]);
        assert_eq!(typo.what.fr, "dploy n’est pas une commande de Startline.");
        assert_eq!(typo.evidence, ["→ deploy"]);
        assert_eq!(problem(&["new", "--prest", "ha", "lab"]).evidence, ["→ --preset"]);
    }

    #[test]
    fn a_wrong_value_is_told_with_the_choices() {
        let wrong = problem(&["new", "lab", "--preset", "huge"]);
        assert!(wrong.what.en.starts_with("huge is no value for --preset"), "{wrong:?}");
        assert_eq!(wrong.evidence, ["→ solo, classroom, ha"]);
        assert_eq!(problem(&["scale", "lab", "/web", "many"]).what.en, "many is no value for <INSTANCES>.");
    }

    #[test]
    fn what_is_missing_is_named() {
        assert_eq!(problem(&["new"]).what.en, "<NAME> is missing.");
        assert_eq!(problem(&["new"]).next.en, "See: startline new --help");
        assert_eq!(problem(&["plan", "check"]).next.fr, "Voyez : startline plan check --help");
        assert_eq!(problem(&["dploy", "lab"]).next.en, "See: startline --help");
    }
}

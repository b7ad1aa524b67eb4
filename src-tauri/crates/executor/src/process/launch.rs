//! Starting a command as a task.

use std::collections::BTreeMap;
use std::process::Stdio;

use mesos::v1::{CommandInfo, Environment};
use tokio::process::{Child, Command as Program};

use super::user::{self, Account};
use crate::settings::TOKEN;

/// Why a command cannot be started.
#[derive(Debug, thiserror::Error)]
pub enum LaunchError {
    /// There is nothing to run.
    #[error("no command")]
    Nothing,
    /// The system says no.
    #[error("{program}: {source}")]
    Refused {
        /// What should have run.
        program: String,
        /// Why it does not.
        source: std::io::Error,
    },
    /// It is to run as a user that cannot be had.
    #[error(transparent)]
    User(#[from] user::UserError),
}

/// A command, made ready.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    program: String,
    arguments: Vec<String>,
    name: Option<String>,
    environment: BTreeMap<String, String>,
    account: Option<Account>,
}

impl Command {
    /// Reads a description: `/bin/sh -c VALUE`, or VALUE with the arguments (their first one is the name that the program
    /// sees itself called).
    pub fn new(info: &CommandInfo) -> Result<Self, LaunchError> {
        let value = info.value.clone().ok_or(LaunchError::Nothing)?;
        let (program, arguments, name) = if info.shell.unwrap_or(true) {
            ("/bin/sh".to_owned(), vec!["-c".to_owned(), value], Some("sh".to_owned()))
        } else {
            let mut arguments = info.arguments.iter().cloned();
            let name = arguments.next();
            (value, arguments.collect(), name)
        };
        let command = Self { program, arguments, name, environment: BTreeMap::new(), account: None };
        Ok(info.environment.iter().fold(command, |command, environment| command.with(environment)))
    }

    /// With these variables, which win over those it has.
    pub fn with(mut self, environment: &Environment) -> Self {
        for variable in &environment.variables {
            // One without a value is a secret that nobody has resolved.
            if let Some(value) = &variable.value {
                self.environment.insert(variable.name.clone(), value.clone());
            }
        }
        self
    }

    /// With these variables, where it has none of that name.
    pub fn with_below(self, environment: &Environment) -> Self {
        let own = self.environment.clone();
        let mut both = self.with(environment);
        both.environment.extend(own);
        both
    }

    /// With one more variable.
    pub fn set(mut self, name: &str, value: &str) -> Self {
        self.environment.insert(name.to_owned(), value.to_owned());
        self
    }

    /// As this user, if the executor is root; otherwise as the executor itself.
    pub fn run_as(mut self, name: &str) -> Result<Self, LaunchError> {
        self.account = user::switch_to(name)?;
        Ok(self)
    }

    /// Starts it in a process group of its own, with the executor's environment below its own, in the executor's folder,
    /// with this output.
    pub fn start(&self, stdout: Stdio, stderr: Stdio) -> Result<Child, LaunchError> {
        let mut program = Program::new(&self.program);
        program.args(&self.arguments).env_remove(TOKEN).envs(&self.environment);
        if let Some(name) = &self.name {
            program.arg0(name);
        }
        if let Some(account) = &self.account {
            program.uid(account.uid).gid(account.gid);
        }
        program.process_group(0).stdin(Stdio::null()).stdout(stdout).stderr(stderr);
        program.spawn().map_err(|source| LaunchError::Refused { program: self.program.clone(), source })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mesos::v1::Variable;

    fn info(value: &str) -> CommandInfo {
        CommandInfo { value: Some(value.to_owned()), ..CommandInfo::default() }
    }

    async fn output(command: &Command) -> String {
        let child = command.start(Stdio::piped(), Stdio::inherit()).unwrap();
        let output = child.wait_with_output().await.unwrap();
        String::from_utf8(output.stdout).unwrap()
    }

    #[tokio::test]
    async fn a_shell_by_default_arguments_otherwise() {
        assert_eq!(output(&Command::new(&info("echo a  b; echo $0")).unwrap()).await, "a b\nsh\n");
        let words = ["printf", "%s|%s", "a  b", "$HOME"].map(str::to_owned).to_vec();
        let direct = CommandInfo { shell: Some(false), arguments: words, ..info("printf") };
        assert_eq!(output(&Command::new(&direct).unwrap()).await, "a  b|$HOME");
    }

    #[tokio::test]
    async fn the_tasks_own_variables_win() {
        let of =
            |value: &str| Environment { variables: vec![Variable { name: "WHO".into(), value: Some(value.into()) }] };
        let command = Command::new(&CommandInfo { environment: Some(of("task")), ..info("echo $WHO $MORE") }).unwrap();
        assert_eq!(output(&command.with_below(&of("agent")).set("MORE", "role")).await, "task role\n");
    }

    #[test]
    fn what_cannot_be_started_says_why() {
        assert!(matches!(Command::new(&CommandInfo::default()), Err(LaunchError::Nothing)));
    }

    #[tokio::test]
    async fn a_program_that_is_not_there_is_an_error() {
        let absent = CommandInfo { shell: Some(false), ..info("/nowhere/at-all") };
        let error = Command::new(&absent).unwrap().start(Stdio::null(), Stdio::null()).unwrap_err();
        assert!(error.to_string().starts_with("/nowhere/at-all: No such file"), "{error}");
    }
}

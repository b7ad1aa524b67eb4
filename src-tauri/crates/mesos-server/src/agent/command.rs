//! Commands as runners take them.

use crate::{Command, wire::CommandInfo};

/// A command as a runner takes it.
pub fn command_of(command: &CommandInfo) -> Command {
    let value = command.value.clone().unwrap_or_default();
    if command.shell.unwrap_or(true) {
        Command::Shell(value)
    } else {
        Command::Argv { program: value, argv: command.arguments.clone() }
    }
}

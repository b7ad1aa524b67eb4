//! The terminal's words: the same `app` that the window calls, said in lines.

mod arguments;
mod cluster;
mod help;
mod plans;
mod progress;
mod say;
mod status;
mod up;
mod usage;

use std::path::PathBuf;

use app::{Error, Exit, Home};
pub use arguments::{Arguments, Command};
use clap::CommandFactory;
use say::Say;

/// What was typed.
///
/// # Errors
/// The exit code, for `--help` and for what is none of the program's commands: all is said then.
pub fn arguments() -> Result<Arguments, Exit> {
    let typed: Vec<_> = std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect();
    Arguments::read(&typed).map_err(|usage| usage.say())
}

/// A runtime for the backend's calls.
pub fn runtime() -> Result<tokio::runtime::Runtime, Error> {
    tokio::runtime::Runtime::new().map_err(|source| Error::Read { path: PathBuf::from("tokio"), source })
}

/// Does what was typed.
pub fn run(arguments: Arguments) -> Exit {
    let say = Say::new(arguments.json, arguments.lang());
    let done = Home::locate().and_then(|home| runtime()?.block_on(command(&home, &say, arguments)));
    match done {
        Ok(exit) => exit,
        Err(error) => {
            say.problem(&error.problem());
            error.exit()
        }
    }
}

async fn command(home: &Home, say: &Say, arguments: Arguments) -> Result<Exit, Error> {
    let Some(command) = arguments.command else { return up::first(home, say).await };
    match command {
        Command::New { name, preset, provider } => plans::new(home, say, name, preset, provider),
        Command::Plan { command: arguments::PlanCommand::Check { plan } } => plans::check(home, say, &plan),
        Command::List => plans::list(home, say),
        Command::Schema => plans::schema(say),
        Command::Import { bundle, name } => plans::import(home, say, &bundle, name.as_deref()),
        Command::Export { name, destination } => plans::export(home, say, &name, &destination),
        Command::Up { cluster } => up::up(home, say, &cluster).await,
        Command::Status { name, watch } => status::status(home, say, &name, watch).await,
        Command::Deploy { name, file, force } => cluster::deploy(home, say, &name, &file, force.into()).await,
        Command::Scale { name, application, instances, force } => {
            cluster::scale(home, say, &name, &application, instances, force.into()).await
        }
        Command::Remove { name, application } => cluster::remove(home, say, &name, &application).await,
        Command::Run { name, node, line } => cluster::run(home, say, &name, &node, &line).await,
        Command::Halt { name } => cluster::halt(home, say, &name).await,
        Command::Destroy { name, yes } => cluster::destroy(home, say, &name, yes).await,
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Arguments::command(), "startline", &mut std::io::stdout());
            Ok(Exit::Success)
        }
        // Dispatched before: it must not touch the terminal's runtime.
        Command::PracticeDaemon { .. } => Ok(Exit::Usage),
    }
}

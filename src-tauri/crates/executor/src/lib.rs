//! The executor: what a Mesos agent starts to run one task. It speaks the v1 executor HTTP API with the agent, runs the
//! task's command, checks its health, ends it when told to, and tells what became of it.
//!
//! It stands in for Mesos's own `mesos-executor`, which exists no longer as a program that can be had, and behaves as it
//! does; where it differs, `docs/executor.md` says so.
//!
//! - `core` decides: a state machine without I/O.
//! - [`settings`] is what the agent says when it starts an executor; [`wire`] the messages afterwards.
//! - `agent` is the connection; `process` and `probe` run the command and the checks; `run` ties them together.

mod agent;
mod core;
mod duration;
mod ending;
mod http;
mod log;
mod probe;
mod process;
mod run;
pub mod settings;
pub mod wire;

use std::ffi::OsString;
use std::process::ExitCode;

use settings::Settings;
use tokio::runtime;
use tokio::task::LocalSet;
use words::Lang;

/// The program: to be called first thing, with what the agent gave it. `arguments` are without the program's name. What
/// is not UTF-8 is not for the executor: the task gets it all the same.
///
/// The exit code is 0 when the agent has heard all that there was to tell, otherwise 1.
pub fn main(
    env: impl IntoIterator<Item = (OsString, OsString)>,
    arguments: impl IntoIterator<Item = OsString>,
) -> ExitCode {
    let readable = |(name, value): (OsString, OsString)| Some((name.into_string().ok()?, value.into_string().ok()?));
    let arguments: Vec<_> = arguments.into_iter().filter_map(|argument| argument.into_string().ok()).collect();
    let settings = match Settings::read(&env.into_iter().filter_map(readable).collect(), &arguments) {
        Ok(settings) => settings,
        Err(error) => {
            log::note(&error);
            let problem = error.problem();
            let lang = Lang::of_locale(&std::env::var("LANG").unwrap_or_default());
            log::note(format_args!("{} {}", problem.what.get(lang), problem.next.get(lang)));
            return ExitCode::FAILURE;
        }
    };
    match runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => match LocalSet::new().block_on(&runtime, run::run(settings)) {
            Ok(code) => ExitCode::from(code),
            Err(error) => failed(&error),
        },
        Err(error) => failed(&error),
    }
}

fn failed(error: &std::io::Error) -> ExitCode {
    log::note(error);
    ExitCode::FAILURE
}

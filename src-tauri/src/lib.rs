//! Startline's shell: a window and a terminal over the crate `app`. Neither holds logic of its own.

mod desktop;
mod terminal;

use std::{path::Path, process::ExitCode};

use app::{Error, Exit, Home};

/// The program: does what its arguments say and gives back its exit code (see docs/terminal.md).
pub fn run() -> ExitCode {
    let arguments = match terminal::arguments() {
        Ok(arguments) => arguments,
        Err(exit) => return ExitCode::from(exit as u8),
    };
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_env("STARTLINE_LOG"))
        .with_writer(std::io::stderr)
        .init();
    let exit = match arguments {
        terminal::Arguments { command: Some(terminal::Command::PracticeDaemon { folder }), .. } => {
            practice_daemon(&folder)
        }
        terminal::Arguments { command: None, .. } if desktop::display() => window(),
        arguments => terminal::run(arguments),
    };
    ExitCode::from(exit as u8)
}

fn window() -> Exit {
    let opened = Home::locate().map_err(|e| e.to_string()).and_then(desktop::run);
    match opened {
        Ok(()) => Exit::Success,
        Err(error) => {
            eprintln!("startline: the window could not be opened: {error}");
            Exit::Host
        }
    }
}

/// The process that holds a cluster's practice machines.
fn practice_daemon(folder: &Path) -> Exit {
    let served = terminal::runtime()
        .and_then(|runtime| runtime.block_on(practice::serve(folder)).map_err(|e| Error::Machines(e.into())));
    match served {
        Ok(()) => Exit::Success,
        Err(error) => {
            eprintln!("startline: {error}");
            error.exit()
        }
    }
}

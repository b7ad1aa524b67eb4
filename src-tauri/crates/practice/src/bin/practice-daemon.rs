//! The practice process on its own, `practice-daemon FOLDER`: what the tests start. The real program starts itself.

use std::{env, path::PathBuf, process::ExitCode};

#[tokio::main]
async fn main() -> ExitCode {
    let Some(folder) = env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("usage: practice-daemon FOLDER");
        return ExitCode::from(2);
    };
    match practice::serve(&folder).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

//! Builds what cargo alone does not: the window's user interface.
//!
//! `cargo run -p xtask -- ui [--release]` leaves it in `ui/dist`, ready for the desktop program to embed.

mod dist;
mod size;
mod ui;

use std::process::ExitCode;

const USAGE: &str = "usage: cargo run -p xtask -- ui [--release]

  ui             build the user interface into ui/dist, quickly
  ui --release   the same, small (profile `ui`)";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words[..] {
        ["ui"] => ui::build(ui::Form::Quick),
        ["ui", "--release"] => ui::build(ui::Form::Small),
        _ => Err(USAGE.to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

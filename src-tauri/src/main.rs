//! Startline: a window, or a terminal.

use std::process::ExitCode;

fn main() -> ExitCode {
    startline::run()
}

//! The executor by itself, as a program for an agent's launcher folder.

use std::process::ExitCode;

fn main() -> ExitCode {
    executor::main(std::env::vars_os(), std::env::args_os().skip(1))
}

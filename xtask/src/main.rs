//! Builds what cargo alone does not: the window's user interface, and the program for a cluster's machines.
//!
//! - `cargo run -p xtask -- ui` leaves the one in `ui/dist`, ready for the desktop program to embed.
//! - `cargo run -p xtask -- node [--release] [ARCH]` leaves the other in `target/node/ARCH/startline-node`.

mod dist;
mod elf;
mod lean;
mod node;
mod size;
mod ui;

use std::process::ExitCode;

const USAGE: &str = "usage: cargo run -p xtask -- ui|node [--release]

  ui                      build the user interface into ui/dist (profile `ui`; with --release just the same)
  node                    build startline-node, static, into target/node/x86_64, quickly
  node --release [ARCH]   the same, fast and small (profile `node`); ARCH is x86_64 or aarch64";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words[..] {
        ["ui"] | ["ui", "--release"] => ui::build(),
        ["node"] => node::build(node::Form::Quick, node::Arch::X86_64),
        ["node", "--release"] => node::build(node::Form::Small, node::Arch::X86_64),
        ["node", "--release", arch] => match node::Arch::named(arch) {
            Some(arch) => node::build(node::Form::Small, arch),
            None => Err(USAGE.to_owned()),
        },
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

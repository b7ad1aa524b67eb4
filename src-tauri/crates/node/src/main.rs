//! `startline-node`: what Startline puts onto the machines of a cluster. One static program with several roles, chosen by
//! the first argument or by the name that it is called by:
//!
//! - `startline-node pacer`, or called as `pacer`: the scheduler.
//! - `startline-node executor`, or called as `mesos-executor`: what a Mesos agent starts to run a task.

mod network;
mod pacer;
mod role;

use std::process::ExitCode;

use role::Role;

const USAGE: &str = "\
startline-node: what Startline puts onto the machines of a cluster

  startline-node pacer [--OPTION VALUE]…   the scheduler; also by the name of pacer
                                           options are Marathon's, or variables MARATHON_OPTION
  startline-node executor                  what a Mesos agent starts; also by the name of mesos-executor
  startline-node --version
";

fn main() -> ExitCode {
    let (role, arguments) = role::of(std::env::args_os());
    match role {
        Role::Pacer => pacer::main(arguments),
        Role::Executor => executor::main(std::env::vars_os(), arguments),
        Role::Version => {
            println!("startline-node {}", env!("CARGO_PKG_VERSION"));
            ExitCode::SUCCESS
        }
        Role::Help => {
            print!("{USAGE}");
            ExitCode::SUCCESS
        }
        Role::Unknown => {
            eprint!("{USAGE}");
            ExitCode::from(2)
        }
    }
}

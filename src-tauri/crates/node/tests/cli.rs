//! `startline-node` as it is called by people and units.

use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::process::{Command, Output};

fn node(name: &str, arguments: &[&str], env: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_startline-node"));
    command.arg0(name).args(arguments).env_clear().envs(env.iter().copied());
    command.output().expect("it runs")
}

fn said(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn says_what_it_can_be() {
    let help = node("startline-node", &["--help"], &[]);
    assert!(help.status.success() && said(&help.stdout).contains("startline-node executor"));
    let version = node("startline-node", &["--version"], &[]);
    assert_eq!(said(&version.stdout), format!("startline-node {}\n", env!("CARGO_PKG_VERSION")));
    let nothing = node("startline-node", &[], &[]);
    assert_eq!(nothing.status.code(), Some(2));
    assert!(said(&nothing.stderr).contains("startline-node pacer"));
}

#[test]
fn an_executor_without_an_agent_says_so_by_either_name() {
    for (name, arguments) in [("mesos-executor", &[][..]), ("startline-node", &["executor"][..])] {
        let output = node(name, arguments, &[]);
        assert_eq!(output.status.code(), Some(1));
        assert!(said(&output.stderr).contains("MESOS_FRAMEWORK_ID"), "{}", said(&output.stderr));
    }
}

#[test]
fn a_pacer_that_cannot_start_says_why_in_the_language_of_the_machine() {
    let output = node("pacer", &[], &[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output.stderr).contains("MARATHON_MASTER is not set"), "{}", said(&output.stderr));
    let output = node("startline-node", &["pacer"], &[("LANG", "fr_FR.UTF-8")]);
    assert!(said(&output.stderr).contains("MARATHON_MASTER n’est pas définie"), "{}", said(&output.stderr));

    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port().to_string();
    let options = ["--master", "127.0.0.1:1", "--http_address", "127.0.0.1", "--http_port", &port];
    let output = node("pacer", &options, &[]);
    // Marathon's code for a port that it cannot have.
    assert_eq!(output.status.code(), Some(104), "{}", said(&output.stderr));
}

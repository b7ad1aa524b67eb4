//! `startline-node` as it is called by people and units.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::process::{Command, Output, Stdio};

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

#[test]
fn clients_that_say_nothing_do_not_use_up_a_pacers_files() {
    let program = env!("CARGO_BIN_EXE_startline-node");
    let options = "--master 127.0.0.1:1 --zk zk://127.0.0.1:1/marathon --http_address 127.0.0.1 --http_port 0";
    let mut command = Command::new("bash");
    // Some are allowed without asking, many if one asks.
    command.arg("-c").arg(format!("ulimit -Sn 64; exec {program} pacer {options}")).env_clear();
    let mut pacer = command.stdout(Stdio::piped()).spawn().expect("bash");
    let lines = BufReader::new(pacer.stdout.take().expect("its log")).lines();
    let mut started =
        lines.map_while(Result::ok).filter_map(|line| Some(line.split_once("listening on ")?.1.to_owned()));
    let address = started.next().expect("it listens");
    let silent: Vec<_> = (0..100).map(|_| TcpStream::connect(&address).expect("a connection")).collect();
    let mut stream = TcpStream::connect(&address).expect("a connection");
    stream.write_all(b"GET /ping HTTP/1.1\r\nhost: pacer\r\nconnection: close\r\n\r\n").expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    pacer.kill().expect("killed");
    pacer.wait().expect("dead");
    drop(silent);
    assert!(answer.ends_with("pong"), "{answer}");
}

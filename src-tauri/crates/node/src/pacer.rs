//! The role `pacer`: the scheduler as a program, told what to do as Marathon is.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{self, Write};
use std::net::Ipv4Addr;
use std::process::ExitCode;

use pacer::{Config, Log, Options, Pacer};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::runtime;
use tokio::signal::unix::{SignalKind, signal};
use words::{Lang, Problem};

use crate::network::address_towards;

/// Marathon's code for options that it cannot read.
const BAD_OPTIONS: u8 = 1;
/// Marathon's code for what it did not expect.
const UNEXPECTED: u8 = 137;

/// Runs Pacer until it is told to end (`SIGTERM`, `SIGINT`). Its log goes to standard output.
pub fn main(arguments: Vec<OsString>) -> ExitCode {
    let env = match environment(arguments) {
        Ok(env) => env,
        Err(word) => {
            eprintln!("pacer: not an option: {word}");
            return ExitCode::from(BAD_OPTIONS);
        }
    };
    let mut config = match Config::from_env(&env) {
        Ok(config) => config,
        Err(error) => {
            say(&error.problem());
            return ExitCode::from(BAD_OPTIONS);
        }
    };
    // Left alone it listens on all addresses, and gives out the one that the others know this machine by.
    config.hostname.get_or_insert_with(|| address_towards(&config.zk.hosts).to_string());
    open_more_files();
    match runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(serve(config)),
        Err(error) => failed(&error),
    }
}

/// As many open files as the system allows: clients that are connected and say nothing must not leave none for the others. What is
/// allowed without asking (1024) is meant for old programs.
fn open_more_files() {
    let limit = getrlimit(Resource::Nofile);
    // Where that is refused, it goes on with what there is.
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }).ok();
}

async fn serve(config: Config) -> ExitCode {
    let (mut terminate, mut interrupt) = match (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) {
        (Ok(terminate), Ok(interrupt)) => (terminate, interrupt),
        (Err(error), _) | (_, Err(error)) => return failed(&error),
    };
    let options = Options { host: Ipv4Addr::UNSPECIFIED, log: Log::new(write_line) };
    let pacer = match Pacer::start(config, options).await {
        Ok(pacer) => pacer,
        Err(error) => {
            say(&error.problem());
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(UNEXPECTED));
        }
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    pacer.stop().await;
    ExitCode::SUCCESS
}

/// A full disk or a closed pipe behind the log is no reason to leave a cluster without its scheduler.
fn write_line(line: &str) {
    let mut out = io::stdout().lock();
    out.write_all(line.as_bytes()).and_then(|()| out.write_all(b"\n")).and_then(|()| out.flush()).ok();
}

/// The environment, with Marathon's command line options (`--zk VALUE`, `--zk=VALUE`) as if they were variables. The error
/// is the word that is none.
fn environment(arguments: Vec<OsString>) -> Result<BTreeMap<String, String>, String> {
    let readable = |(name, value): (OsString, OsString)| Some((name.into_string().ok()?, value.into_string().ok()?));
    let mut env: BTreeMap<_, _> = std::env::vars_os().filter_map(readable).collect();
    env.extend(options(arguments.into_iter().map(|word| word.to_string_lossy().into_owned()))?);
    Ok(env)
}

fn options(words: impl Iterator<Item = String>) -> Result<Vec<(String, String)>, String> {
    let mut words = words.peekable();
    let mut options = Vec::new();
    while let Some(word) = words.next() {
        let Some(option) = word.strip_prefix("--").filter(|option| !option.is_empty()) else { return Err(word) };
        let (name, value) = match option.split_once('=') {
            Some((name, value)) => (name, value.to_owned()),
            // An option that only is there or not has no value.
            None => (option, words.next_if(|next| !next.starts_with("--")).unwrap_or_default()),
        };
        options.push((format!("MARATHON_{}", name.to_uppercase()), value));
    }
    Ok(options)
}

fn say(problem: &Problem) {
    let lang = Lang::of_locale(&std::env::var("LC_ALL").or_else(|_| std::env::var("LANG")).unwrap_or_default());
    eprintln!("pacer: {}", problem.what.get(lang));
    problem.evidence.iter().for_each(|line| eprintln!("  {line}"));
    eprintln!("{}", problem.next.get(lang));
}

fn failed(error: &io::Error) -> ExitCode {
    eprintln!("pacer: {error}");
    ExitCode::from(UNEXPECTED)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &[&str]) -> Result<Vec<(String, String)>, String> {
        options(words.iter().map(|word| (*word).to_owned()))
    }

    #[test]
    fn options_are_variables() {
        let read = read(&["--zk", "zk://h:2181/m", "--disable_ha", "--http_port=8081"]).unwrap();
        let expected = [("MARATHON_ZK", "zk://h:2181/m"), ("MARATHON_DISABLE_HA", ""), ("MARATHON_HTTP_PORT", "8081")];
        assert_eq!(read, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }

    #[test]
    fn what_is_no_option_is_said() {
        assert_eq!(read(&["zk"]), Err("zk".to_owned()));
        assert_eq!(read(&["--"]), Err("--".to_owned()));
    }
}

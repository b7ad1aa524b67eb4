//! The practice ZooKeeper as a program of its own: `cargo run -p zookeeper-server --example serve -- [-DNAME=VALUE…] zoo.cfg [HOST]`.
//!
//! Paths in the file are real ones, wildcards mean HOST (127.0.0.1 by default). Other people's test suites start it in the place of
//! the real program; docs/zookeeper-server.md says how.

use std::{env, error::Error, fs, net::Ipv4Addr, path::PathBuf};

use zookeeper_server::{Config, Log, Options, Server};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (properties, others): (Vec<String>, Vec<String>) = env::args().skip(1).partition(|word| word.starts_with("-D"));
    let mut arguments = others.into_iter();
    let file = arguments.next().ok_or("which zoo.cfg?")?;
    let host = arguments.next().map_or(Ok(Ipv4Addr::LOCALHOST), |host| host.parse())?;
    let mut config = Config::parse(&fs::read_to_string(&file)?)?;
    config.source = file;
    for (name, value) in properties.iter().filter_map(|property| property.strip_prefix("-D")?.split_once('=')) {
        config.set_system_property(name, value);
    }
    let options = Options { host, root: PathBuf::from("/"), log: Log::new(|line| eprintln!("{line}")) };
    let server = Server::start(config, options).await?;
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        () = server.ended() => Err("the server has ended".into()),
        _ = terminate.recv() => {
            server.stop().await;
            Ok(())
        }
    }
}

//! The practice ZooKeeper as a program of its own: `cargo run -p zookeeper-server --example serve -- zoo.cfg [HOST]`.
//!
//! Paths in the file are real ones, wildcards mean HOST (127.0.0.1 by default). Other people's test suites start it in the place of
//! the real program; docs/zookeeper-server.md says how.

use std::{env, error::Error, fs, net::Ipv4Addr, path::PathBuf};

use zookeeper_server::{Config, Log, Options, Server};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let file = arguments.next().ok_or("which zoo.cfg?")?;
    let host = arguments.next().map_or(Ok(Ipv4Addr::LOCALHOST), |host| host.parse())?;
    let mut config = Config::parse(&fs::read_to_string(&file)?)?;
    config.source = file;
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

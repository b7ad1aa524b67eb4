//! Making checks: a command, a request, a connection.

mod command;
mod http;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::core::Seen;
use crate::process::Orphans;
use crate::wire::{Probe, Scheme};

/// Makes a check; the error says why nothing was seen.
pub async fn make(probe: Probe, limit: Option<Duration>, orphans: Orphans) -> Result<Seen, String> {
    let Some(limit) = limit else { return look(probe, &orphans).await };
    let late = |_| format!("timed out after {} s", limit.as_secs_f64());
    timeout(limit, look(probe, &orphans)).await.map_err(late)?
}

async fn look(probe: Probe, orphans: &Orphans) -> Result<Seen, String> {
    match probe {
        Probe::Command(info) => command::run(&info, orphans).await.map(Seen::Ended),
        Probe::Http { scheme: Scheme::Http, port, path, ipv6 } => {
            http::ask(loopback(port, ipv6), &path).await.map(Seen::Answered)
        }
        Probe::Http { scheme: Scheme::Https, port, path, ipv6 } => {
            let url = format!("https://{}{path}", loopback(port, ipv6));
            command::curl(&url, orphans).await.map(Seen::Answered)
        }
        Probe::Tcp { port, ipv6 } => Ok(Seen::Connected(TcpStream::connect(loopback(port, ipv6)).await.is_ok())),
    }
}

/// Where Mesos's executor looks for a task: on the machine's own loopback address.
fn loopback(port: u16, ipv6: bool) -> SocketAddr {
    let ip: IpAddr = if ipv6 { Ipv6Addr::LOCALHOST.into() } else { Ipv4Addr::LOCALHOST.into() };
    SocketAddr::new(ip, port)
}

//! From where Pacer reaches others: on a practice machine from that machine's own address, so that its connections obey
//! the practice network; elsewhere from wherever the system says.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use hardware::{Network, Relays};
use tokio::net::TcpStream;

use crate::config::ZkUrl;

/// From where Pacer reaches others.
#[derive(Clone, Debug)]
pub struct Reach {
    network: Network,
    host: Ipv4Addr,
}

impl Reach {
    /// From the machine at `host`.
    pub fn new(network: Network, host: Ipv4Addr) -> Self {
        Self { network, host }
    }

    /// The address to connect from, if it matters.
    pub fn local_address(&self) -> Option<IpAddr> {
        self.network.is_practice().then_some(self.host.into())
    }

    /// The same ZooKeepers for a client that cannot be told where to connect from. Those that speak TLS are reached
    /// directly, since their certificates name themselves.
    pub fn zookeepers(&self, ensemble: &ZkUrl) -> Relays {
        let network = if ensemble.tls { &Network::default() } else { &self.network };
        Relays::open(network, self.host, &ensemble.hosts)
    }

    /// Opens a connection to `host:port`, and closes it.
    pub async fn knock(&self, target: &str) -> io::Result<()> {
        match (self.local_address(), target.parse::<SocketAddr>()) {
            (Some(from), Ok(to)) => self.network.connect(from, to).await.map(drop),
            _ => TcpStream::connect(target).await.map(drop),
        }
    }
}

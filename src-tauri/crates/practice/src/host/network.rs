//! The machine's view of the network.

use std::net::{IpAddr, Ipv4Addr};

use tokio::net::TcpStream;

use super::{Host, users::User};

/// Why a name leads nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unresolved {
    /// No file knows it.
    Unknown,
    /// It is not on this computer: a practice machine's network ends here.
    Outside,
}

impl Host {
    /// The address behind a host name or address, as seen from this machine. What stands for the machine itself
    /// (`localhost`, `0.0.0.0`, `127.0.0.1`, `127.0.1.1`) is its own address, because that is what its servers bind.
    pub fn resolve(&self, host: &str) -> Result<Ipv4Addr, Unresolved> {
        let address = match host.trim_matches(['[', ']']).parse::<IpAddr>() {
            Ok(IpAddr::V4(address)) => address,
            Ok(IpAddr::V6(address)) if address.is_loopback() => Ipv4Addr::LOCALHOST,
            Ok(IpAddr::V6(_)) => return Err(Unresolved::Outside),
            Err(_) => self.look_up(host).ok_or(Unresolved::Unknown)?,
        };
        if address.is_unspecified() || address == Ipv4Addr::LOCALHOST || address == Ipv4Addr::new(127, 0, 1, 1) {
            return Ok(self.machine.address);
        }
        if address.is_loopback() { Ok(address) } else { Err(Unresolved::Outside) }
    }

    /// Connects from this machine.
    pub async fn connect(&self, address: Ipv4Addr, port: u16) -> std::io::Result<TcpStream> {
        self.hardware.network.connect(self.machine.address.into(), (address, port).into()).await
    }

    fn look_up(&self, name: &str) -> Option<Ipv4Addr> {
        let hosts = self.disk.read_text(&User::root(), "/etc/hosts").unwrap_or_default();
        let known = hosts.lines().find_map(|line| {
            let line = line.split('#').next().unwrap_or_default();
            let mut words = line.split_whitespace();
            let address = words.next()?.parse::<Ipv4Addr>().ok()?;
            words.any(|w| w.eq_ignore_ascii_case(name)).then_some(address)
        });
        known.or_else(|| (name == "localhost" || name == self.name()).then_some(Ipv4Addr::LOCALHOST))
    }
}

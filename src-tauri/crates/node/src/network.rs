//! Which of this machine's addresses others reach it by.

use std::net::{IpAddr, Ipv4Addr, UdpSocket};

/// The address by which this machine speaks with the first of `hosts` (`host:port,host:port`) that it knows a way to:
/// the others are there too. Nothing is sent. Without any way, the loopback address.
pub fn address_towards(hosts: &str) -> Ipv4Addr {
    hosts.split(',').find_map(towards).unwrap_or(Ipv4Addr::LOCALHOST)
}

fn towards(host: &str) -> Option<Ipv4Addr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    socket.connect(host).ok()?;
    match socket.local_addr().ok()?.ip() {
        IpAddr::V4(address) => Some(address),
        IpAddr::V6(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_there_says_who_we_are() {
        assert_eq!(address_towards("127.0.0.1:2181"), Ipv4Addr::LOCALHOST);
        assert_eq!(address_towards("no port,127.0.0.1:2181"), Ipv4Addr::LOCALHOST);
        assert_eq!(address_towards(""), Ipv4Addr::LOCALHOST);
    }
}

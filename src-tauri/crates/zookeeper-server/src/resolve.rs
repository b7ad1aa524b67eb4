//! Names in `zoo.cfg`, looked up as the machine would: in its own `/etc/hosts`.

use std::{
    fs,
    net::{IpAddr, Ipv4Addr},
    path::Path,
};

/// Looks names up on one machine.
#[derive(Clone, Debug)]
pub struct Resolver {
    host: Ipv4Addr,
    hosts: String,
}

impl Resolver {
    /// The machine with this address and this root.
    pub fn new(host: Ipv4Addr, root: &Path) -> Self {
        // A machine without the file knows no names, which shows as soon as one is looked up.
        Self { host, hosts: fs::read_to_string(root.join("etc/hosts")).unwrap_or_default() }
    }

    /// The address of a name. Wildcards and the machine's own loopback are its address in the cluster, because all practice
    /// machines share one real loopback.
    pub fn resolve(&self, name: &str) -> Option<IpAddr> {
        let found: IpAddr = match name.parse() {
            Ok(address) => address,
            Err(_) if name == "localhost" => self.host.into(),
            Err(_) => self.look_up(name)?,
        };
        let own = found.is_unspecified()
            || found == IpAddr::V4(Ipv4Addr::LOCALHOST)
            || found == IpAddr::V4(Ipv4Addr::new(127, 0, 1, 1));
        Some(if own { self.host.into() } else { found })
    }

    fn look_up(&self, name: &str) -> Option<IpAddr> {
        self.hosts.lines().find_map(|line| {
            let mut words = line.split('#').next()?.split_whitespace();
            let address = words.next()?.parse().ok()?;
            words.any(|word| word.eq_ignore_ascii_case(name)).then_some(address)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_a_machine() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("etc")).unwrap();
        fs::write(root.path().join("etc/hosts"), "127.0.1.1 me\n127.9.9.2 node2 zk2 # a comment node3\n").unwrap();
        let host = Ipv4Addr::new(127, 9, 9, 1);
        let resolver = Resolver::new(host, root.path());
        assert_eq!(resolver.resolve("0.0.0.0"), Some(host.into()));
        assert_eq!(resolver.resolve("localhost"), Some(host.into()));
        assert_eq!(resolver.resolve("me"), Some(host.into()));
        assert_eq!(resolver.resolve("ZK2"), Some(Ipv4Addr::new(127, 9, 9, 2).into()));
        assert_eq!(resolver.resolve("node3"), None);
        assert_eq!(resolver.resolve("127.9.9.7"), Some(Ipv4Addr::new(127, 9, 9, 7).into()));
    }
}

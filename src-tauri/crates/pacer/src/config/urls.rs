//! Where others are.

use std::fmt;

/// A ZooKeeper ensemble and a path in it: `zk://host:port,host:port/path`, or `zks://…` for ports that speak TLS.
#[derive(Clone, PartialEq, Eq)]
pub struct ZkUrl {
    /// `host:port,host:port`.
    pub hosts: String,
    /// Such as `/marathon`.
    pub path: String,
    /// `user:password` of the digest scheme, if given.
    pub credentials: Option<String>,
    /// Over TLS.
    pub tls: bool,
}

impl ZkUrl {
    /// Reads `zk://[user:password@]host:port,…/path`, or the same with `zks://`.
    ///
    /// ```
    /// let url = pacer::ZkUrl::parse("zk://10.0.0.1:2181,10.0.0.2:2181/mesos").unwrap();
    /// assert_eq!((url.hosts.as_str(), url.path.as_str()), ("10.0.0.1:2181,10.0.0.2:2181", "/mesos"));
    /// ```
    pub fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let tls = match scheme {
            "zk" => false,
            "zks" => true,
            _ => return None,
        };
        let (authority, path) = rest.split_once('/')?;
        let (credentials, hosts) = match authority.rsplit_once('@') {
            Some((credentials, hosts)) => (Some(credentials.to_owned()), hosts),
            None => (None, authority),
        };
        let path = path.trim_end_matches('/');
        let named = |host: &str| {
            host.rsplit_once(':').is_some_and(|(name, port)| !name.is_empty() && port.parse::<u16>().is_ok())
        };
        let good = hosts.split(',').all(named) && !path.is_empty() && !path.split('/').any(str::is_empty);
        good.then(|| Self { hosts: hosts.to_owned(), path: format!("/{path}"), credentials, tls })
    }
}

impl fmt::Display for ZkUrl {
    /// Without the password: what is written down is read by others.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.tls { "zks" } else { "zk" };
        write!(f, "{scheme}://{}{}", self.hosts, self.path)
    }
}

impl fmt::Debug for ZkUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// How the masters are found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MasterUrl {
    /// Whoever leads, as ZooKeeper says.
    ZooKeeper(ZkUrl),
    /// Any of these (`host:port`); they redirect to the leader.
    Addresses(Vec<String>),
}

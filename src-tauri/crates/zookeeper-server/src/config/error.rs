//! Why a `zoo.cfg` is refused.

use crate::log::{Level, Line};

/// Why a `zoo.cfg` is refused; the text is the real program's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// `dataDir` is missing.
    #[error("dataDir is not set")]
    NoDataDir,
    /// `clientPort` is missing. The real program says so and goes on, with nobody able to connect; this one refuses.
    #[error("clientPort is not set")]
    NoClientPort,
    /// `clientPortAddress` stands there alone.
    #[error("clientPortAddress is set but clientPort is not set")]
    AddressWithoutPort,
    /// Not a number.
    #[error("For input string: \"{0}\"")]
    Number(String),
    /// Not a port.
    #[error("port out of range:{0}")]
    PortRange(i32),
    /// Neither `true` nor `false`.
    #[error("Invalid option {value} for {key}. Choose 'true' or 'false.'")]
    Switch {
        /// Of which key.
        key: String,
        /// What stands there.
        value: String,
    },
    /// A `server.N` line that is none.
    #[error(
        "{0} does not have the form server_config or server_config;client_config where server_config is the pipe separated \
         list of host:port:port or host:port:port:type and client_config is port or host:port"
    )]
    Member(String),
    /// A port of a `server.N` line that is none.
    #[error("Address unresolved: {0}")]
    Unresolved(String),
    /// A role that is none.
    #[error("Unrecognised peertype: {0}")]
    PeerType(String),
    /// An old election algorithm.
    #[error("Invalid electionAlg value. Only 3 is supported.")]
    ElectionAlgorithm,
    /// The election port is the other port too.
    #[error("Client and election port must be different! Please update the configuration file on server.{0}")]
    SamePorts(u64),
    /// A member in `zoo.cfg`, which says that members stand elsewhere.
    #[error("parameter: {0} must be in a separate dynamic config file")]
    NotInDynamicFile(String),
    /// The members' file says what its name has to say.
    #[error("dynamic file shouldn't have version inside")]
    VersionInside,
    /// No server votes.
    #[error("Observers w/o participants is an invalid configuration")]
    OnlyObservers,
    /// One server votes and others observe.
    #[error("Observers w/o quorum is an invalid configuration")]
    ObserversWithoutQuorum,
    /// A key that an ensemble needs.
    #[error("{0} is not set")]
    NotSet(&'static str),
}

impl ConfigError {
    /// The exit code of the real program.
    pub fn exit_code(&self) -> i32 {
        2
    }

    /// The lines that the real program logs before it ends.
    pub fn log_lines(&self) -> Vec<String> {
        refused(super::SOURCE, self.exception(), &self.to_string(), self.is_wrapped())
    }

    fn exception(&self) -> &'static str {
        match self {
            Self::Number(_) => "java.lang.NumberFormatException",
            _ if self.is_wrapped() => "java.lang.IllegalArgumentException",
            _ => "org.apache.zookeeper.server.quorum.QuorumPeerConfig$ConfigException",
        }
    }

    /// Whether the real program reports it as the cause of another exception.
    fn is_wrapped(&self) -> bool {
        !matches!(
            self,
            Self::Switch { .. } | Self::Member(_) | Self::Unresolved(_) | Self::PeerType(_) | Self::ElectionAlgorithm
        )
    }
}

/// The log of a start that a bad configuration ends.
pub fn refused(source: &str, exception: &str, message: &str, wrapped: bool) -> Vec<String> {
    let line = |level, class, message: &str| Line { myid: "", level, thread: "main", class }.format(message);
    let mut lines = vec![
        line(Level::Info, "QuorumPeerConfig@177", &format!("Reading configuration from: {source}")),
        line(Level::Error, "QuorumPeerMain@99", "Invalid config, exiting abnormally"),
    ];
    if wrapped {
        lines.push(format!(
            "org.apache.zookeeper.server.quorum.QuorumPeerConfig$ConfigException: Error processing {source}"
        ));
        lines.push(format!("Caused by: {exception}: {message}"));
    } else {
        lines.push(format!("{exception}: {message}"));
    }
    lines.push("Invalid config, exiting abnormally".to_owned());
    lines.push(line(Level::Info, "ZKAuditProvider@42", "ZooKeeper audit is disabled."));
    lines.push(line(Level::Error, "ServiceUtils@42", "Exiting JVM with code 2"));
    lines
}

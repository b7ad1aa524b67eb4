//! Why a server did not start.

use std::net::SocketAddr;

use crate::{
    config::{ConfigError, refused},
    engine::java_bind_error,
    log::{Level, Line},
    store::StoreError,
};

/// Why a server did not start; the text is what the real one logs.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The ensemble has several servers and the dataDir has no `myid`.
    #[error("myid file is missing")]
    MyIdMissing,
    /// What stands in `myid` is no number.
    #[error("serverid {0} is not a number")]
    MyIdNotNumber(String),
    /// There is no `server.N` line for this server.
    #[error("My id {0} not in the peer list")]
    NotInList(u64),
    /// Neither `clientPort` nor this server's `server.N` line says where clients connect.
    #[error("clientPort is not set")]
    NoClientPort,
    /// The file that `dynamicConfigFile` names cannot be read.
    #[error("{name} ({source})")]
    MembersFile {
        /// Its name on the machine.
        name: String,
        /// Why.
        source: std::io::Error,
    },
    /// What stands in that file is refused.
    #[error("{0}")]
    Members(ConfigError),
    /// A name in the configuration means nothing on this machine.
    #[error("{0}: Name or service not known")]
    UnknownHost(String),
    /// A port cannot be had.
    #[error("{}: {address}", java_bind_error(.source))]
    Bind {
        /// Which.
        address: SocketAddr,
        /// Whether it is the port where leaders are elected.
        election: bool,
        /// Why.
        source: std::io::Error,
    },
    /// The AdminServer's port cannot be had, which ends a lone server.
    #[error("Problem starting AdminServer on address {address}, port {port} and command URL {url}")]
    Admin {
        /// `admin.serverAddress`.
        address: String,
        /// `admin.serverPort`.
        port: u16,
        /// `admin.commandURL`.
        url: String,
        /// Why.
        source: std::io::Error,
    },
    /// The data cannot be read or written.
    #[error("{0}")]
    Data(String),
    /// The system gives no thread.
    #[error("{0}")]
    Thread(std::io::Error),
}

impl From<StoreError> for StartError {
    fn from(error: StoreError) -> Self {
        Self::Data(error.to_string())
    }
}

impl StartError {
    /// The exit code of the real program.
    pub fn exit_code(&self) -> i32 {
        match self {
            Self::MyIdMissing
            | Self::MyIdNotNumber(_)
            | Self::NoClientPort
            | Self::MembersFile { .. }
            | Self::Members(_)
            | Self::UnknownHost(_) => 2,
            Self::Data(_) => 3,
            Self::Admin { .. } => 4,
            Self::Bind { election: true, .. } => 14,
            _ => 1,
        }
    }

    /// The lines that the real program logs before it ends.
    pub(crate) fn log_lines(&self, source: &str, myid: &str) -> Vec<String> {
        let line = |class, message: &str| Line { myid, level: Level::Error, thread: "main", class }.format(message);
        let exit = line("ServiceUtils@42", &format!("Exiting JVM with code {}", self.exit_code()));
        match self {
            Self::MyIdMissing | Self::MyIdNotNumber(_) | Self::NoClientPort => {
                refused(source, "java.lang.IllegalArgumentException", &self.to_string(), true)
            }
            Self::MembersFile { .. } => refused(source, "java.io.FileNotFoundException", &self.to_string(), true),
            Self::Members(error) => error.log_lines(),
            Self::UnknownHost(_) => refused(source, "java.net.UnknownHostException", &self.to_string(), true),
            Self::Data(_) => vec![
                line("QuorumPeerMain@103", "Unable to access datadir, exiting abnormally"),
                self.to_string(),
                "Unable to access datadir, exiting abnormally".to_owned(),
                exit,
            ],
            Self::Admin { address, port, source, .. } => vec![
                line("ZooKeeperServerMain@81", "Unable to start AdminServer, exiting abnormally"),
                format!("org.apache.zookeeper.server.admin.AdminServer$AdminServerException: {self}"),
                format!("Caused by: java.io.IOException: Failed to bind to /{address}:{port}"),
                format!("Caused by: java.net.BindException: {}", java_bind_error(source)),
                exit,
            ],
            Self::Bind { source, address, election: true } => vec![
                line(
                    "QuorumCnxManager$Listener$ListenerHandler@1085",
                    &format!("Exception while listening to address /{address}"),
                ),
                format!("java.net.BindException: {}", java_bind_error(source)),
                line(
                    "QuorumCnxManager$Listener$ListenerHandler@1052",
                    &format!(
                        "Leaving listener thread for address /{address} after 3 errors. Use zookeeper.electionPortBindRetry property to \
                         increase retry count."
                    ),
                ),
                exit,
            ],
            Self::Bind { source, .. } => vec![
                line("ZooKeeperServerMain@91", "Unexpected exception, exiting abnormally"),
                format!("java.net.BindException: {}", java_bind_error(source)),
                exit,
            ],
            Self::NotInList(_) | Self::Thread(_) => vec![
                line("QuorumPeerMain@114", "Unexpected exception, exiting abnormally"),
                format!("java.lang.RuntimeException: {self}"),
                exit,
            ],
        }
    }
}

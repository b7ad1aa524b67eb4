//! `server.N=host:peer:election[:role][;[host:]client]`.

use super::ConfigError;

/// A `server.N=` line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Host name or address.
    pub host: String,
    /// Where followers connect to it when it leads.
    pub peer_port: u16,
    /// Where leaders are elected.
    pub election_port: u16,
    /// Whether it votes.
    pub role: Role,
    /// Where clients connect to it, if the line says so.
    pub client: Option<ClientAddress>,
}

/// Where clients connect to a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientAddress {
    /// Host name or address; `0.0.0.0` if the line names none.
    pub host: String,
    /// The port.
    pub port: u16,
}

/// Whether a member votes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Role {
    /// It votes and may lead.
    #[default]
    Participant,
    /// It follows and never votes.
    Observer,
}

impl Member {
    pub(super) fn parse(value: &str) -> Result<Self, ConfigError> {
        let form = || ConfigError::Member(value.to_owned());
        let (server, client) = match value.split_once(';') {
            Some((server, client)) => (server, Some(client.trim())),
            None => (value, None),
        };
        // The real program takes several addresses a server, divided by bars; the first is used.
        let server = server.split('|').next().unwrap_or(server).trim();
        let (host, rest) = match server.strip_prefix('[').and_then(|v6| v6.split_once(']')) {
            Some((v6, rest)) => (v6, rest.strip_prefix(':').ok_or_else(form)?),
            None => server.split_once(':').ok_or_else(form)?,
        };
        let parts: Vec<&str> = rest.split(':').collect();
        let (peer, election, role) = match parts.as_slice() {
            [peer, election] => (peer, election, None),
            [peer, election, role] => (peer, election, Some(*role)),
            _ => return Err(form()),
        };
        let port = |text: &str| text.parse().map_err(|_| ConfigError::Unresolved(format!("{host}:{text}")));
        Ok(Self {
            host: host.to_owned(),
            peer_port: port(peer)?,
            election_port: port(election)?,
            role: role.map_or(Ok(Role::Participant), parse_role)?,
            client: client.map(|client| parse_client(client, port)).transpose()?,
        })
    }
}

fn parse_client(text: &str, port: impl Fn(&str) -> Result<u16, ConfigError>) -> Result<ClientAddress, ConfigError> {
    let (host, number) = text.rsplit_once(':').unwrap_or(("0.0.0.0", text));
    Ok(ClientAddress { host: host.to_owned(), port: port(number)? })
}

fn parse_role(text: &str) -> Result<Role, ConfigError> {
    match text.to_ascii_lowercase().as_str() {
        "participant" => Ok(Role::Participant),
        "observer" => Ok(Role::Observer),
        _ => Err(ConfigError::PeerType(text.to_owned())),
    }
}

impl std::fmt::Display for Member {
    /// As `conf` and the config node show it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let role = match self.role {
            Role::Participant => "participant",
            Role::Observer => "observer",
        };
        write!(f, "{}:{}:{}:{role}", self.host, self.peer_port, self.election_port)?;
        match &self.client {
            Some(ClientAddress { host, port }) => write!(f, ";{host}:{port}"),
            None => Ok(()),
        }
    }
}

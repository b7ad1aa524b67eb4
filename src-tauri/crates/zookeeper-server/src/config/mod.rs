//! `zoo.cfg`, read as ZooKeeper 3.8's `QuorumPeerConfig` reads it.

mod error;
mod member;
mod membership;
mod properties;

use std::collections::{BTreeMap, BTreeSet};

use crate::dynamic;

pub use error::ConfigError;
pub(crate) use error::refused;
pub use member::{ClientAddress, Member, Role};
pub(crate) use membership::{Membership, joiner};
pub(crate) use properties::static_lines;

/// Where `zoo.cfg` lies on a machine, unless [`Config::source`] is set to something else.
const SOURCE: &str = "/etc/zookeeper/conf/zoo.cfg";

/// A `zoo.cfg` that a server can start from. Defaults are the real program's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Where the file lies on the machine, for the log (`/etc/zookeeper/conf/zoo.cfg`).
    pub source: String,
    /// `dataDir`: absolute path on the machine.
    pub data_dir: String,
    /// `dataLogDir`: where logs go; the same as `dataDir` by default.
    pub data_log_dir: String,
    /// `clientPort`; none only if `server.N` lines say it instead.
    pub client_port: Option<u16>,
    /// `clientPortAddress`; every address of the machine by default.
    pub client_address: Option<String>,
    /// `tickTime`, ms (3000).
    pub tick_ms: u32,
    /// `initLimit`, ticks; needed in an ensemble.
    pub init_limit: u32,
    /// `syncLimit`, ticks; needed in an ensemble.
    pub sync_limit: u32,
    /// `maxClientCnxns` from one address (60); 0 is without limit.
    pub max_client_connections: u32,
    /// `minSessionTimeout`, ms (2 ticks).
    pub min_session_ms: i32,
    /// `maxSessionTimeout`, ms (20 ticks).
    pub max_session_ms: i32,
    /// `quorumListenOnAllIPs` (false).
    pub quorum_listen_on_all: bool,
    /// `autopurge.snapRetainCount` (3).
    pub snap_retain: u32,
    /// `autopurge.purgeInterval`, hours; 0, the default, is never.
    pub purge_hours: u32,
    /// `electionPortBindRetry` and all other keys that the real program passes on as system properties.
    pub properties: BTreeMap<String, String>,
    /// Where the AdminServer answers; none if `admin.enableServer` says `false`.
    pub admin: Option<Admin>,
    /// The file as it was read.
    pub text: String,
    /// `server.N` lines by server id, as they stand there. A single one is ignored, as the real program does.
    pub members: BTreeMap<u64, Member>,
    /// Since which transaction these are the members: 0 for those of `zoo.cfg`.
    pub members_version: i64,
}

/// Where the AdminServer answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admin {
    /// `admin.serverAddress` (every address of the machine).
    pub address: String,
    /// `admin.serverPort` (8080).
    pub port: u16,
    /// `admin.commandURL` (`/commands`).
    pub url: String,
}

impl Admin {
    /// From properties, as Java reads them: only `false`, written just so, switches it off, and a number that is none is not there.
    fn from_properties(properties: &BTreeMap<String, String>) -> Option<Self> {
        let text = |key: &str| properties.get(key).cloned();
        if text("admin.enableServer").is_some_and(|value| value == "false") {
            return None;
        }
        Some(Self {
            address: text("admin.serverAddress").unwrap_or_else(|| "0.0.0.0".to_owned()),
            port: text("admin.serverPort").and_then(|port| port.parse().ok()).unwrap_or(8080),
            url: text("admin.commandURL").unwrap_or_else(|| "/commands".to_owned()),
        })
    }
}

/// Keys whose values are numbers and that this server has no use for; a wrong number is an error all the same.
const UNUSED_NUMBERS: [&str; 7] = [
    "secureClientPort",
    "observerMasterPort",
    "clientPortListenBacklog",
    "connectToLearnerMasterLimit",
    "quorum.cnxn.threads.size",
    "multiAddress.reachabilityCheckTimeoutMs",
    "jvm.pause.sleep.time.ms",
];

/// Keys that are true or false, kept as properties.
const SWITCHES: [&str; 11] = [
    "standaloneEnabled",
    "localSessionsEnabled",
    "localSessionsUpgradingEnabled",
    "syncEnabled",
    "reconfigEnabled",
    "sslQuorum",
    "portUnification",
    "sslQuorumReloadCertFiles",
    "multiAddress.enabled",
    "multiAddress.reachabilityCheckEnabled",
    "quorum.auth.enableSasl",
];

impl Config {
    /// Reads the text of a `zoo.cfg`.
    pub fn parse(zoo_cfg: &str) -> Result<Self, ConfigError> {
        let mut draft = Draft::default();
        for (key, value) in properties::parse(zoo_cfg) {
            draft.take(key.trim(), value.trim())?;
        }
        let mut config = draft.finish()?;
        zoo_cfg.clone_into(&mut config.text);
        Ok(config)
    }

    /// The same with the members of another file, `dynamicConfigFile`.
    pub(crate) fn with_members(mut self, text: &str, version: i64) -> Result<Self, ConfigError> {
        let members = Membership::parse(text)?;
        if members.version != 0 {
            return Err(ConfigError::VersionInside);
        }
        self.members = members.members;
        self.members_version = version;
        self.check_members()?;
        Ok(self)
    }

    /// The members that this file names; none for a lone server.
    pub(crate) fn membership(&self) -> Membership {
        if !self.is_ensemble() {
            return Membership::default();
        }
        Membership { members: self.members.clone(), version: self.members_version }
    }

    /// Whether the ensemble may be changed while it runs (`reconfigEnabled`).
    pub fn can_be_changed(&self) -> bool {
        self.is_on("reconfigEnabled") && self.is_ensemble()
    }

    /// Whether this is one server of several.
    pub fn is_ensemble(&self) -> bool {
        self.voters().count() > 1 || (self.voters().count() == 1 && !self.standalone_enabled())
    }

    pub(crate) fn standalone_enabled(&self) -> bool {
        self.properties.get("standaloneEnabled").is_none_or(|value| value == "true")
    }

    /// The ids of the servers that vote.
    pub fn voters(&self) -> impl Iterator<Item = u64> + '_ {
        self.members.iter().filter(|(_, member)| member.role == Role::Participant).map(|(id, _)| *id)
    }

    /// A property: a key that the real program knows as `zookeeper.KEY`.
    pub fn property(&self, key: &str) -> Option<&str> {
        self.properties.get(key).map(String::as_str)
    }

    /// Whether a property says `true`.
    pub fn is_on(&self, key: &str) -> bool {
        self.property(key) == Some("true")
    }

    /// The largest frame that is taken, bytes (`jute.maxbuffer`; 1 MiB less one).
    pub fn largest_frame(&self) -> usize {
        self.property("jute.maxbuffer").and_then(|bytes| bytes.parse().ok()).unwrap_or(0xf_ffff)
    }

    /// Takes a Java system property, as `-DNAME=VALUE` gives it to the real program. Those that begin with `zookeeper.` are the same as
    /// a line in the file without that beginning.
    pub fn set_system_property(&mut self, name: &str, value: &str) {
        let key = name.strip_prefix("zookeeper.").unwrap_or(name);
        self.properties.insert(key.to_owned(), value.to_owned());
        self.admin = Admin::from_properties(&self.properties);
    }

    /// The four-letter words that may be asked (`4lw.commands.whitelist`; only `srvr` by default).
    pub fn allows_word(&self, word: &str) -> bool {
        let list = self.property("4lw.commands.whitelist").unwrap_or("srvr");
        let listed: BTreeSet<&str> = list.split(',').map(str::trim).collect();
        listed.contains("*") || listed.contains(word)
    }
}

#[derive(Default)]
struct Draft {
    text: BTreeMap<&'static str, String>,
    numbers: BTreeMap<&'static str, i32>,
    properties: BTreeMap<String, String>,
    members: BTreeMap<u64, Member>,
    listen_on_all: bool,
}

impl Draft {
    fn take(&mut self, key: &str, value: &str) -> Result<(), ConfigError> {
        const TEXTS: [&str; 3] = ["dataDir", "dataLogDir", "clientPortAddress"];
        const NUMBERS: [&str; 9] = [
            "clientPort",
            "tickTime",
            "maxClientCnxns",
            "minSessionTimeout",
            "maxSessionTimeout",
            "initLimit",
            "syncLimit",
            "autopurge.snapRetainCount",
            "autopurge.purgeInterval",
        ];
        if let Some(name) = TEXTS.into_iter().find(|name| *name == key) {
            self.text.insert(name, value.to_owned());
        } else if let Some(name) = NUMBERS.into_iter().find(|name| *name == key) {
            self.numbers.insert(name, number(value)?);
        } else if UNUSED_NUMBERS.contains(&key) {
            number(value)?;
        } else if SWITCHES.contains(&key) {
            let value = switch(key, value)?.to_string();
            self.properties.insert(key.to_owned(), value);
        } else {
            self.take_special(key, value)?;
        }
        Ok(())
    }

    fn take_special(&mut self, key: &str, value: &str) -> Result<(), ConfigError> {
        match key {
            "quorumListenOnAllIPs" => self.listen_on_all = switch(key, value)?,
            "electionAlg" => {
                if number(value)? != 3 {
                    return Err(ConfigError::ElectionAlgorithm);
                }
            }
            "peerType" => {
                if !["observer", "participant"].contains(&value.to_ascii_lowercase().as_str()) {
                    return Err(ConfigError::PeerType(value.to_owned()));
                }
            }
            _ => match key.strip_prefix("server.") {
                Some(_) => self.members.extend([membership::member_of(key, value)?]),
                None => {
                    self.properties.insert(key.to_owned(), value.to_owned());
                }
            },
        }
        Ok(())
    }

    fn number_or(&self, key: &str, default: i32) -> i32 {
        self.numbers.get(key).copied().unwrap_or(default)
    }

    fn positive(&self, key: &str, default: u32) -> u32 {
        self.numbers.get(key).map_or(default, |number| u32::try_from(*number).unwrap_or(0))
    }

    fn finish(mut self) -> Result<Config, ConfigError> {
        let data_dir = self.text.remove("dataDir").ok_or(ConfigError::NoDataDir)?;
        let data_log_dir = self.text.remove("dataLogDir").unwrap_or_else(|| data_dir.clone());
        let client_address = self.text.remove("clientPortAddress");
        let client_port = self.client_port()?;
        if client_port.is_none() && client_address.is_some() {
            return Err(ConfigError::AddressWithoutPort);
        }
        let elsewhere = self.properties.contains_key(dynamic::KEY);
        if let Some(id) = self.members.keys().next().filter(|_| elsewhere) {
            return Err(ConfigError::NotInDynamicFile(format!("server.{id}")));
        }
        if !elsewhere && client_port.is_none() && self.members.values().all(|member| member.client.is_none()) {
            return Err(ConfigError::NoClientPort);
        }
        let tick_ms = self.positive("tickTime", 3000);
        let ticks = |n: i32| i32::try_from(tick_ms).unwrap_or(i32::MAX).saturating_mul(n);
        let session = |value: i32, default: i32| if value == -1 { default } else { value };
        let config = Config {
            source: SOURCE.to_owned(),
            data_dir,
            data_log_dir,
            client_port,
            client_address,
            tick_ms,
            init_limit: self.positive("initLimit", 0),
            sync_limit: self.positive("syncLimit", 0),
            max_client_connections: self.positive("maxClientCnxns", 60),
            min_session_ms: session(self.number_or("minSessionTimeout", -1), ticks(2)),
            max_session_ms: session(self.number_or("maxSessionTimeout", -1), ticks(20)),
            quorum_listen_on_all: self.listen_on_all,
            snap_retain: self.positive("autopurge.snapRetainCount", 3).max(3),
            purge_hours: self.positive("autopurge.purgeInterval", 0),
            admin: Admin::from_properties(&self.properties),
            text: String::new(),
            properties: self.properties,
            members: self.members,
            members_version: 0,
        };
        if !elsewhere {
            config.check_members()?;
        }
        Ok(config)
    }

    fn client_port(&self) -> Result<Option<u16>, ConfigError> {
        match self.number_or("clientPort", 0) {
            0 => Ok(None),
            port => u16::try_from(port).map(Some).map_err(|_| ConfigError::PortRange(port)),
        }
    }
}

impl Config {
    /// What the real program checks before it looks for `myid`.
    fn check_members(&self) -> Result<(), ConfigError> {
        let voters = self.voters().count();
        if voters <= 1 && self.members.len() > voters {
            return Err(if voters == 0 { ConfigError::OnlyObservers } else { ConfigError::ObserversWithoutQuorum });
        }
        if self.is_ensemble() && self.init_limit == 0 {
            return Err(ConfigError::NotSet("initLimit"));
        }
        if self.is_ensemble() && self.sync_limit == 0 {
            return Err(ConfigError::NotSet("syncLimit"));
        }
        Ok(())
    }
}

fn number(value: &str) -> Result<i32, ConfigError> {
    value.parse().map_err(|_| ConfigError::Number(value.to_owned()))
}

fn switch(key: &str, value: &str) -> Result<bool, ConfigError> {
    match value.to_ascii_lowercase().as_str() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(ConfigError::Switch { key: key.to_owned(), value: value.to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ensemble() {
        let config = Config::parse(
            "# a comment\ntickTime=500\ninitLimit = 10\nsyncLimit:5\ndataDir=/var/lib/zookeeper\nclientPort=2181\n\
             4lw.commands.whitelist=srvr, ruok\nserver.1=127.0.0.1:2888:3888\nserver.2=[::1]:2888:3888:observer;2181\nserver.3=c:2888:3888\n",
        )
        .unwrap();
        assert!(config.is_ensemble());
        assert_eq!((config.min_session_ms, config.max_session_ms), (1000, 10000));
        assert_eq!(config.voters().collect::<Vec<_>>(), [1, 3]);
        assert_eq!(config.members[&2].host, "::1");
        assert_eq!(config.members[&2].client.as_ref().map(|client| client.port), Some(2181));
        assert!(config.allows_word("ruok") && !config.allows_word("stat"));
    }

    #[test]
    fn a_lone_server() {
        let config = Config::parse("dataDir=/d\nclientPort=2181\nserver.1=a:2888:3888\nsome.key=x").unwrap();
        assert!(!config.is_ensemble());
        assert_eq!(config.tick_ms, 3000);
        assert_eq!(config.max_client_connections, 60);
        assert_eq!(config.property("some.key"), Some("x"));
        assert!(config.allows_word("srvr") && !config.allows_word("ruok"));
    }

    #[test]
    fn refused_as_the_real_one_refuses() {
        let says = |text: &str| Config::parse(text).unwrap_err().to_string();
        assert_eq!(says("clientPort=2181"), "dataDir is not set");
        assert_eq!(says("dataDir=/d\nclientPort=abc"), "For input string: \"abc\"");
        assert_eq!(says("dataDir=/d"), "clientPort is not set");
        assert_eq!(says("dataDir=/d\nclientPortAddress=a"), "clientPortAddress is set but clientPort is not set");
        assert_eq!(
            says("dataDir=/d\nstandaloneEnabled=maybe"),
            "Invalid option maybe for standaloneEnabled. Choose 'true' or 'false.'"
        );
        let two = "dataDir=/d\nclientPort=1\nserver.1=a:1:2\nserver.2=b:1:2\n";
        assert_eq!(says(two), "initLimit is not set");
        assert_eq!(says(&format!("{two}initLimit=5")), "syncLimit is not set");
        assert!(says("dataDir=/d\nserver.1=a:1").starts_with("a:1 does not have the form"));
        assert_eq!(says("dataDir=/d\nserver.1=a:b:1"), "Address unresolved: a:b");
        assert_eq!(says("dataDir=/d\nserver.x=a:1:2"), "For input string: \"x\"");
    }
}

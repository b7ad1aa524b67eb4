//! Who belongs to the ensemble, as the config node says it.

use std::{collections::BTreeMap, fmt};

use super::{ConfigError, Member, Role};

/// The servers of an ensemble, and since which transaction they are these.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Membership {
    /// By server id.
    pub members: BTreeMap<u64, Member>,
    /// 0 for those of `zoo.cfg`.
    pub version: i64,
}

impl Membership {
    /// Reads `server.N=…` lines and a version.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let mut membership = Self::default();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let (key, value) = line.split_once('=').ok_or_else(|| ConfigError::Member(line.to_owned()))?;
            if key.trim() == "version" {
                membership.version =
                    i64::from_str_radix(value.trim(), 16).map_err(|_| ConfigError::Number(value.to_owned()))?;
            } else {
                let (id, member) = member_of(key.trim(), value.trim())?;
                membership.members.insert(id, member);
            }
        }
        Ok(membership)
    }

    /// The version that the text of a config node ends with; 0 if it names none.
    pub fn version_in(text: &[u8]) -> i64 {
        Self::parse(&String::from_utf8_lossy(text)).map_or(0, |members| members.version)
    }

    /// The text of the config node: nothing on a lone server.
    pub fn shown(&self) -> String {
        if self.members.is_empty() { String::new() } else { self.to_string() }
    }

    /// The servers that vote.
    pub fn voters(&self) -> impl Iterator<Item = (&u64, &Member)> {
        self.members.iter().filter(|(_, member)| member.role == Role::Participant)
    }
}

pub(super) fn member_of(key: &str, value: &str) -> Result<(u64, Member), ConfigError> {
    let id = key.rsplit('.').next().unwrap_or(key);
    let id = id.parse().map_err(|_| ConfigError::Number(id.to_owned()))?;
    let member = Member::parse(value)?;
    if member.peer_port == member.election_port {
        return Err(ConfigError::SamePorts(id));
    }
    Ok((id, member))
}

/// A server that shall join, as clients write it: `server.N=…;client`. All its ports must be there.
pub fn joiner(text: &str) -> Option<(u64, Member)> {
    let (key, value) = text.split_once('=').filter(|(_, value)| !value.contains('='))?;
    member_of(key.trim(), value.trim()).ok().filter(|(_, member)| member.client.is_some())
}

impl fmt::Display for Membership {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (id, member) in &self.members {
            writeln!(f, "server.{id}={member}")?;
        }
        write!(f, "version={:x}", self.version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_the_config_node_says_it() {
        let text = "server.1=a:1:2:participant;0.0.0.0:3\nserver.100=b:1:2:observer\nversion=100000003";
        let membership = Membership::parse(text).unwrap();
        assert_eq!((membership.version, membership.voters().count()), (0x1_0000_0003, 1));
        assert_eq!(membership.to_string(), text);
        assert!(joiner("server.3=c:1:2;4").is_some());
        for wrong in ["some thing", "server.3=c:1:2", "server.x=c:1:2;4", "server.3=c:1;4", "server.3=c:1:2;4=5"] {
            assert!(joiner(wrong).is_none(), "{wrong}");
        }
    }

    proptest::proptest! {
        #[test]
        fn anything_is_read_or_refused(text in "\\PC*(\n\\PC*){0,3}") {
            let _ = (Membership::parse(&text), joiner(&text));
        }
    }
}

//! Users of this machine, by name. Read from `/etc/passwd`: a static program has no other directory of users.

use std::fs;

/// A user, as processes have them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Account {
    /// The user's number.
    pub uid: u32,
    /// The number of the user's first group.
    pub gid: u32,
}

/// Why a command cannot run as a user.
#[derive(Debug, thiserror::Error)]
pub enum UserError {
    /// The machine does not know this name.
    #[error("this machine has no user {0}")]
    Unknown(String),
    /// The list of users cannot be read.
    #[error("/etc/passwd: {0}")]
    Unreadable(#[from] std::io::Error),
}

/// Whom to become to run as this user; none if there is nothing to do, or no right to do it: then the agent has chosen
/// the user already, and Mesos's own executor leaves it at that.
pub fn switch_to(name: &str) -> Result<Option<Account>, UserError> {
    if !rustix::process::geteuid().is_root() {
        return Ok(None);
    }
    let account = find(name, &fs::read_to_string("/etc/passwd")?)?;
    Ok((account.uid != 0).then_some(account))
}

fn find(name: &str, passwd: &str) -> Result<Account, UserError> {
    passwd.lines().find_map(|line| read(name, line)).ok_or_else(|| UserError::Unknown(name.to_owned()))
}

/// `NAME:PASSWORD:UID:GID:…`.
fn read(name: &str, line: &str) -> Option<Account> {
    let mut fields = line.split(':');
    if fields.next()? != name {
        return None;
    }
    let uid = fields.nth(1)?.parse().ok()?;
    Some(Account { uid, gid: fields.next()?.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_found_by_the_whole_name() {
        let passwd = "root:x:0:0:root:/root:/bin/bash\nwww:x:33:34::/var/www:/bin/sh\nbroken\n";
        assert_eq!(find("www", passwd).unwrap(), Account { uid: 33, gid: 34 });
        assert!(matches!(find("ww", passwd), Err(UserError::Unknown(name)) if name == "ww"));
    }
}

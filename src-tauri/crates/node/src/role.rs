//! What the program is to be, by the way it was called.

use std::ffi::{OsStr, OsString};
use std::path::Path;

/// What the program is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The scheduler.
    Pacer,
    /// What a Mesos agent starts to run a task.
    Executor,
    /// It says which version it is.
    Version,
    /// It says what it can be.
    Help,
    /// It was called in a way that it does not know.
    Unknown,
}

/// The role, and the arguments that are left for it. `words` begin with the program's name.
pub fn of(words: impl IntoIterator<Item = OsString>) -> (Role, Vec<OsString>) {
    let mut words = words.into_iter();
    let name = words.next().unwrap_or_default();
    let mut arguments: Vec<_> = words.collect();
    if let Some(role) = by_name(&name) {
        return (role, arguments);
    }
    let role = match arguments.first().and_then(|first| first.to_str()) {
        Some("pacer") => Role::Pacer,
        Some("executor") => Role::Executor,
        Some("--version" | "-V") => Role::Version,
        Some("--help" | "-h" | "help") => Role::Help,
        _ => return (Role::Unknown, arguments),
    };
    arguments.remove(0);
    (role, arguments)
}

fn by_name(name: &OsStr) -> Option<Role> {
    match Path::new(name).file_name()?.to_str()? {
        "pacer" => Some(Role::Pacer),
        "mesos-executor" => Some(Role::Executor),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn called(words: &[&str]) -> (Role, usize) {
        let (role, rest) = of(words.iter().map(OsString::from));
        (role, rest.len())
    }

    #[test]
    fn by_its_name_or_the_first_argument() {
        assert_eq!(called(&["/usr/local/sbin/pacer", "--zk", "x"]), (Role::Pacer, 2));
        assert_eq!(called(&["mesos-executor", "--launcher_dir=/opt"]), (Role::Executor, 1));
        assert_eq!(called(&["/x/startline-node", "pacer", "--zk", "x"]), (Role::Pacer, 2));
        assert_eq!(called(&["startline-node", "executor"]), (Role::Executor, 0));
        assert_eq!(called(&["startline-node", "--version"]).0, Role::Version);
        assert_eq!(called(&["startline-node"]).0, Role::Unknown);
        assert_eq!(called(&["startline-node", "marathon"]).0, Role::Unknown);
        assert_eq!(called(&[]).0, Role::Unknown);
    }
}

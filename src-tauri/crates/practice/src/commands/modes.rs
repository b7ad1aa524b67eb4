//! `chmod` and `chown`.

use super::{Call, args::Known};
use crate::host::{
    disk::{Fault, Stat},
    users::{self, User},
};

/// Applies `act` to `path` and, if `recursive`, to all below it.
fn each(call: &Call, path: &str, recursive: bool, act: &dyn Fn(&str) -> Result<(), Fault>) -> Result<(), Fault> {
    act(path)?;
    let (disk, user) = (&call.host().disk, &call.shell.user);
    if recursive && disk.lstat(user, path)?.is_dir() {
        for name in disk.list(user, path)? {
            each(call, &format!("{path}/{name}"), true, act)?;
        }
    }
    Ok(())
}

const RECURSIVE: Known = Known { flags: "RvfhcL", valued: "", long: &[("recursive", 'R')] };

/// `chmod [-R] MODE FILE…`; octal or `u+x` forms.
pub(super) fn chmod(call: &mut Call) -> i32 {
    // A mode such as `-x` is no option.
    let split =
        call.args.iter().position(|a| !a.starts_with('-') || Change::parse(a).is_some()).unwrap_or(call.args.len());
    let Ok(options) = RECURSIVE.parse(&call.args[..split]) else {
        call.complain("invalid option");
        return 1;
    };
    let Some((mode, files)) = call.args[split..].split_first() else {
        call.misused("missing operand");
        return 1;
    };
    let Some(change) = Change::parse(mode) else {
        call.complain(format!("invalid mode: ‘{mode}’"));
        return 1;
    };
    let (disk, user) = (&call.host().disk, &call.shell.user);
    let mut code = 0;
    for file in files {
        let act = |path: &str| disk.set_mode(user, path, |stat| change.apply(stat));
        match each(call, &call.shell.path(file), options.has('R'), &act) {
            Ok(()) => continue,
            Err(Fault::NotFound) => call.complain(format!("cannot access '{file}': {}", Fault::NotFound)),
            Err(fault) => call.complain(format!("changing permissions of '{file}': {fault}")),
        }
        code = 1;
    }
    code
}

/// What `chmod` does to a mode.
enum Change {
    Set(u32),
    Symbolic(Vec<(u32, char, String)>),
}

impl Change {
    fn parse(mode: &str) -> Option<Self> {
        if mode.bytes().all(|b| (b'0'..=b'7').contains(&b)) {
            return u32::from_str_radix(mode, 8).ok().filter(|m| *m <= 0o7777).map(Self::Set);
        }
        mode.split(',').map(Self::clause).collect::<Option<_>>().map(Self::Symbolic)
    }

    fn clause(clause: &str) -> Option<(u32, char, String)> {
        let at = clause.find(['+', '-', '='])?;
        let (who, rest) = clause.split_at(at);
        let mut letters = rest.chars();
        let operator = letters.next()?;
        let rights = letters.as_str();
        if !rights.chars().all(|c| "rwxXst".contains(c)) {
            return None;
        }
        let mask = who.chars().try_fold(0, |mask, c| {
            Some(
                mask | match c {
                    'u' => 0o4700,
                    'g' => 0o2070,
                    'o' => 0o1007,
                    'a' => 0o7777,
                    _ => return None,
                },
            )
        })?;
        Some((if who.is_empty() { 0o7777 } else { mask }, operator, rights.to_owned()))
    }

    fn apply(&self, stat: &Stat) -> u32 {
        match self {
            Self::Set(mode) => *mode,
            Self::Symbolic(clauses) => clauses.iter().fold(stat.meta.mode, |mode, (mask, operator, rights)| {
                let bits = rights.chars().fold(0, |bits, c| bits | right(c, mode, stat.is_dir())) & mask;
                match operator {
                    '+' => mode | bits,
                    '-' => mode & !bits,
                    _ => (mode & !mask) | bits,
                }
            }),
        }
    }
}

fn right(letter: char, mode: u32, is_dir: bool) -> u32 {
    match letter {
        'r' => 0o444,
        'w' => 0o222,
        'x' => 0o111,
        'X' if is_dir || mode & 0o111 != 0 => 0o111,
        's' => 0o6000,
        't' => 0o1000,
        _ => 0,
    }
}

/// `chown [-R] USER[:GROUP] FILE…`.
pub(super) fn chown(call: &mut Call) -> i32 {
    let Ok(args) = call.parse(&RECURSIVE) else { return 1 };
    let Some((owner, files)) = args.rest.split_first() else {
        call.misused("missing operand");
        return 1;
    };
    let (user, group) = match owner.split_once(':') {
        Some((user, group)) => (user, Some(group)),
        None => (owner.as_str(), None),
    };
    let disk = &call.host().disk;
    let found = User::find(disk, user);
    if (!user.is_empty() && found.is_none()) || group.is_some_and(|g| !g.is_empty() && !users::group_exists(disk, g)) {
        call.complain(format!("invalid user: ‘{owner}’"));
        return 1;
    }
    // `user:` means the user's own group.
    let group = match (group, &found) {
        (Some(""), Some(user)) => Some(user.group()),
        (Some(""), None) | (None, _) => None,
        (Some(group), _) => Some(group.to_owned()),
    };
    let name = found.map(|u| u.name);
    let mut code = 0;
    for file in files {
        let act = |path: &str| disk.set_owner(&call.shell.user, path, name.as_deref(), group.as_deref());
        match each(call, &call.shell.path(file), args.has('R'), &act) {
            Ok(()) => continue,
            Err(Fault::NotFound) => call.complain(format!("cannot access '{file}': {}", Fault::NotFound)),
            Err(fault) => call.complain(format!("changing ownership of '{file}': {fault}")),
        }
        code = 1;
    }
    code
}

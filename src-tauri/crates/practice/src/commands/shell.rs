//! What is built into the shell, or belongs to it.

use futures::future::{BoxFuture, FutureExt};

use super::{Call, is_builtin, locate};
use crate::host::disk::{Fault, tidy};

/// `:`.
pub(super) fn colon(_: &mut Call) -> i32 {
    0
}

/// `cd [FOLDER]`.
pub(super) fn cd(call: &mut Call) -> i32 {
    let shell = &mut *call.shell;
    let target = match call.args.first().map(String::as_str) {
        None | Some("~") => shell.env.get("HOME").cloned().unwrap_or_else(|| shell.user.home.clone()),
        Some("-") => shell.env.get("OLDPWD").cloned().unwrap_or_else(|| shell.cwd.clone()),
        Some(path) => path.to_owned(),
    };
    let path = tidy(&shell.path(&target));
    let fault = match shell.host.disk.stat(&shell.user, &path) {
        Ok(stat) if !stat.is_dir() => Some(Fault::NotDirectory),
        Ok(stat) => shell.user.may_search(&stat.meta).err(),
        Err(fault) => Some(fault),
    };
    if let Some(fault) = fault {
        call.streams.err.line(format!("bash: line 1: cd: {target}: {fault}"));
        return 1;
    }
    shell.env.insert("OLDPWD".into(), shell.cwd.clone());
    shell.env.insert("PWD".into(), path.clone());
    shell.cwd = path;
    0
}

/// `pwd`.
pub(super) fn pwd(call: &mut Call) -> i32 {
    call.say(&call.shell.cwd);
    0
}

/// `command -v NAME…`.
pub(super) fn command(call: &mut Call) -> i32 {
    let Some(("-v" | "-V", names)) = call.args.split_first().map(|(first, rest)| (first.as_str(), rest)) else {
        call.streams.err.line("bash: line 1: command: a practice machine knows `command -v NAME` only");
        return 2;
    };
    let mut found = 0;
    for name in names {
        if is_builtin(name) {
            call.say(name);
            found += 1;
        } else if let Some(path) = locate(call.shell, name) {
            call.say(path);
            found += 1;
        }
    }
    i32::from(found == 0)
}

/// `type NAME…`.
pub(super) fn type_of(call: &mut Call) -> i32 {
    let mut code = 0;
    for name in &call.args {
        if is_builtin(name) {
            call.say(format!("{name} is a shell builtin"));
        } else if let Some(path) = locate(call.shell, name) {
            call.say(format!("{name} is {path}"));
        } else {
            call.streams.err.line(format!("bash: line 1: type: {name}: not found"));
            code = 1;
        }
    }
    code
}

/// `which NAME…`.
pub(super) fn which(call: &mut Call) -> i32 {
    let mut code = i32::from(call.args.is_empty());
    for name in &call.args {
        match locate(call.shell, name) {
            Some(path) => call.say(path),
            None => code = 1,
        }
    }
    code
}

/// `exit [CODE]`.
pub(super) fn exit(call: &mut Call) -> i32 {
    call.shell.ended = true;
    match call.args.first() {
        None => call.shell.last,
        Some(code) => match code.parse::<i64>() {
            Ok(code) => i32::from(code.to_le_bytes()[0]),
            Err(_) => {
                call.streams.err.line(format!("bash: line 1: exit: {code}: numeric argument required"));
                2
            }
        },
    }
}

/// `export NAME[=VALUE]…`. Every variable is exported here.
pub(super) fn export(call: &mut Call) -> i32 {
    let assignments: Vec<_> =
        call.args.iter().filter_map(|a| a.split_once('=')).map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
    call.shell.env.extend(assignments);
    0
}

/// `set -…`: options of scripts; none changes what a line does here.
pub(super) fn set(_: &mut Call) -> i32 {
    0
}

/// `unset NAME…`.
pub(super) fn unset(call: &mut Call) -> i32 {
    for name in &call.args {
        call.shell.env.remove(name);
    }
    0
}

/// `env [NAME=VALUE…] [COMMAND…]`.
pub(super) fn env(call: Call<'_>) -> BoxFuture<'_, i32> {
    async move {
        let Some(mut inner) = call.shell.deeper() else {
            call.complain("too many commands start each other");
            return 1;
        };
        let mut words = call.args.iter().peekable();
        while let Some((name, value)) = words.peek().and_then(|w| w.split_once('=')) {
            inner.env.insert(name.to_owned(), value.to_owned());
            words.next();
        }
        let words: Vec<String> = words.cloned().collect();
        if words.is_empty() {
            for (name, value) in &inner.env {
                call.say(format!("{name}={value}"));
            }
            return 0;
        }
        inner.run(words, call.streams).await
    }
    .boxed()
}

/// A program that is made to be started by systemd.
pub(super) fn daemon(call: &mut Call) -> i32 {
    if call.args.iter().any(|a| a == "--version") {
        call.say(match call.name.rsplit('/').next().unwrap_or_default() {
            "mesos-master" | "mesos-agent" => "mesos 1.11.0",
            "marathon" => "1.11.24 (Pacer, on a practice machine)",
            _ => concat!("pacer ", env!("CARGO_PKG_VERSION")),
        });
        return 0;
    }
    call.complain("on a practice machine this runs as a service only: use `systemctl start`");
    1
}

//! `sudo`.

use futures::future::{BoxFuture, FutureExt};

use super::Call;
use crate::host::users::User;

/// The PATH that Debian's sudoers sets.
const SECURE_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// What sudo was asked for.
struct Wish {
    user: String,
    keep_env: bool,
    words: Vec<String>,
}

/// `sudo [-u USER] [-n] [-E] [-H] COMMAND…`.
pub(super) fn sudo(call: Call<'_>) -> BoxFuture<'_, i32> {
    async move {
        let Some(wish) = parse(&call) else { return 1 };
        let own = &call.shell.user;
        if !own.is_root() && !own.is_in("sudo") {
            call.streams.err.line(format!("{} is not in the sudoers file.", own.name));
            return 1;
        }
        let Some(user) = User::find(&call.host().disk, wish.user.trim_start_matches('#')) else {
            call.complain(format!("unknown user {}", wish.user));
            call.complain("error initializing audit plugin sudoers_audit");
            return 1;
        };
        let Some(mut shell) = call.shell.become_user(user) else {
            call.complain("too many commands start each other");
            return 1;
        };
        let mut env = if wish.keep_env { call.shell.env.clone() } else { shell.env.clone() };
        env.insert("PATH".into(), SECURE_PATH.into());
        env.insert("SUDO_USER".into(), call.shell.user.name.clone());
        shell.env = env;
        let mut words = wish.words.into_iter().peekable();
        while let Some((name, value)) = words.peek().and_then(|w| w.split_once('='))
            && !name.contains('/')
        {
            shell.env.insert(name.to_owned(), value.to_owned());
            words.next();
        }
        let words: Vec<String> = words.collect();
        let name = words.first().cloned().unwrap_or_default();
        if !name.contains('/') && super::locate(&shell, &name).is_none() {
            call.complain(format!("{name}: command not found"));
            return 1;
        }
        shell.run(words, call.streams).await
    }
    .boxed()
}

fn parse(call: &Call) -> Option<Wish> {
    let mut wish = Wish { user: "root".into(), keep_env: false, words: Vec::new() };
    let mut args = call.args.iter();
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "-u" | "--user" => match args.next() {
                Some(user) => wish.user.clone_from(user),
                None => {
                    call.complain("option requires an argument -- 'u'");
                    return None;
                }
            },
            "-n" | "-H" | "-S" | "-i" | "--" => {}
            "-E" => wish.keep_env = true,
            user if user.starts_with("-u") => wish.user = user[2..].to_owned(),
            option if option.starts_with('-') => {
                call.complain(format!("invalid option -- '{}'", option.trim_start_matches('-')));
                return None;
            }
            _ => {
                wish.words.push(arg.clone());
                wish.words.extend(args.by_ref().cloned());
            }
        }
    }
    if wish.words.is_empty() {
        call.streams.err.line("usage: sudo [-u user] command [arg ...]");
        return None;
    }
    Some(wish)
}

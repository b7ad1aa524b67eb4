//! `apt-get`, for the few packages that there are.

use futures::future::{BoxFuture, FutureExt};

use super::{Call, bash};
use crate::packages::Package;

/// `apt-get update`, `apt-get install [-y] PACKAGE…`.
pub(super) fn apt_get(call: Call<'_>) -> BoxFuture<'_, i32> {
    let code = run(&call);
    async move { code }.boxed()
}

fn run(call: &Call) -> i32 {
    let mut words = call.args.iter().filter(|a| !a.starts_with('-')).map(String::as_str);
    match words.next() {
        Some("update") if call.is_root() => {
            call.say("Reading package lists... Done");
            0
        }
        Some("install") if call.is_root() => words.map(|name| install(call, name)).max().unwrap_or(0),
        Some("update" | "install") => {
            call.streams
                .err
                .line("E: Could not open lock file /var/lib/dpkg/lock-frontend - open (13: Permission denied)");
            call.streams
                .err
                .line("E: Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), are you root?");
            100
        }
        other => {
            call.streams.err.line(format!("E: Invalid operation {}", other.unwrap_or_default()));
            100
        }
    }
}

fn install(call: &Call, name: &str) -> i32 {
    match Package::of_apt(name) {
        Some(package) => bash::install(call, package),
        None => {
            call.streams.err.line(format!("E: Unable to locate package {name}"));
            100
        }
    }
}

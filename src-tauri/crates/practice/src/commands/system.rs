//! What the machine tells about itself.

use std::time::{Duration, SystemTime};

use futures::future::{BoxFuture, FutureExt};

use super::{Call, args::Known, listing::human};
use crate::{
    clock,
    host::{Wish, users::User},
};

/// The kernel that Debian 12 comes with.
const KERNEL: &str = "6.1.0-28-amd64";
const KERNEL_BUILD: &str = "#1 SMP PREEMPT_DYNAMIC Debian 6.1.119-1 (2024-11-22)";
/// The disk that a machine shows, KiB.
const DISK_KB: u64 = 20 << 20;

/// `hostname [-I|-i|-s|-f]`.
pub(super) fn hostname(call: &mut Call) -> i32 {
    match call.args.first().map(String::as_str) {
        None | Some("-s" | "-f" | "--fqdn") => call.say(call.host().name()),
        Some("-I" | "--all-ip-addresses") => call.say(format!("{} ", call.host().machine.address)),
        Some("-i" | "--ip-address") => match call.host().resolve(&call.host().name()) {
            Ok(address) => call.say(address.to_string()),
            Err(_) => {
                call.complain("Name or service not known");
                return 1;
            }
        },
        Some(_) => {
            call.complain("you must be root to change the host name");
            return 1;
        }
    }
    0
}

/// `whoami`.
pub(super) fn whoami(call: &mut Call) -> i32 {
    call.say(&call.shell.user.name);
    0
}

/// `id [-u|-g|-n] [USER]`.
pub(super) fn id(call: &mut Call) -> i32 {
    let Ok(args) = call.parse(&Known { flags: "ugnG", valued: "", long: &[("user", 'u'), ("name", 'n')] }) else {
        return 1;
    };
    let user = match args.rest.first() {
        None => call.shell.user.clone(),
        Some(name) => match User::find(&call.host().disk, name) {
            Some(user) => user,
            None => {
                call.complain(format!("‘{name}’: no such user"));
                return 1;
            }
        },
    };
    let pick = |name: String, number: u32| if args.has('n') { name } else { number.to_string() };
    if args.has('u') {
        call.say(pick(user.name.clone(), user.uid));
    } else if args.has('g') {
        call.say(pick(user.group(), user.gid));
    } else if args.has('G') {
        call.say(user.groups.iter().map(|(n, name)| pick(name.clone(), *n)).collect::<Vec<_>>().join(" "));
    } else {
        let groups: Vec<String> = user.groups.iter().map(|(number, name)| format!("{number}({name})")).collect();
        call.say(format!(
            "uid={}({}) gid={}({}) groups={}",
            user.uid,
            user.name,
            user.gid,
            user.group(),
            groups.join(",")
        ));
    }
    0
}

/// `uname [-a|-s|-n|-r|-m]`.
pub(super) fn uname(call: &mut Call) -> i32 {
    let Ok(args) = call.parse(&Known { flags: "asnrvmo", valued: "", long: &[("all", 'a')] }) else { return 1 };
    let parts = [
        ('s', "Linux".to_owned()),
        ('n', call.host().name()),
        ('r', KERNEL.to_owned()),
        ('v', KERNEL_BUILD.to_owned()),
        ('m', "x86_64".to_owned()),
        ('o', "GNU/Linux".to_owned()),
    ];
    let none = !parts.iter().any(|(letter, _)| args.has(*letter)) && !args.has('a');
    let wanted = |letter: char| args.has('a') || args.has(letter) || (none && letter == 's');
    let words: Vec<&str> = parts.iter().filter(|(l, _)| wanted(*l)).map(|(_, w)| w.as_str()).collect();
    call.say(words.join(" "));
    0
}

/// `date [-u] [-Is] [+FORMAT]`.
pub(super) fn date(call: &mut Call) -> i32 {
    let format = match call.args.iter().find(|a| *a != "-u").map(String::as_str) {
        None => "%a %b %e %H:%M:%S UTC %Y",
        Some("-Is" | "-Iseconds" | "--iso-8601=seconds") => "%Y-%m-%dT%H:%M:%S+00:00",
        Some("-R") => "%a, %d %b %Y %H:%M:%S +0000",
        Some(format) if format.starts_with('+') => &format[1..],
        Some(other) => {
            call.complain(format!("invalid date ‘{other}’"));
            return 1;
        }
    };
    call.say(clock::format(SystemTime::now(), format));
    0
}

/// `uptime [-p]`.
pub(super) fn uptime(call: &mut Call) -> i32 {
    let minutes = SystemTime::now().duration_since(call.host().booted).unwrap_or_default().as_secs() / 60;
    let (hours, rest) = (minutes / 60, minutes % 60);
    if call.args.first().is_some_and(|a| a == "-p") {
        call.say(if hours > 0 { format!("up {hours} hours, {rest} minutes") } else { format!("up {rest} minutes") });
        return 0;
    }
    let up = if hours > 0 { format!("{hours}:{rest:02}") } else { format!("{rest} min") };
    let now = clock::format(SystemTime::now(), "%H:%M:%S");
    call.say(format!(" {now} up {up},  1 user,  load average: 0.00, 0.00, 0.00"));
    0
}

/// `free [-m|-h]`.
pub(super) fn free(call: &mut Call) -> i32 {
    let total_kb = u64::from(call.host().machine.memory_mb) * 1024;
    let used_kb = total_kb / 10 + 150_000 * u64::from(call.host().units.running() as u32);
    let used_kb = used_kb.min(total_kb * 9 / 10);
    let flag = call.args.first().map(String::as_str);
    let show = |kb: u64| match flag {
        Some("-m") => (kb / 1024).to_string(),
        Some("-g") => (kb >> 20).to_string(),
        Some("-h") => format!("{}i", human(kb * 1024)),
        _ => kb.to_string(),
    };
    let cache = total_kb / 10;
    let free = total_kb - used_kb - cache.min(total_kb - used_kb);
    call.say("               total        used        free      shared  buff/cache   available");
    let row = [total_kb, used_kb, free, 512, cache, free + cache];
    call.say(format!("Mem:     {}", row.iter().map(|kb| format!("{:>11}", show(*kb))).collect::<Vec<_>>().join(" ")));
    call.say(format!(
        "Swap:    {}",
        [0, 0, 0].iter().map(|kb| format!("{:>11}", show(*kb))).collect::<Vec<_>>().join(" ")
    ));
    0
}

/// `df [-h] [PATH…]`.
pub(super) fn df(call: &mut Call) -> i32 {
    let full = call.host().hardware.disk.is_full();
    let used = if full { DISK_KB } else { DISK_KB / 12 };
    let (free, share) = (DISK_KB - used, if full { "100%" } else { "  9%" });
    if call.args.iter().any(|a| a.starts_with('-') && a.contains('h')) {
        call.say("Filesystem      Size  Used Avail Use% Mounted on");
        let [size, used, free] = [DISK_KB, used, free].map(|kb| human(kb * 1024));
        call.say(format!("/dev/vda1       {size:>4}  {used:>4} {free:>5} {share} /"));
    } else {
        let width = used.to_string().len();
        call.say(format!("Filesystem     1K-blocks {:>width$} Available Use% Mounted on", "Used"));
        call.say(format!("/dev/vda1       {DISK_KB:>8} {used} {free:>9} {share} /"));
    }
    0
}

/// `sleep SECONDS`, with `s`, `m` or `h` after it.
pub(super) fn sleep(call: Call<'_>) -> BoxFuture<'_, i32> {
    async move {
        if call.args.is_empty() {
            call.misused("missing operand");
            return 1;
        }
        let mut total = Duration::ZERO;
        for arg in &call.args {
            let Some(time) = seconds(arg) else {
                call.misused(format!("invalid time interval ‘{arg}’"));
                return 1;
            };
            total = total.saturating_add(time);
        }
        tokio::time::sleep(total).await;
        0
    }
    .boxed()
}

/// A time as `sleep` and `timeout` take it: seconds, or with `s`, `m` or `h` after the number.
pub(super) fn seconds(text: &str) -> Option<Duration> {
    let (number, factor) = match text.strip_suffix(['s', 'm', 'h']) {
        Some(number) if text.ends_with('m') => (number, 60.0),
        Some(number) if text.ends_with('h') => (number, 3600.0),
        Some(number) => (number, 1.0),
        None => (text, 1.0),
    };
    let seconds: f64 = number.parse().ok()?;
    // Beyond a year it is all the same.
    (seconds >= 0.0).then(|| Duration::from_secs_f64((seconds * factor).min(3e7)))
}

/// `java -version`.
pub(super) fn java(call: &mut Call) -> i32 {
    if call.args.iter().any(|a| a == "-version" || a == "--version") {
        call.streams.err.line("openjdk version \"17.0.13\" 2024-10-15");
        call.streams.err.line("OpenJDK Runtime Environment (simulated: this is a practice machine)");
        return 0;
    }
    call.streams.err.line("Error: a practice machine runs its own servers only, no Java programs");
    1
}

/// `poweroff`, `halt`, `reboot`, `shutdown [-r] [now]`: the machine goes off, and the command with it.
pub(super) fn power(call: &mut Call) -> i32 {
    let again = call.name == "reboot" || call.args.iter().any(|arg| arg == "-r" || arg == "--reboot");
    if !call.is_root() {
        let what = if again { "reboot" } else { "power off" };
        call.streams.err.line(format!("Failed to {what} system via logind: Interactive authentication required."));
        return 1;
    }
    call.host().wish.send_replace(Some(if again { Wish::Reboot } else { Wish::PowerOff }));
    0
}

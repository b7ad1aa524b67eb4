//! `ls` and `stat`.

use std::time::{Duration, SystemTime};

use super::{Call, args::Args, args::Known};
use crate::{
    clock,
    host::disk::{Fault, Kind, Stat},
};

const LS: Known = Known {
    flags: "laA1dhRtrinF",
    valued: "",
    long: &[("all", 'a'), ("almost-all", 'A'), ("directory", 'd'), ("human-readable", 'h'), ("recursive", 'R')],
};

/// `ls [-l] [-a] [-d] [-h] [-t] [-r] [PATH…]`, one name a line, as into a pipe.
pub(super) fn ls(call: &mut Call) -> i32 {
    let Ok(args) = call.parse(&LS) else { return 2 };
    let mut paths = args.rest.clone();
    if paths.is_empty() {
        paths.push(".".into());
    }
    paths.sort();
    let (mut files, mut folders, mut code) = (Vec::new(), Vec::new(), 0);
    for name in paths {
        match look(call, &name, !args.has('l')) {
            Err(fault) => {
                call.complain(format!("cannot access '{name}': {fault}"));
                code = 2;
            }
            Ok(stat) if stat.is_dir() && !args.has('d') => folders.push(name),
            Ok(stat) => files.push((name, stat)),
        }
    }
    let titled = files.len() + folders.len() > 1 || args.has('R');
    show(call, &args, &files);
    for (index, folder) in folders.iter().enumerate() {
        if titled {
            let gap = if index > 0 || !files.is_empty() { "\n" } else { "" };
            call.say(format!("{gap}{folder}:"));
        }
        code = code.max(list(call, &args, folder));
    }
    code
}

fn look(call: &Call, name: &str, follow: bool) -> Result<Stat, Fault> {
    let (disk, user, path) = (&call.host().disk, &call.shell.user, call.shell.path(name));
    if follow && let Ok(stat) = disk.stat(user, &path) {
        return Ok(stat);
    }
    disk.lstat(user, &path)
}

fn list(call: &Call, args: &Args, folder: &str) -> i32 {
    let names = match call.host().disk.list(&call.shell.user, &call.shell.path(folder)) {
        Ok(names) => names,
        Err(fault) => {
            call.complain(format!("cannot open directory '{folder}': {fault}"));
            return 2;
        }
    };
    let dots = [".", ".."].into_iter().filter(|_| args.has('a')).map(str::to_owned);
    let shown = dots.chain(names.into_iter().filter(|n| args.has('a') || args.has('A') || !n.starts_with('.')));
    let join = |name: &str| format!("{}/{name}", folder.trim_end_matches('/'));
    let mut entries: Vec<(String, Stat)> =
        shown.filter_map(|name| look(call, &join(&name), false).ok().map(|stat| (name, stat))).collect();
    if args.has('t') {
        entries.sort_by_key(|(_, stat)| std::cmp::Reverse(stat.modified));
    }
    if args.has('r') {
        entries.reverse();
    }
    if args.has('l') {
        call.say(format!("total {}", entries.iter().map(|(_, stat)| blocks(stat)).sum::<u64>()));
    }
    show(call, args, &entries);
    let mut code = 0;
    if args.has('R') {
        for (name, stat) in entries.iter().filter(|(name, stat)| stat.is_dir() && name != "." && name != "..") {
            debug_assert!(stat.is_dir());
            call.say(format!("\n{}:", join(name)));
            code = code.max(list(call, args, &join(name)));
        }
    }
    code
}

/// Kilobytes that it takes on the disk.
fn blocks(stat: &Stat) -> u64 {
    if matches!(stat.kind, Kind::Link(_)) { 0 } else { stat.size.div_ceil(4096) * 4 }
}

fn show(call: &Call, args: &Args, entries: &[(String, Stat)]) {
    if !args.has('l') {
        return entries.iter().for_each(|(name, _)| call.say(name));
    }
    let size = |stat: &Stat| if args.has('h') { human(stat.size) } else { stat.size.to_string() };
    let width = |of: &dyn Fn(&Stat) -> usize| entries.iter().map(|(_, s)| of(s)).max().unwrap_or(0);
    let owners = width(&|s| s.meta.owner.len());
    let groups = width(&|s| s.meta.group.len());
    let sizes = width(&|s| size(s).len());
    for (name, stat) in entries {
        let meta = &stat.meta;
        let arrow = if let Kind::Link(target) = &stat.kind { format!(" -> {target}") } else { String::new() };
        call.say(format!(
            "{} {} {:owners$} {:groups$} {:>sizes$} {} {name}{arrow}",
            permissions(stat),
            if stat.is_dir() { 2 } else { 1 },
            meta.owner,
            meta.group,
            size(stat),
            when(stat.modified),
        ));
    }
}

/// `4.0K`, as GNU writes sizes for people.
pub(super) fn human(bytes: u64) -> String {
    if bytes < 1024 {
        return bytes.to_string();
    }
    let mut size = bytes as f64 / 1024.0;
    let mut units = ["K", "M", "G", "T"].into_iter();
    let mut unit = units.next().unwrap_or_default();
    while size >= 1024.0
        && let Some(next) = units.next()
    {
        size /= 1024.0;
        unit = next;
    }
    if size < 10.0 { format!("{:.1}{unit}", (size * 10.0).ceil() / 10.0) } else { format!("{:.0}{unit}", size.ceil()) }
}

fn when(modified: SystemTime) -> String {
    let half_a_year = Duration::from_secs(182 * 24 * 3600);
    let old = SystemTime::now().duration_since(modified).is_ok_and(|age| age > half_a_year);
    clock::format(modified, if old { "%b %e  %Y" } else { "%b %e %H:%M" })
}

/// `drwxr-xr-x`.
pub(super) fn permissions(stat: &Stat) -> String {
    let kind = match stat.kind {
        Kind::Dir => 'd',
        Kind::Link(_) => 'l',
        Kind::File => '-',
    };
    let mode = stat.meta.mode;
    let mut text = String::from(kind);
    for (shift, special, letter) in [(6, 0o4000, 's'), (3, 0o2000, 's'), (0, 0o1000, 't')] {
        let bits = mode >> shift;
        text.push(if bits & 4 != 0 { 'r' } else { '-' });
        text.push(if bits & 2 != 0 { 'w' } else { '-' });
        text.push(match (mode & special != 0, bits & 1 != 0) {
            (false, true) => 'x',
            (false, false) => '-',
            (true, true) => letter,
            (true, false) => letter.to_ascii_uppercase(),
        });
    }
    text
}

/// `stat [-c FORMAT] FILE…`.
pub(super) fn stat(call: &mut Call) -> i32 {
    let Ok(args) = call.parse(&Known { flags: "L", valued: "c", long: &[("format", 'c')] }) else { return 1 };
    let mut code = 0;
    for name in &args.rest {
        match look(call, name, args.has('L')) {
            Ok(stat) => call.say(fill(args.value('c').unwrap_or(LONG_STAT), name, &stat, call)),
            Err(fault) => {
                call.complain(format!("cannot statx '{name}': {fault}"));
                code = 1;
            }
        }
    }
    code
}

const LONG_STAT: &str = "  File: %n\n  Size: %s\t%F\nAccess: (0%a/%A)  Uid: (%u/%U)   Gid: (%g/%G)\nModify: %y";

fn fill(format: &str, name: &str, stat: &Stat, call: &Call) -> String {
    let mut text = String::new();
    let mut letters = format.chars();
    let user = || crate::host::users::User::find(&call.host().disk, &stat.meta.owner);
    while let Some(c) = letters.next() {
        if c != '%' {
            text.push(c);
            continue;
        }
        match letters.next() {
            Some('n') => text.push_str(name),
            Some('s') => text.push_str(&stat.size.to_string()),
            Some('a') => text.push_str(&format!("{:o}", stat.meta.mode)),
            Some('A') => text.push_str(&permissions(stat)),
            Some('U') => text.push_str(&stat.meta.owner),
            Some('G') => text.push_str(&stat.meta.group),
            Some('u') => text.push_str(&user().map_or(0, |u| u.uid).to_string()),
            Some('g') => text.push_str(&user().map_or(0, |u| u.gid).to_string()),
            Some('y') => text.push_str(&clock::format(stat.modified, "%Y-%m-%d %H:%M:%S.%9f %z")),
            Some('F') => text.push_str(match stat.kind {
                Kind::Dir => "directory",
                Kind::Link(_) => "symbolic link",
                Kind::File if stat.size == 0 => "regular empty file",
                Kind::File => "regular file",
            }),
            Some(other) => text.extend(['%', other]),
            None => text.push('%'),
        }
    }
    text
}

//! `zookeeper-server-cleanup`: ZooKeeper's `PurgeTxnLog`.

use super::{Call, zoo_cfg};
use crate::{clock, host::disk::Fault};

/// The fewest snapshots that may stay.
const LEAST: usize = 3;

/// `zookeeper-server-cleanup [-n COUNT]`: removes all but the newest COUNT snapshots, and the logs that none of these
/// needs.
pub(super) fn cleanup(call: &mut Call) -> i32 {
    let count = match &call.args[..] {
        [] => Some(LEAST),
        [flag, count] if flag == "-n" => count.parse::<usize>().ok().filter(|n| *n >= LEAST),
        _ => None,
    };
    let Some(count) = count else {
        call.complain("COUNT must be a number, 3 or more");
        return 1;
    };
    let purged = zoo_cfg::data_dir(call).and_then(|data| purge(call, &format!("{data}/version-2"), count));
    if let Err(why) = purged {
        call.complain(why);
        return 1;
    }
    0
}

/// The files of a folder whose names are `PREFIX.ZXID`, oldest first.
fn numbered(names: &[String], prefix: &str) -> Vec<(u64, String)> {
    let number = |name: &String| {
        let hex = name.strip_prefix(prefix)?.strip_prefix('.')?;
        Some((u64::from_str_radix(hex, 16).ok()?, name.clone()))
    };
    let mut found: Vec<_> = names.iter().filter_map(number).collect();
    found.sort();
    found
}

fn purge(call: &Call, folder: &str, keep: usize) -> Result<(), String> {
    let (disk, user) = (&call.host().disk, &call.shell.user);
    let told = |path: &str, fault: &Fault| format!("{path}: {fault}");
    let names = disk.list(user, folder).map_err(|fault| told(folder, &fault))?;
    let (snapshots, logs) = (numbered(&names, "snapshot"), numbered(&names, "log"));
    let Some((oldest, _)) = snapshots.len().checked_sub(keep).and_then(|at| snapshots.get(at)).cloned() else {
        return Ok(());
    };
    // The log that was being written when the oldest of those was taken goes on after it.
    let needed = logs.iter().rev().map(|(zxid, _)| *zxid).find(|zxid| *zxid <= oldest).unwrap_or(0);
    let old_snapshots = snapshots.into_iter().filter(|(zxid, _)| *zxid < oldest);
    let old_logs = logs.into_iter().filter(|(zxid, _)| *zxid < needed);
    for (_, name) in old_logs.chain(old_snapshots) {
        let path = format!("{folder}/{name}");
        let written = disk.stat(user, &path).map_err(|fault| told(&path, &fault))?.modified;
        call.say(format!("Removing file: {}\t{path}", clock::format(written, "%b %-d, %Y, %-I:%M:%S %p")));
        disk.remove_file(user, &path).map_err(|fault| told(&path, &fault))?;
    }
    Ok(())
}

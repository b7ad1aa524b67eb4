//! `zookeeper-server-initialize`.

use super::{Call, files, zoo_cfg};
use crate::host::disk::{Fault, Writing};

/// `zookeeper-server-initialize --myid=N [--force]`: writes `myid` and makes an empty `version-2`; refuses where there
/// are data, unless forced.
pub(super) fn initialize(call: &mut Call) -> i32 {
    match prepare(call) {
        Ok(said) => {
            said.iter().for_each(|line| call.say(line));
            0
        }
        Err(why) => {
            call.streams.err.line(format!("zookeeper-server-initialize: {why}"));
            1
        }
    }
}

/// What it is asked to do.
struct Wish {
    myid: u16,
    force: bool,
}

fn parse(args: &[String]) -> Result<Wish, String> {
    let (mut myid, mut force) = (None, false);
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--force" => force = true,
            "--myid" => myid = Some(args.next().ok_or("--myid needs a number")?.as_str()),
            other => match other.strip_prefix("--myid=") {
                Some(number) => myid = Some(number),
                None => {
                    return Err(format!(
                        "unknown argument: {other} (usage: zookeeper-server-initialize --myid=N [--force])"
                    ));
                }
            },
        }
    }
    let number = myid.and_then(|text| text.parse().ok()).filter(|n| (1..=255).contains(n));
    Ok(Wish { myid: number.ok_or("--myid must be a number from 1 to 255")?, force })
}

fn prepare(call: &Call) -> Result<Vec<String>, String> {
    let wish = parse(&call.args)?;
    let data = zoo_cfg::data_dir(call)?;
    let (disk, user) = (&call.host().disk, &call.shell.user);
    let told = |what: &str, path: &str, fault: &Fault| format!("{what} ‘{path}’: {fault}");
    disk.make_dirs(user, &data).map_err(|fault| told("cannot create directory", &data, &fault))?;
    let version = format!("{data}/version-2");
    match disk.lstat(user, &version) {
        Ok(_) if !wish.force => return Err(format!("data already exist in {data}: --force wipes them")),
        Ok(_) => files::remove(disk, user, &version, true).map_err(|f| told("cannot remove", &version, &f))?,
        Err(Fault::NotFound) => {}
        Err(fault) => return Err(told("cannot access", &version, &fault)),
    }
    disk.make_dir(user, &version).map_err(|fault| told("cannot create directory", &version, &fault))?;
    let myid = format!("{data}/myid");
    let line = format!("{}\n", wish.myid);
    disk.write(user, &myid, line.as_bytes(), Writing::Replace).map_err(|fault| told("cannot write", &myid, &fault))?;
    Ok(vec![format!("Initialized {data} as server {}", wish.myid)])
}

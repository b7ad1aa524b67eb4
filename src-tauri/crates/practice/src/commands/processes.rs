//! `ps` and `kill`.

use super::Call;
use crate::{
    clock,
    host::processes::{Process, standing},
};

fn all(call: &Call) -> Vec<Process> {
    let mut processes = standing();
    processes.extend(call.host().units.processes());
    processes.extend(call.host().tasks.processes());
    let own = call.host().pids.next();
    let command = std::iter::once(&call.name).chain(&call.args).cloned().collect::<Vec<_>>().join(" ");
    processes.push(Process { pid: own, user: call.shell.user.name.clone(), command });
    processes
}

/// A user's name as `ps` fits it into its column.
fn column(user: &str) -> String {
    if user.len() > 8 { format!("{}+", &user[..user.floor_char_boundary(7)]) } else { user.to_owned() }
}

/// `ps`, `ps aux`, `ps -ef`.
pub(super) fn ps(call: &mut Call) -> i32 {
    let style = call.args.first().map_or("", String::as_str);
    let letters = style.trim_start_matches('-');
    let started = clock::format(call.host().booted, "%H:%M");
    let processes = all(call);
    if letters.contains('u') && letters.contains('x') {
        call.say("USER         PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND");
        for p in processes {
            call.say(format!(
                "{:<8} {:>7}  0.0  0.5 102400 10240 ?        Ss   {started}   0:00 {}",
                column(&p.user),
                p.pid,
                p.command
            ));
        }
    } else if letters.contains('e') || letters.contains('A') {
        let full = letters.contains('f');
        call.say(if full {
            "UID          PID    PPID  C STIME TTY          TIME CMD"
        } else {
            "    PID TTY          TIME CMD"
        });
        for p in processes {
            if full {
                let parent = u32::from(p.pid != 1);
                call.say(format!(
                    "{:<8} {:>7} {parent:>7}  0 {started} ?        00:00:00 {}",
                    p.user, p.pid, p.command
                ));
            } else {
                let name =
                    p.command.split([' ', ':']).next().unwrap_or_default().rsplit('/').next().unwrap_or_default();
                call.say(format!("{:>7} ?        00:00:00 {name}", p.pid));
            }
        }
    } else {
        call.say("    PID TTY          TIME CMD");
        for p in processes.iter().filter(|p| p.user == call.shell.user.name) {
            let name = p.command.split(' ').next().unwrap_or_default().trim_start_matches('-');
            call.say(format!("{:>7} pts/0    00:00:00 {name}", p.pid));
        }
    }
    0
}

/// `kill [-9|-TERM|-s SIGNAL] PID…`.
pub(super) fn kill(call: &mut Call) -> i32 {
    let mut signal = 15;
    let mut pids = Vec::new();
    let mut args = call.args.iter();
    while let Some(arg) = args.next() {
        let name = if arg == "-s" { args.next().map(String::as_str) } else { arg.strip_prefix('-') };
        match name {
            None => pids.push(arg),
            Some(name) => match number(name) {
                Some(known) => signal = known,
                None => {
                    call.streams.err.line(format!("bash: line 1: kill: {name}: invalid signal specification"));
                    return 1;
                }
            },
        }
    }
    let mut code = 0;
    for pid in pids {
        if let Err(why) = send(call, pid, signal) {
            call.streams.err.line(format!("bash: line 1: kill: {why}"));
            code = 1;
        }
    }
    code
}

fn number(signal: &str) -> Option<i32> {
    Some(match signal.trim_start_matches("SIG") {
        "0" => 0,
        "1" | "HUP" => 1,
        "2" | "INT" => 2,
        "9" | "KILL" => 9,
        "15" | "TERM" => 15,
        _ => return None,
    })
}

fn send(call: &Call, pid: &str, signal: i32) -> Result<(), String> {
    let number: u32 = pid.parse().map_err(|_| format!("{pid}: arguments must be process or job IDs"))?;
    let process = all(call).into_iter().find(|p| p.pid == number);
    let process = process.ok_or_else(|| format!("({pid}) - No such process"))?;
    if !call.is_root() && process.user != call.shell.user.name {
        return Err(format!("({pid}) - Operation not permitted"));
    }
    if signal != 0 {
        call.host().units.signal(number, signal);
        call.host().tasks.signal(number, signal);
    }
    Ok(())
}

//! A check that runs a command; and one that asks over TLS, for which Mesos runs `curl` too.

use std::io;
use std::process::Stdio;

use mesos::v1::CommandInfo;
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::Child;

use crate::ending::Ending;
use crate::process::{Command, Orphans};

/// Runs a command and waits for its end. Dropping this kills it.
pub async fn run(info: &CommandInfo, orphans: &Orphans) -> Result<Ending, String> {
    let command = Command::new(info).map_err(|error| error.to_string())?;
    // What it says goes where the task's own errors go, as with Mesos.
    let (stdout, stderr) = (own_stderr().map_err(|error| error.to_string())?, Stdio::inherit());
    let mut running = Running::start(&command, stdout, stderr, orphans)?;
    running.child.wait().await.map(Ending::from).map_err(|error| error.to_string())
}

/// Asks with `curl`, whatever certificate there is.
pub async fn curl(url: &str, orphans: &Orphans) -> Result<u16, String> {
    let words = ["curl", "-s", "-S", "-L", "-k", "-w", "%{http_code}", "-o", "/dev/null", "-g", url];
    let info = CommandInfo {
        shell: Some(false),
        value: Some("curl".to_owned()),
        arguments: words.map(str::to_owned).to_vec(),
        ..CommandInfo::default()
    };
    let command = Command::new(&info).map_err(|error| error.to_string())?;
    let mut running = Running::start(&command, Stdio::piped(), Stdio::inherit(), orphans)?;
    let mut said = Vec::new();
    if let Some(mut stdout) = running.child.stdout.take() {
        tokio::io::AsyncReadExt::read_to_end(&mut stdout, &mut said).await.map_err(|error| error.to_string())?;
    }
    let ending = running.child.wait().await.map(Ending::from).map_err(|error| error.to_string())?;
    if !ending.is_success() {
        return Err(format!("curl {ending}"));
    }
    let said = String::from_utf8_lossy(&said);
    said.trim().parse().map_err(|_| format!("unexpected output of curl: {said}"))
}

fn own_stderr() -> io::Result<Stdio> {
    use std::os::fd::AsFd;
    Ok(Stdio::from(io::stderr().as_fd().try_clone_to_owned()?))
}

/// A command that runs for a check. Dropping it kills its process group.
struct Running {
    child: Child,
    group: Option<Pid>,
    orphans: Orphans,
    claimed: Option<u32>,
}

impl Running {
    fn start(command: &Command, stdout: Stdio, stderr: Stdio, orphans: &Orphans) -> Result<Self, String> {
        let child = command.start(stdout, stderr).map_err(|error| error.to_string())?;
        let claimed = child.id();
        claimed.into_iter().for_each(|pid| orphans.claim(pid));
        let group = claimed.and_then(|pid| Pid::from_raw(i32::try_from(pid).ok()?));
        Ok(Self { child, group, orphans: orphans.clone(), claimed })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Its number is its own until it was waited for; of a group, until its last member is gone.
        if let Some(group) = self.group {
            kill_process_group(group, Signal::KILL).ok();
        }
        // If nobody waits for it any more, it is buried like the others.
        self.claimed.into_iter().for_each(|pid| self.orphans.release(pid));
    }
}

//! The programs of a practice machine: a table of functions.

mod apt;
mod args;
mod bash;
mod curl;
mod files;
mod follow;
mod grep;
mod initialize;
mod install;
mod listing;
mod modes;
mod nc;
mod net;
mod processes;
mod purge;
mod shell;
mod sudo;
mod system;
mod systemd;
mod test;
mod text;
mod zkcli;
mod zkserver;
mod zoo_cfg;

use std::fmt;

use futures::future::BoxFuture;

use crate::{
    host::{Host, disk::Fault, disk::base_name},
    packages::Package,
    shell::{Shell, Sink, Streams},
};
use args::{Args, BadOption, Known};

/// A command that was called.
pub(crate) struct Call<'a> {
    /// The shell that called it.
    pub shell: &'a mut Shell,
    /// The name it was called by.
    pub name: String,
    /// What it was given.
    pub args: Vec<String>,
    /// Its streams.
    pub streams: &'a Streams,
}

/// What a program's file holds: the function is found by its name.
pub(crate) const STAND_IN: &str = "practice machine: this program is simulated\n";

/// How a program is run.
#[derive(Clone, Copy)]
pub(crate) enum Run {
    /// It needs no waiting.
    Now(fn(&mut Call) -> i32),
    /// It waits, or runs others.
    Later(for<'a> fn(Call<'a>) -> BoxFuture<'a, i32>),
}

impl Run {
    /// Runs it and gives its exit code.
    pub async fn call(self, mut call: Call<'_>) -> i32 {
        match self {
            Self::Now(run) => run(&mut call),
            Self::Later(run) => run(call).await,
        }
    }
}

/// A program and where it is.
struct Program {
    name: &'static str,
    at: At,
    run: Run,
}

/// Where a program is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    /// In the shell itself.
    Builtin,
    /// In this folder, once this package is installed.
    Folder(&'static str, Package),
}

const BIN: At = At::Folder("/usr/bin", Package::Base);
/// Where Debian has ZooKeeper's own scripts.
const ZOOKEEPER: At = At::Folder("/usr/share/zookeeper/bin", Package::ZooKeeper);
const SBIN: At = At::Folder("/usr/sbin", Package::Base);

const fn now(name: &'static str, at: At, run: fn(&mut Call) -> i32) -> Program {
    Program { name, at, run: Run::Now(run) }
}

const fn later(name: &'static str, at: At, run: for<'a> fn(Call<'a>) -> BoxFuture<'a, i32>) -> Program {
    Program { name, at, run: Run::Later(run) }
}

static PROGRAMS: &[Program] = &[
    now(":", At::Builtin, shell::colon),
    now("cd", At::Builtin, shell::cd),
    now("command", At::Builtin, shell::command),
    now("type", At::Builtin, shell::type_of),
    now("exit", At::Builtin, shell::exit),
    now("export", At::Builtin, shell::export),
    now("set", At::Builtin, shell::set),
    now("unset", At::Builtin, shell::unset),
    now("pwd", At::Builtin, shell::pwd),
    now("echo", At::Builtin, text::echo),
    now("test", At::Builtin, test::test),
    now("[", At::Builtin, test::bracket),
    now("true", At::Builtin, |_| 0),
    now("false", At::Builtin, |_| 1),
    now("kill", At::Builtin, processes::kill),
    now("kill", BIN, processes::kill),
    now("test", BIN, test::test),
    now("[", BIN, test::bracket),
    now("echo", BIN, text::echo),
    now("pwd", BIN, shell::pwd),
    now("true", BIN, |_| 0),
    now("false", BIN, |_| 1),
    later("apt-get", BIN, apt::apt_get),
    later("bash", BIN, bash::bash),
    now("cat", BIN, text::cat),
    now("chmod", BIN, modes::chmod),
    now("chown", BIN, modes::chown),
    now("cp", BIN, files::cp),
    later("curl", BIN, curl::curl),
    now("date", BIN, system::date),
    now("df", BIN, system::df),
    later("env", BIN, shell::env),
    now("free", BIN, system::free),
    now("grep", BIN, grep::grep),
    now("halt", SBIN, system::power),
    now("head", BIN, text::head),
    now("hostname", BIN, system::hostname),
    now("id", BIN, system::id),
    now("install", BIN, install::install),
    now("ip", BIN, net::ip),
    later("journalctl", BIN, systemd::journalctl),
    now("ln", BIN, files::ln),
    now("ls", BIN, listing::ls),
    now("mkdir", BIN, files::mkdir),
    now("mv", BIN, files::mv),
    later("nc", BIN, nc::nc),
    later("ping", BIN, net::ping),
    now("poweroff", SBIN, system::power),
    now("ps", BIN, processes::ps),
    now("reboot", SBIN, system::power),
    now("rm", BIN, files::rm),
    now("rmdir", BIN, files::rmdir),
    later("service", SBIN, systemd::service),
    later("sh", BIN, bash::bash),
    now("shutdown", SBIN, system::power),
    now("sha256sum", BIN, text::sha256sum),
    later("sleep", BIN, system::sleep),
    now("sort", BIN, text::sort),
    now("ss", BIN, net::ss),
    now("stat", BIN, listing::stat),
    later("sudo", BIN, sudo::sudo),
    later("systemctl", BIN, systemd::systemctl),
    later("tail", BIN, text::tail),
    now("tee", BIN, text::tee),
    later("timeout", BIN, follow::timeout),
    now("touch", BIN, files::touch),
    now("uname", BIN, system::uname),
    now("uptime", BIN, system::uptime),
    now("wc", BIN, text::wc),
    now("which", BIN, shell::which),
    now("whoami", BIN, system::whoami),
    now("java", At::Folder("/usr/bin", Package::ZooKeeper), system::java),
    later("zookeeper-client", At::Folder("/usr/bin", Package::ZooKeeper), zkcli::zookeeper_client),
    now("zookeeper-server-cleanup", At::Folder("/usr/bin", Package::ZooKeeper), purge::cleanup),
    later("zkCli.sh", ZOOKEEPER, zkcli::zookeeper_client),
    now("zkCleanup.sh", ZOOKEEPER, purge::cleanup),
    later("zkServer.sh", ZOOKEEPER, zkserver::zk_server),
    now("zookeeper-server-initialize", At::Folder("/usr/bin", Package::ZooKeeper), initialize::initialize),
    now("mesos-master", At::Folder("/usr/sbin", Package::Mesos), shell::daemon),
    now("mesos-agent", At::Folder("/usr/sbin", Package::Mesos), shell::daemon),
    now("pacer", At::Folder("/usr/bin", Package::Pacer), shell::daemon),
    now("marathon", At::Folder("/usr/bin", Package::Marathon), shell::daemon),
];

/// The files of the programs that a package brings.
pub(crate) fn files(package: Package) -> impl Iterator<Item = String> {
    PROGRAMS.iter().filter_map(move |program| match program.at {
        At::Folder(folder, of) if of == package => Some(format!("{folder}/{}", program.name)),
        _ => None,
    })
}

/// Why a name is no command. Its text is bash's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Missing {
    /// No folder of the PATH has it.
    NotFound,
    /// The path leads nowhere.
    NoFile,
    /// The path leads to a folder.
    Folder,
    /// It may not be run.
    Denied,
}

impl Missing {
    /// The shell's exit code for it.
    pub fn code(self) -> i32 {
        match self {
            Self::NotFound | Self::NoFile => 127,
            Self::Folder | Self::Denied => 126,
        }
    }
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotFound => "command not found",
            Self::NoFile => "No such file or directory",
            Self::Folder => "Is a directory",
            Self::Denied => "Permission denied",
        })
    }
}

/// The program that a name stands for in this shell.
pub(crate) fn find(shell: &Shell, name: &str) -> Result<Run, Missing> {
    if let Some(builtin) = PROGRAMS.iter().find(|p| p.at == At::Builtin && p.name == name) {
        return Ok(builtin.run);
    }
    let path = if name.contains('/') {
        let path = shell.path(name);
        runnable(shell, &path)?;
        path
    } else {
        locate(shell, name).ok_or(Missing::NotFound)?
    };
    let program = PROGRAMS.iter().find(|p| p.at != At::Builtin && p.name == base_name(&path));
    // Whatever else may be run is a script, and `bash` knows what to say of those.
    Ok(program.map_or(Run::Later(bash::script_file), |p| p.run))
}

/// What a program says, and its exit code, when what it writes finds no room.
pub(crate) fn no_room(name: &str, err: &Sink) -> i32 {
    let full = format!("write error: {}", Fault::Full);
    match base_name(name) {
        name if is_builtin(name) => err.line(format!("bash: line 1: {name}: {full}")),
        name @ "sort" => {
            err.line(format!("{name}: fflush failed: 'standard output': {}", Fault::Full));
            err.line(format!("{name}: write error"));
        }
        name @ ("wc" | "sha256sum") => err.line(format!("{name}: write error")),
        "curl" => err.line("curl: (23) Failure writing output to destination"),
        name => err.line(format!("{name}: {full}")),
    }
    match base_name(name) {
        "ls" | "grep" | "sort" => 2,
        "curl" => 23,
        _ => 1,
    }
}

fn is_builtin(name: &str) -> bool {
    PROGRAMS.iter().any(|p| p.at == At::Builtin && p.name == name)
}

/// Where the PATH has a program.
fn locate(shell: &Shell, name: &str) -> Option<String> {
    let path = shell.env.get("PATH")?;
    path.split(':').map(|folder| format!("{folder}/{name}")).find(|p| runnable(shell, p).is_ok())
}

fn runnable(shell: &Shell, path: &str) -> Result<(), Missing> {
    match shell.host.disk.stat(&shell.user, path) {
        Ok(stat) if stat.is_dir() => Err(Missing::Folder),
        Ok(stat) => shell.user.may_run(&stat.meta).map_err(|_| Missing::Denied),
        Err(Fault::Denied) => Err(Missing::Denied),
        Err(_) => Err(Missing::NoFile),
    }
}

impl Call<'_> {
    fn host(&self) -> &Host {
        &self.shell.host
    }

    /// Writes a line to standard output.
    fn say(&self, line: impl AsRef<str>) {
        self.streams.out.line(line);
    }

    /// Writes a complaint, with the command's name before it.
    fn complain(&self, what: impl fmt::Display) {
        self.streams.err.line(format!("{}: {what}", self.name));
    }

    /// Complains of how it was called, as GNU programs do.
    fn misused(&self, what: impl fmt::Display) {
        self.complain(what);
        self.streams.err.line(format!("Try '{} --help' for more information.", self.name));
    }

    /// Sorts the arguments; complains as GNU programs do.
    fn parse(&self, known: &Known) -> Result<Args, ()> {
        known.parse(&self.args).map_err(|bad: BadOption| self.misused(bad))
    }

    /// The content of a file, or of standard input for `-`.
    fn content(&self, file: &str) -> Result<Vec<u8>, Fault> {
        if file == "-" {
            return Ok(self.streams.stdin.to_vec());
        }
        self.host().disk.read(&self.shell.user, &self.shell.path(file))
    }

    /// Only root may do this; complains if it is somebody else.
    fn is_root(&self) -> bool {
        self.shell.user.is_root()
    }
}

//! `systemctl`, `service` and `journalctl`.

use std::sync::Arc;

use futures::future::{BoxFuture, FutureExt};

use super::{Call, args::Known};
use crate::{
    clock,
    host::{Host, disk::Fault, journal::Entry},
    services::{Kind, Phase, UnitFile, WANTS},
};

/// systemctl's codes.
const NOT_RUNNING: i32 = 3;
const NO_SUCH_UNIT: i32 = 4;
const NOT_LOADED: i32 = 5;

const SYSTEMCTL: Known = Known {
    flags: "qlfa",
    valued: "npt",
    long: &[
        ("quiet", 'q'),
        ("full", 'l'),
        ("no-pager", 'f'),
        ("now", 'N'),
        ("lines", 'n'),
        ("property", 'p'),
        ("force", 'f'),
        ("no-legend", 'f'),
        ("all", 'a'),
        ("failed", 'F'),
        ("type", 't'),
        ("state", 't'),
    ],
};

/// `systemctl VERB UNIT…`.
pub(super) fn systemctl(call: Call<'_>) -> BoxFuture<'_, i32> {
    async move {
        let Ok(args) = call.parse(&SYSTEMCTL) else { return 1 };
        let Some((verb, units)) = args.rest.split_first() else {
            return list(&call, args.has('a'), args.has('F') || args.value('t') == Some("failed"));
        };
        match verb.as_str() {
            "daemon-reload" | "reset-failed" => return privileged(&call, verb),
            "list-units" => return list(&call, args.has('a'), args.has('F') || args.value('t') == Some("failed")),
            "list-unit-files" => return list_files(&call),
            "status" if units.is_empty() => return machine_status(&call),
            "is-system-running" => {
                let failed = listed(&call).iter().any(|unit| unit.1 == "failed");
                call.say(if failed { "degraded" } else { "running" });
                return i32::from(failed);
            }
            "start" | "stop" | "restart" | "enable" | "disable" | "status" | "is-active" | "is-enabled"
            | "is-failed" | "cat" | "show" | "reload" | "try-restart" | "kill" => {}
            other => {
                call.streams.err.line(format!("Unknown command verb {other}."));
                return 1;
            }
        }
        if units.is_empty() {
            call.streams.err.line("Too few arguments.");
            return 1;
        }
        let mut code = 0;
        for name in units {
            let job = Job { call: &call, name, quiet: args.has('q'), now: args.has('N'), lines: args.value('n') };
            code = code.max(job.run(verb).await);
        }
        code
    }
    .boxed()
}

fn privileged(call: &Call, verb: &str) -> i32 {
    if call.is_root() {
        return 0;
    }
    let what = if verb == "daemon-reload" { "reload daemon" } else { "reset failed state" };
    call.streams.err.line(format!("Failed to {what}: Interactive authentication required."));
    1
}

/// One verb on one unit.
struct Job<'a, 'b> {
    call: &'a Call<'b>,
    name: &'a str,
    quiet: bool,
    now: bool,
    lines: Option<&'a str>,
}

impl Job<'_, '_> {
    fn host(&self) -> &Arc<Host> {
        &self.call.shell.host
    }

    fn err(&self, line: impl AsRef<str>) {
        self.call.streams.err.line(line);
    }

    fn say(&self, line: &str) {
        if !self.quiet {
            self.call.say(line);
        }
    }

    /// The unit's name, with its ending.
    fn full_name(&self) -> String {
        if self.name.contains('.') { self.name.to_owned() } else { format!("{}.service", self.name) }
    }

    fn unit(&self) -> Option<(Kind, UnitFile)> {
        let kind = Kind::named(self.name)?;
        Some((kind, UnitFile::find(self.host(), kind)?))
    }

    async fn run(&self, verb: &str) -> i32 {
        let Some((kind, file)) = self.unit() else { return self.unknown(verb) };
        let asks = matches!(verb, "status" | "is-active" | "is-enabled" | "is-failed" | "cat" | "show");
        if !asks && !self.call.is_root() {
            return self.unauthorised(verb);
        }
        match verb {
            "start" => self.start(kind).await,
            "stop" | "kill" => {
                self.host().stop_unit(kind).await;
                0
            }
            "try-restart" if self.host().units.seen(kind).phase != Phase::Active => 0,
            "restart" | "try-restart" => {
                self.host().stop_unit(kind).await;
                self.start(kind).await
            }
            "reload" => {
                self.err(format!(
                    "Failed to reload {0}: Job type reload is not applicable for unit {0}.",
                    self.full_name()
                ));
                1
            }
            "enable" => self.enable(kind, &file).await,
            "disable" => self.disable(kind).await,
            "status" => self.status(kind, &file),
            "is-active" => self.is_active(kind),
            "is-failed" => {
                let failed = matches!(self.host().units.seen(kind).phase, Phase::Failed { .. });
                self.say(active_word(&self.host().units.seen(kind).phase));
                i32::from(!failed)
            }
            "is-enabled" => {
                let enabled = self.host().unit_is_enabled(kind);
                self.say(if enabled { "enabled" } else { "disabled" });
                i32::from(!enabled)
            }
            "cat" => self.cat(&file),
            _ => self.show(kind),
        }
    }

    fn unauthorised(&self, verb: &str) -> i32 {
        let name = self.full_name();
        match verb {
            "enable" | "disable" => self.err(format!("Failed to {verb} unit: Interactive authentication required.")),
            _ => {
                self.err(format!("Failed to {verb} {name}: Interactive authentication required."));
                self.err(format!("See system logs and 'systemctl status {name}' for details."));
            }
        }
        1
    }

    /// The unit has no file.
    fn unknown(&self, verb: &str) -> i32 {
        let name = self.full_name();
        match verb {
            "status" => {
                self.err(format!("Unit {name} could not be found."));
                NO_SUCH_UNIT
            }
            "is-active" | "is-failed" => {
                self.say("inactive");
                if verb == "is-active" { NOT_RUNNING } else { 1 }
            }
            "is-enabled" => {
                self.err(format!("Failed to get unit file state for {name}: No such file or directory"));
                1
            }
            "enable" | "disable" => {
                self.err(format!("Failed to {verb} unit: Unit file {name} does not exist."));
                1
            }
            "cat" => {
                self.err(format!("No files found for {name}."));
                1
            }
            _ if !self.call.is_root() => self.unauthorised(verb),
            "stop" => {
                self.err(format!("Failed to stop {name}: Unit {name} not loaded."));
                NOT_LOADED
            }
            _ => {
                self.err(format!("Failed to {verb} {name}: Unit {name} not found."));
                NOT_LOADED
            }
        }
    }

    async fn start(&self, kind: Kind) -> i32 {
        if self.host().start_unit(kind).await.is_ok() {
            return 0;
        }
        let name = self.full_name();
        self.err(format!("Job for {name} failed because the control process exited with error code."));
        self.err(format!("See \"systemctl status {name}\" and \"journalctl -xeu {name}\" for details."));
        1
    }

    async fn enable(&self, kind: Kind, file: &UnitFile) -> i32 {
        let (disk, user) = (&self.host().disk, &self.call.shell.user);
        let link = format!("{WANTS}/{}.service", kind.unit());
        let linked = disk.make_dirs(user, WANTS).and_then(|()| disk.link(user, &file.path, &link));
        match linked {
            Ok(()) => self.err(format!("Created symlink {link} → {}.", file.path)),
            Err(Fault::Exists) => {}
            Err(fault) => {
                self.err(format!("Failed to enable unit: {fault}"));
                return 1;
            }
        }
        if self.now { self.start(kind).await } else { 0 }
    }

    async fn disable(&self, kind: Kind) -> i32 {
        let link = format!("{WANTS}/{}.service", kind.unit());
        match self.host().disk.remove_file(&self.call.shell.user, &link) {
            Ok(()) => self.err(format!("Removed \"{link}\".")),
            Err(Fault::NotFound) => {}
            Err(fault) => {
                self.err(format!("Failed to disable unit: {fault}"));
                return 1;
            }
        }
        if self.now {
            self.host().stop_unit(kind).await;
        }
        0
    }

    fn is_active(&self, kind: Kind) -> i32 {
        let phase = self.host().units.seen(kind).phase;
        self.say(active_word(&phase));
        if phase == Phase::Active { 0 } else { NOT_RUNNING }
    }

    fn cat(&self, file: &UnitFile) -> i32 {
        match self.host().disk.read_text(&self.call.shell.user, &file.path) {
            Ok(text) => {
                self.call.say(format!("# {}", file.path));
                self.call.streams.out.text(text);
                0
            }
            Err(fault) => {
                self.err(format!("Failed to cat {}: {fault}", file.path));
                1
            }
        }
    }

    fn show(&self, kind: Kind) -> i32 {
        let seen = self.host().units.seen(kind);
        self.call.say(format!("Id={}.service", kind.unit()));
        self.call.say(format!("MainPID={}", seen.pid.unwrap_or(0)));
        self.call.say(format!("ActiveState={}", active_word(&seen.phase)));
        self.call.say(format!("SubState={}", sub_word(&seen.phase)));
        0
    }

    fn status(&self, kind: Kind, file: &UnitFile) -> i32 {
        let seen = self.host().units.seen(kind);
        let dot = match seen.phase {
            Phase::Active | Phase::Restarting => '●',
            Phase::Inactive => '○',
            Phase::Failed { .. } => '×',
        };
        let enabled = if self.host().unit_is_enabled(kind) { "enabled" } else { "disabled" };
        let since = clock::format(seen.since, "%a %Y-%m-%d %H:%M:%S UTC");
        let when = format!("since {since}; {} ago", clock::ago(seen.since));
        let active = match &seen.phase {
            Phase::Active => format!("active (running) {when}"),
            Phase::Inactive => "inactive (dead)".to_owned(),
            Phase::Restarting => format!("activating (auto-restart) {when}"),
            Phase::Failed { result, .. } => format!("failed (Result: {result}) {when}"),
        };
        let (program, command) = kind.program();
        let say = |line: String| self.call.say(line);
        say(format!("{dot} {}.service - {}", kind.unit(), file.description));
        say(format!("     Loaded: loaded ({}; {enabled}; preset: enabled)", file.path));
        say(format!("     Active: {active}"));
        if let Some(pid) = seen.pid {
            say(format!("   Main PID: {pid} ({})", kind.ident()));
            say(format!("     CGroup: /system.slice/{}.service", kind.unit()));
            say(format!("             └─{pid} {command}"));
        }
        if let Phase::Failed { result, status } = &seen.phase {
            let code = if *result == "signal" { "killed" } else { "exited" };
            say(format!("    Process: ExecStart={program} (code={code}, status={status})"));
        }
        let most = self.lines.and_then(|n| n.parse().ok()).unwrap_or(10);
        let entries = self.host().journal.last(Some(kind.unit()), most);
        if !entries.is_empty() {
            say(String::new());
            let name = self.host().name();
            entries.iter().for_each(|entry| say(journal_line(entry, &name)));
        }
        if seen.phase == Phase::Active { 0 } else { NOT_RUNNING }
    }
}

fn active_word(phase: &Phase) -> &'static str {
    match phase {
        Phase::Active => "active",
        Phase::Inactive => "inactive",
        Phase::Restarting => "activating",
        Phase::Failed { .. } => "failed",
    }
}

fn sub_word(phase: &Phase) -> &'static str {
    match phase {
        Phase::Active => "running",
        Phase::Inactive => "dead",
        Phase::Restarting => "auto-restart",
        Phase::Failed { .. } => "failed",
    }
}

/// A unit of the machine: its name, what it is doing, what it is for.
type Listed = (String, &'static str, &'static str, String);

/// What `list-units` knows: what every machine runs, and the services.
fn listed(call: &Call) -> Vec<Listed> {
    let standing = [
        ("cron.service", "Regular background program processing daemon"),
        ("ssh.service", "OpenBSD Secure Shell server"),
        ("systemd-journald.service", "Journal Service"),
        ("systemd-logind.service", "User Login Management"),
    ];
    let standing = standing.map(|(name, what)| (name.to_owned(), "active", "running", what.to_owned()));
    let own = Kind::ALL.into_iter().filter_map(|kind| {
        let file = UnitFile::find(call.host(), kind)?;
        let phase = call.host().units.seen(kind).phase;
        Some((format!("{}.service", kind.unit()), active_word(&phase), sub_word(&phase), file.description))
    });
    let mut all: Vec<Listed> = standing.into_iter().chain(own).collect();
    all.sort();
    all
}

/// `systemctl [list-units] [--all] [--failed]`.
fn list(call: &Call, all: bool, failed: bool) -> i32 {
    let units = listed(call).into_iter();
    let units: Vec<Listed> =
        units.filter(|u| if failed { u.1 == "failed" } else { all || u.1 != "inactive" }).collect();
    let widest = |of: fn(&Listed) -> &str, title: &str| {
        units.iter().map(|unit| of(unit).len()).chain([title.len()]).max().unwrap_or_default()
    };
    let (name, active, sub) = (widest(|u| &u.0, "UNIT"), widest(|u| u.1, "ACTIVE"), widest(|u| u.2, "SUB"));
    if !units.is_empty() {
        let title = format!("  {:<name$} LOAD   {:<active$} {:<sub$} DESCRIPTION", "UNIT", "ACTIVE", "SUB");
        call.say(title);
    }
    for unit in &units {
        let dot = if unit.1 == "failed" { '●' } else { ' ' };
        call.say(format!("{dot} {:<name$} loaded {:<active$} {:<sub$} {}", unit.0, unit.1, unit.2, unit.3));
    }
    if !units.is_empty() {
        call.say("\nLOAD   = Reflects whether the unit definition was properly loaded.");
        call.say("ACTIVE = The high-level unit activation state, i.e. generalization of SUB.");
        call.say("SUB    = The low-level unit activation state, values depend on unit type.");
    }
    let hint = if all || failed { "" } else { " Pass --all to see loaded but inactive units, too." };
    call.say(format!("{} loaded units listed.{hint}", units.len()));
    if !failed {
        call.say("To show all installed unit files use 'systemctl list-unit-files'.");
    }
    0
}

/// `systemctl list-unit-files`.
fn list_files(call: &Call) -> i32 {
    let files = Kind::ALL.into_iter().filter(|kind| UnitFile::find(call.host(), *kind).is_some());
    let files: Vec<(String, &str)> = files
        .map(|kind| {
            let state = if call.shell.host.unit_is_enabled(kind) { "enabled" } else { "disabled" };
            (format!("{}.service", kind.unit()), state)
        })
        .collect();
    let width = files.iter().map(|(name, _)| name.len()).max().unwrap_or_default().max("UNIT FILE".len());
    call.say(format!("{:<width$} STATE    PRESET", "UNIT FILE"));
    files.iter().for_each(|(name, state)| call.say(format!("{name:<width$} {state:<8} enabled")));
    call.say(format!("\n{} unit files listed.", files.len()));
    0
}

/// `systemctl status` of the machine itself.
fn machine_status(call: &Call) -> i32 {
    let host = call.host();
    let units = listed(call);
    let failed = units.iter().filter(|unit| unit.1 == "failed").count();
    let (dot, state) = if failed == 0 { ('●', "running") } else { ('×', "degraded") };
    let since = clock::format(host.booted, "%a %Y-%m-%d %H:%M:%S UTC");
    call.say(format!("{dot} {}", host.name()));
    call.say(format!("    State: {state}"));
    call.say(format!("    Units: {} loaded (incl. loaded aliases)", units.len()));
    call.say("     Jobs: 0 queued");
    call.say(format!("   Failed: {failed} units"));
    call.say(format!("    Since: {since}; {} ago", clock::ago(host.booted)));
    call.say("  systemd: 252.31-1~deb12u1");
    call.say("   CGroup: /");
    call.say("           ├─init.scope");
    call.say("           │ └─1 /sbin/init");
    call.say("           └─system.slice");
    let running: Vec<(Kind, u32)> =
        Kind::ALL.into_iter().filter_map(|kind| Some((kind, host.units.seen(kind).pid?))).collect();
    for (n, (kind, pid)) in running.iter().enumerate() {
        let (corner, side) = if n + 1 == running.len() { ('└', ' ') } else { ('├', '│') };
        call.say(format!("             {corner}─{}.service", kind.unit()));
        call.say(format!("             {side} └─{pid} {}", kind.program().1));
    }
    0
}

/// `service UNIT start|stop|restart|status`: hands over to systemctl, as Debian's does.
pub(super) fn service(call: Call<'_>) -> BoxFuture<'_, i32> {
    async move {
        let [unit, verb] = &call.args[..] else {
            call.streams
                .err
                .line("Usage: service < option > | --status-all | [ service_name [ command | --full-restart ] ]");
            return 1;
        };
        if !["start", "stop", "restart", "status", "reload", "try-restart"].contains(&verb.as_str()) {
            call.streams.err.line(format!("Unknown command verb {verb}."));
            return 1;
        }
        let (unit, verb) = (unit.clone(), verb.clone());
        if Kind::named(&unit).and_then(|kind| UnitFile::find(call.host(), kind)).is_none() && verb == "status" {
            call.streams.err.line(format!("{unit}: unrecognized service"));
            return 1;
        }
        systemctl(Call { name: "systemctl".into(), args: vec![verb, unit], ..call }).await
    }
    .boxed()
}

/// `journalctl [-u UNIT] [-n N] [-f] [--no-pager] [-b] [-o cat]`.
pub(super) fn journalctl(mut call: Call<'_>) -> BoxFuture<'_, i32> {
    async move {
        let Some(wish) = Reading::parse(&mut call) else { return 1 };
        let seen = call.host().journal.count();
        wish.show(&call);
        if wish.follow {
            wish.go_on(&call, seen).await;
        }
        0
    }
    .boxed()
}

/// What `journalctl` is asked for.
struct Reading {
    unit: Option<String>,
    most: usize,
    this_boot: bool,
    reverse: bool,
    bare: bool,
    follow: bool,
}

/// How many lines `-f` shows at first, if it is not told.
const FOLLOWED: usize = 10;

impl Reading {
    /// Complains if that cannot be.
    fn parse(call: &mut Call) -> Option<Self> {
        let known = Known {
            flags: "bxerqfkP",
            valued: "uno",
            long: &[
                ("unit", 'u'),
                ("lines", 'n'),
                ("no-pager", 'P'),
                ("output", 'o'),
                ("reverse", 'r'),
                ("quiet", 'q'),
                ("boot", 'b'),
                ("follow", 'f'),
            ],
        };
        split_glued_unit(&mut call.args);
        let args = call.parse(&known).ok()?;
        let user = &call.shell.user;
        if !user.is_root() && !user.is_in("adm") && !user.is_in("systemd-journal") {
            call.streams.err.line("No journal files were opened due to insufficient permissions.");
            return None;
        }
        let most = match args.value('n') {
            None if args.has('e') => 1000,
            None if args.has('f') => FOLLOWED,
            None | Some("all") => usize::MAX,
            Some(number) => match number.parse() {
                Ok(number) => number,
                Err(_) => {
                    call.streams.err.line(format!("Failed to parse lines '{number}'"));
                    return None;
                }
            },
        };
        Some(Self {
            unit: args.value('u').map(|u| u.strip_suffix(".service").unwrap_or(u).to_owned()),
            most,
            this_boot: args.has('b'),
            reverse: args.has('r'),
            bare: args.value('o') == Some("cat"),
            follow: args.has('f'),
        })
    }

    /// Shows what is there.
    fn show(&self, call: &Call) {
        let journal = &call.host().journal;
        let mut entries = journal.last(self.unit.as_deref(), self.most);
        if self.this_boot {
            entries.retain(|e| e.boot == journal.boot());
        }
        if self.reverse {
            entries.reverse();
        }
        if entries.is_empty() && !self.follow {
            call.say("-- No entries --");
        }
        let name = call.host().name();
        let mut boot = entries.first().map_or(0, |e| e.boot);
        for entry in &entries {
            if entry.boot != boot && !self.bare {
                boot = entry.boot;
                call.say(format!("-- Boot {boot:032x} --"));
            }
            self.say(call, entry, &name);
        }
    }

    /// Shows what comes, for ever.
    async fn go_on(&self, call: &Call<'_>, mut seen: u64) {
        loop {
            let (entries, now) = call.host().journal.after(seen, self.unit.as_deref()).await;
            let name = call.host().name();
            entries.iter().for_each(|entry| self.say(call, entry, &name));
            seen = now;
        }
    }

    fn say(&self, call: &Call, entry: &Entry, host: &str) {
        call.say(if self.bare { entry.message.clone() } else { journal_line(entry, host) });
    }
}

/// `-xeu UNIT`, as systemd's own hint writes it.
fn split_glued_unit(args: &mut [String]) {
    for arg in args {
        if let Some(unit) = arg.strip_prefix("--unit=") {
            *arg = format!("-u{unit}");
        }
    }
}

fn journal_line(entry: &Entry, host: &str) -> String {
    let when = clock::format_us(entry.at_us, "%b %d %H:%M:%S");
    format!("{when} {host} {}[{}]: {}", entry.ident, entry.pid, entry.message)
}

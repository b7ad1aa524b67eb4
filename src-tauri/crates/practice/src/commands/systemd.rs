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
    flags: "qlf",
    valued: "np",
    long: &[
        ("quiet", 'q'),
        ("full", 'l'),
        ("no-pager", 'f'),
        ("now", 'N'),
        ("lines", 'n'),
        ("property", 'p'),
        ("force", 'f'),
        ("no-legend", 'f'),
        ("all", 'f'),
    ],
};

/// `systemctl VERB UNIT…`.
pub(super) fn systemctl(call: Call<'_>) -> BoxFuture<'_, i32> {
    async move {
        let Ok(args) = call.parse(&SYSTEMCTL) else { return 1 };
        let Some((verb, units)) = args.rest.split_first() else { return list(&call) };
        match verb.as_str() {
            "daemon-reload" | "reset-failed" => return privileged(&call, verb),
            "list-units" => return list(&call),
            "is-system-running" => {
                call.say("running");
                return 0;
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

fn list(call: &Call) -> i32 {
    call.say("  UNIT                     LOAD   ACTIVE     SUB          DESCRIPTION");
    let mut count = 0;
    for kind in Kind::ALL {
        let Some(file) = UnitFile::find(call.host(), kind) else { continue };
        let phase = call.host().units.seen(kind).phase;
        let name = format!("{}.service", kind.unit());
        call.say(format!(
            "  {name:<24} loaded {:<10} {:<12} {}",
            active_word(&phase),
            sub_word(&phase),
            file.description
        ));
        count += 1;
    }
    call.say(format!("\n{count} loaded units listed."));
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

/// `journalctl [-u UNIT] [-n N] [--no-pager] [-b] [-o cat]`.
pub(super) fn journalctl(call: &mut Call) -> i32 {
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
        ],
    };
    split_glued_unit(&mut call.args);
    let Ok(args) = call.parse(&known) else { return 1 };
    let user = &call.shell.user;
    if !user.is_root() && !user.is_in("adm") && !user.is_in("systemd-journal") {
        call.streams.err.line("No journal files were opened due to insufficient permissions.");
        return 1;
    }
    let most = match args.value('n') {
        None if args.has('e') => 1000,
        None => usize::MAX,
        Some("all") => usize::MAX,
        Some(number) => match number.parse() {
            Ok(number) => number,
            Err(_) => {
                call.streams.err.line(format!("Failed to parse lines '{number}'"));
                return 1;
            }
        },
    };
    let unit = args.value('u').map(|u| u.strip_suffix(".service").unwrap_or(u).to_owned());
    let journal = &call.host().journal;
    let mut entries = journal.last(unit.as_deref(), most);
    if args.has('b') {
        entries.retain(|e| e.boot == journal.boot());
    }
    if args.has('r') {
        entries.reverse();
    }
    if entries.is_empty() {
        call.say("-- No entries --");
        return 0;
    }
    let (name, bare) = (call.host().name(), args.value('o') == Some("cat"));
    let mut boot = entries.first().map_or(0, |e| e.boot);
    for entry in &entries {
        if entry.boot != boot && !bare {
            boot = entry.boot;
            call.say(format!("-- Boot {boot:032x} --"));
        }
        call.say(if bare { entry.message.clone() } else { journal_line(entry, &name) });
    }
    0
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

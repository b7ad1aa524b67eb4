//! The promises of speed, measured: each beside its limit, or beside a peer in the same run. `make bench` runs it.
//!
//! Prints a Markdown table, and ends with 1 if a promise is broken. What it printed last is in docs/performance.md.

mod window;

use std::{
    path::Path,
    process::{Command, ExitCode, Stdio},
    time::{Duration, Instant},
};

/// How often each thing is measured; the median counts.
const RUNS: usize = 7;

/// A line of the table.
struct Measured {
    what: String,
    median: String,
    worst: String,
    limit: String,
    kept: bool,
}

fn main() -> ExitCode {
    let mut table = vec![
        up("classroom", Duration::from_secs(2)),
        up("ha", Duration::from_secs(4)),
        bundle(Path::new("ui/dist"), 400 * 1024),
    ];
    match window::first_paint(RUNS) {
        Ok(lines) => table.extend(lines),
        Err(reason) => eprintln!("the window was not measured: {reason}"),
    }
    println!("| what | median | worst | limit | kept |\n|---|---|---|---|---|");
    for line in &table {
        let kept = if line.kept { "yes" } else { "**no**" };
        println!("| {} | {} | {} | {} | {kept} |", line.what, line.median, line.worst, line.limit);
    }
    if table.iter().all(|l| l.kept) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// From `startline up` on a planned practice cluster to its end: the first application is healthy.
fn up(preset: &str, limit: Duration) -> Measured {
    let times = (0..RUNS).map(|_| {
        let home = tempfile::tempdir().expect("a temporary folder");
        let startline = |arguments: &[&str]| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_startline"));
            command.args(arguments).env("STARTLINE_HOME", home.path()).stdin(Stdio::null()).stdout(Stdio::null());
            assert!(command.status().expect("the program starts").success(), "startline {arguments:?} failed");
        };
        startline(&["new", "bench", "--preset", preset]);
        let began = Instant::now();
        startline(&["up", "bench"]);
        let took = began.elapsed();
        startline(&["destroy", "bench", "--yes"]);
        took
    });
    let (median, worst) = middle_and_worst(times.collect());
    Measured {
        what: format!("practice {preset}: `up` to a healthy application"),
        median: seconds(median),
        worst: seconds(worst),
        limit: seconds(limit),
        kept: median <= limit,
    }
}

/// What the webview is given, compressed as for a download.
fn bundle(dist: &Path, limit: usize) -> Measured {
    let mut all = 0;
    let mut folders = vec![dist.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("ui/dist is built").flatten() {
            if entry.path().is_dir() {
                folders.push(entry.path());
            } else {
                let zipped = Command::new("gzip").args(["-9", "-c"]).arg(entry.path()).output().expect("gzip");
                all += zipped.stdout.len();
            }
        }
    }
    let kib = |bytes: usize| format!("{} KiB", bytes / 1024);
    Measured {
        what: "the webview’s files, each gzipped, fonts included".into(),
        median: kib(all),
        worst: kib(all),
        limit: kib(limit),
        kept: all <= limit,
    }
}

fn middle_and_worst(mut times: Vec<Duration>) -> (Duration, Duration) {
    times.sort_unstable();
    (times[times.len() / 2], times[times.len() - 1])
}

fn seconds(time: Duration) -> String {
    format!("{:.2} s", time.as_secs_f64())
}

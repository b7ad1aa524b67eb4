//! What one executor costs: `cargo bench -p executor` prints rows of a table.
//!
//! Measured is the program that `STARTLINE_EXECUTOR` names (such as `target/node/x86_64/startline-node`), or this crate's own.

#[path = "../tests/agent/fake.rs"]
#[expect(dead_code, reason = "the tests need more of it")]
mod fake;

use std::time::{Duration, Instant};

use fake::{Agent, Executor};

/// How often each thing is measured.
const ROUNDS: usize = 50;

/// What one executor was seen to take.
struct Seen {
    /// From its start to its subscription.
    subscribed: Duration,
    /// From `LAUNCH` to `TASK_RUNNING`.
    running: Duration,
    /// Memory while its task runs, KiB: what it has written, which no other executor shares, and all that is resident.
    own: u64,
    resident: u64,
}

async fn measure() -> Seen {
    let mut agent = Agent::on_port().await;
    let start = Instant::now();
    let executor = agent.start_executor(&[]);
    agent.subscribed().await;
    let subscribed = start.elapsed();
    let launch = Instant::now();
    agent.launch("exec sleep 600");
    agent.update().await;
    assert_eq!(agent.update().await["state"], "TASK_RUNNING");
    let running = launch.elapsed();
    Seen { subscribed, running, own: memory(&executor, "Private_Dirty:"), resident: memory(&executor, "Rss:") }
}

/// The sum of the lines of `/proc/PID/smaps_rollup` that begin like this, KiB.
fn memory(executor: &Executor, beginning: &str) -> u64 {
    let rollup = std::fs::read_to_string(format!("/proc/{}/smaps_rollup", executor.pid())).expect("its memory");
    let lines = rollup.lines().filter(|line| line.starts_with(beginning));
    lines.filter_map(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok()).sum()
}

/// The middle one of what was seen, and the worst of the better 95 %.
fn spread<T: Ord + Copy>(seen: &[Seen], of: impl Fn(&Seen) -> T) -> (T, T) {
    let mut values: Vec<_> = seen.iter().map(of).collect();
    values.sort();
    (values[values.len() / 2], values[values.len() * 95 / 100])
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut seen = Vec::new();
    for _ in 0..ROUNDS {
        seen.push(measure().await);
    }
    println!("| executor ({ROUNDS} rounds) | median | 95 % |\n|---|---|---|");
    let times = [
        ("start to subscription", spread(&seen, |s| s.subscribed)),
        ("LAUNCH to TASK_RUNNING", spread(&seen, |s| s.running)),
    ];
    for (what, (median, most)) in times {
        println!("| {what} | {:.1} ms | {:.1} ms |", median.as_secs_f64() * 1e3, most.as_secs_f64() * 1e3);
    }
    for (what, (median, most)) in
        [("memory of its own", spread(&seen, |s| s.own)), ("resident memory", spread(&seen, |s| s.resident))]
    {
        println!("| {what} | {:.1} MB | {:.1} MB |", median as f64 / 1024.0, most as f64 / 1024.0);
    }
}

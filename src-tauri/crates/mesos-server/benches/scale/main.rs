//! How far one practice master goes: 10,000 agents, 100,000 tasks, 100 frameworks, 50 subscribers. Prints rows of a
//! markdown table: promise, limit, measured. `SCALE=0.1` makes everything smaller.

mod connection;
mod follow;
mod framework;
mod measure;
mod peer;

use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddrV4},
    path::{Path, PathBuf},
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use mesos_server::{Fleet, FleetOptions, Links, Log, Master, MasterFlags, MasterOptions};
use tokio::task::JoinSet;

use connection::{Outcome, PATIENCE, get};
use follow::follow;
use framework::{Counts, framework};
use measure::{memory, until, worked};
use peer::Real;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    if let Err(why) = runtime.block_on(run()) {
        println!("| the benchmark | | gave up: {why} |");
        std::process::exit(1);
    }
}

fn scaled(number: usize) -> usize {
    let scale: f64 = std::env::var("SCALE").ok().and_then(|s| s.parse().ok()).unwrap_or(1.0);
    ((number as f64 * scale) as usize).max(1)
}

/// A master alone, which leads at once.
async fn master(ip: Ipv4Addr, folder: &Path, links: &Arc<Links>) -> Outcome<Master> {
    let flags: BTreeMap<String, String> = [
        ("ip", ip.to_string()),
        ("port", "0".into()),
        ("hostname", ip.to_string()),
        ("work_dir", "/m".into()),
        ("agent_ping_timeout", "15secs".into()),
    ]
    .map(|(k, v)| (k.to_owned(), v))
    .into();
    let options = MasterOptions { host: ip, root: folder.to_owned(), log: Log::none(), links: Arc::clone(links) };
    Ok(Master::start(MasterFlags::parse(&flags)?, options).await?)
}

/// A small cluster beside a real one.
async fn beside_a_real_one(ip: Ipv4Addr, folder: &Path) -> Outcome<()> {
    let master = master(ip, &folder.join("small"), &Arc::new(Links::new())).await?;
    let ours = peer::measure(master.address()).await?;
    let mesos = std::env::var_os("STARTLINE_MESOS").map(PathBuf::from).filter(|m| m.join("bin/mesos-master").exists());
    let theirs = match mesos {
        None => None,
        Some(mesos) => {
            let config = "tickTime=2000\ndataDir=/zk\nclientPort=2181\nadmin.enableServer=false\n";
            let options =
                zookeeper_server::Options { host: ip, root: folder.to_owned(), log: zookeeper_server::Log::none() };
            let _zookeeper = zookeeper_server::Server::start(zookeeper_server::Config::parse(config)?, options).await?;
            let real = Real::start(&mesos, folder, ip, &format!("zk://{ip}:2181/mesos")).await?;
            Some(peer::measure(real.address).await?)
        }
    };
    let row = |what: &str, of: &dyn Fn(&peer::Reached) -> String| {
        let theirs = theirs.as_ref().map_or("not here".to_owned(), of);
        println!("| {what} | real 1.11.0: {theirs} | {} |", of(&ours));
    };
    row("`/state` of a master with 300 frameworks, one after the other", &|reached| {
        format!("{:.0} MB/s ({:.0} KB)", reached.state, reached.size as f64 / 1e3)
    });
    row("50 subscribers have that state", &|reached| format!("{:.2} s", reached.subscribed.as_secs_f64()));
    Ok(())
}

async fn run() -> Outcome<()> {
    let (agents, tasks, frameworks, subscribers) = (scaled(10_000), scaled(100_000), scaled(100), 50);
    let folder = tempfile::tempdir()?;
    let links = Arc::new(Links::new());
    let ip = Ipv4Addr::new(127, 77, (std::process::id() >> 8) as u8, std::process::id() as u8 | 1);
    let master = master(ip, folder.path(), &links).await?;
    let address = master.address();
    println!("| promise | limit | measured |");
    println!("|---|---|---|");
    beside_a_real_one(ip, folder.path()).await?;
    let begin = Instant::now();
    let fleet = FleetOptions {
        count: agents as u32,
        first: Ipv4Addr::new(10, 0, 0, 1),
        resources: "cpus:4;mem:8192;disk:10000;ports:[31000-32000]".into(),
        attributes: "rack:r1;zone:z1".into(),
    };
    let fleet = Fleet::join(&links, SocketAddrV4::new(ip, address.port()), &fleet)?;
    loop {
        let (bytes, _, _) = get(address, "/slaves").await?;
        if bytes > agents * 900 || begin.elapsed() > PATIENCE {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    println!("| {} agents register | | {:.1} s |", fleet.count(), begin.elapsed().as_secs_f64());

    let counts = Arc::new(Counts::default());
    let (churn, seen) = tokio::sync::watch::channel(0usize);
    let mut schedulers = JoinSet::new();
    let (begin, before) = (Instant::now(), worked());
    for n in 0..frameworks {
        let share = tasks / frameworks;
        schedulers.spawn(framework(address, format!("framework-{n}"), share, Arc::clone(&counts), seen.clone()));
    }
    let launched = tasks / frameworks * frameworks;
    tokio::select! {
        running = until("running tasks", || counts.running.load(Ordering::Relaxed) >= launched) => drop(running?),
        Some(ended) = schedulers.join_next() => return Err(format!("a scheduler ended: {ended:?}").into()),
    }
    let took = begin.elapsed().as_secs_f64();
    println!(
        "| {frameworks} frameworks launch {launched} tasks: offers, launches, statuses, acknowledgements | | {took:.1} s, {:.0} tasks/s, {:.1} s of processor time, schedulers included |",
        launched as f64 / took,
        worked() - before
    );
    println!(
        "| memory with {agents} agents and {launched} tasks, schedulers included | 1024 MB | {:.0} MB |",
        memory()
    );

    let mut best = (0.0, 0, Duration::ZERO);
    for _ in 0..5 {
        let (bytes, took, first) = get(address, "/state").await?;
        let speed = bytes as f64 / took.as_secs_f64() / 1e6;
        if speed > best.0 {
            best = (speed, bytes, first);
        }
    }
    println!(
        "| `/state` of it, streamed | 500 MB/s | {:.0} MB/s ({:.0} MB, first byte after {:.0} ms) |",
        best.0,
        best.1 as f64 / 1e6,
        best.2.as_secs_f64() * 1e3
    );
    println!("| memory after five of these | 1024 MB | {:.0} MB |", memory());

    follow(address, subscribers, frameworks, &counts, &churn).await?;
    println!("| memory after that | 1024 MB | {:.0} MB |", memory());
    Ok(())
}

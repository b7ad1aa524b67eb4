//! Operators who follow.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::{io::AsyncWriteExt, task::JoinSet};

use crate::{
    connection::{Connection, Outcome},
    framework::Counts,
    measure::until,
};

/// A stream whose first record, the state, has been read: it is large, and nobody needs it here.
pub async fn subscribed(to: SocketAddr) -> Outcome<Connection> {
    let mut connection = Connection::open(to).await?;
    let body = r#"{"type":"SUBSCRIBE"}"#;
    connection.send("POST /api/v1", body).await?;
    connection.stream.write_all(format!("\r\n{body}").as_bytes()).await?;
    connection.head().await?;
    let mut length = 0;
    let mut wanted = None;
    while wanted.is_none_or(|wanted| length < wanted) {
        let chunk = connection.chunk().await?;
        if wanted.is_none() {
            let end = chunk.iter().position(|b| *b == b'\n').ok_or("no record")?;
            wanted = Some(std::str::from_utf8(&chunk[..end])?.parse::<usize>()? + end + 1);
        }
        length += chunk.len();
    }
    Ok(connection)
}

/// Subscribers that follow while tasks end.
pub async fn follow(
    to: SocketAddr,
    subscribers: usize,
    frameworks: usize,
    counts: &Arc<Counts>,
    churn: &tokio::sync::watch::Sender<usize>,
) -> Outcome<()> {
    const SECONDS: usize = 5;
    let received = Arc::new(AtomicUsize::new(0));
    let mut following = JoinSet::new();
    let begin = Instant::now();
    for _ in 0..subscribers {
        let mut connection = subscribed(to).await?;
        let received = Arc::clone(&received);
        following.spawn(async move {
            while let Ok(chunk) = connection.chunk().await {
                let events = chunk.windows(14).filter(|w| w == b"\"TASK_UPDATED\"").count();
                received.fetch_add(events, Ordering::Relaxed);
            }
        });
    }
    println!("| {subscribers} subscribers have the whole state | | {:.1} s |", begin.elapsed().as_secs_f64());
    let before = counts.killed.load(Ordering::Relaxed);
    let begin = Instant::now();
    let rounds = (1_000 * SECONDS).div_ceil(frameworks);
    let mut tick = tokio::time::interval(Duration::from_secs(SECONDS as u64) / rounds as u32);
    for round in 0..rounds {
        tick.tick().await;
        churn.send_replace(round + 1);
    }
    let made = begin.elapsed();
    // The last ones may be on their way.
    tokio::time::sleep(Duration::from_millis(500)).await;
    let ended = counts.killed.load(Ordering::Relaxed) - before;
    let expected = ended * subscribers;
    let late = until("all events", || received.load(Ordering::Relaxed) >= expected).await?;
    println!(
        "| {subscribers} subscribers follow changes | 1000/s | {:.0} changes/s, {:.0} events/s out, the last {:.0} ms late; {} of {expected} arrived |",
        ended as f64 / made.as_secs_f64(),
        received.load(Ordering::Relaxed) as f64 / made.as_secs_f64(),
        late.as_secs_f64() * 1e3,
        received.load(Ordering::Relaxed),
    );
    Ok(())
}

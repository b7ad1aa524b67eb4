//! The practice process: it holds the machines of one cluster and answers [`crate::PracticeMachines`].

mod answer;
mod fleet;
mod lock;

use std::{path::Path, sync::Arc, time::Duration};

use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    task::JoinSet,
    time::{interval, timeout},
};

use crate::{
    Error, contact,
    layout::Layout,
    wire::{Contact, VERSION},
};
use fleet::Fleet;

/// How often it is looked whether the cluster's folder is still there.
const LOOK: Duration = Duration::from_millis(500);
/// How long a process that no machine was started in stays.
const IDLE: Duration = Duration::from_secs(30);
/// How long answers may take to leave when the process ends.
const FAREWELL: Duration = Duration::from_secs(2);

/// Why the process ends.
enum End {
    /// No machine runs any more, or none was ever started.
    Empty,
    /// The folder is gone.
    Vanished,
}

/// The practice process: holds the machines of the cluster in `folder` until the last one is halted or removed, the
/// folder vanishes, or it is told to end (SIGTERM, SIGINT): then the machines are shut down in an orderly way. It is
/// meant for a multi-threaded tokio runtime of its own; what it has to say goes to `tracing`.
///
/// # Errors
/// [`Error::AlreadyServed`] if another process holds the cluster; [`Error::Failed`] if the folder cannot be used.
pub async fn serve(folder: &Path) -> Result<(), Error> {
    let layout = Layout::new(folder);
    let lock = lock::take(&layout).await?;
    let io = |error: std::io::Error| Error::io("start the practice process", &error);
    let listener = TcpListener::bind("127.0.0.1:0").await.map_err(io)?;
    let contact = contact(listener.local_addr().map_err(io)?.port())?;
    let fleet = Arc::new(Fleet::new(layout.clone()));
    fleet.forget_running();
    // Only now: whoever reads it will be answered.
    contact.write(&layout).map_err(io)?;
    tracing::info!(pid = contact.pid, port = contact.port, "the practice process serves");
    match serve_until_end(listener, &fleet, &contact.token, &layout, &lock).await.map_err(io)? {
        End::Vanished => tracing::info!("the cluster's folder is gone: ending"),
        End::Empty => tracing::info!("no machine runs any more: ending"),
    }
    withdraw(&layout, &contact);
    lock.release();
    Ok(())
}

fn contact(port: u16) -> Result<Contact, Error> {
    let mut random = [0; 32];
    getrandom::fill(&mut random)
        .map_err(|error| Error::Failed { doing: "make a token".into(), why: error.to_string() })?;
    let token = random.iter().map(|b| format!("{b:02x}")).collect();
    Ok(Contact { pid: std::process::id(), port, token, version: VERSION })
}

/// Answers until there is a reason to end. The listener is closed first, so that nobody waits in it in vain.
async fn serve_until_end(
    listener: TcpListener,
    fleet: &Arc<Fleet>,
    token: &str,
    layout: &Layout,
    lock: &lock::Lock,
) -> std::io::Result<End> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    // A terminal that is closed is no reason to end.
    let mut _hangup = signal(SignalKind::hangup())?;
    let mut calls = JoinSet::new();
    let mut look = interval(LOOK);
    let idle = tokio::time::sleep(IDLE);
    tokio::pin!(idle);
    let end = loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    calls.spawn(answer::answer(stream, fleet.clone(), token.to_owned()));
                }
                // Out of file descriptors, most likely: the next one may do better.
                Err(error) => {
                    tracing::warn!(%error, "a connection was not accepted");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            },
            Some(_) = calls.join_next() => {}
            () = fleet.emptied() => break End::Empty,
            () = &mut idle, if fleet.is_fresh() => break End::Empty,
            _ = look.tick() => if !lock.is_in_place(layout) { break End::Vanished },
            _ = terminate.recv() => shut_down(fleet),
            _ = interrupt.recv() => shut_down(fleet),
        }
    };
    drop(listener);
    // The answer to the very request that ended it must still leave.
    let _ = timeout(FAREWELL, async { while calls.join_next().await.is_some() {} }).await;
    Ok(end)
}

/// Shuts all machines down; clients are answered meanwhile, and the process ends when the last one is off.
fn shut_down(fleet: &Arc<Fleet>) {
    tracing::info!("told to end: shutting the machines down");
    let fleet = fleet.clone();
    tokio::spawn(async move { fleet.halt_all().await });
}

/// Removes `daemon.json`, if it is still this process's.
fn withdraw(layout: &Layout, contact: &Contact) {
    if Contact::read(layout).is_some_and(|left| left.token == contact.token) {
        // If it cannot be removed, it leads to a port that refuses: the same to a client.
        let _ = fs_err::remove_file(layout.contact());
    }
}

/// Whether some living process answers for the folder.
async fn is_served(layout: &Layout) -> bool {
    contact::says_hello(layout).await
}

//! Doors on a machine to servers elsewhere, for a client that cannot be told from which address to connect.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

use super::Network;

/// After a connection that could not be taken.
const PAUSE: Duration = Duration::from_millis(20);
/// The most that a client may say before its connection is there, bytes.
const EARLY: u64 = 64 << 10;

/// Doors to the servers of a list. They are closed when this is dropped.
#[derive(Debug)]
pub struct Relays {
    hosts: String,
    _doors: JoinSet<()>,
}

impl Relays {
    /// Opens a door on `machine` to each server of `hosts` (`address:port,address:port`). On a network to which nothing
    /// can happen no door is needed. A server that is not given by address, or to which no door can be had, is reached
    /// directly.
    ///
    /// Must be called within a runtime.
    pub fn open(network: &Network, machine: Ipv4Addr, hosts: &str) -> Self {
        let mut doors = JoinSet::new();
        let mut door = |host: &str| -> Option<String> {
            let to = host.parse::<SocketAddr>().ok().filter(|_| network.is_practice())?;
            let listener = listen(machine).ok()?;
            let address = listener.local_addr().ok()?;
            doors.spawn(keep(listener, network.clone(), machine, to));
            Some(address.to_string())
        };
        let hosts: Vec<String> = hosts.split(',').map(|host| door(host).unwrap_or_else(|| host.to_owned())).collect();
        Self { hosts: hosts.join(","), _doors: doors }
    }

    /// The list for the client, each server by its door.
    pub fn hosts(&self) -> &str {
        &self.hosts
    }
}

fn listen(machine: Ipv4Addr) -> io::Result<TcpListener> {
    let listener = std::net::TcpListener::bind((machine, 0))?;
    listener.set_nonblocking(true)?;
    TcpListener::from_std(listener)
}

async fn keep(listener: TcpListener, network: Network, machine: Ipv4Addr, to: SocketAddr) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((client, _)) => drop(connections.spawn(relay(client, network.clone(), machine, to))),
                Err(_) => tokio::time::sleep(PAUSE).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

/// Carries one connection. That the server refuses, the client sees by the end of its own.
async fn relay(mut client: TcpStream, network: Network, machine: Ipv4Addr, to: SocketAddr) {
    let _ = client.set_nodelay(true);
    let mut early = Vec::new();
    let connected = tokio::select! {
        connected = network.connect(machine.into(), to) => connected,
        () = until_given_up(&mut client, &mut early) => return,
    };
    let Ok(mut server) = connected else { return };
    if server.write_all(&early).await.is_ok() {
        // How it ended is told by its ends.
        let _ = copy_bidirectional(&mut client, &mut server).await;
    }
}

/// Keeps what the client says before it is connected; returns when it has given up.
async fn until_given_up(client: &mut TcpStream, early: &mut Vec<u8>) {
    while matches!((&mut *client).take(EARLY).read_buf(early).await, Ok(1..)) && early.len() as u64 <= EARLY {}
}

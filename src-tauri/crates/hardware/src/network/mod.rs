//! A cluster's network, on loopback: machines can be cut off from each other, and made slow to reach.
//!
//! It is enforced where connections are accepted: every practice server accepts through a [`Listener`], and whoever
//! connects from a machine binds that machine's address ([`Network::connect`], or [`Relays`] for a client that cannot).
//! So a server knows by the source address which machine is at the other end. Any other source is the laptop's own,
//! which reaches all machines whatever happens between them.
//!
//! A cut is as if packets were dropped: nobody is told, connections hang and go on when it is healed.

mod gate;
mod relays;
mod stream;
#[cfg(test)]
mod tests;

use std::{
    collections::{HashMap, HashSet},
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    os::fd::OwnedFd,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    net::{TcpSocket, TcpStream},
    sync::watch,
    time::sleep,
};

pub use relays::Relays;
pub use stream::{Listener, Stream};

/// A cluster's network. Clones are the same network; the default one is always well.
#[derive(Clone, Debug, Default)]
pub struct Network(Option<Arc<Wires>>);

#[derive(Debug)]
struct Wires {
    faults: watch::Sender<Faults>,
    /// Connections that were closed while they were cut: the other end must not hear of it before it is healed.
    unheard: Mutex<Vec<(Ends, OwnedFd)>>,
}

/// What is wrong.
#[derive(Debug, Default)]
struct Faults {
    cut: HashSet<Ends>,
    delays: HashMap<Ipv4Addr, Duration>,
}

/// Two machines, in either direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Ends(Ipv4Addr, Ipv4Addr);

impl Ends {
    fn new(one: Ipv4Addr, other: Ipv4Addr) -> Self {
        Self(one.min(other), one.max(other))
    }
}

/// How it stands between two machines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Passage {
    cut: bool,
    delay: Duration,
}

impl Passage {
    const FREE: Self = Self { cut: false, delay: Duration::ZERO };
}

impl Faults {
    fn between(&self, ends: Ends) -> Passage {
        let delay = |machine| self.delays.get(machine).copied().unwrap_or_default();
        if ends.0 == ends.1 {
            return Passage::FREE;
        }
        Passage { cut: self.cut.contains(&ends), delay: delay(&ends.0) + delay(&ends.1) }
    }
}

impl Network {
    /// A network to which something can happen.
    pub fn new() -> Self {
        Self(Some(Arc::new(Wires { faults: watch::Sender::new(Faults::default()), unheard: Mutex::default() })))
    }

    /// Whether anything can happen to it.
    pub fn is_practice(&self) -> bool {
        self.0.is_some()
    }

    /// Cuts two machines off from each other.
    pub fn cut(&self, one: Ipv4Addr, other: Ipv4Addr) {
        self.split(&[one], &[other]);
    }

    /// Cuts these machines off from those, and those from these.
    pub fn split(&self, these: &[Ipv4Addr], those: &[Ipv4Addr]) {
        let pairs = these.iter().flat_map(|one| those.iter().map(|other| Ends::new(*one, *other)));
        self.change(|faults| faults.cut.extend(pairs));
    }

    /// Whatever a machine sends or is sent takes so much longer; zero undoes it.
    pub fn delay(&self, machine: Ipv4Addr, delay: Duration) {
        self.change(|faults| faults.delays.extend([(machine, delay)]));
    }

    /// Makes it well: nothing is cut and nothing slow.
    pub fn heal(&self) {
        self.change(|faults| *faults = Faults::default());
    }

    fn change(&self, change: impl FnOnce(&mut Faults)) {
        let Some(wires) = &self.0 else { return };
        wires.faults.send_modify(change);
        let faults = wires.faults.borrow();
        // Those that can be heard again are closed here.
        wires.unheard.lock().unwrap_or_else(PoisonError::into_inner).retain(|(ends, _)| faults.between(*ends).cut);
    }

    /// Whether two machines are cut off from each other now.
    pub fn is_cut(&self, one: Ipv4Addr, other: Ipv4Addr) -> bool {
        let ends = Ends::new(one, other);
        self.0.as_ref().is_some_and(|wires| wires.faults.borrow().between(ends).cut)
    }

    /// Waits as long as a packet takes from one machine to another: for ever, while they are cut off.
    pub async fn pass(&self, one: Ipv4Addr, other: Ipv4Addr) {
        if let Some(wires) = &self.0 {
            pass(wires.faults.subscribe(), Ends::new(one, other)).await;
        }
    }

    /// Connects from a machine's own address, so that the other end sees which machine it is.
    ///
    /// # Errors
    /// The system's.
    pub async fn connect(&self, from: IpAddr, to: SocketAddr) -> io::Result<TcpStream> {
        if let (IpAddr::V4(one), IpAddr::V4(other)) = (from, to.ip()) {
            self.pass(one, other).await;
        }
        let socket = match from {
            IpAddr::V4(_) => TcpSocket::new_v4()?,
            IpAddr::V6(_) => TcpSocket::new_v6()?,
        };
        socket.bind(SocketAddr::new(from, 0))?;
        let stream = socket.connect(to).await?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }
}

async fn pass(mut faults: watch::Receiver<Faults>, ends: Ends) {
    loop {
        // Without a sender the network is gone, and with it what was wrong.
        let delay = faults.wait_for(|faults| !faults.between(ends).cut).await.map(|faults| faults.between(ends).delay);
        match delay {
            Ok(delay) if !delay.is_zero() => sleep(delay).await,
            Ok(_) | Err(_) => return,
        }
        if !faults.borrow().between(ends).cut {
            return;
        }
    }
}

//! The accepting side of connections.

use std::{
    io::{self, IoSlice},
    net::{IpAddr, SocketAddr},
    os::fd::AsFd,
    pin::{Pin, pin},
    sync::{Arc, PoisonError},
    task::{Context, Poll, ready},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, Interest, ReadBuf},
    net::{TcpListener, TcpStream},
};

use super::{Ends, Network, Wires, gate::Gate, gate::Way};

/// Accepts connections that obey a network.
#[derive(Debug)]
pub struct Listener {
    listener: TcpListener,
    network: Network,
}

impl Network {
    /// Puts a listener onto the network.
    pub fn listen(&self, listener: TcpListener) -> Listener {
        Listener { listener, network: self.clone() }
    }
}

impl Listener {
    /// Waits for a connection, which sends without waiting to fill packets.
    ///
    /// # Errors
    /// As [`TcpListener::accept`].
    pub async fn accept(&self) -> io::Result<(Stream, SocketAddr)> {
        let (socket, peer) = self.listener.accept().await?;
        // Answers are small: waiting for more would only make them late. A peer that has left needs none.
        let _ = socket.set_nodelay(true);
        let wire = self.network.0.as_ref().and_then(|wires| Wire::between(wires, &socket, peer));
        Ok((Stream { socket, wire }, peer))
    }

    /// Where it listens.
    ///
    /// # Errors
    /// As [`TcpListener::local_addr`].
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// A connection that hangs while its ends are cut off from each other.
#[derive(Debug)]
pub struct Stream {
    socket: TcpStream,
    /// None where nothing can be cut.
    wire: Option<Box<Wire>>,
}

#[derive(Debug)]
struct Wire {
    wires: Arc<Wires>,
    way: Way,
    reading: Gate,
    writing: Gate,
    /// The system accepted it while its ends were cut off from each other: to the one who connects it is not there yet.
    unborn: bool,
}

impl Wire {
    fn between(wires: &Arc<Wires>, socket: &TcpStream, peer: SocketAddr) -> Option<Box<Self>> {
        let (IpAddr::V4(one), IpAddr::V4(other)) = (socket.local_addr().ok()?.ip(), peer.ip()) else { return None };
        let mut way = Way::new(wires.faults.subscribe(), Ends::new(one, other));
        let unborn = way.passage().cut;
        Some(Box::new(Self { wires: wires.clone(), way, reading: Gate::Idle, writing: Gate::Idle, unborn }))
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let Self { socket, wire } = &mut *self;
        if let Some(wire) = wire
            && (wire.unborn || !wire.reading.is_free(&mut wire.way))
        {
            // What has come waits, not the wish for it.
            ready!(socket.poll_read_ready(context))?;
            ready!(wire.reading.poll(&mut wire.way, context));
            if std::mem::take(&mut wire.unborn) && is_abandoned(socket, context) {
                return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
            }
            let read = Pin::new(socket).poll_read(context, buffer);
            wire.reading.passed();
            return read;
        }
        Pin::new(socket).poll_read(context, buffer)
    }
}

/// Whether the one who connected has given up meanwhile: a real one's packets would never have come.
fn is_abandoned(socket: &TcpStream, context: &mut Context<'_>) -> bool {
    let ready = pin!(socket.ready(Interest::READABLE)).poll(context);
    matches!(ready, Poll::Ready(Ok(ready)) if ready.is_read_closed())
}

impl Stream {
    /// Does something on the socket when the way out is free.
    fn poll_out<T>(
        &mut self,
        context: &mut Context<'_>,
        act: impl FnOnce(Pin<&mut TcpStream>, &mut Context<'_>) -> Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        let Self { socket, wire } = self;
        let Some(wire) = wire else { return act(Pin::new(socket), context) };
        ready!(wire.writing.poll(&mut wire.way, context));
        let done = act(Pin::new(socket), context);
        if done.is_ready() {
            wire.writing.passed();
        }
        done
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_out(context, |socket, context| socket.poll_write(context, bytes))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.poll_out(context, |socket, context| socket.poll_write_vectored(context, slices))
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_out(context, |socket, context| socket.poll_shutdown(context))
    }
}

impl Drop for Stream {
    /// While the ends are cut off from each other, the other one does not hear of it.
    fn drop(&mut self) {
        let Some(wire) = &mut self.wire else { return };
        if wire.way.passage().cut
            && let Ok(socket) = self.socket.as_fd().try_clone_to_owned()
        {
            let mut unheard = wire.wires.unheard.lock().unwrap_or_else(PoisonError::into_inner);
            unheard.push((wire.way.ends, socket));
        }
    }
}

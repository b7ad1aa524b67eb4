//! What servers of an ensemble say to each other, over TCP on the ports of `server.N` lines. The bytes are of a form of our own.

mod gossip;
mod links;
mod message;

pub use gossip::{Gossip, gossip};
pub use links::{Link, LinkEvent, accept_learners, connect_to_leader};
pub use message::{Message, Origin};

use tokio::io::{AsyncRead, AsyncReadExt};

/// The largest frame between servers: the end of a session with very many ephemeral znodes is one transaction.
const LARGEST: usize = 256 << 20;

/// Reads a frame. The buffer grows with what arrives, not with what the length claims.
async fn read_frame(reader: &mut (impl AsyncRead + Unpin)) -> std::io::Result<Vec<u8>> {
    let length = reader.read_u32().await? as usize;
    if length > LARGEST {
        return Err(std::io::ErrorKind::InvalidData.into());
    }
    let mut frame = Vec::new();
    if reader.take(length as u64).read_to_end(&mut frame).await? < length {
        return Err(std::io::ErrorKind::UnexpectedEof.into());
    }
    Ok(frame)
}

fn frame(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len() + 4);
    out.extend_from_slice(&u32::try_from(body.len()).unwrap_or(u32::MAX).to_be_bytes());
    out.extend_from_slice(body);
    out
}

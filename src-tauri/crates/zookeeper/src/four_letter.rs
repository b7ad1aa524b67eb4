//! Four-letter words: the plain-text questions that every server answers on its client port, without a session.
//!
//! Source: ZooKeeper Administrator's Guide 3.8, "The Four Letter Words". Which are answered is up to the server's
//! `4lw.commands.whitelist`; by default only `srvr` is.

use std::{io, time::Duration};

use tls::{Fault, Tls};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::Error;

/// The longest answer that is read, bytes: `cons` of a busy server has a line a connection.
const LONGEST: u64 = 1 << 20;

/// Asks a server (`host:port`) a word and gives back its answer as it came. Over TLS if it is given, on a port that speaks it.
///
/// # Errors
/// [`Error::Unreachable`], [`Error::Untrusted`], [`Error::Deadline`], [`Error::NotWhitelisted`].
pub async fn four_letter_word(
    address: &str,
    tls: Option<&Tls>,
    word: &str,
    deadline: Duration,
) -> Result<String, Error> {
    let ask = async {
        match tls {
            None => exchange(TcpStream::connect(address).await?, word).await,
            Some(tls) => exchange(tls.connect(address).await?, word).await,
        }
    };
    let address = || address.to_owned();
    match timeout(deadline, ask).await {
        Err(_) => Err(Error::Deadline { address: address(), deadline }),
        Ok(Err(source)) => Err(match Fault::find(&source) {
            Some(fault) => Error::Untrusted { address: address(), fault },
            None => Error::Unreachable { address: address(), source },
        }),
        Ok(Ok(answer)) if answer.contains("is not executed because it is not in the whitelist") => {
            Err(Error::NotWhitelisted { address: address(), word: word.into() })
        }
        Ok(Ok(answer)) => Ok(answer),
    }
}

async fn exchange(mut stream: impl AsyncRead + AsyncWrite + Unpin, word: &str) -> io::Result<String> {
    stream.write_all(word.as_bytes()).await?;
    let mut answer = Vec::new();
    match stream.take(LONGEST).read_to_end(&mut answer).await {
        // A server that closes without TLS's farewell has said all the same what it had to say.
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof && !answer.is_empty() => {}
        read => drop(read?),
    }
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

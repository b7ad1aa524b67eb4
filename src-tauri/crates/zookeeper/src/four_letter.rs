//! Four-letter words: the plain-text questions that every server answers on its client port, without a session.
//!
//! Source: ZooKeeper Administrator's Guide 3.8, "The Four Letter Words". Which are answered is up to the server's
//! `4lw.commands.whitelist`; by default only `srvr` is.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::Error;

/// The longest answer that is read, bytes: `cons` of a busy server has a line a connection.
const LONGEST: u64 = 1 << 20;

/// Asks a server (`host:port`) a word and gives back its answer as it came.
///
/// # Errors
/// [`Error::Unreachable`], [`Error::Deadline`], [`Error::NotWhitelisted`].
pub async fn four_letter_word(address: &str, word: &str, deadline: Duration) -> Result<String, Error> {
    let ask = async {
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(word.as_bytes()).await?;
        let mut answer = Vec::new();
        stream.take(LONGEST).read_to_end(&mut answer).await?;
        Ok(String::from_utf8_lossy(&answer).into_owned())
    };
    let address = || address.to_owned();
    match timeout(deadline, ask).await {
        Err(_) => Err(Error::Deadline { address: address(), deadline }),
        Ok(Err(source)) => Err(Error::Unreachable { address: address(), source }),
        Ok(Ok(answer)) if answer.contains("is not executed because it is not in the whitelist") => {
            Err(Error::NotWhitelisted { address: address(), word: word.into() })
        }
        Ok(Ok(answer)) => Ok(answer),
    }
}

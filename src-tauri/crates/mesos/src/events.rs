//! A stream of events from a master, with an ear for its silence.

use std::marker::PhantomData;
use std::time::Duration;

use reqwest::Response;
use serde::de::DeserializeOwned;
use tokio::time::{Instant, timeout_at};

use crate::http::chain;
use crate::recordio::Decoder;
use crate::{Endpoint, Error};

/// Until the master says how often its heart beats; Mesos's default is 15 s.
const FIRST_SILENCE: Duration = Duration::from_secs(60);
/// How many heartbeats may be missed.
const MISSED: f64 = 3.0;

/// Events of type `T`, in the order they come. Dropping it closes the connection.
#[derive(Debug)]
pub struct Events<T> {
    endpoint: Endpoint,
    response: Response,
    decoder: Decoder,
    silence: Duration,
    heard: Instant,
    kind: PhantomData<fn() -> T>,
}

impl<T: DeserializeOwned> Events<T> {
    pub(crate) fn new(endpoint: Endpoint, response: Response) -> Self {
        let (decoder, heard) = (Decoder::default(), Instant::now());
        Self { endpoint, response, decoder, silence: FIRST_SILENCE, heard, kind: PhantomData }
    }

    /// Who sends them.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// From now on, silence of three such intervals is an error.
    pub(crate) fn expect_heartbeat_every(&mut self, seconds: f64) {
        if let Ok(silence) = Duration::try_from_secs_f64(seconds * MISSED) {
            self.silence = silence.max(Duration::from_secs(1));
        }
    }

    /// The next event; none when the master closed the stream. May be dropped at any time without losing an event.
    pub async fn next(&mut self) -> Result<Option<T>, Error> {
        loop {
            if let Some(record) = self.decoder.next_record().map_err(|error| self.not_understood(&error))? {
                return serde_json::from_slice(&record).map(Some).map_err(|error| self.not_understood(&error));
            }
            match timeout_at(self.heard + self.silence, self.response.chunk()).await {
                Ok(Ok(Some(chunk))) => {
                    self.heard = Instant::now();
                    self.decoder.feed(&chunk);
                }
                Ok(Ok(None)) => return Ok(None),
                Ok(Err(error)) => {
                    return Err(Error::Unreachable { address: self.endpoint.to_string(), why: chain(&error) });
                }
                Err(_) => return Err(Error::Silent { address: self.endpoint.to_string(), after: self.silence }),
            }
        }
    }

    fn not_understood(&self, error: &dyn std::error::Error) -> Error {
        Error::NotUnderstood { address: self.endpoint.to_string(), why: error.to_string() }
    }
}

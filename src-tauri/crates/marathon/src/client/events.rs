//! The event stream. Marathon does not promise their order: take an event as a reason to look again, not as the truth.

use std::{pin::Pin, time::Duration};

use eventsource_stream::Eventsource;
use futures::{Stream, StreamExt, stream};
use reqwest::{Method, header};
use serde_json::Value;
use tls::Fault;
use tokio::time::{Instant, sleep, timeout};

use super::{
    Client,
    error::{Attempt, Error},
    transport::chain,
    url,
};

/// The first wait before connecting again; it doubles up to [`LONGEST_WAIT`].
const FIRST_WAIT: Duration = Duration::from_millis(250);
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// A connection that held this long was a good one: the next wait is the first again.
const GOOD: Duration = Duration::from_secs(5);

/// After so long without a byte the connection is made anew: a machine that was switched off does not say goodbye.
const SILENCE: Duration = Duration::from_secs(60);

/// An event. Source: Marathon's "Event bus" page.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// `status_update_event`, `deployment_success`, `instance_health_changed_event`, …
    pub kind: String,
    /// Its data, as it came; a text where it is no JSON.
    pub data: Value,
}

/// What the stream gives.
#[derive(Clone, Debug, PartialEq)]
pub enum Signal {
    /// Connected, for the first time or again. Events may have been missed: read everything anew.
    Connected {
        /// To whom.
        base: String,
    },
    /// Something happened.
    Event(Event),
    /// Nobody can be listened to at the moment; it is tried again by itself.
    Lost(Error),
}

type Lines = Pin<Box<dyn Stream<Item = Result<Event, String>> + Send>>;

/// Where the stream stands.
struct State {
    client: Client,
    lines: Option<(Lines, Instant)>,
    wait: Duration,
    /// Wait before the next attempt to connect: any but the first.
    pause: bool,
}

impl Client {
    /// What happens, for ever: a connection that is lost is made again, with growing waits (250 ms to 10 s). Ends when it
    /// is dropped. With several schedulers it listens to the one that answers.
    pub fn events(&self) -> impl Stream<Item = Signal> + Send + 'static {
        let state = State { client: self.clone(), lines: None, wait: FIRST_WAIT, pause: false };
        stream::unfold(state, |mut state| async move {
            let signal = state.next().await;
            Some((signal, state))
        })
    }

    async fn listen(&self) -> Result<(String, Lines), Error> {
        let mut attempts = Vec::new();
        for (n, base) in self.transport.in_order() {
            match self.listen_to(base).await {
                Ok(lines) => {
                    self.transport.prefer(n);
                    return Ok((base.to_string(), lines));
                }
                Err(attempt) => attempts.push(attempt),
            }
        }
        Err(Error::of_attempts(attempts))
    }

    async fn listen_to(&self, base: &reqwest::Url) -> Result<Lines, Attempt> {
        let failed = |reason, fault| Attempt { base: base.to_string(), reason, fault };
        let url = url(base, &["v2", "events"], &[]);
        // Without this header Marathon answers 405.
        let request = self.transport.request(Method::GET, url).header(header::ACCEPT, "text/event-stream");
        let answer = timeout(self.deadline(), request.send()).await;
        let late = || failed(format!("no answer within {} ms", self.deadline().as_millis()), None);
        let response = answer.map_err(|_| late())?.map_err(|e| failed(chain(&e), Fault::find(&e)))?;
        if !response.status().is_success() {
            return Err(failed(response.status().to_string(), None));
        }
        let bytes = response.bytes_stream();
        let quiet = stream::unfold(Box::pin(bytes), |mut bytes| async move {
            let chunk = match timeout(SILENCE, bytes.next()).await {
                Ok(chunk) => chunk?.map_err(|e| chain(&e)),
                Err(_) => Err(format!("silent for {} s", SILENCE.as_secs())),
            };
            Some((chunk, bytes))
        });
        let events = quiet.eventsource().map(|event| match event {
            Ok(event) => Ok(Event { data: parse(event.data), kind: event.event }),
            Err(error) => Err(error.to_string()),
        });
        Ok(Box::pin(events))
    }
}

impl State {
    async fn next(&mut self) -> Signal {
        if let Some(event) = self.heard().await {
            return Signal::Event(event);
        }
        if std::mem::replace(&mut self.pause, true) {
            sleep(self.wait).await;
            self.wait = (self.wait * 2).min(LONGEST_WAIT);
        }
        match self.client.listen().await {
            Ok((base, lines)) => {
                self.lines = Some((lines, Instant::now()));
                Signal::Connected { base }
            }
            Err(error) => Signal::Lost(error),
        }
    }

    /// The next event of the connection, or nothing when there is none any more.
    async fn heard(&mut self) -> Option<Event> {
        let (lines, since) = self.lines.as_mut()?;
        match lines.next().await {
            Some(Ok(event)) => return Some(event),
            Some(Err(reason)) => tracing::debug!(reason, "event stream broke off"),
            None => tracing::debug!("event stream ended"),
        }
        if since.elapsed() >= GOOD {
            self.wait = FIRST_WAIT;
        }
        self.lines = None;
        None
    }
}

fn parse(data: String) -> Value {
    serde_json::from_str(&data).unwrap_or(Value::String(data))
}

//! The agent's executor API: one connection for the stream of events, another one for calls.

use std::io;
use std::rc::Rc;
use std::time::Duration;

use hyper::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HOST};
use hyper::{Request, StatusCode};
use mesos::recordio::Decoder;
use serde_json::Value;
use tls::Fault;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::{AbortHandle, spawn_local};
use tokio::time::{sleep, timeout};

use crate::core::Input;
use crate::http::{Connection, beginning, next_piece};
use crate::log::note;
use crate::settings::{Address, Endpoint};
use crate::wire::Event;

/// How long the agent may take to answer: it writes updates to its disk first.
const ANSWER: Duration = Duration::from_secs(30);
/// The largest event that is taken, bytes: a task with its data.
const LARGEST: usize = 64 * 1024 * 1024;
/// From one attempt to make a call to the next.
const AGAIN: Duration = Duration::from_millis(200);

/// An open subscription, or one that is being opened. Dropping it closes its connections.
#[derive(Debug)]
pub struct Subscription {
    calls: UnboundedSender<Value>,
    listening: AbortHandle,
    calling: AbortHandle,
}

impl Subscription {
    /// Subscribes with this call. What the agent says goes to `inputs`, and in the end [`Input::Lost`], once.
    pub fn open(endpoint: Rc<Endpoint>, call: Value, inputs: UnboundedSender<Input>) -> Self {
        let (calls, queue) = unbounded_channel();
        let calling = spawn_local(make_calls(endpoint.clone(), queue)).abort_handle();
        let listening = spawn_local(async move {
            let why = match listen(&endpoint, call, &inputs).await {
                Ok(()) => "it closed the stream".to_owned(),
                Err(error) => error.to_string(),
            };
            // Nobody listens any more only when the executor ends.
            inputs.send(Input::Lost(why)).ok();
        });
        Self { calls, listening: listening.abort_handle(), calling }
    }

    /// Makes a call, after those before it.
    pub fn tell(&self, call: Value) {
        // It fails only if the task that makes calls was ended, which dropping this does.
        self.calls.send(call).ok();
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.listening.abort();
        self.calling.abort();
    }
}

async fn connect(endpoint: &Endpoint) -> io::Result<Connection> {
    match (&endpoint.address, &endpoint.tls) {
        (Address::Tcp(address), Some(tls)) => {
            let plainly = |error| Fault::find(&error).map_or(error, io::Error::other);
            Connection::open_secret(*address, tls).await.map_err(plainly)
        }
        (address, _) => Connection::open(address).await,
    }
}

async fn listen(endpoint: &Endpoint, call: Value, inputs: &UnboundedSender<Input>) -> io::Result<()> {
    let late = || io::Error::from(io::ErrorKind::TimedOut);
    let mut connection = timeout(ANSWER, connect(endpoint)).await.map_err(|_| late())??;
    let mut answer = timeout(ANSWER, connection.send(request(endpoint, &call)?)).await.map_err(|_| late())??;
    if answer.status() != StatusCode::OK {
        let (status, why) = (answer.status(), beginning(answer.body_mut()).await);
        return Err(io::Error::other(format!("{status}: {why}")));
    }
    let mut decoder = Decoder::with_limit(LARGEST);
    while let Some(piece) = next_piece(answer.body_mut()).await? {
        decoder.feed(&piece);
        while let Some(record) = decoder.next_record().map_err(io::Error::other)? {
            inputs.send(Event::read(&record).map_or_else(Input::Garbled, Input::Event)).ok();
        }
    }
    Ok(())
}

/// Makes calls one after the other: the order of updates is their meaning. A call that the agent did not take is made
/// again, until it is taken, or refused for what it is, or the subscription ends: then the next one repeats it.
async fn make_calls(endpoint: Rc<Endpoint>, mut queue: UnboundedReceiver<Value>) {
    let mut open = None;
    while let Some(call) = queue.recv().await {
        loop {
            match make_call(&endpoint, &mut open, &call).await {
                Ok(status) if status.is_success() => break,
                Ok(status) if status.is_client_error() && status != StatusCode::NOT_FOUND => {
                    note(format_args!("the agent refuses a call: {status}"));
                    break;
                }
                Ok(_) => {}
                Err(_) => open = None,
            }
            sleep(AGAIN).await;
        }
    }
}

async fn make_call(endpoint: &Endpoint, open: &mut Option<Connection>, call: &Value) -> io::Result<StatusCode> {
    let connection = match open {
        Some(connection) => connection,
        None => open.insert(connect(endpoint).await?),
    };
    let answered = timeout(ANSWER, async {
        let mut answer = connection.send(request(endpoint, call)?).await?;
        // The whole answer has to be read before the connection can be used again.
        while next_piece(answer.body_mut()).await?.is_some() {}
        Ok(answer.status())
    });
    answered.await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}

fn request(endpoint: &Endpoint, call: &Value) -> io::Result<Request<String>> {
    let host = match &endpoint.address {
        Address::Tcp(address) => address.to_string(),
        Address::Unix(_) => "localhost".to_owned(),
    };
    let mut request = Request::post(&endpoint.path).header(HOST, host);
    request = request.header(CONTENT_TYPE, "application/json").header(ACCEPT, "application/json");
    if let Some(token) = &endpoint.token {
        request = request.header(AUTHORIZATION, format!("Bearer {token}"));
    }
    request.body(call.to_string()).map_err(io::Error::other)
}

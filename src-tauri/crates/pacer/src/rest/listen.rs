//! `/v2/events`: server-sent events.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::broadcast::{Receiver, Sender};
use tokio::time::timeout;

use super::answer::says;
use super::query::Words;
use crate::core::{Event, Kind, Time};
use crate::serving::Peer;
use crate::shared::{Role, Shared};

/// A line is sent when nothing happens for this long, so that both ends notice a broken connection.
const HEARTBEAT: Duration = Duration::from_secs(10);
/// How often a listener looks whether the one it listens to still leads.
const LOOK: Duration = Duration::from_secs(1);

/// Attaches to the stream of events.
pub async fn events(State(shared): State<Arc<Shared>>, words: Words, request: Request) -> Response {
    let accept = request.headers().get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    if !accept.contains("text/event-stream") {
        return says(StatusCode::METHOD_NOT_ALLOWED, "HTTP method GET is not supported by this URL");
    }
    let client = request.extensions().get::<ConnectInfo<Peer>>();
    let client = client.map(|ConnectInfo(peer)| peer.0.ip().to_string()).unwrap_or_default();
    let listener = Listener::attach(&shared, client, &words);
    let body = Body::from_stream(futures::stream::unfold(listener, async |mut listener| {
        let chunk = listener.next().await?;
        Some((Ok::<_, std::convert::Infallible>(chunk), listener))
    }));
    let headers =
        [(header::CONTENT_TYPE, "text/event-stream"), (header::CACHE_CONTROL, "no-cache, no-store, must-revalidate")];
    (headers, body).into_response()
}

/// Somebody who listens.
struct Listener {
    shared: Arc<Shared>,
    receiver: Receiver<Arc<Event>>,
    sender: Sender<Arc<Event>>,
    /// The kinds that are asked for; all if none.
    kinds: BTreeSet<String>,
    /// Without the groups of deployments.
    light: bool,
    client: String,
    quiet: Duration,
}

impl Listener {
    fn attach(shared: &Arc<Shared>, client: String, words: &Words) -> Self {
        let (sender, receiver) = (shared.events.clone(), shared.events.subscribe());
        let kinds = words.all("event_type").map(str::to_owned).collect();
        let light = words.get("plan-format") == Some("light");
        let quiet = Duration::ZERO;
        let listener = Self { shared: shared.clone(), receiver, sender, kinds, light, client, quiet };
        listener.tell(Kind::StreamAttached);
        listener
    }

    fn tell(&self, kind: Kind) {
        let event = Event::new(Time::now(), kind, json!({ "remoteAddress": self.client }));
        // Without listeners there is nobody to tell.
        self.sender.send(Arc::new(event)).ok();
    }

    /// What to send next; none when we do not lead any more: who listens then finds the new leader.
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            match timeout(LOOK, self.receiver.recv()).await {
                Ok(Ok(event)) if self.wants(&event) => {
                    self.quiet = Duration::ZERO;
                    return Some(self.render(&event));
                }
                // A listener that was too slow has lost events; it must read anyway what they are about.
                Ok(Ok(_) | Err(RecvError::Lagged(_))) => {}
                Ok(Err(RecvError::Closed)) => return None,
                Err(_) => {
                    if !matches!(self.shared.role(), Role::Leading(_)) {
                        return None;
                    }
                    self.quiet += LOOK;
                    if self.quiet >= HEARTBEAT {
                        self.quiet = Duration::ZERO;
                        return Some(Bytes::from_static(b"\r\n"));
                    }
                }
            }
        }
    }

    fn wants(&self, event: &Event) -> bool {
        self.kinds.is_empty() || self.kinds.contains(event.kind.as_str())
    }

    fn render(&self, event: &Event) -> Bytes {
        let mut body = event.body.clone();
        if self.light
            && let Some(plan) = body.get_mut("plan").and_then(|plan| plan.as_object_mut())
        {
            plan.remove("original");
            plan.remove("target");
        }
        Bytes::from(format!("event: {}\r\ndata: {body}\r\n\r\n", event.kind.as_str()))
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.tell(Kind::StreamDetached);
    }
}

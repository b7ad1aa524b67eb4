//! The AdminServer: the four-letter words' answers as JSON over HTTP, by default on port 8080.

mod json;

use std::{collections::BTreeMap, net::SocketAddr, time::Duration};

use axum::{
    Router,
    extract::{Path, Query, State},
    http::{StatusCode, header},
    response::{Html, IntoResponse, Response},
    routing::get,
};
use hardware::{Listener, Stream};
pub use json::Json;
use tokio::sync::{mpsc::UnboundedSender, oneshot};

/// After a connection that could not be taken.
const PAUSE: Duration = Duration::from_millis(20);

/// What someone asks.
#[derive(Debug)]
pub struct Question {
    /// The command's name, or a short form of it.
    pub command: String,
    /// What stands behind the question mark.
    pub parameters: BTreeMap<String, String>,
    /// Where the answer goes.
    pub answer: oneshot::Sender<Json>,
}

/// Every command under its name, with its short forms, and whether it needs a server that serves.
pub const COMMANDS: [(&str, &[&str], bool); 26] = [
    ("configuration", &["conf", "config"], true),
    ("connection_stat_reset", &["crst"], true),
    ("connections", &["cons"], true),
    ("dirs", &[], true),
    ("dump", &[], true),
    ("environment", &["env", "envi"], false),
    ("get_trace_mask", &["gtmk"], false),
    ("hash", &[], true),
    ("initial_configuration", &["icfg"], true),
    ("is_read_only", &["isro"], true),
    ("last_snapshot", &["lsnp"], true),
    ("leader", &["lead"], true),
    ("monitor", &["mntr"], false),
    ("observer_connection_stat_reset", &["orst"], true),
    ("observers", &["obsr"], true),
    ("ruok", &[], true),
    ("server_stats", &["srvr"], true),
    ("set_trace_mask", &["stmk"], false),
    ("stat_reset", &["srst"], true),
    ("stats", &["stat"], true),
    ("system_properties", &["sysp"], false),
    ("voting_view", &[], true),
    ("watch_summary", &["wchs"], true),
    ("watches", &["wchc"], true),
    ("watches_by_path", &["wchp"], true),
    ("zabstate", &[], false),
];

/// A command by one of its names: its first name, and whether it needs a server that serves.
pub fn command(name: &str) -> Option<(&'static str, bool)> {
    let named = COMMANDS.iter().find(|(first, others, _)| *first == name || others.contains(&name));
    named.map(|(first, _, serving)| (*first, *serving))
}

struct Asker<E> {
    url: String,
    events: UnboundedSender<E>,
}

impl<E> Clone for Asker<E> {
    fn clone(&self) -> Self {
        Self { url: self.url.clone(), events: self.events.clone() }
    }
}

/// Answers below `url` until dropped.
pub async fn serve<E: From<Question> + Send + 'static>(listener: Listener, url: String, events: UnboundedSender<E>) {
    let base = url.trim_end_matches('/').to_owned();
    let asker = Asker { url: base.clone(), events };
    let routes = Router::new()
        .route(&base, get(links::<E>))
        .route(&format!("{base}/"), get(links::<E>))
        .route(&format!("{base}/{{command}}"), get(answer::<E>))
        .with_state(asker);
    // It ends only when the task is dropped.
    let _ = axum::serve(Accepting(listener), routes).await;
}

/// A listener as axum wants it.
struct Accepting(Listener);

impl axum::serve::Listener for Accepting {
    type Io = Stream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Stream, SocketAddr) {
        loop {
            match self.0.accept().await {
                Ok(accepted) => return accepted,
                // Out of descriptors, or a connection that died at once.
                Err(_) => tokio::time::sleep(PAUSE).await,
            }
        }
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

async fn links<E>(State(asker): State<Asker<E>>) -> Html<String> {
    let url = &asker.url;
    Html(COMMANDS.iter().map(|(name, ..)| format!("<a href=\"{url}/{name}\">{name}</a>\n<br/>\n")).collect())
}

async fn answer<E: From<Question>>(
    State(asker): State<Asker<E>>,
    Path(command): Path<String>,
    Query(parameters): Query<BTreeMap<String, String>>,
) -> Response {
    let (answer, waiting) = oneshot::channel();
    let asked = asker.events.send(Question { command, parameters, answer }.into());
    match (asked, waiting.await) {
        (Ok(()), Ok(json)) => ([(header::CONTENT_TYPE, "application/json")], json.print()).into_response(),
        // The server is ending.
        _ => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

//! One request, sent to one scheduler after the other until one answers.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use reqwest::{Method, RequestBuilder, Response, StatusCode, Url, header};
use serde::{Serialize, de::DeserializeOwned};
use tls::{Fault, Tls};

use super::{
    error::{Attempt, Error},
    url,
};

/// How long an address may take to accept a connection.
const CONNECT: Duration = Duration::from_secs(2);

/// An answer larger than this is none: a cluster of 10,000 tasks answers with a tenth of it.
const LARGEST_ANSWER: usize = 64 << 20;

#[derive(Clone, Debug)]
pub(super) struct Transport {
    http: reqwest::Client,
    credentials: Option<Arc<Credentials>>,
    pub(super) deadline: Duration,
    bases: Arc<[Url]>,
    /// The one that answered last; asked first next time.
    preferred: Arc<AtomicUsize>,
}

/// A user and a password that is never shown.
pub(super) struct Credentials {
    pub(super) user: String,
    pub(super) password: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("user", &self.user).finish_non_exhaustive()
    }
}

/// What is sent, or what came.
pub(super) struct Body {
    bytes: Vec<u8>,
    url: String,
}

impl Body {
    pub(super) fn none() -> Self {
        Self { bytes: Vec::new(), url: String::new() }
    }

    pub(super) fn of(value: &impl Serialize) -> Result<Self, Error> {
        let bytes =
            serde_json::to_vec(value).map_err(|e| Error::Unreadable { url: String::new(), reason: e.to_string() })?;
        Ok(Self { bytes, url: String::new() })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.bytes.iter().all(u8::is_ascii_whitespace)
    }

    pub(super) fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        let unreadable = |reason: String| Error::Unreadable { url: self.url.clone(), reason };
        serde_json::from_slice(&self.bytes).map_err(|e| {
            let start = String::from_utf8_lossy(&self.bytes[..self.bytes.len().min(120)]).into_owned();
            unreadable(format!("{e}: {start}"))
        })
    }
}

impl Transport {
    pub(super) fn new(base_urls: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Self, Error> {
        let bases: Arc<[Url]> = base_urls.into_iter().map(|b| base(b.as_ref())).collect::<Result<_, _>>()?;
        if bases.is_empty() {
            return Err(Error::Address { url: String::new(), reason: "no address is known".into() });
        }
        Ok(Self {
            http: http(None)?,
            credentials: None,
            deadline: Duration::from_secs(5),
            bases,
            preferred: Arc::default(),
        })
    }

    pub(super) fn with_tls(mut self, tls: Option<&Tls>) -> Result<Self, Error> {
        self.http = http(tls)?;
        Ok(self)
    }

    pub(super) fn with_credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = Some(Arc::new(credentials));
        self
    }

    /// A request that says who we are, if that is known.
    pub(super) fn request(&self, method: Method, url: Url) -> RequestBuilder {
        let request = self.http.request(method, url);
        match &self.credentials {
            Some(credentials) => request.basic_auth(&credentials.user, Some(&credentials.password)),
            None => request,
        }
    }

    /// Every address, the one that answered last first.
    pub(super) fn in_order(&self) -> impl Iterator<Item = (usize, &Url)> {
        let first = self.preferred.load(Ordering::Relaxed);
        let count = self.bases.len();
        (0..count).map(move |n| (first + n) % count).map(|n| (n, &self.bases[n]))
    }

    pub(super) fn prefer(&self, base: usize) {
        self.preferred.store(base, Ordering::Relaxed);
    }

    pub(super) async fn send(
        &self,
        method: Method,
        path: &[&str],
        query: &[(&str, String)],
        body: Body,
    ) -> Result<Body, Error> {
        let mut attempts = Vec::new();
        for (n, base) in self.in_order() {
            let url = url(base, path, query);
            match self.attempt(&method, url, &body).await {
                Ok(answer) => {
                    self.prefer(n);
                    return Ok(answer);
                }
                Err(Failure::Answered(error)) => {
                    self.prefer(n);
                    return Err(error);
                }
                Err(Failure::Silent { reason, fault, sent }) => {
                    tracing::debug!(%base, reason, "no answer");
                    attempts.push(Attempt { base: base.to_string(), reason, fault });
                    // A change that may have arrived is not sent again to somebody else.
                    if sent && method != Method::GET {
                        break;
                    }
                }
            }
        }
        Err(Error::of_attempts(attempts))
    }

    async fn attempt(&self, method: &Method, url: Url, body: &Body) -> Result<Body, Failure> {
        let mut request = self.request(method.clone(), url).timeout(self.deadline);
        // Without this Marathon answers some calls in plain text.
        request = request.header(header::ACCEPT, "application/json");
        if !body.bytes.is_empty() {
            request = request.header(header::CONTENT_TYPE, "application/json").body(body.bytes.clone());
        }
        let silent = |e: reqwest::Error| Failure::Silent {
            reason: self.reason(&e),
            fault: Fault::find(&e),
            sent: !e.is_connect(),
        };
        let response = request.send().await.map_err(silent)?;
        let (status, url) = (response.status(), response.url().to_string());
        let bytes = read(response).await.map_err(|reason| Failure::Silent { reason, fault: None, sent: true })?;
        if status.is_success() {
            return Ok(Body { bytes, url });
        }
        if status == StatusCode::SERVICE_UNAVAILABLE {
            return Err(Failure::Silent {
                reason: format!("{} {}", status.as_u16(), no_leader(&bytes)),
                fault: None,
                sent: false,
            });
        }
        if matches!(status, StatusCode::BAD_GATEWAY | StatusCode::GATEWAY_TIMEOUT) {
            return Err(Failure::Silent { reason: status.to_string(), fault: None, sent: true });
        }
        Err(Failure::Answered(Error::of_answer(status.as_u16(), &url, &bytes)))
    }

    fn reason(&self, error: &reqwest::Error) -> String {
        if error.is_timeout() && !error.is_connect() {
            return format!("no answer within {} ms", self.deadline.as_millis());
        }
        chain(error)
    }
}

/// How one address failed.
enum Failure {
    /// It answered, and the answer is no.
    Answered(Error),
    /// It did not answer, or could not; perhaps the next does.
    Silent {
        reason: String,
        /// It and we don't speak TLS together.
        fault: Option<Fault>,
        /// The request may have been taken in.
        sent: bool,
    },
}

fn base(text: &str) -> Result<Url, Error> {
    let bad = |reason: &str| Error::Address { url: text.into(), reason: reason.into() };
    let url = Url::parse(text).map_err(|e| bad(&e.to_string()))?;
    if !url.username().is_empty() || url.password().is_some() {
        // Addresses are shown in errors and logs.
        let url = text.rsplit_once('@').map_or(text, |(_, rest)| rest).to_owned();
        return Err(Error::Address { url, reason: "a user and password don’t belong in an address".into() });
    }
    if matches!(url.scheme(), "http" | "https") { Ok(url) } else { Err(bad("only http and https are spoken")) }
}

fn http(tls: Option<&Tls>) -> Result<reqwest::Client, Error> {
    let client = tls::http(tls).connect_timeout(CONNECT).build();
    client.map_err(|e| Error::Address { url: String::new(), reason: chain(&e) })
}

async fn read(mut response: Response) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|e| chain(&e))? {
        if bytes.len() + chunk.len() > LARGEST_ANSWER {
            return Err(format!("the answer is larger than {LARGEST_ANSWER} bytes"));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// What a scheduler without a leader says, in short.
fn no_leader(bytes: &[u8]) -> String {
    String::from_utf8_lossy(&bytes[..bytes.len().min(120)]).trim().to_owned()
}

/// An error with its causes: the innermost is the one that tells.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let mut out = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        out.push_str(&format!(": {inner}"));
        cause = inner.source();
    }
    out
}

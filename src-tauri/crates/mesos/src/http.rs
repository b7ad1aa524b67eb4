//! Requests to masters: redirects followed, refusals told apart, deadlines on everything.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;
use std::time::Duration;

use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, LOCATION};
use reqwest::{Method, Response, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tls::{Fault, Tls};

use crate::{Credentials, Error};

/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(3);
/// How long an answer may take to begin.
const ANSWER: Duration = Duration::from_secs(10);
/// How long a whole answer may take: `/state` of 10,000 agents takes a real master seconds.
const WHOLE: Duration = Duration::from_secs(60);
/// The largest answer that we take, bytes.
const LARGEST: usize = 512 * 1024 * 1024;
/// Masters redirect to the leader, which may have just changed; more hops than this are a circle.
const HOPS: usize = 4;
/// How much of a refusal's body is kept, characters.
const KEPT: usize = 500;

/// Where a server listens, `host:port`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Endpoint(String);

impl Endpoint {
    /// This port of this address.
    pub fn new(ip: IpAddr, port: u16) -> Self {
        Self(SocketAddr::new(ip, port).to_string())
    }

    /// `host:port`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Endpoint {
    type Err = Error;

    /// Takes `host:port`, `http://host:port/…` and Mesos's `//host:port/…`.
    ///
    /// ```
    /// let endpoint: mesos::Endpoint = "//127.0.0.1:5050/master/state".parse().unwrap();
    /// assert_eq!(endpoint.as_str(), "127.0.0.1:5050");
    /// ```
    fn from_str(text: &str) -> Result<Self, Error> {
        let rest = text.strip_prefix("http:").unwrap_or(text);
        let rest = rest.strip_prefix("//").unwrap_or(rest);
        let authority = rest.split('/').next().unwrap_or_default();
        let port = authority.rsplit_once(':').and_then(|(host, port)| (!host.is_empty()).then_some(port));
        match port.and_then(|port| port.parse::<u16>().ok()) {
            Some(_) => Ok(Self(authority.to_owned())),
            None => Err(Error::NotUnderstood { address: text.to_owned(), why: "not host:port".to_owned() }),
        }
    }
}

/// A client for masters.
#[derive(Clone, Debug)]
pub(crate) struct Http {
    client: reqwest::Client,
    from: Option<IpAddr>,
    scheme: &'static str,
    credentials: Option<Credentials>,
}

/// What to send, to whichever master leads.
#[derive(Clone, Debug)]
pub(crate) struct Request<'a> {
    pub method: Method,
    pub path: &'a str,
    pub body: Option<&'a Value>,
    pub headers: HeaderMap,
}

impl<'a> Request<'a> {
    pub fn get(path: &'a str) -> Self {
        Self { method: Method::GET, path, body: None, headers: HeaderMap::new() }
    }

    pub fn post(path: &'a str, body: &'a Value) -> Self {
        Self { method: Method::POST, path, body: Some(body), headers: HeaderMap::new() }
    }
}

impl Http {
    /// For servers that speak TLS, or for those that don't: never for both.
    pub fn new(tls: Option<&Tls>) -> Result<Self, Error> {
        Self::connecting_from(None, tls)
    }

    /// The same, connecting from an address of this computer's.
    pub fn connecting_from(from: Option<IpAddr>, tls: Option<&Tls>) -> Result<Self, Error> {
        let builder = tls::http(tls).redirect(reqwest::redirect::Policy::none());
        let client = builder.local_address(from).connect_timeout(CONNECT).build();
        let scheme = if tls.is_some() { "https" } else { "http" };
        client
            .map(|client| Self { client, from, scheme, credentials: None })
            .map_err(|error| Error::Unreachable { address: String::new(), why: chain(&error) })
    }

    /// The same, for servers that speak TLS.
    pub fn over(self, tls: Option<&Tls>) -> Result<Self, Error> {
        Ok(Self::connecting_from(self.from, tls)?.with(self.credentials))
    }

    /// The same, for servers that ask who we are.
    pub fn with(self, credentials: Option<Credentials>) -> Self {
        Self { credentials, ..self }
    }

    /// Sends to `endpoint` and follows redirects. Gives who answered in the end, with a success.
    pub async fn send(&self, endpoint: &Endpoint, request: &Request<'_>) -> Result<(Endpoint, Response), Error> {
        let mut endpoint = endpoint.clone();
        let mut path = request.path.to_owned();
        for _ in 0..HOPS {
            let response = self.send_once(&endpoint, &path, request).await?;
            if response.status() != StatusCode::TEMPORARY_REDIRECT {
                return self.accept(&endpoint, response).await.map(|response| (endpoint, response));
            }
            (endpoint, path) = self.redirected(&endpoint, &path, &response)?;
        }
        Err(Error::NotUnderstood { address: endpoint.to_string(), why: "redirected in a circle".to_owned() })
    }

    /// Sends once; whatever the status is.
    pub async fn send_once(&self, endpoint: &Endpoint, path: &str, request: &Request<'_>) -> Result<Response, Error> {
        let mut builder = self.client.request(request.method.clone(), format!("{}://{endpoint}{path}", self.scheme));
        if let Some(credentials) = &self.credentials {
            builder = credentials.sign(builder);
        }
        builder = builder.header(ACCEPT, "application/json").headers(request.headers.clone());
        if let Some(body) = request.body {
            builder = builder.header(CONTENT_TYPE, "application/json").body(body.to_string());
        }
        match tokio::time::timeout(ANSWER, builder.send()).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) => Err(broken(endpoint, &error)),
            Err(_) => Err(Error::Silent { address: endpoint.to_string(), after: ANSWER }),
        }
    }

    /// Takes a success for an answer, and says why there is none otherwise.
    pub async fn accept(&self, endpoint: &Endpoint, response: Response) -> Result<Response, Error> {
        let address = || endpoint.to_string();
        match response.status() {
            status if status.is_success() => Ok(response),
            StatusCode::SERVICE_UNAVAILABLE => Err(Error::NoLeader),
            StatusCode::UNAUTHORIZED => {
                Err(Error::Unauthorized { address: address(), given: self.credentials.is_some() })
            }
            status => {
                let body = read(endpoint, response).await.unwrap_or_default();
                let body = String::from_utf8_lossy(&body).chars().take(KEPT).collect();
                Err(Error::Refused { address: address(), status: status.as_u16(), body })
            }
        }
    }

    /// Sends, follows redirects, and reads the answer as JSON.
    pub async fn json<T: DeserializeOwned>(
        &self,
        endpoint: &Endpoint,
        request: &Request<'_>,
    ) -> Result<(Endpoint, T), Error> {
        let (endpoint, response) = self.send(endpoint, request).await?;
        let body = read(&endpoint, response).await?;
        let parsed = serde_json::from_slice(&body);
        let parsed =
            parsed.map_err(|error| Error::NotUnderstood { address: endpoint.to_string(), why: error.to_string() })?;
        Ok((endpoint, parsed))
    }

    /// Where a redirect points. Mesos leaves the scheme out, and on `/redirect` the path too. Nobody redirects us out of TLS.
    fn redirected(&self, from: &Endpoint, path: &str, response: &Response) -> Result<(Endpoint, String), Error> {
        let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let strange = || Error::NotUnderstood { address: from.to_string(), why: format!("a redirect to {location:?}") };
        let rest = location.strip_prefix(self.scheme).and_then(|rest| rest.strip_prefix(':')).unwrap_or(location);
        let authority = rest.strip_prefix("//").ok_or_else(strange)?;
        let endpoint: Endpoint = authority.parse().map_err(|_| strange())?;
        let target = authority.strip_prefix(endpoint.as_str()).unwrap_or_default();
        let target = if target.is_empty() { path.to_owned() } else { target.to_owned() };
        Ok((endpoint, target))
    }
}

/// Why there was no answer.
fn broken(endpoint: &Endpoint, error: &reqwest::Error) -> Error {
    let address = endpoint.to_string();
    match Fault::find(error) {
        Some(fault) => Error::Untrusted { address, fault },
        None => Error::Unreachable { address, why: chain(error) },
    }
}

/// Reads a whole body.
async fn read(endpoint: &Endpoint, mut response: Response) -> Result<Vec<u8>, Error> {
    let whole = async {
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| chain(&error))? {
            body.extend_from_slice(&chunk);
            if body.len() > LARGEST {
                return Err(format!("an answer of more than {LARGEST} bytes"));
            }
        }
        Ok(body)
    };
    match tokio::time::timeout(WHOLE, whole).await {
        Ok(Ok(body)) => Ok(body),
        Ok(Err(why)) => Err(Error::Unreachable { address: endpoint.to_string(), why }),
        Err(_) => Err(Error::Silent { address: endpoint.to_string(), after: WHOLE }),
    }
}

/// An error with its causes: reqwest says the useful part last.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        words = format!("{words}: {error}");
        cause = error.source();
    }
    words
}

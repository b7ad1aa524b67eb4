//! A check that asks for a page.

use std::net::SocketAddr;

use hyper::body::Incoming;
use hyper::header::{ACCEPT, HOST, LOCATION, USER_AGENT};
use hyper::{Request, Response};

use crate::http::Connection;
use crate::settings::Address;

/// A page may be elsewhere, and elsewhere again; more often than this is a circle.
const HOPS: usize = 10;

/// The status of the answer. Redirects on this machine are followed, as far as they stay in the clear.
pub async fn ask(address: SocketAddr, path: &str) -> Result<u16, String> {
    let (mut address, mut path) = (address, if path.starts_with('/') { path.to_owned() } else { format!("/{path}") });
    for _ in 0..HOPS {
        let answer = get(address, &path).await?;
        let status = answer.status().as_u16();
        match redirected(address, &answer) {
            Some((there, page)) => (address, path) = (there, page),
            None => return Ok(status),
        }
    }
    Err("redirected in a circle".to_owned())
}

async fn get(address: SocketAddr, path: &str) -> Result<Response<Incoming>, String> {
    let request = Request::get(path)
        .header(HOST, address.to_string())
        .header(ACCEPT, "*/*")
        .header(USER_AGENT, "startline-executor")
        .body(String::new())
        .map_err(|error| error.to_string())?;
    let mut connection = Connection::open(&Address::Tcp(address)).await.map_err(|error| error.to_string())?;
    connection.send(request).await.map_err(|error| error.to_string())
}

/// Where the answer sends us; none if it is to be taken as it is, as one that leads where we cannot follow: to another
/// name, or into TLS. Its status (3xx) then stands for health, as Mesos has it.
fn redirected(from: SocketAddr, answer: &Response<Incoming>) -> Option<(SocketAddr, String)> {
    if !matches!(answer.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    target(from, answer.headers().get(LOCATION)?.to_str().ok()?)
}

fn target(from: SocketAddr, location: &str) -> Option<(SocketAddr, String)> {
    if location.starts_with('/') && !location.starts_with("//") {
        return Some((from, location.to_owned()));
    }
    let rest = location.strip_prefix("http://")?;
    let (authority, page) = rest.find('/').map_or((rest, "/"), |slash| rest.split_at(slash));
    let there = authority.parse().or_else(|_| format!("{authority}:80").parse()).ok()?;
    Some((there, page.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirects_that_can_be_followed() {
        let from: SocketAddr = "127.0.0.1:31000".parse().unwrap();
        assert_eq!(target(from, "/home"), Some((from, "/home".to_owned())));
        let there = "127.0.0.1:8080".parse().unwrap();
        assert_eq!(target(from, "http://127.0.0.1:8080/a?b"), Some((there, "/a?b".to_owned())));
        assert_eq!(target(from, "http://127.0.0.1"), Some(("127.0.0.1:80".parse().unwrap(), "/".to_owned())));
        for elsewhere in ["https://127.0.0.1/", "//host/", "http://example.org/", "page"] {
            assert_eq!(target(from, elsewhere), None, "{elsewhere}");
        }
    }
}

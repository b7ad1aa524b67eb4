//! The addresses that `curl` is given.

use std::fmt;

use super::Failed;

/// An `http` URL in its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Url {
    /// Name or address.
    pub host: String,
    /// 80 if it is not said.
    pub port: u16,
    /// Path and query, beginning with `/`.
    pub target: String,
}

impl Url {
    /// Reads it; `http://` may be left out.
    pub fn parse(text: &str) -> Result<Self, Failed> {
        let bad = || Failed::new(3, "URL using bad/illegal format or missing URL");
        let rest = match text.split_once("://") {
            Some(("http", rest)) => rest,
            Some((scheme, _)) if scheme.chars().all(char::is_alphanumeric) => {
                return Err(Failed::new(1, format!("Protocol \"{scheme}\" not supported on a practice machine")));
            }
            _ => text,
        };
        if text.chars().any(|c| c.is_control() || c == ' ') {
            return Err(bad());
        }
        let rest = rest.split('#').next().unwrap_or_default();
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, target) = rest.split_at(end);
        let authority = authority.rsplit('@').next().unwrap_or_default();
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) => (host, port.parse().map_err(|_| bad())?),
            None => (authority, 80),
        };
        if host.is_empty() {
            return Err(bad());
        }
        let target = if target.starts_with('/') { target.to_owned() } else { format!("/{target}") };
        Ok(Self { host: host.to_owned(), port, target })
    }

    /// Where a `Location` leads from here: Mesos's has no scheme (`//host:port/path`).
    pub fn join(&self, location: &str) -> Result<Self, Failed> {
        if let Some(rest) = location.strip_prefix("//") {
            return Self::parse(rest);
        }
        if location.starts_with('/') {
            return Ok(Self { target: location.to_owned(), ..self.clone() });
        }
        Self::parse(location)
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.port {
            80 => write!(f, "http://{}{}", self.host, self.target),
            port => write!(f, "http://{}:{port}{}", self.host, self.target),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Url;

    fn parts(text: &str) -> Option<(String, u16, String)> {
        Url::parse(text).ok().map(|u| (u.host, u.port, u.target))
    }

    #[test]
    fn urls_come_apart() {
        let full = parts("http://127.0.0.1:5050/state?x=1#end");
        assert_eq!(full, Some(("127.0.0.1".into(), 5050, "/state?x=1".into())));
        assert_eq!(parts("node1:8080"), Some(("node1".into(), 8080, "/".into())));
        assert_eq!(parts("node1?a=b"), Some(("node1".into(), 80, "/?a=b".into())));
        assert_eq!(parts("https://node1/"), None);
        assert_eq!(parts("http://node1:x/"), None);
        assert_eq!(parts("http:///x"), None);
        assert_eq!(parts("http://a/\r\nX: y"), None);
    }

    #[test]
    fn a_location_without_scheme_is_followed() {
        let here = Url { host: "a".into(), port: 1, target: "/x".into() };
        let there = here.join("//127.0.0.2:5050/master/state").ok();
        assert_eq!(there, Some(Url { host: "127.0.0.2".into(), port: 5050, target: "/master/state".into() }));
        assert_eq!(here.join("/y").ok(), Some(Url { target: "/y".into(), ..here.clone() }));
    }
}

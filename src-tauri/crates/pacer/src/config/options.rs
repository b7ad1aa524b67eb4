//! Reading options, each once.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use super::names::{PREFIX, UNSUPPORTED, WITHOUT_EFFECT};
use super::{ConfigError, HttpCredentials, Https, MasterUrl, ZkUrl};
use crate::core::Features;

/// The options that have not been read yet, by name without the prefix.
pub struct Options(BTreeMap<String, String>);

impl Options {
    pub fn new(env: &BTreeMap<String, String>) -> Self {
        let ours = env.iter().filter_map(|(name, value)| Some((name.strip_prefix(PREFIX)?.to_owned(), value.clone())));
        Self(ours.collect())
    }

    pub fn text(&mut self, name: &str) -> Option<String> {
        self.0.remove(name).filter(|value| !value.is_empty())
    }

    pub fn parsed<T: std::str::FromStr>(&mut self, name: &str, why: &'static str) -> Result<Option<T>, ConfigError> {
        self.text(name).map(|value| value.parse().map_err(|_| bad(name, &value, why))).transpose()
    }

    pub fn milliseconds(&mut self, name: &str, default: u64) -> Result<Duration, ConfigError> {
        let given = self.parsed(name, "a number of milliseconds")?;
        Ok(Duration::from_millis(given.unwrap_or(default)))
    }

    pub fn failover_timeout(&mut self) -> Result<Duration, ConfigError> {
        const WEEK: u64 = 7 * 24 * 3600;
        let given = self.parsed("FAILOVER_TIMEOUT", "a number of seconds")?;
        Ok(Duration::from_secs(given.unwrap_or(WEEK)))
    }

    pub fn http_credentials(&mut self) -> Result<Option<HttpCredentials>, ConfigError> {
        let read = |value: String| {
            HttpCredentials::parse(&value).ok_or_else(|| bad("HTTP_CREDENTIALS", HIDDEN, "user:password"))
        };
        self.text("HTTP_CREDENTIALS").map(read).transpose()
    }

    pub fn mesos_credentials(&mut self) -> Result<Option<mesos::Credentials>, ConfigError> {
        let asked = self.text("MESOS_AUTHENTICATION");
        let secret = match (self.text("MESOS_AUTHENTICATION_SECRET"), self.text("MESOS_AUTHENTICATION_SECRET_FILE")) {
            (Some(secret), _) => Some(secret),
            (None, Some(file)) => {
                let text = std::fs::read_to_string(&file);
                let text =
                    text.map_err(|_| bad("MESOS_AUTHENTICATION_SECRET_FILE", &file, "a file that can be read"))?;
                Some(text.trim_end_matches(['\r', '\n']).to_owned())
            }
            (None, None) => None,
        };
        let principal = self.0.get("MESOS_AUTHENTICATION_PRINCIPAL").filter(|principal| !principal.is_empty());
        match (principal, secret) {
            (Some(principal), Some(secret)) => Ok(Some(mesos::Credentials::new(principal, secret))),
            (None, Some(_)) => Err(ConfigError::Missing { option: "mesos_authentication_principal" }),
            (_, None) if asked.as_deref() == Some("true") => {
                Err(ConfigError::Missing { option: "mesos_authentication_secret" })
            }
            (_, None) => Ok(None),
        }
    }

    pub fn features(&mut self) -> Result<Features, ConfigError> {
        const MARATHONS: &[&str] = &["vips", "task_killing", "external_volumes", "secrets", "gpu_resources"];
        let value = self.text("ENABLE_FEATURES").unwrap_or_default();
        let words: Vec<&str> = value.split(',').map(str::trim).filter(|word| !word.is_empty()).collect();
        let known = |word: &&str| MARATHONS.contains(word) || matches!(*word, "docker" | "fetch");
        if !words.iter().all(known) {
            let why = "any of docker, fetch, vips, task_killing, external_volumes, secrets, gpu_resources";
            return Err(bad("ENABLE_FEATURES", &value, why));
        }
        Ok(Features { docker: words.contains(&"docker"), fetch: words.contains(&"fetch") })
    }

    pub fn zk(&mut self, name: &str) -> Result<Option<ZkUrl>, ConfigError> {
        let read = |value: String| {
            ZkUrl::parse(&value).ok_or_else(|| bad(name, without_password(&value), "zk://host:port,…/path, or zks://…"))
        };
        self.text(name).map(read).transpose()
    }

    /// The masters, and whether their addresses are `https://…`: then all are.
    pub fn master(&mut self) -> Result<(MasterUrl, bool), ConfigError> {
        let value = self.text("MASTER").ok_or(ConfigError::Missing { option: "master" })?;
        if value.starts_with("zk://") || value.starts_with("zks://") {
            let url = ZkUrl::parse(&value);
            let url = url.ok_or_else(|| bad("MASTER", without_password(&value), "zk://host:port,…/path"))?;
            return Ok((MasterUrl::ZooKeeper(url), false));
        }
        let tls = value.starts_with("https://");
        let plain =
            |address: &str| if tls { address.strip_prefix("https://") } else { Some(address) }.map(str::to_owned);
        let addresses: Option<Vec<_>> = value.split(',').map(plain).collect();
        match addresses {
            Some(all) if all.iter().all(|address| address.parse::<mesos::Endpoint>().is_ok()) => {
                Ok((MasterUrl::Addresses(all), tls))
            }
            _ => Err(bad("MASTER", &value, "zk://host:port,…/path, host:port,…, or https://host:port,…")),
        }
    }

    fn file(&mut self, name: &str) -> Option<PathBuf> {
        self.text(name).map(PathBuf::from)
    }

    /// A flag of Marathon's command line: it is on if it is there, unless it says `false`.
    fn flag(&mut self, name: &str) -> bool {
        self.0.remove(name).is_some_and(|value| value != "false")
    }

    /// The files whose names begin with `prefix`.
    pub fn tls_files(&mut self, prefix: &str) -> tls::Files {
        tls::Files::named(|name| self.file(&format!("{prefix}{name}")))
    }

    /// The API over TLS, if there is a certificate for it.
    pub fn https(&mut self) -> Result<Option<Https>, ConfigError> {
        let only = self.flag("DISABLE_HTTP");
        let (address, port) = (self.parsed("HTTPS_ADDRESS", "an IPv4 address")?, self.parsed("HTTPS_PORT", "a port")?);
        let (keystore, authorities) = (self.file("SSL_KEYSTORE_PATH"), self.file("SSL_CA_FILE"));
        match keystore {
            Some(keystore) => Ok(Some(Https { keystore, address, port: port.unwrap_or(8443), authorities, only })),
            None if only || authorities.is_some() => Err(ConfigError::Missing { option: "ssl_keystore_path" }),
            None => Ok(None),
        }
    }

    pub fn service_ports(&mut self) -> Result<(u16, u16), ConfigError> {
        let first = self.parsed("LOCAL_PORT_MIN", "a port")?.unwrap_or(10_000);
        let last = self.parsed("LOCAL_PORT_MAX", "a port")?.unwrap_or(20_000);
        if first > last {
            return Err(bad("LOCAL_PORT_MAX", &last.to_string(), "not below local_port_min"));
        }
        Ok((first, last))
    }

    /// Whatever nobody has read must at least be an option of Marathon's, and one that can be left alone.
    pub fn the_rest(self) -> Result<Vec<String>, ConfigError> {
        let names = self.0.into_keys().map(|name| {
            let (option, variable) = (name.to_lowercase(), format!("{PREFIX}{name}"));
            match &*name {
                known if WITHOUT_EFFECT.contains(&known) => Ok(variable),
                known if UNSUPPORTED.contains(&known) => Err(ConfigError::Unsupported { option, variable }),
                _ => Err(ConfigError::Unknown { option, variable }),
            }
        });
        names.collect()
    }
}

/// What is shown in place of a secret.
const HIDDEN: &str = "***";

/// A ZooKeeper URL as others may read it.
fn without_password(url: &str) -> &str {
    url.rsplit_once('@').map_or(url, |(_, rest)| rest)
}

pub fn bad(name: &str, value: &str, why: &'static str) -> ConfigError {
    ConfigError::Bad { option: name.to_lowercase(), value: value.to_owned(), why }
}

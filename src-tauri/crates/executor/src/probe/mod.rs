//! Making checks: a command, a request, a connection.

mod command;
mod http;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::core::Seen;
use crate::process::Orphans;
use crate::wire::{Probe, Scheme};

/// Makes a check; the error says why nothing was seen.
pub async fn make(probe: Probe, limit: Option<Duration>, orphans: Orphans) -> Result<Seen, String> {
    let Some(limit) = limit else { return look(probe, &orphans).await };
    let late = |_| format!("timed out after {} s", limit.as_secs_f64());
    timeout(limit, look(probe, &orphans)).await.map_err(late)?
}

async fn look(probe: Probe, orphans: &Orphans) -> Result<Seen, String> {
    match probe {
        Probe::Command(info) => command::run(&info, orphans).await.map(Seen::Ended),
        Probe::Http { scheme: Scheme::Http, port, path, ipv6 } => {
            http::ask(loopback(port, ipv6), &path).await.map(Seen::Answered)
        }
        Probe::Http { scheme: Scheme::Https, port, path, ipv6 } => {
            let url = format!("https://{}{path}", loopback(port, ipv6));
            command::curl(&url, orphans).await.map(Seen::Answered)
        }
        Probe::Tcp { port, ipv6 } => Ok(Seen::Connected(TcpStream::connect(loopback(port, ipv6)).await.is_ok())),
    }
}

/// Where Mesos's executor looks for a task: on the machine's own loopback address.
fn loopback(port: u16, ipv6: bool) -> SocketAddr {
    let ip: IpAddr = if ipv6 { Ipv6Addr::LOCALHOST.into() } else { Ipv4Addr::LOCALHOST.into() };
    SocketAddr::new(ip, port)
}

#[cfg(test)]
mod tests {
    use super::*;
    use mesos::v1::CommandInfo;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    /// A server that answers every connection with this, once it has been asked something; gives its port.
    async fn server(answer: &'static str) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut asked = [0; 1024];
                if stream.read(&mut asked).await.is_ok() && stream.write_all(answer.as_bytes()).await.is_ok() {
                    // Held open: the probe must know by itself when it has seen enough.
                    tokio::spawn(async move { while stream.read(&mut asked).await.is_ok_and(|read| read > 0) {} });
                }
            }
        });
        port
    }

    async fn http(answer: &'static str) -> Result<Seen, String> {
        let probe =
            Probe::Http { scheme: Scheme::Http, port: server(answer).await, path: "/health".into(), ipv6: false };
        make(probe, Some(Duration::from_secs(20)), Orphans::default()).await
    }

    #[tokio::test]
    async fn answers_of_all_kinds() {
        assert_eq!(http("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await, Ok(Seen::Answered(200)));
        assert_eq!(http("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n").await, Ok(Seen::Answered(503)));
        assert_eq!(http("HTTP/1.0 200 OK\r\n\r\nnever ends").await, Ok(Seen::Answered(200)));
        let elsewhere = "HTTP/1.1 302 Found\r\nLocation: https://example.org/\r\nContent-Length: 0\r\n\r\n";
        assert_eq!(http(elsewhere).await, Ok(Seen::Answered(302)));
        let circle = "HTTP/1.1 302 Found\r\nLocation: /health\r\nContent-Length: 0\r\n\r\n";
        assert_eq!(http(circle).await, Err("redirected in a circle".to_owned()));
        assert!(http("SSH-2.0-OpenSSH\r\n").await.is_err());
    }

    #[tokio::test]
    async fn silence_has_its_time() {
        let probe = Probe::Http { scheme: Scheme::Http, port: server("").await, path: String::new(), ipv6: false };
        let seen = make(probe, Some(Duration::from_millis(100)), Orphans::default()).await;
        assert_eq!(seen, Err("timed out after 0.1 s".to_owned()));
    }

    #[tokio::test]
    async fn connections_and_commands() {
        let port = server("").await;
        let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
        for (port, made) in [(port, true), (closed, false)] {
            let seen = make(Probe::Tcp { port, ipv6: false }, None, Orphans::default()).await;
            assert_eq!(seen, Ok(Seen::Connected(made)));
        }
        let command = CommandInfo { value: Some("exit 6".into()), ..CommandInfo::default() };
        let seen = make(Probe::Command(command), None, Orphans::default()).await;
        assert_eq!(seen, Ok(Seen::Ended(crate::ending::Ending::Exited(6))));
    }

    #[tokio::test]
    async fn a_command_that_takes_too_long_is_killed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("late");
        let value = Some(format!("sleep 1; touch {}", path.display()));
        let probe = Probe::Command(CommandInfo { value, ..CommandInfo::default() });
        let seen = make(probe, Some(Duration::from_millis(50)), Orphans::default()).await;
        assert!(seen.is_err());
        tokio::time::sleep(Duration::from_millis(1200)).await;
        assert!(!path.exists(), "it went on");
    }

    #[tokio::test]
    async fn https_asks_whatever_the_certificate() {
        let installed = |program: &str| std::process::Command::new(program).arg("--version").output().is_ok();
        if !installed("curl") || !installed("openssl") {
            assert!(!std::env::var("STARTLINE_REAL").is_ok_and(|value| value == "1"), "needs curl and openssl");
            eprintln!("skipped: needs curl and openssl");
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let words = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=elsewhere -keyout key.pem -out cert.pem";
        let made = std::process::Command::new("openssl").args(words.split(' ')).current_dir(&folder).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
        let words = format!("s_server -accept 127.0.0.1:{port} -www -key key.pem -cert cert.pem -quiet");
        let mut server = tokio::process::Command::new("openssl");
        server.args(words.split(' ')).current_dir(&folder).stdin(std::process::Stdio::null()).kill_on_drop(true);
        let _server = server.stdout(std::process::Stdio::null()).spawn().unwrap();
        let listens = async {
            while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(Duration::from_secs(30), listens).await.expect("openssl listens");
        let probe = Probe::Http { scheme: Scheme::Https, port, path: "/".into(), ipv6: false };
        let seen = make(probe, Some(Duration::from_secs(60)), Orphans::default()).await;
        assert_eq!(seen, Ok(Seen::Answered(200)));
    }
}

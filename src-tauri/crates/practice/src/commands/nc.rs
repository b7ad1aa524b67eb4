//! `nc`: real TCP, to loopback addresses.

use std::time::Duration;

use futures::future::{BoxFuture, FutureExt};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use super::{Call, args::Known, net};

/// How long a server may be silent when `-w` does not say.
const PATIENCE: Duration = Duration::from_secs(30);
/// The most that is read, bytes.
const MOST: u64 = 16 << 20;

/// `nc [-z] [-v] [-q S] [-w S] HOST PORT`.
pub(super) fn nc(call: Call<'_>) -> BoxFuture<'_, i32> {
    async move {
        let Ok(args) = call.parse(&Known { flags: "zvnN4", valued: "qw", long: &[] }) else { return 1 };
        let [host, port] = &args.rest[..] else {
            call.streams.err.line("usage: nc [-46NnvZz] [-q seconds] [-w timeout] [destination] [port]");
            return 1;
        };
        let Ok(number) = port.parse::<u16>() else {
            call.complain(format!("port number invalid: {port}"));
            return 1;
        };
        let Ok(address) = net::resolve(&call, host) else {
            call.complain(format!("getaddrinfo for host \"{host}\" port {port}: Name or service not known"));
            return 1;
        };
        let patience = args.value('w').and_then(|s| s.parse().ok()).map_or(PATIENCE, Duration::from_secs);
        let stream = match timeout(patience, call.host().connect(address, number)).await {
            Ok(Ok(stream)) => stream,
            failed => {
                let why = match failed {
                    Ok(Err(error)) if error.kind() == std::io::ErrorKind::ConnectionRefused => {
                        "failed: Connection refused"
                    }
                    Ok(_) => "failed: No route to host",
                    Err(_) if args.value('w').is_some() => "timed out: Operation now in progress",
                    Err(_) => "failed: Connection timed out",
                };
                if args.has('v') {
                    call.complain(format!("connect to {host} port {port} (tcp) {why}"));
                }
                return 1;
            }
        };
        if args.has('v') {
            call.streams.err.line(format!("Connection to {host} {port} port [tcp/*] succeeded!"));
        }
        if !args.has('z') {
            talk(&call, stream, patience).await;
        }
        0
    }
    .boxed()
}

/// Sends standard input, then shows what comes until the server closes or says nothing any more.
async fn talk(call: &Call<'_>, mut stream: TcpStream, patience: Duration) {
    // A server that closes while it is written to has often answered already.
    let _ = stream.write_all(&call.streams.stdin).await;
    let _ = stream.flush().await;
    let mut read = 0;
    let mut buffer = vec![0; 16 << 10];
    while let Ok(Ok(n @ 1..)) = timeout(patience, stream.read(&mut buffer)).await {
        call.streams.out.bytes(&buffer[..n]);
        read += n as u64;
        if read >= MOST {
            return;
        }
    }
}

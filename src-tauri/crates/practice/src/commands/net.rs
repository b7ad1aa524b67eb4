//! The machine's network: what it shows, and `ping`.

use std::{
    net::Ipv4Addr,
    time::{Duration, Instant},
};

use futures::future::{BoxFuture, FutureExt};
use tokio::time::timeout;

use super::{Call, args::Known};
use crate::host::network::Unresolved;

/// From one packet of `ping` to the next.
const INTERVAL: Duration = Duration::from_secs(1);
/// How long `ping` waits for the last one when `-W` does not say.
const PATIENCE: Duration = Duration::from_secs(10);
/// What a round trip takes at least, ms.
const ON_LOOPBACK: f64 = 0.03;

/// `ip [-4] addr|route`.
pub(super) fn ip(call: &mut Call) -> i32 {
    let brief = call.args.iter().any(|a| a == "-br" || a == "-brief");
    let object = call.args.iter().find(|a| !a.starts_with('-')).map_or("", String::as_str);
    let address = call.host().machine.address;
    let [a, b, c, d] = address.octets();
    match object {
        "addr" | "address" | "a" if brief => {
            call.say("lo               UNKNOWN        127.0.0.1/8 ");
            call.say(format!("eth0             UP             {address}/24 "));
        }
        "addr" | "address" | "a" => {
            call.say("1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000");
            if !call.args.iter().any(|a| a == "-4") {
                call.say("    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00");
            }
            call.say("    inet 127.0.0.1/8 scope host lo");
            call.say("       valid_lft forever preferred_lft forever");
            call.say(
                "2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc fq_codel state UP group default qlen 1000",
            );
            if !call.args.iter().any(|a| a == "-4") {
                call.say(format!("    link/ether 08:00:{a:02x}:{b:02x}:{c:02x}:{d:02x} brd ff:ff:ff:ff:ff:ff"));
            }
            call.say(format!("    inet {address}/24 brd {a}.{b}.{c}.255 scope global eth0"));
            call.say("       valid_lft forever preferred_lft forever");
        }
        "route" | "r" => call.say(format!("{a}.{b}.{c}.0/24 dev eth0 proto kernel scope link src {address} ")),
        "" => {
            call.streams.err.line("Usage: ip [ OPTIONS ] OBJECT { COMMAND | help }");
            return 255;
        }
        other => {
            call.streams.err.line(format!("Object \"{other}\" is unknown, try \"ip help\"."));
            return 1;
        }
    }
    0
}

/// `ss -ltn[p]`.
pub(super) fn ss(call: &mut Call) -> i32 {
    call.say("State  Recv-Q Send-Q Local Address:Port Peer Address:PortProcess");
    let mut addresses = vec![format!("{}:22", call.host().machine.address)];
    addresses.extend(call.host().endpoints().into_iter().map(|e| e.address));
    for address in addresses {
        call.say(format!("LISTEN 0      128    {address:>18}      0.0.0.0:*          "));
    }
    0
}

/// The address behind a host name; what the resolver calls it if there is none.
pub(super) fn resolve(call: &Call, host: &str) -> Result<Ipv4Addr, Unresolved> {
    call.host().resolve(host)
}

/// `ping [-c N] [-W S] HOST`: answered by every address that a machine of the cluster could have.
pub(super) fn ping(call: Call<'_>) -> BoxFuture<'_, i32> {
    async move {
        let Ok(args) = call.parse(&Known { flags: "4nq", valued: "cWwi", long: &[] }) else { return 2 };
        let Some(host) = args.rest.first() else {
            call.complain("usage error: Destination address required");
            return 1;
        };
        let count: u32 = args.value('c').and_then(|c| c.parse().ok()).unwrap_or(4).clamp(1, 100);
        let address = match resolve(&call, host) {
            Ok(address) => address,
            Err(Unresolved::Unknown) => {
                call.complain(format!("{host}: Name or service not known"));
                return 2;
            }
            Err(Unresolved::Outside) => {
                call.complain("connect: Network is unreachable");
                return 2;
            }
        };
        call.say(format!("PING {host} ({address}) 56(84) bytes of data."));
        let patience = args.value('W').and_then(|s| s.parse().ok()).filter(|s: &f64| *s > 0.0 && *s < 1e6);
        let patience = patience.map_or(PATIENCE, Duration::from_secs_f64);
        let since = Instant::now();
        let mut trips = Vec::new();
        for number in 1..=count {
            // The next packet goes out after a second, whether or not this one has come back.
            let wait = if number == count { patience } else { patience.min(INTERVAL) };
            let Ok(ms) = timeout(wait, round_trip(&call, address)).await else { continue };
            call.say(format!("64 bytes from {address}: icmp_seq={number} ttl=64 time={ms:.3} ms"));
            trips.push(ms);
        }
        call.say(format!("\n--- {host} ping statistics ---"));
        let (received, took) = (trips.len(), since.elapsed().as_millis());
        let lost = 100 * (count as usize - received) / count as usize;
        call.say(format!("{count} packets transmitted, {received} received, {lost}% packet loss, time {took}ms"));
        sum_up(&call, &trips);
        i32::from(trips.is_empty())
    }
    .boxed()
}

/// How long a packet takes there and back, ms.
async fn round_trip(call: &Call<'_>, address: Ipv4Addr) -> f64 {
    let (network, own) = (&call.host().hardware.network, call.host().machine.address);
    let since = Instant::now();
    network.pass(own, address).await;
    network.pass(address, own).await;
    since.elapsed().as_secs_f64() * 1e3 + ON_LOOPBACK
}

fn sum_up(call: &Call, trips: &[f64]) {
    if trips.is_empty() {
        return call.say("");
    }
    let count = trips.len() as f64;
    let average = trips.iter().sum::<f64>() / count;
    let deviation = (trips.iter().map(|ms| (ms - average).powi(2)).sum::<f64>() / count).sqrt();
    let (least, most) = trips.iter().fold((f64::MAX, 0.0_f64), |(least, most), ms| (least.min(*ms), most.max(*ms)));
    call.say(format!("rtt min/avg/max/mdev = {least:.3}/{average:.3}/{most:.3}/{deviation:.3} ms"));
}

//! What two programs on two machines see of each other.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    time::timeout,
};

use super::*;

/// Long enough for what must come, on a busy computer.
const SURELY: Duration = Duration::from_secs(20);
/// Long enough to see that nothing comes.
const NEVER: Duration = Duration::from_millis(100);

/// Two machines whose addresses nobody else uses.
fn machines() -> [Ipv4Addr; 2] {
    use std::hash::{BuildHasher, RandomState};
    let [b, c, ..] = RandomState::new().hash_one(0).to_le_bytes();
    [11, 12].map(|d| Ipv4Addr::new(127, b.clamp(64, 250), c, d))
}

/// A server on the second machine that says back what it hears.
async fn echo(network: &Network, machine: Ipv4Addr) -> SocketAddr {
    let listener = network.listen(TcpListener::bind((machine, 0)).await.expect("a port"));
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut bytes = [0; 64];
                while let Ok(n @ 1..) = stream.read(&mut bytes).await {
                    if stream.write_all(&bytes[..n]).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    address
}

async fn say(stream: &mut TcpStream, word: &[u8; 4]) {
    stream.write_all(word).await.expect("it is sent");
}

async fn hear(stream: &mut TcpStream) -> [u8; 4] {
    let mut word = [0; 4];
    timeout(SURELY, stream.read_exact(&mut word)).await.expect("in time").expect("an answer");
    word
}

async fn is_silent(stream: &mut TcpStream) -> bool {
    timeout(NEVER, stream.read(&mut [0; 4])).await.is_err()
}

#[tokio::test]
async fn a_connection_hangs_while_it_is_cut_and_goes_on_when_it_is_healed() {
    let (network, [one, other]) = (Network::new(), machines());
    let address = echo(&network, other).await;
    let mut stream = network.connect(one.into(), address).await.expect("a connection");
    say(&mut stream, b"one.").await;
    assert_eq!(hear(&mut stream).await, *b"one.");
    network.cut(one, other);
    assert!(network.is_cut(other, one));
    say(&mut stream, b"two.").await;
    assert!(is_silent(&mut stream).await);
    network.heal();
    assert_eq!(hear(&mut stream).await, *b"two.");
}

#[tokio::test]
async fn a_new_connection_waits_and_the_laptops_own_does_not() {
    let (network, [one, other]) = (Network::new(), machines());
    let address = echo(&network, other).await;
    network.split(&[one], &[other]);
    assert!(timeout(NEVER, network.connect(one.into(), address)).await.is_err());
    let mut laptop = TcpStream::connect(address).await.expect("a connection");
    say(&mut laptop, b"here").await;
    assert_eq!(hear(&mut laptop).await, *b"here");
    let mut own = network.connect(other.into(), address).await.expect("a connection of the machine to itself");
    say(&mut own, b"self").await;
    assert_eq!(hear(&mut own).await, *b"self");
}

/// A client that knows nothing of the network and binds the machine's address, as reqwest does.
async fn plain(from: Ipv4Addr, to: SocketAddr) -> TcpStream {
    Network::default().connect(from.into(), to).await.expect("the system accepts it")
}

#[tokio::test]
async fn what_was_given_up_while_it_was_cut_is_never_heard() {
    let (network, [one, other]) = (Network::new(), machines());
    let listener = network.listen(TcpListener::bind((other, 0)).await.expect("a port"));
    let address = listener.local_addr().expect("an address");
    network.cut(one, other);
    let mut given_up = plain(one, address).await;
    say(&mut given_up, b"lost").await;
    drop(given_up);
    let mut patient = plain(one, address).await;
    say(&mut patient, b"kept").await;
    let (mut first, _) = listener.accept().await.expect("a connection");
    let (mut second, _) = listener.accept().await.expect("a connection");
    let mut word = [0; 4];
    assert!(timeout(NEVER, first.read(&mut word)).await.is_err());
    network.heal();
    let lost = timeout(SURELY, first.read(&mut word)).await.expect("in time");
    assert_eq!(lost.expect_err("it is gone").kind(), io::ErrorKind::ConnectionReset);
    timeout(SURELY, second.read_exact(&mut word)).await.expect("in time").expect("it is read");
    assert_eq!(word, *b"kept");
}

#[tokio::test]
async fn an_end_that_closes_while_it_is_cut_is_heard_of_when_it_is_healed() {
    let (network, [one, other]) = (Network::new(), machines());
    let listener = network.listen(TcpListener::bind((other, 0)).await.expect("a port"));
    let address = listener.local_addr().expect("an address");
    let mut client = network.connect(one.into(), address).await.expect("a connection");
    let (server, _) = listener.accept().await.expect("a connection");
    network.cut(one, other);
    drop(server);
    assert!(is_silent(&mut client).await);
    network.heal();
    let end = timeout(SURELY, client.read(&mut [0; 4])).await.expect("in time");
    assert!(matches!(end, Ok(0) | Err(_)), "{end:?}");
}

#[tokio::test]
async fn a_slow_machine_answers_late() {
    let (network, [one, other]) = (Network::new(), machines());
    let address = echo(&network, other).await;
    let mut stream = network.connect(one.into(), address).await.expect("a connection");
    let delay = Duration::from_millis(60);
    network.delay(other, delay);
    let since = std::time::Instant::now();
    say(&mut stream, b"slow").await;
    assert_eq!(hear(&mut stream).await, *b"slow");
    assert!(since.elapsed() >= 2 * delay, "there and back: {:?}", since.elapsed());
    network.delay(other, Duration::ZERO);
    say(&mut stream, b"fast").await;
    assert_eq!(hear(&mut stream).await, *b"fast");
}

#[tokio::test]
async fn a_relay_lets_a_client_obey_that_knows_nothing_of_it() {
    let (network, [one, other]) = (Network::new(), machines());
    let address = echo(&network, other).await;
    let relays = Relays::open(&network, one, &format!("{address},a.name:2181"));
    let (door, rest) = relays.hosts().split_once(',').expect("two servers");
    assert_eq!(rest, "a.name:2181");
    assert!(door.starts_with(&format!("{one}:")), "{door}");
    let mut client = TcpStream::connect(door).await.expect("a connection");
    say(&mut client, b"one.").await;
    assert_eq!(hear(&mut client).await, *b"one.");
    network.cut(one, other);
    say(&mut client, b"two.").await;
    assert!(is_silent(&mut client).await);
    let mut waiting = TcpStream::connect(door).await.expect("the door is there");
    say(&mut waiting, b"wait").await;
    assert!(is_silent(&mut waiting).await);
    network.heal();
    assert_eq!(hear(&mut client).await, *b"two.");
    assert_eq!(hear(&mut waiting).await, *b"wait");
    assert_eq!(Relays::open(&Network::default(), one, "127.0.0.1:1").hosts(), "127.0.0.1:1");
}

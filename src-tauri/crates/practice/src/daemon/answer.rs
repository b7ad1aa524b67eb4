//! One call: read, checked, carried out, answered.

use std::{io, pin::pin, sync::Arc, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    time::timeout,
};

use super::fleet::{Fleet, NotUp};
use crate::{
    host::PutFile,
    shell::Streams,
    wire::{self, Answer, Call, Request},
};

/// How long a client may take to say what it wants.
const LISTEN: Duration = Duration::from_secs(10);

/// Answers the one call of a connection. A client that hangs up is not answered, and what it wanted is dropped.
pub(super) async fn answer(stream: TcpStream, fleet: Arc<Fleet>, token: String) {
    let mut stream = BufReader::new(stream);
    let heard = timeout(LISTEN, listen(&mut stream, &token)).await;
    let answer = match heard {
        Ok(Ok(Some((Request::Follow { node, command }, _)))) => {
            match follow(&mut stream, &fleet, &node, &command).await {
                Some(answer) => answer,
                None => return,
            }
        }
        // It hung up, or said nothing.
        Err(_) | Ok(Ok(None)) => return,
        Ok(Err(error)) => Answer::Refused { why: error.to_string() },
        Ok(Ok(Some((request, body)))) => {
            let mut rest = [0];
            tokio::select! {
                answer = carry_out(&fleet, request, body) => answer,
                _ = stream.read(&mut rest) => return,
            }
        }
    };
    let _ = send(&mut stream, &answer).await;
}

async fn send(stream: &mut BufReader<TcpStream>, answer: &Answer) -> io::Result<()> {
    stream.write_all(&line(answer)?).await?;
    stream.shutdown().await
}

fn line(answer: &Answer) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(answer)?;
    line.push(b'\n');
    Ok(line)
}

/// Reads the request and what follows it.
async fn listen(stream: &mut BufReader<TcpStream>, token: &str) -> io::Result<Option<(Request, Vec<u8>)>> {
    let Some(line) = wire::read_line(stream, wire::LONGEST_CALL).await? else { return Ok(None) };
    let refuse = |why: &str| io::Error::new(io::ErrorKind::InvalidData, why);
    let call: Call = serde_json::from_str(&line).map_err(|error| refuse(&format!("not a request: {error}")))?;
    if !same(call.token.as_bytes(), token.as_bytes()) {
        return Err(refuse("the token is not this process's"));
    }
    let mut body = Vec::new();
    if let Request::Put { length, .. } = call.request {
        if length > wire::LARGEST_FILE {
            return Err(refuse("the file is too large"));
        }
        stream.take(length).read_to_end(&mut body).await?;
        if body.len() as u64 != length {
            return Err(refuse("the file is cut short"));
        }
    }
    Ok(Some((call.request, body)))
}

/// Whether two tokens are the same, in a time that does not tell where they differ.
fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |differ, (a, b)| differ | (a ^ b)) == 0
}

async fn carry_out(fleet: &Arc<Fleet>, request: Request, body: Vec<u8>) -> Answer {
    match request {
        Request::Hello => Answer::Done,
        Request::States => Answer::States { machines: fleet.states() },
        Request::Endpoints => Answer::Endpoints { endpoints: fleet.endpoints() },
        // These go on even if the client hangs up: a machine is never left half-way.
        Request::Up { machine } => {
            let (fleet, node) = (fleet.clone(), machine.name.clone());
            match tokio::spawn(async move { fleet.up(machine).await }).await {
                Ok(Ok(())) => Answer::Done,
                Ok(Err(NotUp::Closing)) => Answer::Closing,
                Ok(Err(NotUp::Unsound)) => Answer::Refused { why: format!("{node} cannot be a practice machine") },
                Ok(Err(NotUp::Failed(error))) => failed(&error),
                Err(error) => failed(&error),
            }
        }
        Request::Halt { node } => {
            let fleet = fleet.clone();
            done(tokio::spawn(async move { fleet.halt(&node).await }).await.map_err(io::Error::other).flatten())
        }
        Request::Destroy { node } => {
            let fleet = fleet.clone();
            done(tokio::spawn(async move { fleet.destroy(&node).await }).await.map_err(io::Error::other).flatten())
        }
        Request::Trouble { node, trouble } => {
            let fleet = fleet.clone();
            match tokio::spawn(async move { fleet.trouble(&node, trouble).await }).await {
                Ok(true) => Answer::Done,
                Ok(false) => Answer::NotRunning,
                Err(error) => failed(&error),
            }
        }
        Request::Network { change } => {
            fleet.change_network(&change);
            Answer::Done
        }
        // It is answered in pieces, before it comes to this.
        Request::Follow { .. } => Answer::Refused { why: "it is to be followed".to_owned() },
        Request::Run { node, command, deadline_ms } => run(fleet, &node, &command, deadline_ms).await,
        Request::Put { node, path, owner, mode, .. } => {
            let Some(host) = fleet.running(&node) else { return Answer::NotRunning };
            match host.put(PutFile { path, content: body, owner, mode }).await {
                Some(Ok(())) => Answer::Done,
                Some(Err(why)) => Answer::Failed { why },
                None => Answer::NotRunning,
            }
        }
    }
}

async fn run(fleet: &Fleet, node: &str, command: &str, deadline_ms: u64) -> Answer {
    let Some(host) = fleet.running(node) else { return Answer::NotRunning };
    let streams = Streams::collected();
    match timeout(Duration::from_millis(deadline_ms), host.run(command, streams.clone())).await {
        Err(_) => Answer::Deadline,
        Ok(None) => Answer::NotRunning,
        Ok(Some(code)) => ran(code, &streams),
    }
}

fn ran(code: i32, streams: &Streams) -> Answer {
    Answer::Ran { code, stdout: streams.out.drain_text(), stderr: streams.err.drain_text() }
}

/// Runs a command and tells what it says while it goes on; gives the last answer, or nothing if the client hung up.
async fn follow(stream: &mut BufReader<TcpStream>, fleet: &Fleet, node: &str, command: &str) -> Option<Answer> {
    let Some(host) = fleet.running(node) else { return Some(Answer::NotRunning) };
    let streams = Streams::collected();
    let mut running = pin!(host.run(command, streams.clone()));
    let mut rest = [0];
    loop {
        tokio::select! {
            code = &mut running => return Some(code.map_or(Answer::NotRunning, |code| ran(code, &streams))),
            () = streams.out.written() => {}
            () = streams.err.written() => {}
            _ = stream.read(&mut rest) => return None,
        }
        let (stdout, stderr) = (streams.out.drain_text(), streams.err.drain_text());
        if !stdout.is_empty() || !stderr.is_empty() {
            let line = line(&Answer::Wrote { stdout, stderr }).ok()?;
            stream.write_all(&line).await.ok()?;
        }
    }
}

fn failed(error: &impl ToString) -> Answer {
    Answer::Failed { why: error.to_string() }
}

fn done(result: io::Result<()>) -> Answer {
    match result {
        Ok(()) => Answer::Done,
        Err(error) => failed(&error),
    }
}

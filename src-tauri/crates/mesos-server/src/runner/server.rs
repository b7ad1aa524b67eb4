//! The web servers of tasks: they really listen.

use std::{io, net::SocketAddr, sync::Arc};

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderValue, header},
    response::Response,
};
use hardware::Listener;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use super::process::Process;

/// Takes a port of the machine.
pub async fn listen(process: &Process, port: u16) -> io::Result<Listener> {
    let bound = TcpListener::bind(SocketAddr::from((process.host, port))).await;
    bound.map(|listener| process.hardware.network.listen(listener)).map_err(|error| match error.raw_os_error() {
        Some(number) => io::Error::other(format!("[Errno {number}] {}", plain(&error))),
        None => error,
    })
}

/// The system's words without the number that Rust puts behind them.
fn plain(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_owned()
}

/// Answers everyone, for ever.
pub async fn serve(listener: Listener, process: Process) -> i32 {
    crate::http::serve(listener, Arc::new(process), answer).await;
    0
}

/// Answers one caller.
pub async fn serve_one(listener: Listener, process: Process) -> i32 {
    let Ok((mut stream, _)) = listener.accept().await else { return 1 };
    let mut asked = [0; 1024];
    let Ok(_) = stream.read(&mut asked).await else { return 1 };
    let page = page(&process);
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        page.len()
    );
    i32::from(stream.write_all([head, page].concat().as_bytes()).await.is_err())
}

async fn answer(process: Arc<Process>, request: Request) -> Response {
    process.write(2, &format!("{} - - \"{} {} HTTP/1.1\" 200 -\n", process.host, request.method(), request.uri()));
    let mut response = Response::new(Body::from(page(&process)));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    response.headers_mut().insert(header::SERVER, HeaderValue::from_static("SimpleHTTP/0.6 Python/3.11"));
    response
}

/// A small page that says whom one has reached.
fn page(process: &Process) -> String {
    let variable = |name: &str| process.env.get(name).map(|value| escape(value));
    let app = variable("MARATHON_APP_ID").unwrap_or_else(|| escape(&process.name));
    let task = variable("MESOS_TASK_ID").unwrap_or_default();
    let host = variable("HOST").unwrap_or_else(|| process.host.to_string());
    let page = [
        "<!doctype html><title>",
        &app,
        "</title>\n<h1>",
        &app,
        "</h1>\n<p>task ",
        &task,
        "</p>\n<p>host ",
        &host,
        "</p>\n",
    ];
    page.concat()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

//! `curl`: real HTTP/1.1, to loopback addresses.

mod exchange;
mod url;

use std::time::Duration;

use futures::future::{BoxFuture, FutureExt};
use tokio::time::timeout;

use super::{Call, args::Args, args::Known};
use crate::host::disk::Writing;
use exchange::{Request, Response, exchange};
use url::Url;

const CURL: Known = Known {
    flags: "sSLifvkgI",
    valued: "XdHowmA",
    long: &[
        ("silent", 's'),
        ("show-error", 'S'),
        ("location", 'L'),
        ("include", 'i'),
        ("fail", 'f'),
        ("head", 'I'),
        ("request", 'X'),
        ("data", 'd'),
        ("data-binary", 'd'),
        ("data-raw", 'd'),
        ("header", 'H'),
        ("output", 'o'),
        ("write-out", 'w'),
        ("max-time", 'm'),
        ("connect-timeout", 'm'),
        ("user-agent", 'A'),
    ],
};

/// curl's default, and plenty for a cluster of this size.
const MOST_REDIRECTS: usize = 50;
/// When `-m` does not say.
const PATIENCE: Duration = Duration::from_secs(60);

/// Why it failed: curl's exit code and its words.
struct Failed {
    code: i32,
    why: String,
}

impl Failed {
    fn new(code: i32, why: impl Into<String>) -> Self {
        Self { code, why: why.into() }
    }
}

/// `curl [-sSLif] [-X METHOD] [-d DATA] [-H HEADER] [-o FILE] [-w FORMAT] [-m S] URL…`.
pub(super) fn curl(call: Call<'_>) -> BoxFuture<'_, i32> {
    async move {
        let Ok(args) = call.parse(&CURL) else { return 2 };
        if args.rest.is_empty() {
            call.streams.err.line("curl: (2) no URL specified");
            return 2;
        }
        let mut code = 0;
        for url in &args.rest {
            let patience = args.value('m').and_then(|s| s.parse().ok()).filter(|s: &f64| *s > 0.0 && *s < 1e6);
            let patience = patience.map_or(PATIENCE, Duration::from_secs_f64);
            let done = timeout(patience, get(&call, &args, url)).await;
            let late = || Failed::new(28, format!("Operation timed out after {} milliseconds", patience.as_millis()));
            let done = done.unwrap_or_else(|_| Err(late()));
            code = match done.and_then(|response| show(&call, &args, response)) {
                Ok(()) => 0,
                Err(Failed { code, why }) => {
                    write_out(&call, &args, 0, 0, "");
                    if !args.has('s') || args.has('S') {
                        call.streams.err.line(format!("curl: ({code}) {why}"));
                    }
                    code
                }
            };
        }
        code
    }
    .boxed()
}

async fn get(call: &Call<'_>, args: &Args, url: &str) -> Result<Response, Failed> {
    let mut url = Url::parse(url)?;
    let mut request = Request::new(method(args), headers(args), body(call, args)?);
    for _ in 0..=MOST_REDIRECTS {
        let address = call
            .host()
            .resolve(&url.host)
            .map_err(|_| Failed::new(6, format!("Could not resolve host: {}", url.host)))?;
        let mut response = exchange(call.host(), &url, address, &request).await?;
        let location = response.header("location").filter(|_| (300..400).contains(&response.status));
        let Some(location) = location else { return Ok(response) };
        let next = url.join(location)?;
        if !args.has('L') {
            response.redirect = next.to_string();
            return Ok(response);
        }
        url = next;
        if matches!(response.status, 301..=303) && args.value('X').is_none() {
            request.become_get();
        }
    }
    Err(Failed::new(47, format!("Maximum ({MOST_REDIRECTS}) redirects followed")))
}

fn method(args: &Args) -> String {
    match args.value('X') {
        Some(method) => method.to_owned(),
        None if args.has('I') => "HEAD".into(),
        None if args.has('d') => "POST".into(),
        None => "GET".into(),
    }
}

fn headers(args: &Args) -> Vec<(String, String)> {
    let given = args.values('H').filter_map(|h| h.split_once(':'));
    let mut headers: Vec<(String, String)> = given
        .map(|(n, v)| (n.trim().to_owned(), v.trim().to_owned()))
        .filter(|(n, v)| !n.contains(char::is_whitespace) && !v.contains(['\r', '\n']))
        .collect();
    let mut default = |name: &str, value: &str| {
        if !headers.iter().any(|(n, _)| n.eq_ignore_ascii_case(name)) {
            headers.push((name.to_owned(), value.to_owned()));
        }
    };
    default("User-Agent", "curl/7.88.1");
    default("Accept", "*/*");
    if args.has('d') {
        default("Content-Type", "application/x-www-form-urlencoded");
    }
    headers
}

/// The data of all `-d`, joined by `&`; `@FILE` is the file's content, `@-` standard input.
fn body(call: &Call, args: &Args) -> Result<Option<Vec<u8>>, Failed> {
    let mut parts = Vec::new();
    for data in args.values('d') {
        parts.push(match data.strip_prefix('@') {
            None => data.as_bytes().to_vec(),
            Some(file) => {
                call.content(file).map_err(|fault| Failed::new(26, format!("Failed to open {file}: {fault}")))?
            }
        });
    }
    Ok(if parts.is_empty() { None } else { Some(parts.join(&b'&')) })
}

fn show(call: &Call, args: &Args, response: Response) -> Result<(), Failed> {
    if args.has('f') && response.status >= 400 {
        return Err(Failed::new(22, format!("The requested URL returned error: {}", response.status)));
    }
    let mut text = Vec::new();
    if args.has('i') || args.has('I') {
        text.extend_from_slice(&response.head);
    }
    text.extend_from_slice(&response.body);
    match args.value('o') {
        None | Some("-") => call.streams.out.bytes(&text),
        Some(file) => {
            let (path, user) = (call.shell.path(file), &call.shell.user);
            let failed = |_| Failed::new(23, "Failure writing output to destination");
            call.host().disk.write(user, &path, &text, Writing::Replace).map_err(failed)?;
        }
    }
    write_out(call, args, response.status, response.body.len(), &response.redirect);
    Ok(())
}

/// `-w`.
fn write_out(call: &Call, args: &Args, status: u16, size: usize, redirect: &str) {
    if let Some(format) = args.value('w') {
        let text = format
            .replace("%{http_code}", &format!("{status:03}"))
            .replace("%{response_code}", &format!("{status:03}"))
            .replace("%{size_download}", &size.to_string())
            .replace("%{redirect_url}", redirect)
            .replace("\\n", "\n");
        call.streams.out.text(text);
    }
}

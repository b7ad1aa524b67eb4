//! What goes on until it is ended from outside: `tail -f`, `journalctl -f`. And what ends it: `timeout`.

use std::time::Duration;

use futures::future::{BoxFuture, FutureExt};
use tokio::time::{sleep, timeout as within};

use super::{Call, find};
use crate::host::disk::Fault;

/// How often it is looked whether a file has grown.
const LOOK: Duration = Duration::from_millis(100);

/// A file that is followed.
pub(super) struct Followed {
    /// As it was given.
    name: String,
    /// How much of it has been shown, bytes.
    shown: usize,
}

impl Followed {
    /// The file called `name`, of which so much has been shown.
    pub fn new(name: &str, shown: usize) -> Self {
        Self { name: name.to_owned(), shown }
    }

    /// What is new in it.
    fn news(&mut self, call: &Call<'_>) -> Vec<u8> {
        match call.content(&self.name) {
            Ok(content) if content.len() < self.shown => {
                call.complain(format!("{}: file truncated", self.name));
                self.shown = content.len();
                content
            }
            Ok(mut content) => {
                let news = content.split_off(self.shown);
                self.shown += news.len();
                news
            }
            // It may come back, as a log that was moved away does.
            Err(Fault::NotFound) => {
                self.shown = 0;
                Vec::new()
            }
            Err(_) => Vec::new(),
        }
    }
}

/// Shows what is added to the files, for ever; with titles if there are several.
pub(super) async fn follow(call: &Call<'_>, mut files: Vec<Followed>) -> i32 {
    let titles = files.len() > 1;
    let mut current = files.len().saturating_sub(1);
    loop {
        sleep(LOOK).await;
        for (n, file) in files.iter_mut().enumerate() {
            let news = file.news(call);
            if news.is_empty() {
                continue;
            }
            if titles && n != current {
                call.streams.out.text(format!("\n==> {} <==\n", file.name));
                current = n;
            }
            call.streams.out.bytes(&news);
        }
    }
}

/// `timeout [-s SIGNAL] [-k S] S COMMAND…`: ends the command when its time is over.
pub(super) fn timeout(call: Call<'_>) -> BoxFuture<'_, i32> {
    async move {
        let mut words = call.args.iter();
        let mut first = words.next();
        while let Some("-s" | "-k" | "--signal" | "--kill-after") = first.map(String::as_str) {
            words.next();
            first = words.next();
        }
        let words: Vec<String> = words.cloned().collect();
        let (Some(time), Some(name)) = (first, words.first()) else {
            call.streams.err.line("Try 'timeout --help' for more information.");
            return 125;
        };
        let Some(time) = super::system::seconds(time) else {
            call.misused(format!("invalid time interval ‘{time}’"));
            return 125;
        };
        let Some(mut shell) = call.shell.deeper() else {
            call.complain("too many commands start each other");
            return 125;
        };
        if let Err(missing) = find(&shell, name) {
            call.complain(format!("failed to run command ‘{name}’: No such file or directory"));
            return missing.code();
        }
        let running = shell.run(words, call.streams);
        if time.is_zero() { running.await } else { within(time, running).await.unwrap_or(124) }
    }
    .boxed()
}

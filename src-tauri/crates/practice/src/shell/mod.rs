//! The machine's shell: a real parser for the simple half of bash, and an executor whose programs are functions.

mod expand;
mod parse;
mod sink;
mod syntax;

use std::{collections::BTreeMap, sync::Arc};

use futures::future::{BoxFuture, FutureExt};

pub(crate) use sink::Sink;
use syntax::{Command, List, Pipeline, Redirect, Stream, SyntaxError, When};

use crate::{
    commands::{self, Call},
    host::{
        Host,
        disk::{Fault, Writing, absolute},
        users::User,
    },
};

/// The folders that an ordinary user's commands are looked for in. Debian leaves the `sbin` ones out for ssh; they are
/// here so that `command -v mesos-master` finds what is installed, whoever asks.
const PATH: &str = "/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games:/usr/local/sbin:/usr/sbin:/sbin";

/// How many commands may start each other (`sudo bash -c "sudo …"`).
const DEEPEST: usize = 24;

/// A running shell: who, where, with what around it.
#[derive(Clone)]
pub(crate) struct Shell {
    /// The machine.
    pub host: Arc<Host>,
    /// Who runs it.
    pub user: User,
    /// The folder it is in, tidy and absolute.
    pub cwd: String,
    /// Its variables; all of them are exported.
    pub env: BTreeMap<String, String>,
    /// Exit code of the last command.
    pub last: i32,
    /// `exit` was called.
    pub ended: bool,
    depth: usize,
}

/// The streams of a command.
#[derive(Clone, Default)]
pub(crate) struct Streams {
    /// Standard input, whole.
    pub stdin: Arc<[u8]>,
    /// Standard output.
    pub out: Sink,
    /// Standard error.
    pub err: Sink,
}

/// A file that is written when the command has ended.
struct Pending {
    path: String,
    sink: Sink,
}

impl Shell {
    /// A fresh one, as a login over ssh gets it.
    pub fn login(host: Arc<Host>, user: User) -> Self {
        let mut shell =
            Self { host, cwd: user.home.clone(), env: BTreeMap::new(), user, last: 0, ended: false, depth: 0 };
        shell.env = shell.fresh_env();
        shell
    }

    fn fresh_env(&self) -> BTreeMap<String, String> {
        let user = &self.user;
        [
            ("HOME", user.home.as_str()),
            ("LANG", "C.UTF-8"),
            ("LOGNAME", &user.name),
            ("PATH", PATH),
            ("PWD", &self.cwd),
            ("SHELL", "/bin/bash"),
            ("USER", &user.name),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
    }

    /// The same shell for another user, in the same folder, as `sudo` makes it; `None` when they are nested too deep.
    pub fn become_user(&self, user: User) -> Option<Self> {
        let mut other = self.deeper()?;
        other.user = user;
        other.env = other.fresh_env();
        Some(other)
    }

    /// A copy for a command of this one's; `None` when they are nested too deep.
    pub fn deeper(&self) -> Option<Self> {
        (self.depth < DEEPEST).then(|| Self { depth: self.depth + 1, ended: false, ..self.clone() })
    }

    /// `path` as it is meant here.
    pub fn path(&self, path: &str) -> String {
        absolute(&self.cwd, path)
    }

    /// Runs a script, as `bash -c` does, and gives its exit code.
    pub async fn script(&mut self, text: &str, streams: &Streams) -> i32 {
        match parse::parse(text) {
            Ok(list) => self.list(&list, streams).await,
            Err(error) => {
                complain(&error, text, &streams.err);
                2
            }
        }
    }

    fn list<'a>(&'a mut self, list: &'a List, streams: &'a Streams) -> BoxFuture<'a, i32> {
        async move {
            for (when, pipeline) in &list.0 {
                let wanted = match when {
                    When::Always => true,
                    When::Success => self.last == 0,
                    When::Failure => self.last != 0,
                };
                if wanted && !self.ended {
                    let code = self.pipeline(pipeline, streams).await;
                    self.last = if pipeline.negated { i32::from(code == 0) } else { code };
                }
            }
            self.last
        }
        .boxed()
    }

    async fn pipeline(&mut self, pipeline: &Pipeline, streams: &Streams) -> i32 {
        let Some((last, before)) = pipeline.commands.split_last() else { return 0 };
        if before.is_empty() {
            return self.command(last, streams).await;
        }
        let mut stdin = streams.stdin.clone();
        for command in before {
            let out = Sink::new();
            let own = Streams { stdin, out: out.clone(), err: streams.err.clone() };
            self.clone().command(command, &own).await;
            stdin = out.drain().into();
        }
        let own = Streams { stdin, ..streams.clone() };
        self.clone().command(last, &own).await
    }

    async fn command(&mut self, command: &Command, streams: &Streams) -> i32 {
        let mut words = Vec::new();
        for word in &command.words {
            words.extend(self.expand(word, streams).await);
        }
        let mut assigned = Vec::new();
        for (name, word) in &command.assignments {
            assigned.push((name.clone(), self.expand_one(word, streams).await));
        }
        let (own, pending) = match self.redirect(&command.redirects, streams).await {
            Ok(redirected) => redirected,
            Err(message) => {
                streams.err.line(format!("bash: line 1: {message}"));
                return 1;
            }
        };
        let name = words.iter().find(|word| *word != "sudo").cloned().unwrap_or_default();
        let code = if words.is_empty() {
            self.env.extend(assigned);
            // An assignment's code is that of the command in it, `x=$(false)`.
            if command.assignments.is_empty() { 0 } else { self.last_of_expansion() }
        } else {
            let before = self.env.clone();
            self.env.extend(assigned);
            let code = self.run(words, &own).await;
            if !command.assignments.is_empty() {
                self.env = before;
            }
            code
        };
        self.flush(pending, &name, code, &streams.err)
    }

    fn last_of_expansion(&mut self) -> i32 {
        std::mem::take(&mut self.last)
    }

    /// Writes what the command `name` wrote to files.
    fn flush(&self, pending: Vec<Pending>, name: &str, code: i32, err: &Sink) -> i32 {
        for Pending { path, sink } in pending {
            match self.host.disk.write(&self.user, &path, &sink.drain(), Writing::Append) {
                Ok(()) => {}
                Err(Fault::Full) => return commands::no_room(name, err),
                Err(fault) => {
                    err.line(format!("bash: line 1: {path}: {fault}"));
                    return 1;
                }
            }
        }
        code
    }

    async fn redirect(&mut self, redirects: &[Redirect], streams: &Streams) -> Result<(Streams, Vec<Pending>), String> {
        let mut own = streams.clone();
        let mut pending = Vec::new();
        for redirect in redirects {
            match redirect {
                Redirect::Input(word) => {
                    let file = self.expand_one(word, streams).await;
                    let content = self.host.disk.read(&self.user, &self.path(&file));
                    own.stdin = content.map_err(|fault| format!("{file}: {fault}"))?.into();
                }
                Redirect::Text(word) => {
                    let mut text = self.expand_one(word, streams).await;
                    text.push('\n');
                    own.stdin = text.into_bytes().into();
                }
                Redirect::Join { from, to } => {
                    let sink = if *to == Stream::Out { own.out.clone() } else { own.err.clone() };
                    own.set(*from, sink);
                }
                Redirect::Output { from, to, append } => {
                    let file = self.expand_one(to, streams).await;
                    let path = self.path(&file);
                    let sink = self.open(&path, *append).map_err(|fault| format!("{file}: {fault}"))?;
                    own.set(*from, sink.clone());
                    pending.push(Pending { path, sink });
                }
            }
        }
        Ok((own, pending))
    }

    /// Makes or empties the file now, as the real shell does before the command runs.
    fn open(&self, path: &str, append: bool) -> Result<Sink, Fault> {
        if path == "/dev/null" {
            return Ok(Sink::null());
        }
        let writing = if append { Writing::Append } else { Writing::Replace };
        self.host.disk.write(&self.user, path, &[], writing)?;
        Ok(Sink::new())
    }

    /// Runs a command whose words are known.
    pub fn run<'a>(&'a mut self, words: Vec<String>, streams: &'a Streams) -> BoxFuture<'a, i32> {
        async move {
            let mut words = words.into_iter();
            let Some(name) = words.next() else { return 0 };
            match commands::find(self, &name) {
                Ok(run) => {
                    let call = Call { shell: self, name, args: words.collect(), streams };
                    run.call(call).await
                }
                Err(missing) => {
                    streams.err.line(format!("bash: line 1: {name}: {missing}"));
                    missing.code()
                }
            }
        }
        .boxed()
    }
}

impl Streams {
    /// Streams that are collected, without input.
    pub fn collected() -> Self {
        Self { stdin: Arc::default(), out: Sink::new(), err: Sink::new() }
    }

    fn set(&mut self, stream: Stream, sink: Sink) {
        match stream {
            Stream::Out => self.out = sink,
            Stream::Err => self.err = sink,
            Stream::Both => (self.out, self.err) = (sink.clone(), sink),
        }
    }
}

/// Says what is wrong with a script, as bash does.
fn complain(error: &SyntaxError, text: &str, err: &Sink) {
    let lines = text.lines().count().max(1);
    match error {
        SyntaxError::Unexpected(_) => {
            err.line(format!("bash: -c: line 1: {error}"));
            err.line(format!("bash: -c: line 1: `{}'", text.lines().next().unwrap_or_default()));
        }
        SyntaxError::End => err.line(format!("bash: -c: line {}: {error}", lines + 1)),
        SyntaxError::Unclosed(_) | SyntaxError::Beyond(_) => err.line(format!("bash: -c: line {lines}: {error}")),
    }
}

//! Runs the commands of lessons without a machine.

use std::{
    future::Future,
    io,
    path::{Path, PathBuf},
    pin::Pin,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use super::{
    Command, Exit, TaskControl, TaskHandle, TaskRunner, TaskSpec, builtins,
    process::{Flow, Process},
    shell::{self, List, Node, Piece, Redirect, Target, When, Word},
};

/// Runs the commands of lessons without a machine: `sleep`, `echo`, `exit`, loops, and servers that really listen. What it
/// does not know it does not find, as a shell on a machine without that program.
#[derive(Clone, Copy, Debug, Default)]
pub struct SimulatedRunner;

/// Simulated processes have numbers as real ones do.
static NEXT_PID: AtomicU32 = AtomicU32::new(2000);

impl TaskRunner for SimulatedRunner {
    fn start(&self, spec: TaskSpec) -> Result<TaskHandle, io::Error> {
        let (handle, control) = TaskHandle::new(NEXT_PID.fetch_add(1, Ordering::Relaxed));
        tokio::spawn(run(spec, control));
        Ok(handle)
    }
}

async fn run(spec: TaskSpec, mut control: TaskControl) {
    let command = spec.command.clone();
    let mut process = Process::new(spec);
    let exit = tokio::select! {
        status = process.execute(command) => Exit::Status(status),
        // None of these programs handles SIGTERM: it ends them at once.
        _ = control.killed() => Exit::Signal(15),
    };
    control.ended(exit);
}

impl Process {
    async fn execute(&mut self, command: Command) -> i32 {
        match command {
            Command::Shell(line) => self.line(&line).await,
            Command::Argv { program, argv } => {
                let arguments = if argv.is_empty() { vec![program] } else { argv };
                match self.simple(arguments).await {
                    Flow::On(status) | Flow::Exit(status) => status,
                    Flow::Break | Flow::Continue => 0,
                }
            }
        }
    }

    /// Runs a line as `sh -c` does.
    pub async fn line(&mut self, line: &str) -> i32 {
        match shell::parse(line) {
            Err(error) => {
                self.write(2, &format!("sh: 1: {error}\n"));
                2
            }
            Ok(list) => match self.list(&list).await {
                Flow::On(status) | Flow::Exit(status) => status,
                Flow::Break | Flow::Continue => self.status,
            },
        }
    }

    fn list<'a>(&'a mut self, list: &'a List) -> Pin<Box<dyn Future<Output = Flow> + Send + 'a>> {
        Box::pin(async move {
            for (when, node) in list {
                let run = match when {
                    When::Always => true,
                    When::Well => self.status == 0,
                    When::Badly => self.status != 0,
                };
                if !run {
                    continue;
                }
                match self.node(node).await {
                    Flow::On(status) => self.status = status,
                    other => return other,
                }
            }
            Flow::On(self.status)
        })
    }

    async fn node(&mut self, node: &Node) -> Flow {
        match node {
            Node::Simple { assignments, words, redirects } => self.command(assignments, words, redirects).await,
            Node::While(until, condition, body) => self.while_loop(*until, condition, body).await,
            Node::For(name, words, body) => {
                for word in words {
                    let value = self.expand(word);
                    self.env.insert(name.clone(), value);
                    match self.list(body).await {
                        Flow::On(_) | Flow::Continue => breathe().await,
                        Flow::Break => break,
                        exit @ Flow::Exit(_) => return exit,
                    }
                }
                Flow::On(0)
            }
            Node::If(arms, otherwise) => {
                for (condition, then) in arms {
                    match self.list(condition).await {
                        Flow::On(0) => return self.list(then).await,
                        Flow::On(_) => {}
                        other => return other,
                    }
                }
                self.status = 0;
                self.list(otherwise).await
            }
            Node::Group(list) => self.list(list).await,
        }
    }

    async fn while_loop(&mut self, until: bool, condition: &List, body: &List) -> Flow {
        loop {
            match self.list(condition).await {
                Flow::On(status) if (status == 0) != until => {}
                Flow::On(_) | Flow::Break => return Flow::On(0),
                other => return other,
            }
            match self.list(body).await {
                Flow::On(_) | Flow::Continue => breathe().await,
                Flow::Break => return Flow::On(0),
                exit @ Flow::Exit(_) => return exit,
            }
        }
    }

    async fn command(&mut self, assignments: &[(String, Word)], words: &[Word], redirects: &[Redirect]) -> Flow {
        for (name, value) in assignments {
            let value = self.expand(value);
            self.env.insert(name.clone(), value);
        }
        let arguments: Vec<String> = words.iter().map(|word| self.expand(word)).collect();
        if arguments.is_empty() {
            return Flow::On(0);
        }
        let before = self.outputs.clone();
        for redirect in redirects {
            if let Err(error) = self.redirect(redirect) {
                self.outputs = before;
                self.write(2, &format!("sh: 1: {error}\n"));
                return Flow::On(2);
            }
        }
        let flow = self.simple(arguments).await;
        self.outputs = before;
        flow
    }

    fn redirect(&mut self, redirect: &Redirect) -> Result<(), String> {
        let target = match &redirect.to {
            Target::Same(other) => self.outputs[usize::from(*other == 2)].clone(),
            Target::File(word, append) => {
                let name = self.expand(word);
                let path = if name == "/dev/null" { PathBuf::from(name) } else { self.path(&name) };
                if path != Path::new("/dev/null") && !append {
                    std::fs::write(&path, b"")
                        .map_err(|_| format!("cannot create {}: Directory nonexistent", self.expand(word)))?;
                }
                path
            }
        };
        self.outputs[usize::from(redirect.from == 2)] = target;
        Ok(())
    }

    fn simple(&mut self, arguments: Vec<String>) -> Pin<Box<dyn Future<Output = Flow> + Send + '_>> {
        Box::pin(async move {
            let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
            match words.as_slice() {
                ["exec" | "command" | "nohup"] => Flow::On(0),
                ["exec", words @ ..] => Flow::Exit(self.nested(words).await),
                ["command" | "nohup", words @ ..] => Flow::On(self.nested(words).await),
                [shell, "-c", line, ..] if is_shell(shell) => Flow::On(Box::pin(self.line(line)).await),
                _ => builtins::run(self, &words).await,
            }
        })
    }

    async fn nested(&mut self, words: &[&str]) -> i32 {
        match self.simple(words.iter().map(|word| (*word).to_owned()).collect()).await {
            Flow::On(status) | Flow::Exit(status) => status,
            Flow::Break | Flow::Continue => 0,
        }
    }

    fn expand(&self, word: &Word) -> String {
        word.0.iter().map(|piece| self.expand_piece(piece)).collect()
    }

    fn expand_piece(&self, piece: &Piece) -> String {
        match piece {
            Piece::Text(text) => text.clone(),
            Piece::Variable(name, _) if name == "?" => self.status.to_string(),
            Piece::Variable(name, _) if name == "$" => std::process::id().to_string(),
            Piece::Variable(name, default) => {
                let value = self.env.get(name).filter(|value| default.is_none() || !value.is_empty());
                value.or(default.as_ref()).cloned().unwrap_or_default()
            }
        }
    }
}

fn is_shell(name: &str) -> bool {
    let name = name.strip_prefix("/usr").unwrap_or(name);
    matches!(name.strip_prefix("/bin/").unwrap_or(name), "sh" | "bash" | "dash")
}

/// A loop without a `sleep` in it must not take the whole machine.
async fn breathe() {
    tokio::time::sleep(Duration::from_millis(5)).await;
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use hardware::Hardware;

    use super::*;

    async fn run_line(line: &str) -> (Exit, String, String) {
        let folder = tempfile::tempdir().unwrap();
        let spec = TaskSpec {
            id: "t".into(),
            name: "t".into(),
            command: Command::Shell(line.into()),
            env: vec![("PORT0".into(), "31000".into())],
            host: Ipv4Addr::LOCALHOST,
            hardware: Hardware::default(),
            sandbox: folder.path().to_owned(),
            cpus: 1.0,
            mem_mb: 32.0,
        };
        let handle = SimulatedRunner.start(spec).unwrap();
        let exit = tokio::time::timeout(Duration::from_secs(5), handle.exited()).await.unwrap();
        let read = |name| std::fs::read_to_string(folder.path().join(name)).unwrap_or_default();
        (exit, read("stdout"), read("stderr"))
    }

    #[tokio::test]
    async fn lines_do_what_a_shell_does() {
        assert_eq!(run_line("echo hi; sleep 0.01; exit 3").await, (Exit::Status(3), "hi\n".into(), String::new()));
        assert_eq!(run_line("true && echo a || echo b").await.1, "a\n");
        assert_eq!(run_line("false && echo a || echo $PORT0 ${NOPE:-x}").await.1, "31000 x\n");
        assert_eq!(run_line("for i in 1 2; do echo -n $i; done; echo").await.1, "12\n");
        assert_eq!(run_line("if false; then echo a; else echo b 1>&2; fi").await.2, "b\n");
        let (exit, _, stderr) = run_line("no-such-program --x").await;
        assert_eq!((exit, stderr.as_str()), (Exit::Status(127), "sh: 1: no-such-program: not found\n"));
    }

    #[tokio::test]
    async fn a_killed_loop_ends_by_the_signal() {
        let folder = tempfile::tempdir().unwrap();
        let spec = TaskSpec {
            id: "t".into(),
            name: "t".into(),
            command: Command::Shell("while true; do echo x; sleep 1; done".into()),
            env: Vec::new(),
            host: Ipv4Addr::LOCALHOST,
            hardware: Hardware::default(),
            sandbox: folder.path().to_owned(),
            cpus: 1.0,
            mem_mb: 32.0,
        };
        let handle = SimulatedRunner.start(spec).unwrap();
        handle.kill(Duration::ZERO);
        assert_eq!(handle.exited().await, Exit::Signal(15));
    }
}

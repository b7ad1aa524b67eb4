//! [`PracticeMachines`]: the practice process as everybody else sees it.

use std::{path::Path, sync::Arc, time::Duration};

use async_trait::async_trait;
use machines::{Listener, Machines, Output, Result, State, Upload};
use tokio::{
    sync::Mutex,
    time::{sleep, timeout},
};

use crate::{
    contact::{self, Unanswered},
    error::Error,
    launch::Launch,
    layout::{Layout, MachineLayout},
    record::Record,
    spec::{Endpoint, MachineSpec, NetworkTrouble, Trouble},
    wire::{Answer, Contact, NetworkChange, Request, Standing},
};

/// How long the practice process may take to answer what it does at once.
const QUICK: Duration = Duration::from_secs(10);
/// How long a machine may take to start or stop, its services included.
const POWER: Duration = Duration::from_secs(60);
/// How long the practice process may take to start. It needs some 50 ms; a laptop under load, more.
const START: Duration = Duration::from_secs(20);
/// How often it is looked whether it has started.
const LOOK: Duration = Duration::from_millis(5);
/// What is left to the process beyond a command's own deadline, to say that it is over.
const GRACE: Duration = Duration::from_secs(5);

/// The practice machines of a cluster. Cheap to clone; all clones are the same machines.
#[derive(Clone)]
pub struct PracticeMachines {
    inner: Arc<Inner>,
}

struct Inner {
    layout: Layout,
    nodes: Vec<MachineSpec>,
    launch: Launch,
    /// Held while a process is being started, so that this program starts one only.
    starting: Mutex<()>,
}

impl PracticeMachines {
    /// The machines `nodes` of the cluster in `folder`. Nothing is read, made or started yet.
    pub fn open(folder: &Path, nodes: Vec<MachineSpec>, launch: Launch) -> Self {
        let layout = Layout::new(folder);
        Self { inner: Arc::new(Inner { layout, nodes, launch, starting: Mutex::new(()) }) }
    }

    /// What listens where, as of now; empty if the practice process does not run.
    ///
    /// # Errors
    /// As [`Machines::states`].
    pub async fn endpoints(&self) -> Result<Vec<Endpoint>> {
        match self.inner.ask("endpoints", Request::Endpoints, &[], QUICK).await? {
            Some(Answer::Endpoints { endpoints }) => Ok(endpoints),
            Some(other) => Err(unexpected("endpoints", other).into()),
            None => Ok(Vec::new()),
        }
    }
}

impl PracticeMachines {
    /// Does to a machine what happens to real ones, or ends it: a failure lab's hand.
    ///
    /// # Errors
    /// [`machines::Error::NotRunning`] if it is off; else as [`Machines::run`].
    pub async fn trouble(&self, node: &str, trouble: Trouble) -> Result<()> {
        let request = Request::Trouble { node: node.to_owned(), trouble };
        match self.inner.ask("trouble", request, &[], POWER).await? {
            Some(Answer::Done) => Ok(()),
            Some(Answer::NotRunning) | None => Err(not_running(node)),
            Some(other) => Err(unexpected("trouble", other).into()),
        }
    }
}

impl PracticeMachines {
    /// Does to the network between the machines what happens to real ones, or ends it. It lasts until it is healed, or the
    /// last machine is off.
    ///
    /// # Errors
    /// A machine that is not the plan's; [`machines::Error::NotRunning`] if no machine is up; else as [`Machines::run`].
    pub async fn network(&self, trouble: NetworkTrouble) -> Result<()> {
        let change = self.inner.change(&trouble)?;
        match self.inner.ask("network", Request::Network { change }, &[], QUICK).await? {
            Some(Answer::Done) => Ok(()),
            None if trouble == NetworkTrouble::Heal => Ok(()),
            None => Err(not_running(self.inner.nodes.first().map_or("", |node| node.name.as_str()))),
            Some(other) => Err(unexpected("network", other).into()),
        }
    }
}

impl Inner {
    /// What no answer means: an error, or nothing if there is no process and none is missed.
    fn unanswered(&self, asked: &'static str, unanswered: Unanswered) -> std::result::Result<(), Error> {
        match unanswered {
            Unanswered::Failed(error) => Err(Error::io(asked, &error)),
            Unanswered::Gone | Unanswered::NoContact => match self.missed() {
                running if running.is_empty() => Ok(()),
                running => Err(Error::Died { running, log: self.log_tail() }),
            },
        }
    }

    /// The same by addresses.
    fn change(&self, trouble: &NetworkTrouble) -> std::result::Result<NetworkChange, Error> {
        let address = |node: &String| self.spec(node).map(|spec| spec.address);
        Ok(match trouble {
            NetworkTrouble::Heal => NetworkChange::Heal,
            NetworkTrouble::Delay { node, ms } => NetworkChange::Delay { machine: address(node)?, ms: *ms },
            NetworkTrouble::Cut { between: [one, other] } => {
                NetworkChange::Split { these: vec![address(one)?], those: vec![address(other)?] }
            }
            NetworkTrouble::Split { these } => {
                let these = these.iter().map(address).collect::<std::result::Result<Vec<_>, _>>()?;
                let all = self.nodes.iter().map(|node| node.address);
                let those = all.filter(|address| !these.contains(address)).collect();
                NetworkChange::Split { these, those }
            }
        })
    }

    /// Asks the process; `None` if there is none and none is missed.
    async fn ask(
        &self,
        asked: &'static str,
        request: Request,
        body: &[u8],
        deadline: Duration,
    ) -> std::result::Result<Option<Answer>, Error> {
        match timeout(deadline, contact::ask(&self.layout, request, body)).await {
            Err(_) => Err(Error::Silent { asked }),
            Ok(Ok(Answer::Refused { why })) => Err(Error::Refused { why }),
            Ok(Ok(Answer::Failed { why })) => Err(Error::Failed { doing: asked.to_owned(), why }),
            Ok(Ok(Answer::Closing)) => Ok(None),
            Ok(Ok(answer)) => Ok(Some(answer)),
            Ok(Err(unanswered)) => self.unanswered(asked, unanswered).map(|()| None),
        }
    }

    /// The machines that were running when their process ended without a word.
    fn missed(&self) -> Vec<String> {
        Record::read_all(&self.layout).into_iter().filter(|r| r.running).map(|r| r.machine.name).collect()
    }

    fn log_tail(&self) -> Vec<String> {
        let text = fs_err::read(self.layout.log()).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let mut lines: Vec<String> = text.lines().rev().take(5).map(str::to_owned).collect();
        lines.reverse();
        lines
    }

    fn spec(&self, node: &str) -> std::result::Result<&MachineSpec, Error> {
        let spec =
            self.nodes.iter().find(|n| n.name == node).ok_or_else(|| Error::Unknown { node: node.to_owned() })?;
        if spec.is_sound() { Ok(spec) } else { Err(Error::Unsound { node: node.to_owned() }) }
    }

    fn machine(&self, node: &str) -> MachineLayout {
        MachineLayout::new(self.layout.machine(node))
    }

    /// Starts the process unless one answers.
    async fn ensure_started(&self) -> std::result::Result<(), Error> {
        let _one = self.starting.lock().await;
        if contact::says_hello(&self.layout).await {
            return Ok(());
        }
        let mut child = self.launch.start(&self.layout).map_err(|e| self.not_started(e.to_string()))?;
        let until_it_answers = async {
            loop {
                if Contact::read(&self.layout).is_some() && contact::says_hello(&self.layout).await {
                    return Ok(());
                }
                // One that was beaten by another caller's ends, and the other's will answer.
                if let Ok(Some(status)) = child.try_wait()
                    && !contact::says_hello(&self.layout).await
                {
                    return Err(self.not_started(format!("it ended at once: {status}")));
                }
                sleep(LOOK).await;
            }
        };
        let started = timeout(START, until_it_answers).await;
        // Collects the process when it ends, so that it does not stay behind as a zombie of this program.
        tokio::spawn(async move { child.wait().await });
        started.unwrap_or(Err(Error::Silent { asked: "hello" }))
    }

    fn not_started(&self, why: String) -> Error {
        Error::NotStarted { why, log: self.log_tail() }
    }

    /// A machine's state without a process: it is off if it has a disk.
    fn resting_state(&self, node: &str) -> State {
        if Record::read(&self.machine(node)).is_some() { State::Halted } else { State::Missing }
    }
}

fn unexpected(asked: &'static str, answer: Answer) -> Error {
    Error::Failed { doing: asked.to_owned(), why: format!("unexpected answer: {answer:?}") }
}

fn not_running(node: &str) -> machines::Error {
    machines::Error::NotRunning { node: node.to_owned() }
}

#[async_trait]
impl Machines for PracticeMachines {
    async fn states(&self) -> Result<Vec<(String, State)>> {
        let inner = &self.inner;
        let known = match inner.ask("states", Request::States, &[], QUICK).await? {
            Some(Answer::States { machines }) => machines,
            Some(other) => return Err(unexpected("states", other).into()),
            None => Vec::new(),
        };
        let state = |node: &str| match known.iter().find(|(name, _)| name == node) {
            Some((_, Standing::Running)) => State::Running,
            Some((_, Standing::Paused)) => State::Paused,
            Some((_, Standing::Halted)) => State::Halted,
            None => inner.resting_state(node),
        };
        Ok(inner.nodes.iter().map(|n| (n.name.clone(), state(&n.name))).collect())
    }

    async fn up(&self, node: &str) -> Result<()> {
        let machine = self.inner.spec(node)?;
        // A process may be closing just now, because its last machine went: then a new one is started.
        for _ in 0..3 {
            self.inner.ensure_started().await?;
            let request = Request::Up { machine: machine.clone() };
            match self.inner.ask("up", request, &[], POWER).await {
                Ok(Some(Answer::Done)) => return Ok(()),
                Ok(Some(other)) => return Err(unexpected("up", other).into()),
                Ok(None) | Err(Error::Died { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Error::Silent { asked: "up" }.into())
    }

    async fn halt(&self, node: &str) -> Result<()> {
        let request = Request::Halt { node: node.to_owned() };
        match self.inner.ask("halt", request, &[], POWER).await {
            // Without a process, no machine runs: what it left behind is set right at the next start.
            Ok(Some(Answer::Done) | None) | Err(Error::Died { .. }) => self.inner.rest(node).map_err(Into::into),
            Ok(Some(other)) => Err(unexpected("halt", other).into()),
            Err(error) => Err(error.into()),
        }
    }

    async fn destroy(&self, node: &str) -> Result<()> {
        let request = Request::Destroy { node: node.to_owned() };
        match self.inner.ask("destroy", request, &[], POWER).await {
            Ok(Some(Answer::Done)) => Ok(()),
            Ok(None) | Err(Error::Died { .. }) => self.inner.remove(node).map_err(Into::into),
            Ok(Some(other)) => Err(unexpected("destroy", other).into()),
            Err(error) => Err(error.into()),
        }
    }

    async fn run(&self, node: &str, command: &str, deadline: Duration) -> Result<Output> {
        let overrun = || machines::Error::Deadline { node: node.to_owned(), doing: command.to_owned(), deadline };
        let request = Request::Run {
            node: node.to_owned(),
            command: command.to_owned(),
            deadline_ms: u64::try_from(deadline.as_millis()).unwrap_or(u64::MAX),
        };
        match self.inner.ask("run", request, &[], deadline.saturating_add(GRACE)).await? {
            Some(Answer::Ran { code, stdout, stderr }) => Ok(Output { code, stdout, stderr }),
            Some(Answer::Deadline) => Err(overrun()),
            Some(Answer::NotRunning) | None => Err(not_running(node)),
            Some(other) => Err(unexpected("run", other).into()),
        }
    }

    async fn follow(&self, node: &str, command: &str, heard: Listener<'_>) -> Result<i32> {
        let request = Request::Follow { node: node.to_owned(), command: command.to_owned() };
        let inner = &self.inner;
        let mut told = match contact::Conversation::begin(&inner.layout, request, &[]).await {
            Ok(told) => told,
            Err(unanswered) => {
                inner.unanswered("follow", unanswered)?;
                return Err(not_running(node));
            }
        };
        loop {
            match told.answer().await {
                Ok(Answer::Wrote { stdout, stderr }) => heard(&stdout, &stderr),
                Ok(Answer::Ran { code, stdout, stderr }) => {
                    heard(&stdout, &stderr);
                    return Ok(code);
                }
                Ok(Answer::NotRunning) => return Err(not_running(node)),
                Ok(other) => return Err(unexpected("follow", other).into()),
                Err(unanswered) => {
                    inner.unanswered("follow", unanswered)?;
                    return Err(not_running(node));
                }
            }
        }
    }

    async fn put(&self, node: &str, file: Upload) -> Result<()> {
        let request = Request::Put {
            node: node.to_owned(),
            path: file.path,
            owner: file.owner,
            mode: file.mode,
            length: file.content.len() as u64,
        };
        match self.inner.ask("put", request, &file.content, QUICK).await? {
            Some(Answer::Done) => Ok(()),
            Some(Answer::NotRunning) | None => Err(not_running(node)),
            Some(other) => Err(unexpected("put", other).into()),
        }
    }
}

impl Inner {
    /// Notes that a machine is off, when no process is there to do it.
    fn rest(&self, node: &str) -> std::result::Result<(), Error> {
        let machine = self.machine(node);
        match Record::read(&machine) {
            Some(record) if record.running => {
                Record { running: false, ..record }.write(&machine).map_err(|e| Error::io(format!("halt {node}"), &e))
            }
            _ => Ok(()),
        }
    }

    /// Removes a machine's folder, when no process is there to do it.
    fn remove(&self, node: &str) -> std::result::Result<(), Error> {
        self.spec(node)?;
        match fs_err::remove_dir_all(self.machine(node).folder()) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(Error::io(format!("destroy {node}"), &error))
            }
            _ => Ok(()),
        }
    }
}

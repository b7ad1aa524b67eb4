//! A simulated machine that is switched on.

mod base;
pub(crate) mod disk;
pub(crate) mod journal;
pub(crate) mod network;
pub(crate) mod processes;
pub(crate) mod processor;
pub(crate) mod tasks;
pub(crate) mod users;

use std::{io, sync::Arc, time::SystemTime};

use disk::{Disk, Owners};
use hardware::Hardware;
use journal::Journal;
use mesos_server::Links;
use processes::Pids;
use processor::Processor;
use tasks::Tasks;
use tokio::sync::watch;
use users::User;

use crate::{
    layout::MachineLayout,
    services::Units,
    shell::{Shell, Streams},
    spec::MachineSpec,
};

/// A machine that runs.
pub(crate) struct Host {
    /// What it is.
    pub machine: MachineSpec,
    /// What it is made of, as far as that can fail.
    pub hardware: Hardware,
    /// Its disk.
    pub disk: Disk,
    /// Its journal.
    pub journal: Arc<Journal>,
    /// Numbers for its processes.
    pub pids: Arc<Pids>,
    /// What Mesos runs on it.
    pub tasks: Arc<Tasks>,
    /// What its programs run on.
    pub processor: Processor,
    /// Its services.
    pub units: Units,
    /// How its Mesos servers reach those of the cluster's other machines.
    pub links: Arc<Links>,
    /// When it was switched on.
    pub booted: SystemTime,
    /// What somebody on it wants of its power.
    pub wish: watch::Sender<Option<Wish>>,
    /// Becomes false when it is switched off: commands that run then end.
    power: watch::Sender<bool>,
}

/// What `poweroff` and `reboot` want.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    PowerOff,
    Reboot,
}

/// A file to put on the machine.
pub(crate) struct PutFile {
    /// Absolute path.
    pub path: String,
    pub content: Vec<u8>,
    /// `user:group`.
    pub owner: String,
    /// Unix mode.
    pub mode: u32,
}

impl Host {
    /// Switches a machine on; makes its disk if it has none. Units that are enabled are being started when this
    /// returns, as after a real machine's boot.
    pub fn boot(
        layout: &MachineLayout,
        machine: MachineSpec,
        known: bool,
        (hardware, links): (Hardware, Arc<Links>),
    ) -> io::Result<Arc<Self>> {
        let disk = if known && layout.root().is_dir() {
            Disk::new(layout.root(), Owners::read(&layout.owners()), hardware.disk.clone())
        } else {
            base::make(layout, &machine, hardware.disk.clone())?
        };
        let name = machine.name.clone();
        let pids = Arc::new(Pids::new());
        let host = Arc::new(Self {
            machine,
            hardware,
            disk,
            journal: Arc::new(Journal::open(&layout.journal())),
            tasks: Arc::new(Tasks::new(pids.clone())),
            pids,
            processor: Processor::start(&name)?,
            units: Units::new(),
            links,
            booted: SystemTime::now(),
            wish: watch::Sender::new(None),
            power: watch::Sender::new(true),
        });
        host.journal.note(None, "systemd", 1, "systemd 252.31-1~deb12u1 running in system mode (a practice machine)");
        host.start_enabled_units();
        Ok(host)
    }

    /// Its host name, as `/etc/hostname` has it.
    pub fn name(&self) -> String {
        let name = self.disk.read_text(&User::root(), "/etc/hostname").unwrap_or_default();
        let name = name.trim();
        if name.is_empty() { self.machine.name.clone() } else { name.to_owned() }
    }

    /// Runs a line as the machine's ordinary user and gives its exit code; `None` if the machine is switched off meanwhile.
    pub async fn run(self: &Arc<Self>, command: &str, streams: Streams) -> Option<i32> {
        let user = User::find(&self.disk, "vagrant").unwrap_or_else(User::root);
        let (mut shell, command) = (Shell::login(self.clone(), user), command.to_owned());
        let mut power = self.power.subscribe();
        let script = self.processor.run(async move { shell.script(&command, &streams).await });
        tokio::select! {
            code = script => code,
            _ = power.wait_for(|on| !on) => None,
        }
    }

    /// Puts a file there, as root; `None` if the machine is switched off meanwhile.
    pub async fn put(self: &Arc<Self>, file: PutFile) -> Option<Result<(), String>> {
        let host = self.clone();
        self.processor.run(async move { host.place(&file) }).await
    }

    fn place(&self, file: &PutFile) -> Result<(), String> {
        let PutFile { path, content, owner, mode } = file;
        let (user, group) = owner.split_once(':').unwrap_or((owner, owner));
        if User::find(&self.disk, user).is_none() || !users::group_exists(&self.disk, group) {
            return Err(format!("{path}: chown: invalid user: '{owner}'"));
        }
        let meta = disk::Meta::new(user, group, mode & 0o7777);
        self.disk.put(path, content, meta).map_err(|fault| format!("{path}: {fault}"))
    }

    /// Shuts it down: services first, in an orderly way. One that is paused goes on for it.
    pub async fn halt(self: &Arc<Self>) {
        self.processor.resume();
        self.journal.note(None, "systemd", 1, "System is powering down.");
        self.stop_all_units().await;
        self.cut_power().await;
    }

    /// Switches it off with all that runs on it, in no order.
    pub async fn cut_power(self: &Arc<Self>) {
        self.power.send_replace(false);
        let host = self.clone();
        // A panic there has said so itself.
        let _ = tokio::task::spawn_blocking(move || host.processor.cut_power()).await;
        self.links.power_off(self.machine.address);
    }

    /// What listens where.
    pub fn endpoints(&self) -> Vec<crate::Endpoint> {
        self.units.endpoints(&self.machine.name)
    }
}

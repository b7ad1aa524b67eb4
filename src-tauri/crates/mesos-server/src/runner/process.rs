//! A simulated process.

use std::{
    collections::BTreeMap,
    fs::OpenOptions,
    io::Write,
    net::Ipv4Addr,
    path::{Path, PathBuf},
};

use hardware::Hardware;

use super::TaskSpec;

/// What follows a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// The next one; this is the status of the last.
    On(i32),
    /// Nothing: the shell exits.
    Exit(i32),
    /// What comes after the loop.
    Break,
    /// The loop's next turn.
    Continue,
}

/// A simulated shell.
#[derive(Clone, Debug)]
pub struct Process {
    /// The task's name.
    pub name: String,
    /// The machine's address.
    pub host: Ipv4Addr,
    /// What the machine is made of.
    pub hardware: Hardware,
    /// Its variables.
    pub env: BTreeMap<String, String>,
    /// Where it works, on the real disk.
    pub folder: PathBuf,
    /// Where 1 and 2 go.
    pub outputs: [PathBuf; 2],
    /// How its last command ended.
    pub status: i32,
}

impl Process {
    /// That runs a task.
    pub fn new(spec: TaskSpec) -> Self {
        let mut env: BTreeMap<String, String> = spec.env.into_iter().collect();
        let host = spec.host.to_string();
        env.entry("HOST".into()).or_insert(host);
        env.entry("USER".into()).or_insert_with(|| "root".into());
        let outputs = [spec.sandbox.join("stdout"), spec.sandbox.join("stderr")];
        Self {
            name: spec.name,
            host: spec.host,
            hardware: spec.hardware,
            env,
            folder: spec.sandbox,
            outputs,
            status: 0,
        }
    }

    /// Writes to 1 or 2. A full disk loses the output, not the program.
    pub fn write(&self, to: u8, text: &str) {
        let path = &self.outputs[usize::from(to == 2)];
        if path == Path::new("/dev/null") || self.hardware.disk.is_full() {
            return;
        }
        let file = OpenOptions::new().create(true).append(true).open(path);
        let _ = file.and_then(|mut file| file.write_all(text.as_bytes()));
    }

    /// A path of the task. Whatever it says, it stays in the sandbox.
    pub fn path(&self, name: &str) -> PathBuf {
        crate::files::on_disk(&self.folder, name)
    }
}

//! Starting the practice process.

use std::{ffi::OsString, io, path::PathBuf, process::Stdio};

use tokio::process::Child;

use crate::layout::Layout;

/// How the practice process is started: usually the program itself, with `practice-daemon FOLDER`.
#[derive(Clone, Debug)]
pub struct Launch {
    /// The program.
    pub program: PathBuf,
    /// What it is given. It must end in calling [`crate::serve`] with the cluster's folder.
    pub args: Vec<OsString>,
}

impl Launch {
    /// Starts the process in a process group of its own, so that a Ctrl-C meant for the caller passes it by.
    /// What it writes goes to `logs/practice.log` in the cluster's folder.
    pub(crate) fn start(&self, layout: &Layout) -> io::Result<Child> {
        let log = layout.log();
        if let Some(folder) = log.parent() {
            fs_err::create_dir_all(folder)?;
        }
        let log = fs_err::OpenOptions::new().create(true).append(true).open(log)?.into_file();
        tokio::process::Command::new(&self.program)
            .args(&self.args)
            .current_dir(layout.folder())
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
    }
}

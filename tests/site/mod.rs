//! A data folder of the test's own, and the program in it.

// Each test file is a crate of its own and uses what it needs of this.
#![allow(dead_code)]

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;
use tempfile::TempDir;

/// A data folder and the program that works in it. Dropping it removes the folder, at which practice processes end.
pub struct Site {
    pub home: TempDir,
}

/// What the program said and how it ended.
pub struct Said {
    pub code: i32,
    pub lines: Vec<Value>,
    pub stdout: String,
    pub stderr: String,
}

impl Site {
    pub fn new() -> Self {
        Self { home: tempfile::tempdir().expect("a temporary folder") }
    }

    pub fn folder(&self, cluster: &str) -> PathBuf {
        self.home.path().join("clusters").join(cluster)
    }

    /// The program with these arguments, in this data folder, in English, without a display.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_startline"));
        command.args(arguments).env("STARTLINE_HOME", self.home.path()).env("LC_ALL", "C");
        command.env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY").stdin(Stdio::null());
        command
    }

    /// Runs the program to its end.
    pub fn run(&self, arguments: &[&str]) -> Said {
        said(self.command(arguments).output().expect("the program starts"))
    }

    /// Runs the program to its end with `--json`.
    pub fn json(&self, arguments: &[&str]) -> Said {
        // First, because `run` takes all that follows for the machine's command.
        self.run(&[&["--json"], arguments].concat())
    }

    /// Runs the program, which must succeed.
    pub fn ok(&self, arguments: &[&str]) -> Said {
        let said = self.json(arguments);
        assert_eq!(said.code, 0, "startline {}: {}\n{}", arguments.join(" "), said.stdout, said.stderr);
        said
    }

    /// Runs the program, which must end with this exit code and this problem.
    pub fn refused(&self, arguments: &[&str], code: i32, id: &str) -> Said {
        let said = self.json(arguments);
        assert_eq!(said.problem()["id"], id, "startline {}: {}\n{}", arguments.join(" "), said.stdout, said.stderr);
        assert_eq!(said.code, code, "{}", said.stdout);
        said
    }

    /// Starts the program and leaves it running; its JSON lines can be read.
    pub fn start(&self, arguments: &[&str]) -> Child {
        let mut command = self.command(arguments);
        command.arg("--json").stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("the program starts")
    }

    /// What `status` says of a cluster.
    pub fn status(&self, cluster: &str) -> Value {
        self.json(&["status", cluster]).lines.remove(0)
    }

    /// Looks at the status until `is` holds.
    pub fn until(&self, cluster: &str, what: &str, is: impl Fn(&Value) -> bool) -> Value {
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            let status = self.status(cluster);
            if is(&status) {
                return status;
            }
            assert!(Instant::now() < deadline, "not within a minute: {what}; last seen:\n{status:#}");
            std::thread::sleep(Duration::from_millis(200));
        }
    }
}

impl Said {
    /// The problem that was said.
    pub fn problem(&self) -> &Value {
        let problem = self.lines.iter().find_map(|l| l.get("problem").or_else(|| l["failed"][0].get("problem")));
        problem.unwrap_or_else(|| panic!("no problem was said:\n{}\n{}", self.stdout, self.stderr))
    }
}

fn said(output: Output) -> Said {
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    let lines = stdout.lines().filter_map(|l| serde_json::from_str(l).ok()).collect();
    Said { code: output.status.code().unwrap_or(-1), lines, stdout, stderr }
}

/// All files below a folder, with what is in them, by path; without its folders of these names.
pub fn files(folder: &Path, but: &[&str]) -> std::collections::BTreeMap<PathBuf, Vec<u8>> {
    let mut all = std::collections::BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(&next).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
                if !but.contains(&name) {
                    folders.push(path);
                }
            } else {
                let content = std::fs::read(&path).expect("a file");
                all.insert(path.strip_prefix(folder).expect("below").to_owned(), content);
            }
        }
    }
    all
}

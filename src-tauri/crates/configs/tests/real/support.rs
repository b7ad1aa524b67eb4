//! The real programs that judge what was rendered.

use std::{
    io::Write,
    path::PathBuf,
    process::{Command, Output, Stdio},
};

/// Where a program is. If it is missing, says so in a line, and fails if real programs are demanded (`STARTLINE_REAL=1`).
pub fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file());
    if found.is_none() {
        missing(name);
    }
    found
}

/// Says that something is missing, and fails if it is demanded.
pub fn missing(what: &str) {
    assert!(std::env::var_os("STARTLINE_REAL").is_none_or(|v| v != "1"), "needs {what}");
    eprintln!("skipped: needs {what}");
}

/// Runs a command to its end, with `input` on its standard input.
pub fn run(command: &mut Command, input: &str) -> Output {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|e| panic!("{command:?}: {e}"));
    let mut stdin = child.stdin.take().expect("it was asked for");
    let input = input.to_owned();
    // On a thread of its own: a program that answers while it still reads must not wait for us.
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output().expect("a started program ends");
    let _ = writer.join();
    output
}

/// The same, and it must have ended well.
pub fn run_well(command: &mut Command, input: &str) -> Vec<u8> {
    let output = run(command, input);
    let said = String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{command:?}: {}\n{said}", output.status);
    output.stdout
}

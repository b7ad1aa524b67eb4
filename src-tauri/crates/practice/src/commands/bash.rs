//! `bash`, and scripts that are run by their name.

use futures::future::{BoxFuture, FutureExt};

use super::Call;
use crate::{
    host::disk::{Fault, Writing},
    packages::{self, Package},
};

/// How the installers of Startline say what they install, on their second line.
const MARK: &str = "# startline-provision:";

/// Where the installers note that they are through.
const STAMPS: &str = "/var/lib/startline";

/// `bash -c LINE`, `bash FILE`, or a script on standard input.
pub(super) fn bash(call: Call<'_>) -> BoxFuture<'_, i32> {
    async move {
        let mut args = call.args.iter().peekable();
        let mut line = false;
        while let Some(option) = args.next_if(|a| a.starts_with('-') && a.len() > 1) {
            // `-e`, `-x`, `-l`: without meaning for one line; `-lc` is `-c`.
            line |= !option.starts_with("--") && option.contains('c');
        }
        match (line, args.next()) {
            (true, Some(text)) => inner(&call, text).await,
            (true, None) => {
                call.complain("-c: option requires an argument");
                2
            }
            (false, Some(file)) => file_by_name(&call, file),
            (false, None) => inner(&call, &String::from_utf8_lossy(&call.streams.stdin)).await,
        }
    }
    .boxed()
}

async fn inner(call: &Call<'_>, text: &str) -> i32 {
    let Some(mut shell) = call.shell.deeper() else {
        call.complain("too many commands start each other");
        return 1;
    };
    shell.script(text, call.streams).await
}

/// An executable file that is no program of this machine.
pub(super) fn script_file(call: Call<'_>) -> BoxFuture<'_, i32> {
    let path = if call.name.contains('/') { Some(call.name.clone()) } else { super::locate(call.shell, &call.name) };
    let code = path.map_or(127, |path| file_by_name(&call, &path));
    async move { code }.boxed()
}

/// The shell does not interpret scripts: it knows those of Startline by their mark.
fn file_by_name(call: &Call, file: &str) -> i32 {
    let text = match call.content(file) {
        Ok(content) => String::from_utf8_lossy(&content).into_owned(),
        Err(fault) => {
            call.streams.err.line(format!("bash: {file}: {fault}"));
            return if matches!(fault, Fault::NotFound) { 127 } else { 126 };
        }
    };
    let Some(name) = text.lines().nth(1).and_then(|line| line.strip_prefix(MARK)).map(str::trim) else {
        call.streams.err.line(format!(
            "{file}: a practice machine runs single commands and Startline's installers only, not scripts like this one"
        ));
        return 1;
    };
    let Some(package) = Package::of_installer(name) else {
        call.streams.err.line(format!("{file}: nothing called '{name}' can be installed on a practice machine"));
        return 1;
    };
    let code = install(call, package);
    if code == 0 { stamp(call, package) } else { code }
}

/// The installers' last line: what says that they are through.
fn stamp(call: &Call, package: Package) -> i32 {
    let (disk, root) = (&call.host().disk, &call.shell.user);
    let line = packages::installed_line(package);
    call.say(&line);
    let path = format!("{STAMPS}/{}.installed", package.name());
    let stamped = disk
        .make_dirs(root, STAMPS)
        .and_then(|()| disk.write(root, &path, format!("{line}\n").as_bytes(), Writing::Replace));
    match stamped {
        Ok(()) => 0,
        Err(fault) => {
            call.streams.err.line(format!("tee: {path}: {fault}"));
            1
        }
    }
}

/// Installs a package, as root.
pub(super) fn install(call: &Call, package: Package) -> i32 {
    if !call.is_root() {
        call.streams.err.line(format!("{}: this must be run as root (use sudo)", package.name()));
        return 1;
    }
    match packages::install(call.host(), package) {
        Ok(lines) => {
            lines.iter().for_each(|line| call.say(line));
            0
        }
        Err(fault) => {
            call.streams.err.line(format!("{}: installation failed: {fault}", package.name()));
            1
        }
    }
}

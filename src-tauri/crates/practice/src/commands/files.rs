//! Programs that make, move and remove files.

use super::{Call, args::Known};
use crate::host::disk::{Disk, Fault, Kind, Writing, base_name};
use crate::host::users::User;

/// `mkdir [-p] [-m MODE] FOLDER…`.
pub(super) fn mkdir(call: &mut Call) -> i32 {
    let known = Known { flags: "pv", valued: "m", long: &[("parents", 'p'), ("mode", 'm')] };
    let Ok(args) = call.parse(&known) else { return 1 };
    if args.rest.is_empty() {
        call.misused("missing operand");
        return 1;
    }
    let (disk, user) = (&call.host().disk, &call.shell.user);
    let mut code = 0;
    for name in &args.rest {
        let path = call.shell.path(name);
        let made = if args.has('p') { disk.make_dirs(user, &path) } else { disk.make_dir(user, &path) };
        let mode = args.value('m').and_then(|m| u32::from_str_radix(m, 8).ok());
        let made = made.and_then(|()| mode.map_or(Ok(()), |mode| disk.set_mode(user, &path, |_| mode)));
        if let Err(fault) = made {
            call.complain(format!("cannot create directory ‘{name}’: {fault}"));
            code = 1;
        }
    }
    code
}

/// `rmdir FOLDER…`.
pub(super) fn rmdir(call: &mut Call) -> i32 {
    let mut code = 0;
    for name in &call.args {
        if let Err(fault) = call.host().disk.remove_dir(&call.shell.user, &call.shell.path(name)) {
            call.complain(format!("failed to remove '{name}': {fault}"));
            code = 1;
        }
    }
    code
}

/// `touch FILE…`.
pub(super) fn touch(call: &mut Call) -> i32 {
    let mut code = 0;
    for name in &call.args {
        if let Err(fault) = call.host().disk.write(&call.shell.user, &call.shell.path(name), &[], Writing::Append) {
            call.complain(format!("cannot touch '{name}': {fault}"));
            code = 1;
        }
    }
    code
}

/// `rm [-r] [-f] PATH…`.
pub(super) fn rm(call: &mut Call) -> i32 {
    let known = Known { flags: "rRfdv", valued: "", long: &[("recursive", 'r'), ("force", 'f')] };
    let Ok(args) = call.parse(&known) else { return 1 };
    if args.rest.is_empty() && !args.has('f') {
        call.misused("missing operand");
        return 1;
    }
    let recursive = args.has('r') || args.has('R');
    let mut code = 0;
    for name in &args.rest {
        let path = call.shell.path(name);
        if crate::host::disk::tidy(&path) == "/" {
            call.complain("it is dangerous to operate recursively on '/'");
            code = 1;
            continue;
        }
        match remove(&call.host().disk, &call.shell.user, &path, recursive) {
            Ok(()) => {}
            Err(Fault::NotFound) if args.has('f') => {}
            Err(fault) => {
                call.complain(format!("cannot remove '{name}': {fault}"));
                code = 1;
            }
        }
    }
    code
}

/// Removes what is at `path`, and what is in it if `recursive`.
pub(super) fn remove(disk: &Disk, user: &User, path: &str, recursive: bool) -> Result<(), Fault> {
    let stat = disk.lstat(user, path)?;
    if !stat.is_dir() {
        return disk.remove_file(user, path);
    }
    if !recursive {
        return Err(Fault::IsDirectory);
    }
    for name in disk.list(user, path)? {
        remove(disk, user, &format!("{path}/{name}"), true)?;
    }
    disk.remove_dir(user, path)
}

/// Sources and the one target of `cp` and `mv`; complains if there are too few.
fn operands<'a>(call: &Call, rest: &'a [String]) -> Option<(&'a [String], &'a String)> {
    match rest {
        [] => call.misused("missing file operand"),
        [only] => call.misused(format!("missing destination file operand after '{only}'")),
        [sources @ .., target] => {
            if sources.len() > 1 && !is_dir(call, target) {
                let there = call.host().disk.stat(&call.shell.user, &call.shell.path(target)).is_ok();
                let fault = if there { Fault::NotDirectory } else { Fault::NotFound };
                call.complain(format!("target '{target}': {fault}"));
                return None;
            }
            return Some((sources, target));
        }
    }
    None
}

fn is_dir(call: &Call, path: &str) -> bool {
    call.host().disk.stat(&call.shell.user, &call.shell.path(path)).is_ok_and(|s| s.is_dir())
}

/// Where a source goes: into the target if that is a folder.
pub(super) fn destination(call: &Call, source: &str, target: &str) -> String {
    if is_dir(call, target) {
        format!("{}/{}", target.trim_end_matches('/'), base_name(source))
    } else {
        target.to_owned()
    }
}

/// `cp [-r] [-a] SOURCE… TARGET`.
pub(super) fn cp(call: &mut Call) -> i32 {
    let Ok(args) = call.parse(&Known { flags: "rRapfv", valued: "", long: &[("recursive", 'r')] }) else { return 1 };
    let recursive = ['r', 'R', 'a'].into_iter().any(|c| args.has(c));
    let Some((sources, target)) = operands(call, &args.rest) else { return 1 };
    let mut code = 0;
    for source in sources {
        let to = destination(call, source, target);
        let (from_path, to_path) = (call.shell.path(source), call.shell.path(&to));
        match copy(&call.host().disk, &call.shell.user, &from_path, &to_path, recursive) {
            Ok(()) => continue,
            Err(CopyFault::Folder) => call.complain(format!("-r not specified; omitting directory '{source}'")),
            Err(CopyFault::Source(fault)) => call.complain(format!("cannot stat '{source}': {fault}")),
            Err(CopyFault::Read(fault)) => call.complain(format!("cannot open '{source}' for reading: {fault}")),
            Err(CopyFault::Write(Fault::Full)) => call.complain(format!("error writing '{to}': {}", Fault::Full)),
            Err(CopyFault::Write(fault)) => call.complain(format!("cannot create regular file '{to}': {fault}")),
            Err(CopyFault::Itself) => {
                call.complain(format!("cannot copy a directory, '{source}', into itself, '{to}'"))
            }
        }
        code = 1;
    }
    code
}

enum CopyFault {
    Folder,
    Itself,
    Source(Fault),
    Read(Fault),
    Write(Fault),
}

fn copy(disk: &Disk, user: &User, from: &str, to: &str, recursive: bool) -> Result<(), CopyFault> {
    let stat = disk.stat(user, from).map_err(CopyFault::Source)?;
    if !stat.is_dir() {
        let content = disk.read(user, from).map_err(CopyFault::Read)?;
        disk.write(user, to, &content, Writing::Replace).map_err(CopyFault::Write)?;
        // A copy is its maker's, with the original's mode; one that may not be changed keeps the mode that it has.
        let _ = disk.set_mode(user, to, |_| stat.meta.mode & 0o755);
        return Ok(());
    }
    if !recursive {
        return Err(CopyFault::Folder);
    }
    let names = disk.list(user, from).map_err(CopyFault::Read)?;
    disk.make_dirs(user, to).map_err(CopyFault::Write)?;
    let target = disk.stat(user, to).map_err(CopyFault::Write)?;
    if target.place.parts().starts_with(stat.place.parts()) {
        return Err(CopyFault::Itself);
    }
    names.iter().try_for_each(|name| copy(disk, user, &format!("{from}/{name}"), &format!("{to}/{name}"), true))
}

/// `mv SOURCE… TARGET`.
pub(super) fn mv(call: &mut Call) -> i32 {
    let Ok(args) = call.parse(&Known { flags: "fv", valued: "", long: &[("force", 'f')] }) else { return 1 };
    let Some((sources, target)) = operands(call, &args.rest) else { return 1 };
    let mut code = 0;
    for source in sources {
        let to = destination(call, source, target);
        let moved = call.host().disk.rename(&call.shell.user, &call.shell.path(source), &call.shell.path(&to));
        match moved {
            Ok(()) => continue,
            Err(Fault::NotFound) => call.complain(format!("cannot stat '{source}': {}", Fault::NotFound)),
            Err(fault) => call.complain(format!("cannot move '{source}' to '{to}': {fault}")),
        }
        code = 1;
    }
    code
}

/// `ln -s [-f] TARGET [NAME]`.
pub(super) fn ln(call: &mut Call) -> i32 {
    let known = Known { flags: "sfn", valued: "", long: &[("symbolic", 's'), ("force", 'f')] };
    let Ok(args) = call.parse(&known) else { return 1 };
    let (target, name) = match &args.rest[..] {
        [target] => (target, base_name(target).to_owned()),
        [target, name] => (target, destination(call, target, name)),
        _ => {
            call.misused("missing file operand");
            return 1;
        }
    };
    if !args.has('s') {
        call.complain("a practice machine has symbolic links only: use -s");
        return 1;
    }
    let (disk, user, path) = (&call.host().disk, &call.shell.user, call.shell.path(&name));
    if args.has('f') && disk.lstat(user, &path).is_ok_and(|s| matches!(s.kind, Kind::Link(_) | Kind::File)) {
        // What cannot be removed is reported by the next call.
        let _ = disk.remove_file(user, &path);
    }
    match disk.link(user, target, &path) {
        Ok(()) => 0,
        Err(fault) => {
            call.complain(format!("failed to create symbolic link '{name}': {fault}"));
            1
        }
    }
}

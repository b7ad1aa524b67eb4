//! `install`: copying with folders, owner and mode in one go.

use super::{Call, args::Args, args::Known, files::destination};
use crate::host::{
    disk::{Fault, Writing, base_name},
    users::{User, group_exists},
};

const INSTALL: Known =
    Known { flags: "dDvp", valued: "ogm", long: &[("directory", 'd'), ("owner", 'o'), ("group", 'g'), ("mode", 'm')] };

/// `install [-D] [-o USER] [-g GROUP] [-m MODE] SOURCE TARGET`, `install -d [-m MODE] FOLDER…`.
pub(super) fn install(call: &mut Call) -> i32 {
    let Ok(args) = call.parse(&INSTALL) else { return 1 };
    match wish(call, &args).and_then(|wish| wish.run(call, &args)) {
        Ok(()) => 0,
        Err(why) => {
            call.complain(why);
            1
        }
    }
}

/// What all that is installed gets.
struct Wish<'a> {
    owner: Option<&'a str>,
    group: Option<&'a str>,
    mode: u32,
}

fn wish<'a>(call: &Call, args: &'a Args) -> Result<Wish<'a>, String> {
    let disk = &call.host().disk;
    let (owner, group) = (args.value('o'), args.value('g'));
    if let Some(name) = owner.filter(|name| User::find(disk, name).is_none()) {
        return Err(format!("invalid user: ‘{name}’"));
    }
    if let Some(name) = group.filter(|name| !group_exists(disk, name)) {
        return Err(format!("invalid group: ‘{name}’"));
    }
    let mode = args.value('m').unwrap_or("755");
    let bits = u32::from_str_radix(mode, 8).ok().filter(|m| *m <= 0o7777);
    Ok(Wish { owner, group, mode: bits.ok_or_else(|| format!("invalid mode: ‘{mode}’"))? })
}

impl Wish<'_> {
    fn run(&self, call: &Call, args: &Args) -> Result<(), String> {
        if args.has('d') {
            return args.rest.iter().try_for_each(|folder| {
                let made = call.host().disk.make_dirs(&call.shell.user, &call.shell.path(folder));
                made.map_err(|fault| format!("cannot create directory ‘{folder}’: {fault}"))?;
                self.dress(call, folder)
            });
        }
        let [source, target] = &args.rest[..] else {
            return Err(match args.rest.first() {
                None => "missing file operand".into(),
                Some(only) if args.rest.len() == 1 => format!("missing destination file operand after '{only}'"),
                Some(_) => "a practice machine installs one file at a time".into(),
            });
        };
        self.copy(call, source, target, args.has('D'))
    }

    fn copy(&self, call: &Call, source: &str, target: &str, with_folders: bool) -> Result<(), String> {
        let (disk, user) = (&call.host().disk, &call.shell.user);
        let content = disk.read(user, &call.shell.path(source)).map_err(|fault| match fault {
            Fault::NotFound => format!("cannot stat '{source}': {fault}"),
            other => format!("cannot open '{source}' for reading: {other}"),
        })?;
        let target = destination(call, source, target);
        let path = call.shell.path(&target);
        let above = path.strip_suffix(base_name(&path)).unwrap_or("/").trim_end_matches('/');
        if with_folders && !above.is_empty() {
            disk.make_dirs(user, above).map_err(|fault| format!("cannot create directory ‘{above}’: {fault}"))?;
        }
        let written = disk.write(user, &path, &content, Writing::Replace);
        written.map_err(|fault| match fault {
            Fault::Full => format!("error writing '{target}': {fault}"),
            other => format!("cannot create regular file '{target}': {other}"),
        })?;
        self.dress(call, &target)
    }

    /// Gives what was installed its owner and mode.
    fn dress(&self, call: &Call, name: &str) -> Result<(), String> {
        let (disk, user, path) = (&call.host().disk, &call.shell.user, call.shell.path(name));
        if self.owner.is_some() || self.group.is_some() {
            let given = disk.set_owner(user, &path, self.owner, self.group);
            given.map_err(|fault| format!("cannot change ownership of '{name}': {fault}"))?;
        }
        let moded = disk.set_mode(user, &path, |_| self.mode);
        moded.map_err(|fault| format!("setting permissions for '{name}': {fault}"))
    }
}

//! Programs that read and write text.

use sha2::{Digest, Sha256};

use futures::future::{BoxFuture, FutureExt};

use super::{
    Call,
    args::Known,
    follow::{self, Followed},
};
use crate::host::disk::{Fault, Writing};

/// `echo [-n] [-e] WORD…`.
pub(super) fn echo(call: &mut Call) -> i32 {
    let options = call.args.iter().take_while(|a| is_echo_option(a)).count();
    let (given, words) = call.args.split_at(options);
    let mut text = words.join(" ");
    if given.iter().any(|o| o.contains('e')) {
        text = unescape(&text);
    }
    if !given.iter().any(|o| o.contains('n')) {
        text.push('\n');
    }
    call.streams.out.text(text);
    0
}

fn is_echo_option(arg: &str) -> bool {
    arg.strip_prefix('-').is_some_and(|letters| !letters.is_empty() && letters.chars().all(|c| "neE".contains(c)))
}

fn unescape(text: &str) -> String {
    let mut plain = String::new();
    let mut letters = text.chars();
    while let Some(c) = letters.next() {
        if c != '\\' {
            plain.push(c);
            continue;
        }
        match letters.next() {
            Some('n') => plain.push('\n'),
            Some('t') => plain.push('\t'),
            Some('\\') | None => plain.push('\\'),
            Some(other) => plain.extend(['\\', other]),
        }
    }
    plain
}

/// Does something with the content of each file (of standard input if there is none); says which cannot be read.
pub(super) fn each(call: &Call, files: &[String], mut act: impl FnMut(&str, Vec<u8>)) -> i32 {
    let stdin = ["-".to_owned()];
    let files = if files.is_empty() { &stdin } else { files };
    let mut code = 0;
    for file in files {
        match call.content(file) {
            Ok(content) => act(file, content),
            Err(fault) => {
                call.complain(unreadable(&call.name, file, &fault));
                code = 1;
            }
        }
    }
    code
}

/// How a program says that it cannot read a file.
fn unreadable(program: &str, file: &str, fault: &Fault) -> String {
    match (program, fault) {
        ("head" | "tail", Fault::IsDirectory) => format!("error reading '{file}': {fault}"),
        ("head" | "tail", _) => format!("cannot open '{file}' for reading: {fault}"),
        ("sort", Fault::IsDirectory) => format!("read failed: {file}: {fault}"),
        ("sort", _) => format!("cannot read: {file}: {fault}"),
        _ => format!("{file}: {fault}"),
    }
}

/// `cat [-n] [FILE…]`.
pub(super) fn cat(call: &mut Call) -> i32 {
    let Ok(args) = call.parse(&Known { flags: "nu", valued: "", long: &[("number", 'n')] }) else { return 1 };
    let mut number = 0;
    each(call, &args.rest, |_, content| {
        if !args.has('n') {
            return call.streams.out.bytes(&content);
        }
        for line in String::from_utf8_lossy(&content).lines() {
            number += 1;
            call.say(format!("{number:6}\t{line}"));
        }
    })
}

const COUNTED: Known = Known {
    flags: "qvfF",
    valued: "nc",
    long: &[("lines", 'n'), ("bytes", 'c'), ("quiet", 'q'), ("verbose", 'v'), ("follow", 'f')],
};

/// `head [-n N | -c N] [FILE…]`; a negative N: all but the last N.
pub(super) fn head(call: &mut Call) -> i32 {
    let (code, _) = cut(call, |lines, count| match count.strip_prefix('-') {
        Some(but) => Some(lines[..lines.len().saturating_sub(but.parse().ok()?)].to_vec()),
        None => Some(lines[..lines.len().min(count.parse().ok()?)].to_vec()),
    });
    code
}

/// `tail [-f|-F] [-n N | -c N] [FILE…]`; `+N`: from line or byte N on.
pub(super) fn tail(mut call: Call<'_>) -> BoxFuture<'_, i32> {
    async move {
        let (code, followed) = cut(&mut call, |lines, count| match count.strip_prefix('+') {
            Some(from) => Some(lines[from.parse::<usize>().ok()?.saturating_sub(1).min(lines.len())..].to_vec()),
            None => {
                let count: usize = count.trim_start_matches('-').parse().ok()?;
                Some(lines[lines.len().saturating_sub(count)..].to_vec())
            }
        });
        match followed {
            Some(files) if files.is_empty() => {
                call.complain("no files remaining");
                1
            }
            Some(files) => follow::follow(&call, files).await,
            None => code,
        }
    }
    .boxed()
}

type Pick = for<'a> fn(&[&'a [u8]], &str) -> Option<Vec<&'a [u8]>>;

/// Shows parts of files. With `-f`, also which files are to be followed.
fn cut(call: &mut Call, pick: Pick) -> (i32, Option<Vec<Followed>>) {
    // The old form, `-20`.
    let mut is_value = false;
    for arg in &mut call.args {
        if std::mem::replace(&mut is_value, matches!(arg.as_str(), "-n" | "-c" | "--lines" | "--bytes")) {
            continue;
        }
        if arg.strip_prefix('-').is_some_and(|d| !d.is_empty() && d.bytes().all(|b| b.is_ascii_digit())) {
            *arg = format!("-n{}", &arg[1..]);
        }
    }
    let Ok(args) = call.parse(&COUNTED) else { return (1, None) };
    // Standard input has its end already.
    let mut followed = ((args.has('f') || args.has('F')) && !args.rest.is_empty()).then(Vec::new);
    let bytes = args.value('c');
    let count = bytes.or(args.value('n')).unwrap_or("10");
    let titles = (args.rest.len() > 1 || args.has('v')) && !args.has('q');
    let mut first = true;
    let mut bad = false;
    let code = each(call, &args.rest, |file, content| {
        if let Some(followed) = &mut followed {
            followed.push(Followed::new(file, content.len()));
        }
        let parts: Vec<&[u8]> = match bytes {
            Some(_) => content.chunks(1).collect(),
            None => content.split_inclusive(|b| *b == b'\n').collect(),
        };
        let Some(picked) = pick(&parts, count) else {
            bad = true;
            return;
        };
        if titles {
            let name = if file == "-" { "standard input" } else { file };
            call.streams.out.text(format!("{}==> {name} <==\n", if first { "" } else { "\n" }));
            first = false;
        }
        picked.iter().for_each(|line| call.streams.out.bytes(line));
    });
    if bad {
        let what = if bytes.is_some() { "bytes" } else { "lines" };
        call.complain(format!("invalid number of {what}: ‘{count}’"));
        return (1, None);
    }
    (code, followed)
}

/// How wide the columns of `wc` are for what comes from a pipe.
const PIPED: usize = 7;

/// `wc [-l] [-w] [-c] [FILE…]`.
pub(super) fn wc(call: &mut Call) -> i32 {
    let Ok(args) = call.parse(&Known { flags: "lwcm", valued: "", long: &[("lines", 'l')] }) else { return 1 };
    let all = !"lwcm".chars().any(|c| args.has(c));
    let wanted: Vec<bool> = "lwc".chars().map(|c| all || args.has(c)).collect();
    let mut counted: Vec<(String, [usize; 3])> = Vec::new();
    let code = each(call, &args.rest, |file, content| {
        let lines = content.iter().filter(|b| **b == b'\n').count();
        let words = String::from_utf8_lossy(&content).split_whitespace().count();
        counted.push((file.to_owned(), [lines, words, content.len()]));
    });
    let total = counted.iter().fold([0; 3], |sum, (_, n)| std::array::from_fn(|i| sum[i] + n[i]));
    let alone = args.rest.len() <= 1 && wanted.iter().filter(|wanted| **wanted).count() == 1;
    let width = match () {
        () if alone => 1,
        () if counted.iter().any(|(file, _)| file == "-") => PIPED,
        () => total[2].to_string().len(),
    };
    if args.rest.len() > 1 {
        counted.push(("total".into(), total));
    }
    for (file, numbers) in counted {
        let numbers = numbers.iter().zip(&wanted).filter(|(_, wanted)| **wanted);
        let numbers: Vec<String> = numbers.map(|(n, _)| format!("{n:width$}")).collect();
        let name = if file == "-" { String::new() } else { format!(" {file}") };
        call.say(format!("{}{name}", numbers.join(" ")));
    }
    code
}

/// `sort [-r] [-u] [-n] [FILE…]`.
pub(super) fn sort(call: &mut Call) -> i32 {
    let Ok(args) = call.parse(&Known { flags: "run", valued: "", long: &[("reverse", 'r')] }) else { return 2 };
    let mut text = String::new();
    let code = each(call, &args.rest, |_, content| text.push_str(&String::from_utf8_lossy(&content)));
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_unstable();
    if args.has('n') {
        lines.sort_by_key(|line| line.trim().parse::<i64>().unwrap_or(0));
    }
    if args.has('u') {
        lines.dedup();
    }
    if args.has('r') {
        lines.reverse();
    }
    lines.iter().for_each(|line| call.say(line));
    code * 2
}

/// `tee [-a] FILE…`.
pub(super) fn tee(call: &mut Call) -> i32 {
    let Ok(args) = call.parse(&Known { flags: "ai", valued: "", long: &[("append", 'a')] }) else { return 1 };
    let writing = if args.has('a') { Writing::Append } else { Writing::Replace };
    let mut code = 0;
    for file in &args.rest {
        let path = call.shell.path(file);
        if let Err(fault) = call.host().disk.write(&call.shell.user, &path, &call.streams.stdin, writing) {
            call.complain(format!("{file}: {fault}"));
            code = 1;
        }
    }
    call.streams.out.bytes(&call.streams.stdin);
    code
}

/// `sha256sum [FILE…]`.
pub(super) fn sha256sum(call: &mut Call) -> i32 {
    let files = call.args.clone();
    each(call, &files, |file, content| {
        let digest: String = Sha256::digest(&content).iter().map(|b| format!("{b:02x}")).collect();
        call.say(format!("{digest}  {file}"));
    })
}

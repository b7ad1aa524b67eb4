//! The programs that a simulated machine has for tasks.

use std::time::Duration;

use super::{
    process::{Flow, Process},
    server,
};

/// Runs a program; the first argument is its name.
pub async fn run(process: &mut Process, arguments: &[&str]) -> Flow {
    let Some((name, rest)) = arguments.split_first() else { return Flow::On(0) };
    let name = name.strip_prefix("/bin/").or_else(|| name.strip_prefix("/usr/bin/")).unwrap_or(name);
    Flow::On(match (name, rest) {
        ("true" | ":" | "set" | "trap" | "umask" | "wait", _) => 0,
        ("false", _) => 1,
        ("exit", [status, ..]) => return Flow::Exit(status.parse::<i32>().unwrap_or(2) & 0xff),
        ("exit", []) => return Flow::Exit(0),
        ("break", _) => return Flow::Break,
        ("continue", _) => return Flow::Continue,
        ("echo", words) => echo(process, words),
        ("printf", [format, words @ ..]) => printf(process, format, words),
        ("sleep", words) => return sleep(process, words).await,
        ("export", words) => export(process, words),
        ("env" | "printenv", []) => environment(process),
        ("hostname", _) => {
            say(process, &process.env.get("HOSTNAME").cloned().unwrap_or_else(|| process.host.to_string()))
        }
        ("whoami", _) => say(process, "root"),
        ("date", _) => date(process),
        ("pwd", _) => say(process, &process.env.get("MESOS_SANDBOX").cloned().unwrap_or_default()),
        ("cat", files) => cat(process, files),
        ("touch", files) => touch(process, files),
        ("test", words) => test(process, words),
        ("[", [words @ .., "]"]) => test(process, words),
        ("python" | "python3" | "python2", words) => python(process, name, words).await,
        ("nc" | "netcat" | "ncat", words) => nc(process, words).await,
        (name, _) => {
            process.write(2, &format!("sh: 1: {name}: not found\n"));
            127
        }
    })
}

fn say(process: &Process, text: &str) -> i32 {
    process.write(1, &format!("{text}\n"));
    0
}

fn echo(process: &Process, words: &[&str]) -> i32 {
    let (end, words) = if let ["-n", rest @ ..] = words { ("", rest) } else { ("\n", words) };
    process.write(1, &format!("{}{end}", words.join(" ")));
    0
}

fn printf(process: &Process, format: &str, words: &[&str]) -> i32 {
    let mut words = words.iter();
    let mut out = String::new();
    let mut chars = format.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('n') => out.push('\n'),
                Some('t') => out.push('\t'),
                Some(other) => out.push(other),
                None => out.push('\\'),
            },
            '%' => match chars.next() {
                Some('%') => out.push('%'),
                Some(_) => out.push_str(words.next().copied().unwrap_or_default()),
                None => out.push('%'),
            },
            c => out.push(c),
        }
    }
    process.write(1, &out);
    0
}

async fn sleep(process: &Process, words: &[&str]) -> Flow {
    let mut total = Duration::ZERO;
    for word in words {
        if matches!(*word, "infinity" | "inf") {
            return std::future::pending().await;
        }
        let (number, unit) = word.split_at(word.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(word.len()));
        let factor = match unit {
            "" | "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            "d" => 86_400.0,
            _ => f64::NAN,
        };
        match number.parse::<f64>().ok().and_then(|n| Duration::try_from_secs_f64(n * factor).ok()) {
            Some(time) => total = total.saturating_add(time),
            None => {
                process.write(2, &format!("sleep: invalid time interval '{word}'\n"));
                return Flow::On(1);
            }
        }
    }
    if words.is_empty() {
        process.write(2, "sleep: missing operand\n");
        return Flow::On(1);
    }
    tokio::time::sleep(total).await;
    Flow::On(0)
}

fn export(process: &mut Process, words: &[&str]) -> i32 {
    for (name, value) in words.iter().filter_map(|word| word.split_once('=')) {
        process.env.insert(name.to_owned(), value.to_owned());
    }
    0
}

fn environment(process: &Process) -> i32 {
    let lines: String = process.env.iter().map(|(name, value)| format!("{name}={value}\n")).collect();
    process.write(1, &lines);
    0
}

fn date(process: &Process) -> i32 {
    say(process, &crate::log::date(crate::wire::now()))
}

fn cat(process: &Process, files: &[&str]) -> i32 {
    let mut status = 0;
    for file in files {
        match std::fs::read_to_string(process.path(file)) {
            Ok(text) => process.write(1, &text),
            Err(_) => {
                process.write(2, &format!("cat: {file}: No such file or directory\n"));
                status = 1;
            }
        }
    }
    status
}

fn touch(process: &Process, files: &[&str]) -> i32 {
    let failed = files
        .iter()
        .filter(|file| std::fs::OpenOptions::new().create(true).append(true).open(process.path(file)).is_err());
    i32::from(failed.count() > 0)
}

fn test(process: &Process, words: &[&str]) -> i32 {
    let holds = match words {
        ["!", rest @ ..] => test(process, rest) != 0,
        ["-e", file] => process.path(file).exists(),
        ["-f", file] => process.path(file).is_file(),
        ["-d", file] => process.path(file).is_dir(),
        ["-z", text] => text.is_empty(),
        ["-n", text] | [text] => !text.is_empty(),
        [a, "=" | "==", b] => a == b,
        [a, "!=", b] => a != b,
        [a, operator, b] => match (a.parse::<i64>(), b.parse::<i64>()) {
            (Ok(a), Ok(b)) => match *operator {
                "-eq" => a == b,
                "-ne" => a != b,
                "-lt" => a < b,
                "-le" => a <= b,
                "-gt" => a > b,
                "-ge" => a >= b,
                _ => return 2,
            },
            _ => return 2,
        },
        _ => false,
    };
    i32::from(!holds)
}

/// `python3 -m http.server PORT` and its forerunner of Python 2.
async fn python(process: &Process, name: &str, words: &[&str]) -> i32 {
    let words = words.strip_prefix(&["-u"]).unwrap_or(words);
    let ["-m", "http.server" | "SimpleHTTPServer", rest @ ..] = words else {
        let why = match words {
            ["-m", module, ..] => format!("/usr/bin/{name}: No module named {module}\n"),
            [file, ..] if !file.starts_with('-') => {
                format!("{name}: can't open file '{file}': [Errno 2] No such file or directory\n")
            }
            _ => format!("{name}: this practice machine only has -m http.server\n"),
        };
        process.write(2, &why);
        return if words.first() == Some(&"-m") { 1 } else { 2 };
    };
    let mut port = 8000;
    let mut rest = rest.iter();
    while let Some(word) = rest.next() {
        match *word {
            "--bind" | "-b" | "--directory" | "-d" | "--protocol" | "-p" => drop(rest.next()),
            "--cgi" => {}
            number => match number.parse::<u16>() {
                Ok(number) => port = number,
                Err(_) => {
                    process.write(2, &format!("usage: server.py [-h] [--bind ADDRESS] [--directory DIRECTORY] [port]\nserver.py: error: argument port: invalid int value: '{number}'\n"));
                    return 2;
                }
            },
        }
    }
    match server::listen(process, port).await {
        Ok(listener) => {
            process.write(1, &format!("Serving HTTP on 0.0.0.0 port {port} (http://0.0.0.0:{port}/) ...\n"));
            server::serve(listener, process.clone()).await
        }
        Err(error) => {
            process.write(2, &format!("OSError: {error}\n"));
            1
        }
    }
}

/// `nc -l PORT`: answers one caller, or with -k all of them.
async fn nc(process: &Process, words: &[&str]) -> i32 {
    let options = || words.iter().filter(|word| word.starts_with('-'));
    let has = |letter: char| options().any(|option| option.contains(letter));
    let port = words.iter().rev().find_map(|word| word.parse::<u16>().ok());
    let (true, Some(port)) = (has('l'), port) else {
        process.write(2, "nc: this practice machine only has nc -l [-k] PORT\n");
        return 1;
    };
    match server::listen(process, port).await {
        Ok(listener) if has('k') => server::serve(listener, process.clone()).await,
        Ok(listener) => server::serve_one(listener, process.clone()).await,
        Err(_) => {
            process.write(2, "nc: Address already in use\n");
            1
        }
    }
}

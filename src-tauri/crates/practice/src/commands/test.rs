//! `test` and `[`.

use super::Call;
use crate::host::disk::{Kind, Stat};

/// `test EXPRESSION`.
pub(super) fn test(call: &mut Call) -> i32 {
    let args: Vec<&str> = call.args.iter().map(String::as_str).collect();
    answer(call, &args)
}

/// `[ EXPRESSION ]`.
pub(super) fn bracket(call: &mut Call) -> i32 {
    let args: Vec<&str> = call.args.iter().map(String::as_str).collect();
    match args.split_last() {
        Some((&"]", expression)) => answer(call, expression),
        _ => {
            call.streams.err.line("bash: line 1: [: missing `]'");
            2
        }
    }
}

fn answer(call: &Call, args: &[&str]) -> i32 {
    match any(call, args) {
        Ok(truth) => i32::from(!truth),
        Err(what) => {
            call.streams.err.line(format!("bash: line 1: {}: {what}", call.name));
            2
        }
    }
}

fn any(call: &Call, args: &[&str]) -> Result<bool, String> {
    split(args, "-o").into_iter().try_fold(false, |truth, part| Ok(truth | all(call, part)?))
}

fn all(call: &Call, args: &[&str]) -> Result<bool, String> {
    split(args, "-a").into_iter().try_fold(true, |truth, part| Ok(truth & one(call, part)?))
}

fn split<'a, 'b>(args: &'a [&'b str], at: &str) -> Vec<&'a [&'b str]> {
    // With up to three words, an operator may be an operand: `test -a = -a`.
    if args.len() <= 3 { vec![args] } else { args.split(|a| *a == at).collect() }
}

fn one(call: &Call, args: &[&str]) -> Result<bool, String> {
    match *args {
        [] => Ok(false),
        [word] => Ok(!word.is_empty()),
        ["!", ref rest @ ..] => one(call, rest).map(|truth| !truth),
        [operator, word] => unary(call, operator, word),
        [left, operator, right] => binary(left, operator, right),
        _ => Err("too many arguments".into()),
    }
}

fn unary(call: &Call, operator: &str, word: &str) -> Result<bool, String> {
    let (shell, user) = (&call.shell, &call.shell.user);
    let stat = || shell.host.disk.stat(user, &shell.path(word)).ok();
    let holds = |check: &dyn Fn(&Stat) -> bool| stat().is_some_and(|s| check(&s));
    Ok(match operator {
        "-n" => !word.is_empty(),
        "-z" => word.is_empty(),
        "-e" => stat().is_some(),
        "-f" => holds(&|s| s.kind == Kind::File),
        "-d" => holds(&Stat::is_dir),
        "-s" => holds(&|s| s.size > 0),
        "-r" => holds(&|s| user.may_read(&s.meta).is_ok()),
        "-w" => holds(&|s| user.may_write(&s.meta).is_ok()),
        "-x" => holds(&|s| user.may_run(&s.meta).is_ok()),
        "-L" | "-h" => shell.host.disk.lstat(user, &shell.path(word)).is_ok_and(|s| matches!(s.kind, Kind::Link(_))),
        _ => return Err(format!("{operator}: unary operator expected")),
    })
}

fn binary(left: &str, operator: &str, right: &str) -> Result<bool, String> {
    let number = |word: &str| word.trim().parse::<i64>().map_err(|_| format!("{word}: integer expression expected"));
    Ok(match operator {
        "=" | "==" => left == right,
        "!=" => left != right,
        "-eq" => number(left)? == number(right)?,
        "-ne" => number(left)? != number(right)?,
        "-lt" => number(left)? < number(right)?,
        "-le" => number(left)? <= number(right)?,
        "-gt" => number(left)? > number(right)?,
        "-ge" => number(left)? >= number(right)?,
        _ => return Err(format!("{operator}: binary operator expected")),
    })
}

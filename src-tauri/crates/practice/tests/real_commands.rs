//! The machine's commands beside the real ones: the same lines in both shells, the same output, errors and exit codes.

mod common;

use std::process::Command;

use common::Cluster;

/// The texts of GNU's programs change from one release to the next: these are Debian 12's.
const COREUTILS: &str = "(GNU coreutils) 9.1";

/// What each line finds: files in the folder where it is run.
const BEFORE: &str =
    "touch empty; mkdir d d/e; echo -e 'b\\na\\nc' > f; echo -e 'one two\\nthree' > g; echo x > d/h; ln -s f link";

const LINES: &[&str] = &[
    "cat f g; cat nothing f; cat d",
    "cat -n g",
    "echo -n a; echo -e 'b\\tc'; echo '-x'",
    "ls; ls d; ls nothing; ls -a d",
    "ls f nothing d",
    "ls -1 f g",
    "head -n 1 f; head -n 1 f g; head nothing; head -n x f",
    "head -c 3 g; head -n -1 f",
    "tail -n 1 f; tail -n +2 f; tail -n 1 f g; tail nothing; tail d",
    "tail -f nothing",
    "tail -q -n 1 f g; head -v -n 1 f",
    "wc -l f g; echo a b | wc; echo a b | wc -w",
    "wc -l f; wc f; wc f g; wc -w < g; wc nothing",
    "sort f; sort -r f; sort nothing; sort -u f f",
    "grep a f; grep z f; grep a nothing; grep -c . f g; grep -n o g; grep -v a f; grep -l a f g; grep a d",
    "grep -q a f && echo found; grep -i B f; grep -E 'a|b' f",
    "mkdir d; mkdir x/y; mkdir -p x/y && ls x; mkdir",
    "rmdir d; rmdir nothing; rmdir d/e && ls d",
    "rm nothing; rm d; rm -f nothing; rm -r d && ls; rm",
    "cp f h && cat h; cp nothing h; cp d x; cp f; cp; cp f g nothing",
    "mv f h && ls; mv nothing x; mv h d && ls d",
    "touch n && ls n; touch nothing/x",
    "test -e f; echo $?; test -e nothing; echo $?; test -d d && echo dir; [ -s empty ]; echo $?",
    "echo x > /dev/full; cat f > /dev/full; ls > /dev/full; grep a f > /dev/full; sort f > /dev/full; wc f > /dev/full",
    "echo x | tee /dev/full; echo $?",
    "cp f /dev/full",
    "sleep; sleep x",
    "timeout 0.1 sleep 5; echo $?; timeout x true; timeout 1 false; echo $?; timeout 1 nothing; timeout",
    "sha256sum f; sha256sum nothing",
    "cat < nothing; echo after",
    "nothing; echo $?",
    "/nothing; echo $?; ./f; echo $?; ./d; echo $?",
    "true | false; echo $?; ! true; echo $?",
    "echo a > n; echo b >> n; cat n; echo c > nothing/n",
    "ln -s f link; ln -s f other && cat other",
    "ls -l nothing; ls --nothing",
    "cat --nothing; head -Z f; rm -Z",
];

/// What a line says and ends with.
type Said = (String, String, i32);

fn real(line: &str) -> Said {
    let folder = tempfile::tempdir().expect("a folder");
    let output = Command::new("bash")
        .args(["-c", line])
        .current_dir(folder.path())
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("LANG", "C.UTF-8")
        .output()
        .expect("bash runs");
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    (text(output.stdout), text(output.stderr), output.status.code().unwrap_or(-1))
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_speak_as_the_real_ones() {
    let version = Command::new("ls").arg("--version").output().map(|output| output.stdout).unwrap_or_default();
    if !String::from_utf8_lossy(&version).contains(COREUTILS) {
        assert!(std::env::var_os("STARTLINE_REAL").is_none_or(|real| real != "1"), "needs {COREUTILS}");
        eprintln!("skipped: needs bash and {COREUTILS}");
        return;
    }
    let cluster = Cluster::new(1);
    cluster.up("node1").await;
    let mut differ = Vec::new();
    for (n, line) in LINES.iter().enumerate() {
        // The real ones run as root here and the practice ones as vagrant: neither is kept from anything in its own folder.
        let practice = cluster.run("node1", &format!("mkdir t{n} && cd t{n}; {BEFORE}; {line}")).await;
        let practice = (practice.stdout, practice.stderr, practice.code);
        let real = real(&format!("{BEFORE}; {line}"));
        if practice != real {
            differ.push(format!("{line}\n  practice {practice:?}\n  real     {real:?}"));
        }
    }
    assert!(differ.is_empty(), "{} lines differ:\n{}", differ.len(), differ.join("\n"));
}

//! The shell and its commands: what is said, and the exit code.

mod common;

use common::Cluster;

/// A command, what it writes to standard output and to standard error, and its exit code.
type Case = (&'static str, &'static str, &'static str, i32);

async fn check(cases: &[Case]) {
    let cluster = Cluster::new(1);
    cluster.up("node1").await;
    for (command, stdout, stderr, code) in cases {
        let output = cluster.run("node1", command).await;
        let address = cluster.address(1).to_string();
        let seen = (output.stdout.as_str(), output.stderr.as_str(), output.code);
        assert_eq!(seen, (stdout.replace("ADDRESS", &address).as_str(), *stderr, *code), "{command}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_language() {
    check(&[
        ("", "", "", 0),
        ("echo one   two", "one two\n", "", 0),
        ("echo 'one   two' \"three  $USER\" \\$USER", "one   two three  vagrant $USER\n", "", 0),
        ("echo a; echo b # not c", "a\nb\n", "", 0),
        ("true && echo yes || echo no", "yes\n", "", 0),
        ("false && echo yes || echo no", "no\n", "", 0),
        ("! true", "", "", 1),
        ("echo one | cat | cat", "one\n", "", 0),
        ("true | false", "", "", 1),
        ("X=1 Y='a b'; echo \"$X\" $Y ${Z:-none}", "1 a b none\n", "", 0),
        ("false; echo $?", "1\n", "", 0),
        ("echo \"it is $(hostname)\"", "it is node1\n", "", 0),
        ("echo $(echo a; echo b)", "a b\n", "", 0),
        ("echo x > f; echo y >> f; cat < f", "x\ny\n", "", 0),
        ("cat nothing 2>/dev/null || echo none", "none\n", "", 0),
        ("cat nothing 2>&1 | cat", "cat: nothing: No such file or directory\n", "", 0),
        ("cat nothing > both 2>&1; cat both", "cat: nothing: No such file or directory\n", "", 0),
        ("cat <<< text", "text\n", "", 0),
        ("cd /etc && pwd && cd - > /dev/null; pwd", "/etc\n/home/vagrant\n", "", 0),
        ("exit 3; echo never", "", "", 3),
        ("touch a1 a2 b1; echo a* *1 'a*' z*", "a1 a2 a1 b1 a* z*\n", "", 0),
        ("echo ~ ~/x a~", "/home/vagrant /home/vagrant/x a~\n", "", 0),
        ("bash -c 'echo in; exit 4'; echo $?", "in\n4\n", "", 0),
        ("foo", "", "bash: line 1: foo: command not found\n", 127),
        ("/no/where", "", "bash: line 1: /no/where: No such file or directory\n", 127),
        ("/etc", "", "bash: line 1: /etc: Is a directory\n", 126),
        ("/etc/passwd", "", "bash: line 1: /etc/passwd: Permission denied\n", 126),
        ("cat < nothing", "", "bash: line 1: nothing: No such file or directory\n", 1),
        ("echo x > /etc/x", "", "bash: line 1: /etc/x: Permission denied\n", 1),
        ("echo 'a", "", "bash: -c: line 1: unexpected EOF while looking for matching `''\n", 2),
        ("a | | b", "", "bash: -c: line 1: syntax error near unexpected token `|'\nbash: -c: line 1: `a | | b'\n", 2),
        ("true &&", "", "bash: -c: line 2: syntax error: unexpected end of file\n", 2),
        (
            "for x in 1 2; do echo $x; done",
            "",
            "bash: -c: line 1: a practice machine's shell runs simple commands only, without loops\n",
            2,
        ),
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_and_what() {
    check(&[
        ("whoami; sudo whoami; sudo -u nobody whoami", "vagrant\nroot\nnobody\n", "", 0),
        ("id", "uid=1000(vagrant) gid=1000(vagrant) groups=1000(vagrant),4(adm),27(sudo)\n", "", 0),
        ("id -u; id -un; sudo id -u", "1000\nvagrant\n0\n", "", 0),
        ("id ghost", "", "id: ‘ghost’: no such user\n", 1),
        (
            "sudo -u ghost true",
            "",
            "sudo: unknown user ghost\nsudo: error initializing audit plugin sudoers_audit\n",
            1,
        ),
        ("sudo foo", "", "sudo: foo: command not found\n", 1),
        ("sudo -u nobody sudo true", "", "nobody is not in the sudoers file.\n", 1),
        ("hostname; hostname -I", "node1\nADDRESS \n", "", 0),
        ("uname; uname -sr", "Linux\nLinux 6.1.0-28-amd64\n", "", 0),
        ("command -v cat cd ghost; command -v ghost", "/usr/bin/cat\ncd\n", "", 1),
        ("which ls; which mesos-master", "/usr/bin/ls\n", "", 1),
        ("env X=1 bash -c 'echo $X'; echo [$X]", "1\n[]\n", "", 0),
        ("grep PRETTY /etc/os-release", "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n", "", 0),
        ("ip -4 addr | grep -c 'inet ADDRESS'", "0\n", "", 1),
        ("ip -4 addr | grep -c 'scope global eth0'", "1\n", "", 0),
        ("ps aux | head -n 2 | tail -n 1 | grep -c /sbin/init", "1\n", "", 0),
        ("kill 1", "", "bash: line 1: kill: (1) - Operation not permitted\n", 1),
        ("kill 99999", "", "bash: line 1: kill: (99999) - No such process\n", 1),
        ("sleep 0.01; sleep x", "", "sleep: invalid time interval ‘x’\nTry 'sleep --help' for more information.\n", 1),
        ("free -m | grep -c Mem:; df -h | grep -c /dev/vda1; uptime | grep -c load", "1\n1\n1\n", "", 0),
        ("ping -c 1 node1 | grep -c '0% packet loss'", "1\n", "", 0),
        ("ping -c 1 ghost", "", "ping: ghost: Name or service not known\n", 2),
        ("date -u +%Y | wc -c", "5\n", "", 0),
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_and_permissions() {
    check(&[
        ("cat /x", "", "cat: /x: No such file or directory\n", 1),
        ("cat /etc", "", "cat: /etc: Is a directory\n", 1),
        ("cat /root/x", "", "cat: /root/x: Permission denied\n", 1),
        (
            "echo secret | sudo tee /root/x; sudo cat /root/x; cat /root/x",
            "secret\nsecret\n",
            "cat: /root/x: Permission denied\n",
            1,
        ),
        ("ls /root", "", "ls: cannot open directory '/root': Permission denied\n", 2),
        ("ls /ghost", "", "ls: cannot access '/ghost': No such file or directory\n", 2),
        ("mkdir -p a/b/c && ls a && rmdir a", "b\n", "rmdir: failed to remove 'a': Directory not empty\n", 1),
        ("mkdir a", "", "mkdir: cannot create directory ‘a’: File exists\n", 1),
        ("mkdir /etc/x", "", "mkdir: cannot create directory ‘/etc/x’: Permission denied\n", 1),
        ("rm a", "", "rm: cannot remove 'a': Is a directory\n", 1),
        ("rm -rf a ghost; ls", "", "", 0),
        ("rm ghost", "", "rm: cannot remove 'ghost': No such file or directory\n", 1),
        ("rm /etc/hostname", "", "rm: cannot remove '/etc/hostname': Permission denied\n", 1),
        ("echo 1 > f && chmod 600 f && stat -c '%a %A %U' f", "600 -rw------- vagrant\n", "", 0),
        ("chmod u+x,go+r f && stat -c %a f && chmod -x f && stat -c %a f", "744\n644\n", "", 0),
        ("chmod 999 f", "", "chmod: invalid mode: ‘999’\n", 1),
        ("sudo -u nobody cat f && sudo -u nobody rm f", "1\n", "rm: cannot remove 'f': Permission denied\n", 1),
        ("chown root f", "", "chown: changing ownership of 'f': Operation not permitted\n", 1),
        ("sudo chown root:adm f && stat -c %U:%G f", "root:adm\n", "", 0),
        ("sudo chown ghost f", "", "chown: invalid user: ‘ghost’\n", 1),
        ("echo 2 > f", "", "bash: line 1: f: Permission denied\n", 1),
        ("mv f g && ls && stat -c %U g", "g\nroot\n", "", 0),
        ("cp g h && stat -c %U h && cat h", "vagrant\n1\n", "", 0),
        ("cp ghost h", "", "cp: cannot stat 'ghost': No such file or directory\n", 1),
        ("mkdir d && cp h d && ls d && cp -r d e && ls e", "h\nh\n", "", 0),
        ("cp d x", "", "cp: -r not specified; omitting directory 'd'\n", 1),
        ("cp -r d d/x", "", "cp: cannot copy a directory, 'd', into itself, 'd/x'\n", 1),
        ("ln -s /etc/hostname l && cat l && ls -l l | grep -c 'l -> /etc/hostname'", "node1\n1\n", "", 0),
        ("ln -s self self && cat self", "", "cat: self: Too many levels of symbolic links\n", 1),
        ("ln -s ../../../../../../etc/hostname up && cat up", "node1\n", "", 0),
        ("cat ../../../../../../../../etc/hostname", "node1\n", "", 0),
        ("echo x > /tmp/t; sudo -u nobody rm /tmp/t", "", "rm: cannot remove '/tmp/t': Operation not permitted\n", 1),
        ("ls -ld /tmp /root | head -n 1 | grep -c '^drwx------ 2 root root'", "1\n", "", 0),
        ("test -e /etc/hosts && test -f /etc/hosts && test -d /etc && test -s /etc/hosts && echo all", "all\n", "", 0),
        ("test -e /ghost; echo $?; [ 1 -lt 2 ] && [ a = a ] && [ ! -d /ghost ] && echo fine", "1\nfine\n", "", 0),
        ("[ 1 -lt 2", "", "bash: line 1: [: missing `]'\n", 2),
        ("cat h/x", "", "cat: h/x: Not a directory\n", 1),
        ("install -D -m 640 h x/y/z && stat -c '%a %U' x/y/z", "640 vagrant\n", "", 0),
        ("sudo install -D -o root -g adm -m 600 h /etc/a/b && stat -c '%a %U:%G' /etc/a/b", "600 root:adm\n", "", 0),
        ("install -d -m 700 p q && stat -c '%a %n' p q", "700 p\n700 q\n", "", 0),
        ("install -o root h r", "", "install: cannot change ownership of 'r': Operation not permitted\n", 1),
        ("sudo rm -rf /", "", "rm: it is dangerous to operate recursively on '/'\n", 1),
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn text_tools() {
    check(&[
        ("echo -n abc | sha256sum", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  -\n", "", 0),
        ("echo -e 'a\\nb\\nc' > f; head -n 1 f; tail -n 1 f; tail -n +2 f; head -1 f", "a\nc\nb\nc\na\n", "", 0),
        ("wc -l f; wc -l < f", "3 f\n3\n", "", 0),
        ("grep b f; grep -v b f; grep -c . f; grep -q x f", "b\na\nc\n3\n", "", 1),
        ("grep -n '^b$' f; grep -i B f; grep 'a\\|c' f", "2:b\nb\na\nc\n", "", 0),
        ("grep x ghost", "", "grep: ghost: No such file or directory\n", 2),
        ("echo -e 'b\\na\\nb' | sort -u", "a\nb\n", "", 0),
        ("echo one | tee a b; cat a b; echo two | tee -a a > /dev/null; cat a", "one\none\none\none\ntwo\n", "", 0),
        ("echo x | sudo tee /etc/x > /dev/null && stat -c %U /etc/x", "root\n", "", 0),
        ("cat -n f | head -n 1", "     1\ta\n", "", 0),
        ("head -c 3 f; echo; tail -c 2 f; head -c x f", "a\nb\nc\n", "head: invalid number of bytes: ‘x’\n", 1),
        ("ls -Z", "", "ls: invalid option -- 'Z'\nTry 'ls --help' for more information.\n", 2),
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn installing() {
    let script = "#!/bin/bash\\n# startline-provision: mesos\\nset -e\\n";
    let cluster = Cluster::new(1);
    cluster.up("node1").await;
    cluster.ok("node1", &format!("echo -e '{script}' > install.sh; chmod +x install.sh")).await;
    let refused = cluster.run("node1", "bash install.sh").await;
    assert_eq!((refused.code, refused.stderr.as_str()), (1, "mesos: this must be run as root (use sudo)\n"));
    assert_eq!(cluster.run("node1", "command -v mesos-master").await.code, 1);
    let said = cluster.ok("node1", "sudo bash install.sh").await;
    assert!(said.contains("This is a practice machine") && said.contains("Services: mesos-master, mesos-agent"));
    assert_eq!(cluster.ok("node1", "command -v mesos-master").await, "/usr/sbin/mesos-master\n");
    assert_eq!(
        cluster.ok("node1", "sudo ./install.sh").await,
        "mesos is already there (1.11.0).\nMesos 1.11.0 is installed\n"
    );
    assert_eq!(cluster.ok("node1", "cat /var/lib/startline/mesos.installed").await, "Mesos 1.11.0 is installed\n");
    assert_eq!(cluster.ok("node1", "mesos-master --version").await, "mesos 1.11.0\n");

    let other = cluster.run("node1", "echo -e '#!/bin/bash\\necho hi' > other.sh; bash other.sh").await;
    assert_eq!(other.code, 1);
    assert!(other.stderr.contains("single commands and Startline's installers only"));
    let strange = cluster.run("node1", "echo -e '#!\\n# startline-provision: emacs' > s; sudo bash s").await;
    assert_eq!(strange.stderr, "s: nothing called 'emacs' can be installed on a practice machine\n");
    assert_eq!(cluster.run("node1", "bash ghost.sh").await.code, 127);

    assert_eq!(cluster.run("node1", "apt-get install -y zookeeper").await.code, 100);
    assert_eq!(
        cluster.run("node1", "sudo apt-get install -y emacs").await.stderr,
        "E: Unable to locate package emacs\n"
    );
    cluster.ok("node1", "sudo apt-get update && sudo apt-get install -y zookeeper").await;
    assert_eq!(cluster.ok("node1", "stat -c %U /var/lib/zookeeper; id -un zookeeper").await, "zookeeper\nzookeeper\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_cannot_run_away() {
    let cluster = Cluster::new(1);
    cluster.up("node1").await;
    let nested = format!("{}true", "sudo ".repeat(200));
    let output = cluster.run("node1", &nested).await;
    assert_eq!((output.code, output.stderr.as_str()), (1, "sudo: too many commands start each other\n"));
    let deep = format!("echo {}{}", "$(echo ".repeat(400), ")".repeat(400));
    assert_eq!(cluster.run("node1", &deep).await.code, 2);
}

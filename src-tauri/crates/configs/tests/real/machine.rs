//! A rendered machine whose programs are started here: its files lie in a temporary folder, its addresses are loopback's.

use std::{
    fs::{self, File},
    io::{Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant, SystemTime},
};

use configs::Bundle;
use plan::{ClusterPlan, Preset, Provider, ValidPlan};

use crate::support::run_well;

/// How long a server may take on a busy computer.
const PATIENCE: Duration = Duration::from_secs(90);

/// A plan in a part of loopback that is its own.
pub fn plan(preset: Preset) -> ClusterPlan {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("a clock").as_nanos();
    let seed = now as u64 ^ u64::from(std::process::id());
    preset.plan("lab", Provider::Practice, plan::practice_network(seed))
}

/// Writes the plan's bundle.
pub fn export(plan: &ClusterPlan, folder: &Path) -> Bundle {
    let bundle = configs::render(&ValidPlan::new(plan.clone()).expect("presets are valid"));
    configs::export_folder(&bundle, folder).expect("exported");
    bundle
}

/// A program that ends with the test.
pub struct Running(Child);

impl Running {
    /// Starts a program; what it says goes to a file.
    pub fn start(command: &mut Command, output: &Path) -> Self {
        let file = File::create(output).expect("room");
        let errors = file.try_clone().expect("the same file");
        command.stdin(Stdio::null()).stdout(file).stderr(errors);
        Self(command.spawn().unwrap_or_else(|e| panic!("{command:?}: {e}")))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Debian's ZooKeeper, if it is installed.
pub fn has_zookeeper() -> bool {
    let there = ["/usr/bin/java", "/usr/share/java/zookeeper.jar"].iter().all(|file| Path::new(file).exists());
    if !there {
        crate::support::missing("Debian's package zookeeper");
    }
    there
}

/// Initialises and starts a machine's ZooKeeper with the command of its unit. Of its `zoo.cfg` the dataDir is replaced, of
/// the command the folders of settings and logs.
pub fn start_zookeeper(root: &Path, node: &str, myid: u16) -> Running {
    let data = root.parent().expect("a folder").join(format!("zookeeper-{node}"));
    fs::create_dir_all(&data).expect("room");
    let conf = root.join("etc/zookeeper/conf");
    let config = conf.join("zoo.cfg");
    let text = fs::read_to_string(&config).expect("rendered");
    fs::write(&config, text.replace("/var/lib/zookeeper", &data.to_string_lossy())).expect("room");
    let mut initialise = Command::new("bash");
    initialise.arg(root.join("usr/local/sbin/zookeeper-server-initialize")).arg(format!("--myid={myid}"));
    run_well(initialise.env("ZOOCFG", &config), "");

    let command = unit_command(root, &[("/etc/zookeeper/conf", &conf), ("/var/log/zookeeper", &data)]);
    let mut words = command.split_whitespace();
    let mut java = Command::new(words.next().expect("a program"));
    Running::start(java.args(words), &data.join("output"))
}

/// The command of the unit `zookeeper-server`, as systemd would run it.
fn unit_command(root: &Path, moved: &[(&str, &PathBuf)]) -> String {
    let unit = fs::read_to_string(root.join("etc/systemd/system/zookeeper-server.service")).expect("rendered");
    let joined = unit.replace("\\\n", " ");
    let command = joined.lines().find_map(|l| l.strip_prefix("ExecStart=")).expect("a command").to_owned();
    let java_env = fs::read_to_string(root.join("etc/zookeeper/conf/java.env")).expect("rendered");
    let flags = java_env.lines().find_map(|l| l.strip_prefix("SERVER_JVMFLAGS=")).expect("flags").trim_matches('"');
    let command = command.replace("$SERVER_JVMFLAGS", flags);
    moved.iter().fold(command, |c, (from, to)| c.replace(from, &to.to_string_lossy()))
}

/// What comes back when `request` is sent to `address`; empty if nobody is there.
pub fn ask(address: &str, request: &str) -> String {
    let mut answer = Vec::new();
    if let Ok(mut stream) = TcpStream::connect(address) {
        let _ = stream.set_read_timeout(Some(Duration::from_secs(5)));
        let _ = stream.write_all(request.as_bytes()).and_then(|()| stream.read_to_end(&mut answer));
    }
    String::from_utf8_lossy(&answer).into_owned()
}

/// Asks again until the answer is good.
pub fn wait_for<T>(what: &str, mut look: impl FnMut() -> Result<T, String>) -> T {
    let start = Instant::now();
    loop {
        match look() {
            Ok(good) => return good,
            Err(last) if start.elapsed() > PATIENCE => panic!("{what} did not come: {last}"),
            Err(_) => std::thread::sleep(Duration::from_millis(200)),
        }
    }
}

/// What a ZooKeeper server says that it does.
pub fn mode(address: &str) -> String {
    let answer = ask(address, "srvr");
    answer.lines().find_map(|l| l.strip_prefix("Mode: ")).unwrap_or(answer.trim()).to_owned()
}

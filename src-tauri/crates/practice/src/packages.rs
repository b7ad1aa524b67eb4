//! What can be installed on a practice machine, and what it brings.

use crate::{
    commands::{self, STAND_IN},
    host::{
        Host,
        disk::{Disk, Fault, Writing},
        users::{User, group_exists},
    },
    services::Kind,
};

/// Something that can be installed. Each is simulated: the programs are functions of the practice process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Package {
    /// What every machine has.
    Base,
    /// ZooKeeper's server and command line.
    ZooKeeper,
    /// Mesos's master and agent.
    Mesos,
    /// Startline's scheduler.
    Pacer,
    /// The same under Marathon's name.
    Marathon,
}

type Result<T> = std::result::Result<T, Fault>;

impl Package {
    /// As an installer's mark names it.
    pub fn of_installer(name: &str) -> Option<Self> {
        [Self::ZooKeeper, Self::Mesos, Self::Pacer, Self::Marathon].into_iter().find(|p| p.name() == name)
    }

    /// As `apt-get install` is asked for it. Some of what the installers want is there from the start.
    pub fn of_apt(name: &str) -> Option<Self> {
        match name {
            "zookeeper" | "zookeeper-server" | "zookeeperd" | "zookeeper-bin" => Some(Self::ZooKeeper),
            "mesos" | "aventer-mesos" => Some(Self::Mesos),
            "curl" | "netcat-openbsd" | "procps" | "iproute2" | "iputils-ping" | "sudo" => Some(Self::Base),
            other => Self::of_installer(other),
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::ZooKeeper => "zookeeper",
            Self::Mesos => "mesos",
            Self::Pacer => "pacer",
            Self::Marathon => "marathon",
        }
    }

    fn version(self) -> &'static str {
        match self {
            Self::ZooKeeper => "3.8.0",
            Self::Mesos => "1.11.0",
            Self::Marathon => "1.11.24",
            Self::Base | Self::Pacer => env!("CARGO_PKG_VERSION"),
        }
    }

    /// A user that it brings: name, number, home.
    fn user(self) -> Option<(&'static str, u32, &'static str)> {
        (self == Self::ZooKeeper).then_some(("zookeeper", 104, "/var/lib/zookeeper"))
    }

    /// Folders that it brings, with their owner.
    fn folders(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::ZooKeeper => &[
                ("/etc/zookeeper", "root"),
                ("/etc/zookeeper/conf", "root"),
                ("/usr/share/zookeeper/bin", "root"),
                ("/var/lib/zookeeper", "zookeeper"),
                ("/var/log/zookeeper", "zookeeper"),
            ],
            Self::Mesos => &[
                ("/etc/mesos", "root"),
                ("/etc/mesos-master", "root"),
                ("/etc/mesos-agent", "root"),
                ("/var/lib/mesos", "root"),
                ("/var/log/mesos", "root"),
            ],
            Self::Base | Self::Pacer | Self::Marathon => &[],
        }
    }
}

/// Installs a package and gives the lines that this prints. Doing it again changes nothing.
pub(crate) fn install(host: &Host, package: Package) -> Result<Vec<String>> {
    let (name, version) = (package.name(), package.version());
    if package == Package::Base || is_installed(&host.disk, package)? {
        return Ok(vec![format!("{name} is already there ({version}).")]);
    }
    let root = User::root();
    let disk = &host.disk;
    if let Some((user, number, home)) = package.user() {
        add_user(disk, user, number, home)?;
    }
    for (folder, owner) in package.folders() {
        disk.make_dirs(&root, folder)?;
        disk.set_owner(&root, folder, Some(owner), Some(owner))?;
    }
    for path in commands::files(package) {
        disk.write(&root, &path, STAND_IN.as_bytes(), Writing::Replace)?;
        disk.set_mode(&root, &path, |_| 0o755)?;
    }
    let units: Vec<Kind> = Kind::ALL.into_iter().filter(|kind| kind.package() == package).collect();
    for kind in &units {
        let path = format!("/usr/lib/systemd/system/{}.service", kind.unit());
        disk.write(&root, &path, unit_file(*kind).as_bytes(), Writing::Replace)?;
    }
    // Last, so that an installation that was cut off is done again.
    let entry = format!("Package: {name}\nStatus: install ok installed\nVersion: {version}\n\n");
    disk.write(&root, STATUS, entry.as_bytes(), Writing::Append)?;
    Ok(report(package, &units))
}

/// Where Debian notes what is installed.
const STATUS: &str = "/var/lib/dpkg/status";

/// Whether the package is installed.
pub(crate) fn is_installed(disk: &Disk, package: Package) -> Result<bool> {
    let status = match disk.read_text(&User::root(), STATUS) {
        Err(Fault::NotFound) => return Ok(false),
        text => text?,
    };
    let wanted = format!("Package: {}", package.name());
    Ok(status.lines().any(|line| line == wanted))
}

fn add_user(disk: &Disk, name: &str, number: u32, home: &str) -> Result<()> {
    let root = User::root();
    if !group_exists(disk, name) {
        let line = format!("{name}:x:{number}:\n");
        disk.write(&root, "/etc/group", line.as_bytes(), Writing::Append)?;
    }
    if User::find(disk, name).is_none() {
        let line = format!("{name}:x:{number}:{number}::{home}:/usr/sbin/nologin\n");
        disk.write(&root, "/etc/passwd", line.as_bytes(), Writing::Append)?;
    }
    Ok(())
}

fn unit_file(kind: Kind) -> String {
    let (_, command) = kind.program();
    format!(
        "[Unit]\nDescription={}\n\n[Service]\nUser={}\nExecStart={command}\nRestart=on-failure\nRestartSec=1\n\n[Install]\nWantedBy=multi-user.target\n",
        kind.description(),
        kind.user(),
    )
}

fn report(package: Package, units: &[Kind]) -> Vec<String> {
    let programs: Vec<String> = commands::files(package).collect();
    let units: Vec<&str> = units.iter().map(|kind| kind.unit()).collect();
    let mut lines = vec![
        format!(
            "This is a practice machine: {} {} is simulated, nothing is downloaded.",
            package.name(),
            package.version()
        ),
        format!("Now available: {}", programs.join(", ")),
        format!("Services: {}", units.join(", ")),
    ];
    if package == Package::Marathon {
        lines.push("Here, Pacer serves Marathon's API under the name of Marathon.".to_owned());
    }
    lines
}

/// What an installer says at its end.
pub(crate) fn installed_line(package: Package) -> String {
    let name = match package {
        Package::Base => "Debian",
        Package::ZooKeeper => "ZooKeeper",
        Package::Mesos => "Mesos",
        Package::Pacer => "Pacer",
        Package::Marathon => "Marathon",
    };
    format!("{name} {} is installed", package.version())
}

//! The units that a practice machine can run.

use crate::packages::Package;

/// A unit, by what it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Kind {
    /// A server of the ZooKeeper ensemble.
    ZooKeeper,
    /// A Mesos master.
    Master,
    /// A Mesos agent.
    Agent,
    /// The scheduler.
    Pacer,
    /// The scheduler under Marathon's name: Pacer too.
    Marathon,
}

impl Kind {
    /// All, in the order in which a machine starts them.
    pub const ALL: [Self; 5] = [Self::ZooKeeper, Self::Master, Self::Agent, Self::Pacer, Self::Marathon];

    /// The unit called `name`, with or without `.service`.
    pub fn named(name: &str) -> Option<Self> {
        let name = name.strip_suffix(".service").unwrap_or(name);
        Self::ALL.into_iter().find(|kind| kind.unit() == name)
    }

    /// The unit's name.
    pub fn unit(self) -> &'static str {
        match self {
            Self::ZooKeeper => "zookeeper-server",
            Self::Master => "mesos-master",
            Self::Agent => "mesos-agent",
            Self::Pacer => "pacer",
            Self::Marathon => "marathon",
        }
    }

    /// What brings the program.
    pub fn package(self) -> Package {
        match self {
            Self::ZooKeeper => Package::ZooKeeper,
            Self::Master | Self::Agent => Package::Mesos,
            Self::Pacer => Package::Pacer,
            Self::Marathon => Package::Marathon,
        }
    }

    /// The program, as `ps` and the journal name it: file and command line.
    pub fn program(self) -> (&'static str, &'static str) {
        match self {
            Self::ZooKeeper => (
                "/usr/bin/java",
                "/usr/bin/java org.apache.zookeeper.server.quorum.QuorumPeerMain /etc/zookeeper/conf/zoo.cfg",
            ),
            Self::Master => ("/usr/sbin/mesos-master", "mesos-master"),
            Self::Agent => ("/usr/sbin/mesos-agent", "mesos-agent"),
            Self::Pacer => ("/usr/bin/pacer", "/usr/bin/pacer"),
            Self::Marathon => ("/usr/bin/marathon", "/usr/bin/marathon (Pacer, on a practice machine)"),
        }
    }

    /// The program's short name, as the journal has it.
    pub fn ident(self) -> &'static str {
        let (file, _) = self.program();
        file.rsplit('/').next().unwrap_or(file)
    }

    /// The user that it runs as.
    pub fn user(self) -> &'static str {
        if self == Self::ZooKeeper { "zookeeper" } else { "root" }
    }

    /// Where it writes its log.
    pub fn log(self) -> &'static str {
        match self {
            Self::ZooKeeper => "/var/log/zookeeper/zookeeper.log",
            Self::Master => "/var/log/mesos/mesos-master.log",
            Self::Agent => "/var/log/mesos/mesos-agent.log",
            Self::Pacer => "/var/log/pacer.log",
            Self::Marathon => "/var/log/marathon.log",
        }
    }

    /// What the unit's file says of it, if it says nothing else.
    pub fn description(self) -> &'static str {
        match self {
            Self::ZooKeeper => "ZooKeeper server",
            Self::Master => "Mesos master",
            Self::Agent => "Mesos agent",
            Self::Pacer => "Pacer, the scheduler",
            Self::Marathon => "Marathon, the scheduler",
        }
    }
}

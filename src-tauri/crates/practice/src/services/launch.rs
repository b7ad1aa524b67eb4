//! From a unit to its running server.

use super::{
    kind::Kind,
    log::UnitLog,
    mesos, pacer,
    service::{Exited, Started},
    zookeeper,
};
use crate::host::{Host, users::User};

/// What systemd's exit codes say when the program itself never ran.
pub(super) const EXIT_EXEC: i32 = 203;
pub(super) const EXIT_USER: i32 = 217;

/// Starts a unit's program from the files on the machine's disk.
pub(super) async fn launch(host: &Host, kind: Kind, log: &UnitLog) -> Started {
    let (program, _) = kind.program();
    let user = User::find(&host.disk, kind.user());
    let Some(user) = user else {
        log.systemd(&format!("{}.service: Failed to determine user credentials: No such process", kind.unit()));
        return Err(Exited(EXIT_USER));
    };
    if host.disk.stat(&User::root(), program).is_err() {
        log.systemd(&format!(
            "{}.service: Failed to locate executable {program}: No such file or directory",
            kind.unit()
        ));
        return Err(Exited(EXIT_EXEC));
    }
    match kind {
        Kind::ZooKeeper => zookeeper::start(host, &user, log).await,
        Kind::Master => mesos::start_master(host, log).await,
        Kind::Agent => mesos::start_agent(host, log).await,
        Kind::Pacer | Kind::Marathon => pacer::start(host, kind, log).await,
    }
}

//! Unit files on the machine's disk.

use super::kind::Kind;
use crate::host::{Host, users::User};

/// Where an enabled unit has its link.
pub(crate) const WANTS: &str = "/etc/systemd/system/multi-user.target.wants";

/// A unit file, as far as it counts here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct UnitFile {
    /// Where it lies.
    pub path: String,
    /// `Description=`.
    pub description: String,
    /// `Restart=`: whether a program that ended badly, or at all, is started again.
    pub restart: Restart,
}

/// When a program that ended is started again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Restart {
    /// Never.
    No,
    /// When it did not end with 0.
    OnFailure,
    /// Whenever nobody stopped it.
    Always,
}

impl UnitFile {
    /// The unit's file, if it has one: an administrator's comes before the package's.
    pub fn find(host: &Host, kind: Kind) -> Option<Self> {
        ["/etc/systemd/system", "/usr/lib/systemd/system"].into_iter().find_map(|folder| {
            let path = format!("{folder}/{}.service", kind.unit());
            let text = host.disk.read_text(&User::root(), &path).ok()?;
            let path = path.replace("/usr/lib", "/lib");
            Some(Self::parse(path, kind, &text))
        })
    }

    fn parse(path: String, kind: Kind, text: &str) -> Self {
        let value = |key: &str| {
            let line =
                |line: &str| line.trim().strip_prefix(key)?.trim_start().strip_prefix('=').map(|v| v.trim().to_owned());
            text.lines().filter_map(line).next_back()
        };
        let restart = match value("Restart").as_deref() {
            None | Some("no" | "") => Restart::No,
            Some("always") => Restart::Always,
            Some(_) => Restart::OnFailure,
        };
        Self { path, description: value("Description").unwrap_or_else(|| kind.description().to_owned()), restart }
    }
}

/// Whether the unit starts at boot.
pub(super) fn is_enabled(host: &Host, kind: Kind) -> bool {
    host.disk.lstat(&User::root(), &format!("{WANTS}/{}.service", kind.unit())).is_ok()
}

impl Host {
    /// Whether the unit starts when the machine does.
    pub fn unit_is_enabled(&self, kind: Kind) -> bool {
        is_enabled(self, kind)
    }
}

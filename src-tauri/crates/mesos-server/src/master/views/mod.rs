//! What clients see of a master's state, written straight from it.

pub mod maintenance;
pub mod metrics;
pub mod quota;
pub mod roles;
pub mod v0;
pub mod v1;

use serde::{Serialize, Serializer};

/// What the program was built from: the recorded one.
#[derive(Serialize)]
pub struct Build {
    build_date: &'static str,
    build_time: f64,
    build_user: &'static str,
    git_sha: &'static str,
    git_tag: &'static str,
    version: &'static str,
}

impl Build {
    /// Mesos 1.11.0, as its last official packages say.
    pub const THIS: Self = Self {
        build_date: "2020-11-24 15:38:37",
        build_time: 1_606_232_317.0,
        build_user: "ubuntu",
        git_sha: "04bc7ee1984d86fbb0bd782ccc69ce44c13ae4b9",
        git_tag: "1.11.0",
        version: crate::wire::VERSION,
    };
}

/// The same in the order of `/state`, to be flattened into it.
#[derive(Serialize)]
pub struct BuildV0 {
    version: &'static str,
    git_sha: &'static str,
    git_tag: &'static str,
    build_date: &'static str,
    build_time: f64,
    build_user: &'static str,
}

impl BuildV0 {
    /// See [`Build::THIS`].
    pub const THIS: Self = {
        let Build { build_date, build_time, build_user, git_sha, git_tag, version } = Build::THIS;
        Self { version, git_sha, git_tag, build_date, build_time, build_user }
    };
}

/// The same in the order of the v1 API.
#[derive(Serialize)]
pub struct VersionInfo {
    version: &'static str,
    build_date: &'static str,
    build_time: f64,
    build_user: &'static str,
    git_sha: &'static str,
    git_tag: &'static str,
}

impl VersionInfo {
    /// See [`Build::THIS`].
    pub const THIS: Self = {
        let Build { build_date, build_time, build_user, git_sha, git_tag, version } = Build::THIS;
        Self { version, build_date, build_time, build_user, git_sha, git_tag }
    };
}

/// A list that is written as it is walked.
pub struct Seq<F>(pub F);

impl<F, I, T> Serialize for Seq<F>
where
    F: Fn() -> I,
    I: Iterator<Item = T>,
    T: Serialize,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((self.0)())
    }
}

/// How an agent is being emptied, as both APIs show it.
#[derive(Serialize)]
pub struct DrainInfo {
    state: &'static str,
    config: DrainConfig,
}

#[derive(Serialize)]
struct DrainConfig {
    #[serde(skip_serializing_if = "Option::is_none")]
    max_grace_period: Option<crate::wire::Nanoseconds>,
    mark_gone: bool,
}

impl DrainInfo {
    /// Of an agent that an operator took out of service.
    pub fn of(core: &super::core::Core, agent: &crate::wire::Id) -> Option<Self> {
        let drain = core.out_of_service.get(agent)?.drain.as_ref()?;
        let config = DrainConfig { max_grace_period: drain.max_grace_period, mark_gone: drain.mark_gone };
        Some(Self { state: if drain.drained { "DRAINED" } else { "DRAINING" }, config })
    }
}

/// Flags as the v1 API lists them.
pub fn flag_list<'a>(shown: &'a std::collections::BTreeMap<&'static str, String>) -> Vec<Flag<'a>> {
    shown.iter().map(|(name, value)| Flag { name, value }).collect()
}

/// A flag.
#[derive(Serialize)]
pub struct Flag<'a> {
    name: &'a str,
    value: &'a str,
}

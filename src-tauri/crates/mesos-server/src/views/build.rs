//! What the program was built from.

use serde::Serialize;

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

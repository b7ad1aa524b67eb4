//! Versions: when an application was changed, and when only scaled.

use marathon::{AppDefinition, VersionInfo};

use crate::core::app::config_version_of;

/// With its version, if it is different from what was before.
pub fn stamped(mut definition: AppDefinition, before: Option<&AppDefinition>, version: &str) -> AppDefinition {
    let info = match before {
        None => both(version),
        Some(before) if !runs_the_same(before, &definition) => both(version),
        Some(before) if before.instances() != definition.instances() => VersionInfo {
            last_scaling_at: Some(version.to_owned()),
            last_config_change_at: Some(config_version_of(before).to_owned()),
            ..VersionInfo::default()
        },
        Some(before) => {
            definition.version = before.version.clone();
            definition.version_info = before.version_info.clone();
            return definition;
        }
    };
    definition.version = Some(version.to_owned());
    definition.version_info = Some(info);
    definition
}

/// Nothing but the number of instances differs.
fn runs_the_same(one: &AppDefinition, other: &AppDefinition) -> bool {
    let bare = |definition: &AppDefinition| AppDefinition {
        instances: None,
        version: None,
        version_info: None,
        ..definition.clone()
    };
    bare(one) == bare(other)
}

/// Scaled and changed now.
pub fn both(version: &str) -> VersionInfo {
    let version = Some(version.to_owned());
    VersionInfo { last_scaling_at: version.clone(), last_config_change_at: version, ..VersionInfo::default() }
}

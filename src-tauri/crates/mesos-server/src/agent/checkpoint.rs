//! What an agent remembers over a restart: its id, and what it was when it got it.

use std::path::Path;

use hardware::Disk;

use super::StartError;
use crate::{
    files,
    flags::Policy,
    registry::AgentRecord,
    resources::{Format, Listed, Resources},
    wire::{AgentInfo, Id, recordio},
};

const INFO: &str = "slave.info";

/// The id of the last run, if there was one and the agent is still the one it was.
pub fn recover(work_dir: &Path, info: &AgentInfo, policy: Policy) -> Result<Option<Id>, StartError> {
    let latest = work_dir.join("meta/slaves/latest");
    let Ok(folder) = std::fs::read_link(&latest) else { return Ok(None) };
    let Some(id) = folder.file_name().and_then(|name| name.to_str()) else { return Ok(None) };
    let Ok(text) = std::fs::read(latest.join(INFO)) else { return Ok(None) };
    let Ok(old) = serde_json::from_slice::<AgentRecord>(&text) else { return Ok(None) };
    let new = AgentRecord::of(info);
    if compatible(&old, info, policy) {
        return Ok(Some(Id::from(id)));
    }
    Err(StartError::Incompatible(format!(
        "EXIT with status 1: Failed to perform recovery: Incompatible agent info detected.\n\
         ------------------------------------------------------------\n\
         Old agent info:\nhostname: \"{}\" resources: {} attributes: {}\n\n\
         ------------------------------------------------------------\n\
         New agent info:\nhostname: \"{}\" resources: {} attributes: {}\n\n\
         ------------------------------------------------------------\n\
         To remedy this do as follows:\nStep 1: rm -f {}/meta/slaves/latest\n\
         \u{20}       This ensures agent doesn't recover old live executors.\nStep 2: Restart the agent.",
        old.hostname, old.resources, old.attributes, new.hostname, new.resources, new.attributes, "<work_dir>"
    )))
}

fn compatible(old: &AgentRecord, info: &AgentInfo, policy: Policy) -> bool {
    match policy {
        Policy::Any => true,
        Policy::Equal => *old == AgentRecord::of(info),
        Policy::Additive => {
            let before = old.info(Id::from(""));
            before.is_some_and(|before| {
                before.hostname == info.hostname
                    && info.resources.contains(&before.resources)
                    && before.attributes.iter().all(|attribute| info.attributes.contains(attribute))
            })
        }
    }
}

const RESOURCES: &str = "meta/resources/resources.info";

/// What the agent has now, given what its flags say: with the reservations and volumes made in former runs.
pub fn recover_resources(work_dir: &Path, given: &Resources) -> Resources {
    let Ok(text) = std::fs::read(work_dir.join(RESOURCES)) else { return given.clone() };
    let kept: Resources = serde_json::from_slice(&text).unwrap_or_default();
    let mut total = given.clone();
    for resource in kept.iter() {
        let mut plain = resource.without_volume();
        while plain.is_dynamic() {
            plain = plain.popped();
        }
        let (plain, resource): (Resources, Resources) =
            (std::iter::once(plain).collect(), std::iter::once(resource.clone()).collect());
        // What the machine has no more is lost.
        if let Ok(converted) = total.converted(&plain, &resource, None) {
            total = converted;
        }
    }
    total
}

/// Remembers the reservations and volumes.
pub fn save_resources(disk: &Disk, work_dir: &Path, total: &Resources) -> std::io::Result<()> {
    let path = work_dir.join(RESOURCES);
    if let Some(folder) = path.parent() {
        files::make_dirs(disk, folder)?;
    }
    files::replace(disk, &path, &recordio::json(&Listed(&total.checkpointed(), Format::BARE)))
}

/// Remembers an agent that has an id.
pub fn save(disk: &Disk, work_dir: &Path, info: &AgentInfo) -> std::io::Result<()> {
    let Some(id) = &info.id else { return Ok(()) };
    let slaves = work_dir.join("meta/slaves");
    let folder = slaves.join(id.as_str());
    files::make_dirs(disk, &folder)?;
    files::replace(disk, &folder.join(INFO), &recordio::json(&AgentRecord::of(info)))?;
    let link = slaves.join("latest.new");
    // One may be left of a run that was cut off here.
    let _ = std::fs::remove_file(&link);
    std::os::unix::fs::symlink(id.as_str(), &link)?;
    std::fs::rename(link, slaves.join("latest"))
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;
    use crate::{resources::parse, wire::Attribute};

    fn agent(resources: &str, attributes: &str) -> AgentInfo {
        AgentInfo {
            id: Some(Id::from("M-S0")),
            hostname: "node1".into(),
            ip: Ipv4Addr::LOCALHOST,
            port: 5051,
            resources: parse(resources, "*").unwrap(),
            attributes: Attribute::parse_all(attributes).unwrap(),
        }
    }

    #[test]
    fn the_policy_decides_about_changes() {
        let folder = tempfile::tempdir().unwrap();
        let old = agent("cpus:2;ports:[31000-31010]", "rack:r1");
        assert!(recover(folder.path(), &old, Policy::Equal).unwrap().is_none());
        save(&Disk::default(), folder.path(), &old).unwrap();
        save(&Disk::default(), folder.path(), &old).unwrap();
        assert_eq!(recover(folder.path(), &old, Policy::Equal).unwrap(), Some(Id::from("M-S0")));
        let more = agent("cpus:4;ports:[31000-31010]", "rack:r1;os:deb");
        assert!(recover(folder.path(), &more, Policy::Equal).is_err());
        assert!(recover(folder.path(), &more, Policy::Additive).unwrap().is_some());
        let less = agent("cpus:1", "rack:r2");
        assert!(recover(folder.path(), &less, Policy::Additive).is_err());
        assert!(recover(folder.path(), &less, Policy::Any).unwrap().is_some());
    }

    #[test]
    fn reservations_outlive_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let given = parse("cpus:4;mem:100;disk:1000", "*").unwrap();
        let changed: Resources = serde_json::from_str(
            r#"[{"name":"cpus","type":"SCALAR","scalar":{"value":3}},
                {"name":"cpus","type":"SCALAR","scalar":{"value":1},"reservations":[{"type":"DYNAMIC","role":"web"}]},
                {"name":"mem","type":"SCALAR","scalar":{"value":100}},{"name":"disk","type":"SCALAR","scalar":{"value":900}},
                {"name":"disk","type":"SCALAR","scalar":{"value":100},"reservations":[{"type":"DYNAMIC","role":"web"}],
                 "disk":{"persistence":{"id":"v1"},"volume":{"container_path":"data","mode":"RW"}}}]"#,
        )
        .unwrap();
        save_resources(&Disk::default(), folder.path(), &changed).unwrap();
        let recovered = recover_resources(folder.path(), &given);
        assert!(recovered.contains(&changed) && changed.contains(&recovered), "{recovered}");
        let smaller = parse("cpus:0.5", "*").unwrap();
        assert_eq!(recover_resources(folder.path(), &smaller), smaller);
    }
}

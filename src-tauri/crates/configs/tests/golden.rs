//! The rendered bundles, whole, as they were last looked at by a person.

use std::collections::HashMap;

use configs::Bundle;
use plan::{
    AgentResources, BoxImage, ClusterPlan, MesosSource, Preset, Provider, SchedulerKind, ValidPlan, ZooKeeperSource,
};
use words::Lang;

fn bundle(plan: ClusterPlan) -> Bundle {
    configs::render(&ValidPlan::new(plan).expect("presets are valid"))
}

/// Every file, one after the other; a text that was there before is named by its first path.
fn whole(bundle: &Bundle) -> String {
    let mut seen = HashMap::from([(include_str!("../assets/mesosd.cpp"), "assets/mesosd.cpp")]);
    let mut all = String::new();
    for file in &bundle.files {
        let dest = file.dest.as_deref().unwrap_or("-");
        all += &format!("━━━ {} ({} {:o} {dest})\n", file.path, file.owner, file.mode);
        match seen.get(file.content.as_str()) {
            Some(first) => all += &format!("the same as {first}\n"),
            None => all += &file.content,
        }
        seen.entry(&file.content).or_insert(&file.path);
    }
    all
}

#[test]
fn solo_on_docker_with_the_other_choices() {
    let mut plan = Preset::Solo.plan("solo", Provider::Docker, plan::real_network());
    plan.image = BoxImage { name: "startline/debian-systemd".into(), ..BoxImage::default() };
    plan.scheduler.kind = SchedulerKind::Marathon;
    plan.sources.zookeeper = ZooKeeperSource::Bigtop;
    plan.sources.mesos = MesosSource::Aventer;
    plan.zookeeper.admin_port = Some(8081);
    plan.nodes[0].memory_mb = 4096;
    plan.mesos.agent = Some(AgentResources { cpus: 1.5, mem_mb: 1024, disk_mb: 4096 });
    insta::assert_snapshot!(whole(&bundle(plan)));
}

#[test]
fn classroom_on_virtualbox_in_french() {
    let mut plan = Preset::Classroom.plan("salle", Provider::VirtualBox, plan::real_network());
    plan.language = Lang::Fr;
    plan.image.url = Some("file:///boxes/bookworm.box".into());
    plan.image.checksum = Some("0".repeat(64));
    insta::assert_snapshot!(whole(&bundle(plan)));
}

#[test]
fn classroom_of_practice_machines() {
    let network = "127.56.3.0/24".parse().expect("a network");
    insta::assert_snapshot!(whole(&bundle(Preset::Classroom.plan("lab", Provider::Practice, network))));
}

#[test]
fn high_availability_on_libvirt() {
    let mut plan = Preset::Ha.plan("lab", Provider::Libvirt, plan::real_network());
    plan.image.version = Some("12.20250126.1".into());
    insta::assert_snapshot!(whole(&bundle(plan)));
}

#[test]
fn the_same_plan_gives_the_same_bytes() {
    for (preset, _) in Preset::ALL {
        let plan = preset.plan("lab", Provider::Libvirt, plan::real_network());
        assert_eq!(bundle(plan.clone()), bundle(plan));
    }
}

#[test]
fn a_bundle_is_sorted_and_its_files_are_found() {
    let bundle = bundle(Preset::Ha.plan("lab", Provider::Libvirt, plan::real_network()));
    assert!(bundle.files.is_sorted_by(|a, b| a.path < b.path));
    let zk = bundle.find("node2", "/etc/mesos/zk").expect("a master knows where to meet");
    assert_eq!(zk.path, "files/node2/etc/mesos/zk");
    assert!(bundle.find("agent1", "/etc/zookeeper/conf/zoo.cfg").is_none());
    assert!(bundle.for_node("agent1").all(|f| f.path.starts_with("files/agent1/")));
    let myid = bundle.at("files/node2/var/lib/zookeeper/myid").expect("for those who do it by hand");
    assert_eq!((myid.content.as_str(), &myid.dest), ("2\n", &None));
}

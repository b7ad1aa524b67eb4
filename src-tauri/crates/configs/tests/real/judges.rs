//! What was rendered, judged by the programs that read it.

use std::{collections::BTreeSet, fs, path::Path, process::Command};

use crate::support::{missing, program, run, run_well};
use configs::{Bundle, File};
use plan::{ClusterPlan, MesosSource, Preset, Provider, SchedulerKind, ValidPlan, ZooKeeperSource};
use tempfile::TempDir;

fn render(plan: ClusterPlan) -> Bundle {
    configs::render(&ValidPlan::new(plan).expect("presets are valid"))
}

fn on(provider: Provider) -> ClusterPlan {
    let network = if provider.is_practice() { plan::practice_network(1) } else { plan::real_network() };
    let mut plan = Preset::Classroom.plan("lab", provider, network);
    plan.image.name = "startline/debian".into();
    plan
}

/// Between them these have every script and every unit.
fn all_choices() -> Vec<Bundle> {
    let mut other = on(Provider::Libvirt);
    other.scheduler.kind = SchedulerKind::Marathon;
    other.sources.zookeeper = ZooKeeperSource::Bigtop;
    other.sources.mesos = MesosSource::Aventer;
    other.nodes.iter_mut().for_each(|n| n.memory_mb = 4096);
    vec![render(on(Provider::Libvirt)), render(other)]
}

fn different_files(choose: impl Fn(&File) -> bool) -> Vec<File> {
    let mut seen = BTreeSet::new();
    let files = all_choices().into_iter().flat_map(|b| b.files).filter(choose);
    files.filter(|f| seen.insert(f.content.clone())).collect()
}

#[test]
fn vagrant_takes_the_vagrantfile_of_every_provider() {
    let (Some(vagrant), Some(ruby)) = (program("vagrant"), program("ruby")) else { return };
    for (provider, name) in Provider::ALL {
        let folder = TempDir::new().expect("a temporary folder");
        configs::export_folder(&render(on(provider)), &folder.path().join("lab")).expect("exported");
        let mut validate = Command::new(&vagrant);
        validate.args(["validate", "--ignore-provider"]).current_dir(folder.path().join("lab"));
        validate.env("VAGRANT_HOME", folder.path().join("home")).env("VAGRANT_CHECKPOINT_DISABLE", "1");
        let said = String::from_utf8_lossy(&run_well(&mut validate, "")).into_owned();
        assert!(said.contains("validated successfully"), "{name}: {said}");
        run_well(Command::new(&ruby).arg("-c").arg(folder.path().join("lab/Vagrantfile")), "");
    }
}

#[test]
fn shellcheck_has_nothing_to_say_about_any_script() {
    let (Some(shellcheck), Some(bash)) = (program("shellcheck"), program("bash")) else { return };
    let scripts = different_files(|f| f.content.starts_with("#!"));
    assert!(scripts.len() >= 13, "{}", scripts.len());
    let folder = TempDir::new().expect("a temporary folder");
    let mut check = Command::new(shellcheck);
    for (n, script) in scripts.iter().enumerate() {
        assert_eq!(script.mode, 0o755, "{}", script.path);
        run_well(Command::new(&bash).arg("-n"), &script.content);
        let path = folder.path().join(format!("{n}-{}", script.path.replace('/', "-")));
        fs::write(&path, &script.content).expect("room");
        check.arg(path);
    }
    run_well(&mut check, "");
}

#[test]
fn installers_say_what_they_provision() {
    let installers = different_files(|f| f.path.contains("/opt/startline/install-"));
    let provisions = installers.iter().map(|f| f.content.lines().nth(1).expect("a second line").to_owned());
    let provisions: BTreeSet<_> = provisions.collect();
    let expected = ["marathon", "mesos", "pacer", "zookeeper"].map(|part| format!("# startline-provision: {part}"));
    assert_eq!(provisions, BTreeSet::from(expected));
    assert_eq!(installers.len(), 6, "two sources for ZooKeeper and for Mesos");
}

#[test]
fn systemd_takes_every_unit() {
    let Some(analyze) = program("systemd-analyze") else { return };
    for bundle in all_choices() {
        let folder = TempDir::new().expect("a temporary folder");
        let mut verify = Command::new(&analyze);
        verify.arg("verify").arg("--man=no");
        for unit in bundle.files.iter().filter(|f| f.path.ends_with(".service")) {
            let path = folder.path().join(Path::new(&unit.path).file_name().expect("a name"));
            fs::write(&path, &unit.content).expect("room");
            verify.arg(path);
        }
        let said = String::from_utf8_lossy(&run(&mut verify, "").stderr).into_owned();
        // Its programs, and docker's unit, are not on this machine.
        let excused = |line: &str| line.contains("is not executable: No such file") || line.contains("docker.service");
        let complaints: Vec<_> = said.lines().filter(|l| l.contains(".service") && !excused(l)).collect();
        let ours = |line: &&&str| ["zookeeper-server", "mesos-", "pacer", "marathon"].iter().any(|u| line.contains(u));
        let complaints: Vec<_> = complaints.iter().filter(ours).collect();
        assert!(complaints.is_empty(), "{complaints:#?}");
    }
}

#[test]
fn ssh_finds_every_machine() {
    let Some(ssh) = program("ssh") else { return };
    let folder = TempDir::new().expect("a temporary folder");
    let bundle = render(on(Provider::Libvirt));
    let config = folder.path().join("ssh_config");
    fs::write(&config, &bundle.at("ssh_config").expect("rendered").content).expect("room");
    let said = run_well(Command::new(ssh).arg("-G").arg("-F").arg(config).arg("agent2"), "");
    let said = String::from_utf8_lossy(&said).into_owned();
    for line in ["hostname 192.168.56.22", "user vagrant", "identityfile .vagrant/machines/agent2/libvirt/private_key"]
    {
        assert!(said.lines().any(|l| l == line), "{line}: {said}");
    }
}

/// The script that Vagrant runs puts every file where the bundle says.
#[test]
fn files_are_put_where_they_belong() {
    let (Some(bash), Some(id)) = (program("bash"), program("id")) else { return };
    if run_well(Command::new(id).arg("-u"), "") != b"0\n" {
        return missing("root");
    }
    let folder = TempDir::new().expect("a temporary folder");
    let (lab, target) = (folder.path().join("lab"), folder.path().join("machine"));
    let bundle = render(on(Provider::Libvirt));
    configs::export_folder(&bundle, &lab).expect("exported");
    let mut put = Command::new(bash);
    put.arg(lab.join("provision/files.sh")).arg("node1").env("STARTLINE_BUNDLE", &lab).env("STARTLINE_TARGET", &target);
    let said = run_well(&mut put, "");
    let wanted: Vec<_> = bundle.for_node("node1").filter_map(|f| f.dest.as_ref().map(|dest| (dest, f))).collect();
    assert_eq!(String::from_utf8_lossy(&said).lines().count(), wanted.len());
    for (dest, file) in wanted {
        let there = target.join(dest.trim_start_matches('/'));
        assert_eq!(fs::read_to_string(&there).expect(dest), file.content, "{dest}");
    }
}

/// `zookeeper-server-initialize` as a student meets it.
#[test]
fn zookeeper_is_initialised_once() {
    let Some(bash) = program("bash") else { return };
    let folder = TempDir::new().expect("a temporary folder");
    let bundle = render(on(Provider::Libvirt));
    let text = |dest: &str| bundle.find("node1", dest).expect("rendered").content.clone();
    let data = folder.path().join("data");
    let config = text("/etc/zookeeper/conf/zoo.cfg").replace("/var/lib/zookeeper", &data.to_string_lossy());
    fs::write(folder.path().join("zoo.cfg"), config).expect("room");
    let script = folder.path().join("zookeeper-server-initialize");
    fs::write(&script, text("/usr/local/sbin/zookeeper-server-initialize")).expect("room");
    let initialise = |arguments: &[&str]| {
        run(Command::new(&bash).arg(&script).args(arguments).env("ZOOCFG", folder.path().join("zoo.cfg")), "")
    };
    // Debian's package leaves a link that its user cannot write through.
    fs::create_dir(&data).expect("room");
    #[cfg(unix)]
    std::os::unix::fs::symlink("/nowhere/myid", data.join("myid")).expect("a link");

    for wrong in [&["--myid=0"][..], &["--myid=256"], &["--myid=x"], &["--myid=1", "--what"], &["--myid"], &[]] {
        assert!(!initialise(wrong).status.success(), "{wrong:?}");
        assert!(!data.join("version-2").exists());
    }
    assert!(initialise(&["--myid=7"]).status.success());
    assert_eq!(fs::read_to_string(data.join("myid")).expect("there"), "7\n");
    fs::write(data.join("version-2/log.1"), "data").expect("room");
    let again = initialise(&["--myid=8"]);
    assert_eq!(again.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&again.stderr).contains("--force"));
    assert_eq!(fs::read_to_string(data.join("myid")).expect("there"), "7\n");
    assert!(initialise(&["--myid=8", "--force"]).status.success());
    assert_eq!(fs::read_to_string(data.join("myid")).expect("there"), "8\n");
    assert_eq!(fs::read_dir(data.join("version-2")).expect("there").count(), 0);
}

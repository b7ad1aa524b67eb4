//! Bundles on disk: there and back, and everything that may lie in the way.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use configs::{Bundle, ExportError, ImportError, export_folder, export_zip, import, write_folder};
use plan::{ClusterPlan, Preset, Provider, ValidPlan};
use tempfile::TempDir;
use zip::{ZipWriter, write::SimpleFileOptions};

fn plan(preset: Preset) -> ClusterPlan {
    preset.plan("lab", Provider::VirtualBox, plan::real_network())
}

fn bundle(preset: Preset) -> Bundle {
    configs::render(&ValidPlan::new(plan(preset)).expect("presets are valid"))
}

fn folder() -> TempDir {
    TempDir::new().expect("a temporary folder")
}

fn tree(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { found.extend(tree(&path)) } else { found.push(path) }
    }
    found
}

fn zip_of(entries: &[(&str, &[u8])], dest: &Path) {
    let mut zip = ZipWriter::new(fs::File::create(dest).expect("a file"));
    for (name, content) in entries {
        zip.start_file(*name, SimpleFileOptions::default()).expect("an entry");
        zip.write_all(content).expect("room");
    }
    zip.finish().expect("an archive");
}

#[test]
fn a_folder_there_and_back() {
    let (at, preset) = (folder(), Preset::Ha);
    let dest = at.path().join("a/b");
    export_folder(&bundle(preset), &dest).expect("exported");
    assert_eq!(import(&dest).expect("imported"), plan(preset));
    assert_eq!(tree(&dest).len(), bundle(preset).files.len());
    assert_eq!(fs::read_dir(at.path().join("a")).expect("a folder").count(), 1, "nothing else is left behind");
}

#[cfg(unix)]
#[test]
fn programs_stay_programs() {
    use std::os::unix::fs::PermissionsExt;
    let at = folder();
    export_folder(&bundle(Preset::Solo), &at.path().join("x")).expect("exported");
    let mode = |path: &str| fs::metadata(at.path().join("x").join(path)).expect("there").permissions().mode() & 0o777;
    assert_eq!(mode("provision/files.sh"), 0o755);
    assert_eq!(mode("plan.toml"), 0o644);
}

#[test]
fn the_machines_program_is_laid_beside_the_vagrantfile() {
    let at = folder();
    let program = at.path().join("built");
    fs::write(&program, [0x7f, b'E', b'L', b'F', 0xff]).expect("written");
    let bundle = Bundle { program: Some(program.clone()), ..bundle(Preset::Solo) };
    let (dest, zip) = (at.path().join("x"), at.path().join("x.zip"));
    for _ in 0..2 {
        export_folder(&bundle, &dest).expect("exported, and brought up to date");
        assert_eq!(fs::read(dest.join("startline-node")).expect("there"), fs::read(&program).expect("there"));
        assert!(dest.join("Vagrantfile").exists());
    }
    export_zip(&bundle, &zip).expect("exported");
    let mut archive = zip::ZipArchive::new(fs::File::open(&zip).expect("there")).expect("an archive");
    let entry = archive.by_name("lab/startline-node").expect("in the archive");
    assert_eq!((entry.size(), entry.unix_mode().map(|mode| mode & 0o777)), (5, Some(0o755)));
    assert_eq!(import(&zip).expect("imported"), plan(Preset::Solo));
}

#[test]
fn a_zip_there_and_back_and_always_the_same() {
    let at = folder();
    let (one, two) = (at.path().join("one.zip"), at.path().join("two.zip"));
    export_zip(&bundle(Preset::Classroom), &one).expect("exported");
    export_zip(&bundle(Preset::Classroom), &two).expect("exported");
    assert_eq!(fs::read(&one).expect("there"), fs::read(&two).expect("there"));
    assert_eq!(import(&one).expect("imported"), plan(Preset::Classroom));
    assert_eq!(tree(at.path()).len(), 2, "nothing else is left behind");
}

#[test]
fn an_empty_folder_is_a_destination() {
    let at = folder();
    export_folder(&bundle(Preset::Solo), at.path()).expect("exported");
    assert_eq!(import(at.path()).expect("imported"), plan(Preset::Solo));
}

#[test]
fn a_former_export_is_brought_up_to_date_and_nothing_else_is_touched() {
    let at = folder();
    let dest = at.path().join("lab");
    export_folder(&bundle(Preset::Ha), &dest).expect("exported");
    fs::write(dest.join("notes.txt"), "mine").expect("room");
    fs::create_dir_all(dest.join(".vagrant/machines")).expect("room");
    fs::write(dest.join("files/agent3/mine"), "mine").expect("room");
    export_folder(&bundle(Preset::Solo), &dest).expect("exported again");

    assert_eq!(import(&dest).expect("imported"), plan(Preset::Solo));
    assert!(!dest.join("files/agent2").exists(), "what the plan no longer has is gone");
    assert!(dest.join(".vagrant/machines").is_dir());
    assert_eq!(tree(&dest).len(), bundle(Preset::Solo).files.len() + 2);

    let zip = at.path().join("lab.zip");
    export_zip(&bundle(Preset::Ha), &zip).expect("exported");
    export_zip(&bundle(Preset::Solo), &zip).expect("exported again");
    assert_eq!(import(&zip).expect("imported"), plan(Preset::Solo));
}

#[test]
fn a_clusters_own_folder_keeps_what_the_program_keeps_there() {
    let at = folder();
    fs::write(at.path().join("journal.jsonl"), "{}").expect("room");
    fs::write(at.path().join("plan.toml"), "an older one").expect("room");
    write_folder(&bundle(Preset::Ha), at.path()).expect("written");
    fs::create_dir_all(at.path().join(".startline-writing/bundle")).expect("as a killed program leaves it");
    write_folder(&bundle(Preset::Solo), at.path()).expect("written again");
    assert_eq!(import(at.path()).expect("imported"), plan(Preset::Solo));
    assert!(!at.path().join(".startline-writing").exists());
    assert_eq!(fs::read_to_string(at.path().join("journal.jsonl")).expect("there"), "{}");
    assert_eq!(tree(at.path()).len(), bundle(Preset::Solo).files.len() + 1);
}

#[test]
fn nothing_of_others_is_overwritten() {
    let at = folder();
    let (dir, file) = (at.path().join("dir"), at.path().join("file"));
    fs::create_dir(&dir).expect("room");
    fs::write(dir.join("thesis.tex"), "years").expect("room");
    fs::write(&file, "years").expect("room");
    zip_of(&[("lab/thesis.tex", b"years")], &at.path().join("other.zip"));
    let before = fs::read(at.path().join("other.zip")).expect("there");

    let solo = bundle(Preset::Solo);
    let refused = [
        export_folder(&solo, &dir),
        export_folder(&solo, &file),
        export_zip(&solo, &dir),
        export_zip(&solo, &file),
        export_zip(&solo, &at.path().join("other.zip")),
    ];
    for result in refused {
        let error = result.expect_err("something else lies there");
        assert!(matches!(error, ExportError::DestinationExists { .. }), "{error}");
        assert_eq!(error.problem().id, "export-destination-exists");
    }
    assert_eq!(fs::read_to_string(&file).expect("there"), "years");
    assert_eq!(fs::read(at.path().join("other.zip")).expect("there"), before);
    assert_eq!(tree(at.path()).len(), 3, "nothing is left behind");
}

#[cfg(unix)]
#[test]
fn a_former_export_with_a_link_in_it_leads_nowhere_else() {
    let at = folder();
    let (dest, elsewhere) = (at.path().join("lab"), at.path().join("elsewhere"));
    fs::create_dir(&elsewhere).expect("room");
    export_folder(&bundle(Preset::Solo), &dest).expect("exported");
    fs::remove_dir_all(dest.join("files")).expect("removed");
    std::os::unix::fs::symlink(&elsewhere, dest.join("files")).expect("a link");
    assert!(matches!(export_folder(&bundle(Preset::Solo), &dest), Err(ExportError::DestinationExists { .. })));
    assert_eq!(fs::read_dir(&elsewhere).expect("there").count(), 0);
}

#[test]
fn a_disk_that_refuses_is_said_and_leaves_nothing() {
    let at = folder();
    fs::write(at.path().join("file"), "").expect("room");
    let below = at.path().join("file/below");
    let solo = bundle(Preset::Solo);
    for result in [export_folder(&solo, &below), export_zip(&solo, &below)] {
        let error = result.expect_err("a file has nothing below it");
        assert_eq!(error.problem().id, "export-cannot-write");
        assert!(!error.problem().evidence.is_empty());
    }
    assert_eq!(tree(at.path()).len(), 1);
}

#[test]
fn what_is_no_bundle_is_said() {
    let at = folder();
    let path = |name: &str| at.path().join(name);
    fs::create_dir(path("empty")).expect("room");
    fs::create_dir_all(path("odd/plan.toml")).expect("room");
    fs::write(path("text.zip"), "not a zip").expect("room");
    zip_of(&[("readme.txt", b"hello")], &path("other.zip"));
    zip_of(&[("a/plan.toml", b""), ("b/plan.toml", b"")], &path("two.zip"));
    zip_of(&[("plan.toml", b"name = \"\xff\"")], &path("bytes.zip"));
    let mut cut = Vec::new();
    export_zip(&bundle(Preset::Solo), &path("whole.zip")).expect("exported");
    cut.extend(&fs::read(path("whole.zip")).expect("there")[..2000]);
    fs::write(path("cut.zip"), cut).expect("room");

    for name in ["empty", "odd", "text.zip", "other.zip", "two.zip", "bytes.zip", "cut.zip"] {
        let error = import(&path(name)).expect_err(name);
        assert!(matches!(error, ImportError::NotOne { .. }), "{name}: {error}");
        assert_eq!(error.problem().id, "bundle-not-one");
    }
    assert_eq!(import(&path("missing")).expect_err("missing").problem().id, "bundle-cannot-read");
}

#[test]
fn a_broken_plan_in_a_bundle_is_said_with_its_reason() {
    let at = folder();
    fs::write(at.path().join("plan.toml"), "name = ").expect("room");
    let problem = import(at.path()).expect_err("broken").problem();
    assert_eq!(problem.id, "bundle-plan-broken");
    assert!(!problem.evidence.is_empty());
    assert_ne!(problem.what.en, problem.what.fr);
}

#[test]
fn a_bomb_does_not_go_off() {
    let at = folder();
    let zip = at.path().join("bomb.zip");
    zip_of(&[("lab/plan.toml", &vec![b' '; 8 << 20])], &zip);
    assert!(fs::metadata(&zip).expect("there").len() < 1 << 20, "small on disk");
    assert_eq!(import(&zip).expect_err("too large").problem().id, "bundle-too-large");
    fs::write(at.path().join("plan.toml"), vec![b'#'; 5 << 20]).expect("room");
    assert_eq!(import(at.path()).expect_err("too large").problem().id, "bundle-too-large");
}

#[test]
fn names_that_leave_their_folder_are_refused() {
    let at = folder();
    let toml = plan(Preset::Solo).to_toml();
    for name in ["../evil", "/etc/passwd", "lab/../../evil", "C:\\evil", "lab\\..\\evil"] {
        let zip = at.path().join("evil.zip");
        zip_of(&[("lab/plan.toml", toml.as_bytes()), (name, b"x")], &zip);
        assert_eq!(import(&zip).expect_err(name).problem().id, "bundle-unsafe", "{name}");
    }
    assert_eq!(tree(at.path()).len(), 1, "nothing was unpacked");
}

#[test]
fn a_plan_that_is_a_link_is_not_followed() {
    let at = folder();
    let zip = at.path().join("link.zip");
    let mut writer = ZipWriter::new(fs::File::create(&zip).expect("a file"));
    writer.add_symlink("lab/plan.toml", "/etc/passwd", SimpleFileOptions::default()).expect("an entry");
    writer.finish().expect("an archive");
    assert_eq!(import(&zip).expect_err("a link").problem().id, "bundle-not-one");
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("/etc/passwd", at.path().join("plan.toml")).expect("a link");
        assert_eq!(import(at.path()).expect_err("a link").problem().id, "bundle-not-one");
    }
}

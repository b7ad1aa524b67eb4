//! Hostile strings, rendered, and judged by the programs that read them. Validation refuses all of these; the renderers
//! must hold even if one slips through.

#[path = "../tests/real/support.rs"]
mod support;

use std::{path::Path, process::Command};

use plan::{ClusterPlan, Preset, Provider};
use proptest::{collection::vec, prelude::*, sample::select};

use self::support::{program, run_well};
use crate::{Bundle, quote, render::render_unchecked};

/// What means something to a shell, to Ruby, to systemd, to properties or to paths.
const PIECES: &[&str] = &[
    "a",
    "Z",
    "7",
    "é",
    "😀",
    " ",
    "\t",
    "\n",
    "\r\n",
    "\0",
    "\u{1b}",
    "\u{7f}",
    "\u{85}",
    "\u{2028}",
    "'",
    "\"",
    "`",
    "\\",
    "$",
    "${HOME}",
    "$(id)",
    "`id`",
    "#",
    "#{`id`}",
    "#$0",
    "#@a",
    "%",
    "%h",
    "%n",
    "*",
    "?",
    "~",
    "!",
    "!!",
    "&",
    "&&",
    "|",
    ";",
    "<",
    ">",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "=",
    ",",
    ":",
    "/",
    "..",
    "../../etc/passwd",
    "-",
    "--",
    "\\\n",
    "\nend\n",
    "\n=begin\n",
    "\n__END__\n",
    "\nEOF\n",
    "\nserver.9=x",
    "\n[Service]\nExecStart=/bin/false",
    "\u{feff}",
];

fn hostile() -> impl Strategy<Value = String> {
    vec(select(PIECES), 0..8).prop_map(|pieces| pieces.concat())
}

/// Many strings for one start of a judge.
fn many() -> impl Strategy<Value = Vec<String>> {
    vec(hostile(), 150)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn ruby_reads_back_the_very_string(strings in many()) {
        let Some(ruby) = program("ruby") else { return Ok(()) };
        let literals: Vec<_> = strings.iter().map(|s| quote::ruby(s)).collect();
        let script = format!("# encoding: utf-8\nputs [{}].map {{ |s| s.unpack1(\"H*\") }}\n", literals.join(",\n"));
        let output = String::from_utf8(run_well(&mut Command::new(ruby), &script)).unwrap();
        let expected: String = strings.iter().map(|s| hex(s) + "\n").collect();
        prop_assert_eq!(output, expected);
    }

    #[test]
    fn bash_reads_back_the_very_string(strings in many()) {
        let Some(bash) = program("bash") else { return Ok(()) };
        let words: Vec<_> = strings.iter().map(|s| quote::bash(s)).collect();
        let script = format!("printf '%s\\0' {}\n", words.join(" "));
        let output = run_well(Command::new(bash).arg("--noprofile"), &script);
        let expected: Vec<u8> = strings.iter().flat_map(|s| (s.replace('\0', "") + "\0").into_bytes()).collect();
        prop_assert_eq!(output, expected);
    }

    #[test]
    fn a_hostile_plan_changes_names_and_nothing_else(names in vec(hostile(), 12), provider in select(&Provider::ALL)) {
        let (tame, plan) = (tame(provider.0), hostile_plan(provider.0, &names));
        let (before, after) = (render_unchecked(&tame), render_unchecked(&plan));
        prop_assert_eq!(before.files.len(), after.files.len());
        paths_stay_inside(&after);
        lines_mean_the_same((&tame, &before), (&plan, &after));
        ruby_understands(&plan, &after);
        scripts_parse(&after);
    }
}

fn hex(text: &str) -> String {
    text.bytes().map(|b| format!("{b:02x}")).collect()
}

fn tame(provider: Provider) -> ClusterPlan {
    let mut plan = Preset::Classroom.plan("lab", provider, plan::real_network());
    plan.mesos.cluster = Some("lab".into());
    plan.image.url = Some("file:///box".into());
    plan.image.version = Some("1".into());
    plan.image.checksum = Some("00".into());
    plan
}

fn hostile_plan(provider: Provider, names: &[String]) -> ClusterPlan {
    let mut plan = tame(provider);
    plan.name = names[0].clone();
    plan.mesos.cluster = Some(names[1].clone());
    plan.image.name = names[2].clone();
    plan.image.url = Some(names[3].clone());
    plan.image.version = Some(names[4].clone());
    plan.image.checksum = Some(names[5].clone());
    plan.applications[0].id = names[6].clone();
    for (n, (node, name)) in plan.nodes.iter_mut().zip(&names[7..]).enumerate() {
        node.name = format!("{name}{n}");
        if let Some(agent) = &mut node.roles.agent {
            agent.attributes = [(names[10].clone(), names[11].clone())].into();
        }
    }
    plan
}

fn paths_stay_inside(bundle: &Bundle) {
    for file in &bundle.files {
        let parts: Vec<_> = file.path.split('/').collect();
        assert!(parts.iter().all(|part| !part.is_empty() && *part != "." && *part != ".."), "{}", file.path);
        assert!(!file.path.contains(['\\', '\0', '\n']), "{}", file.path);
    }
}

/// Line for line, nothing but a name, a value or a comment differs.
fn lines_mean_the_same((tame, before): (&ClusterPlan, &Bundle), (plan, after): (&ClusterPlan, &Bundle)) {
    for (as_it_was, node) in tame.nodes.iter().zip(&plan.nodes) {
        assert_eq!(before.for_node(&as_it_was.name).count(), after.for_node(&node.name).count());
        for file in after.for_node(&node.name) {
            let Some(dest) = file.dest.as_deref() else { continue };
            let twin = before.find(&as_it_was.name, dest).unwrap_or_else(|| panic!("{dest} is new"));
            assert_eq!(meaningful(dest, &twin.content), meaningful(dest, &file.content), "{dest}");
        }
    }
}

fn meaningful(dest: &str, content: &str) -> Vec<String> {
    let lines = content.split('\n').filter(|line| !line.starts_with('#'));
    match dest {
        // An address and one name; the names of loopback are ours.
        "/etc/hosts" => lines.map(|l| format!("{:?} {}", l.split(' ').next(), l.split(' ').count())).collect(),
        "/etc/mesos-master/cluster" => vec![format!("{} line", content.lines().count())],
        "/etc/mesos-agent/attributes" => lines.map(|l| l.matches([':', ';']).collect()).collect(),
        _ => lines.filter(|l| !l.starts_with("Description=")).map(Into::into).collect(),
    }
}

/// Ruby runs the Vagrantfile, with a stand-in for Vagrant that writes down what it is told.
fn ruby_understands(plan: &ClusterPlan, bundle: &Bundle) {
    let Some(ruby) = program("ruby") else { return };
    let script = format!("{STAND_IN}\n{}", bundle.at("Vagrantfile").unwrap().content);
    let output = String::from_utf8(run_well(&mut Command::new(ruby), &script)).unwrap();
    let said = |what: &str, text: &str| {
        assert!(output.contains(&format!("{what} {}\n", hex(text))), "{what} {text:?}\n{output}")
    };
    if plan.provider == Provider::Docker {
        said("image=", &plan.image.name);
    } else {
        said("box=", &plan.image.name);
        said("box_url=", plan.image.url.as_deref().unwrap());
        said("box_version=", plan.image.version.as_deref().unwrap());
        said("box_download_checksum=", plan.image.checksum.as_deref().unwrap());
    }
    for node in &plan.nodes {
        said("hostname=", &node.name);
        said("define", &node.name);
    }
}

const STAND_IN: &str = r##"# encoding: utf-8
class Told
  def method_missing(name, *given)
    puts "#{name} #{given[0].unpack1("H*")}" if given[0].is_a?(String)
    yield self if block_given?
    self
  end
  def respond_to_missing?(*) = true
end
module Vagrant
  def self.configure(_) = yield(Told.new)
end
"##;

fn scripts_parse(bundle: &Bundle) {
    let Some(bash) = program("bash") else { return };
    for file in bundle.files.iter().filter(|f| f.content.starts_with("#!/bin/bash")) {
        run_well(Command::new(&bash).arg("-n"), &file.content);
    }
}

#[test]
fn a_plan_with_nothing_in_it_still_renders() {
    let mut plan = tame(Provider::Practice);
    plan.nodes.clear();
    plan.applications.clear();
    let bundle = render_unchecked(&plan);
    assert!(bundle.files.iter().all(|f| f.node.is_none()));
    assert!(Path::new(&bundle.at("Vagrantfile").unwrap().path).is_relative());
}

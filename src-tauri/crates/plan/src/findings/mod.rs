//! What is wrong with a plan, or could be better.
//!
//! One file a subject; each gives the findings of its rules. Rules look at the plan only: no I/O.

mod agents;
mod applications;
mod attributes;
mod ensemble;
mod host;
mod image;
mod machines;
mod masters;
mod names;
mod network;
mod ports;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use words::{Lang, Text};

use crate::{ClusterPlan, Edit, Fix};

pub(crate) use applications::application_path;
pub use applications::refusal;

/// Something about a plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// Where: `nodes[1].address`, `zookeeper.admin_port`, `applications[0].healthChecks[0].path`. Empty for the whole.
    pub path: String,
    /// How bad.
    pub severity: Severity,
    /// Which rule, stable: `address-outside-network`.
    pub id: String,
    /// What, and why it matters.
    pub text: Text,
    /// What the program can do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fix: Option<Fix>,
}

/// How bad a finding is. The worst is the greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Could be better.
    Hint,
    /// Works, with a catch.
    Warning,
    /// Will not work: nothing is made of such a plan.
    Error,
}

/// The computer that real machines must fit on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostLimits {
    /// Processors.
    pub cpus: u32,
    /// Memory, MiB.
    pub memory_mb: u32,
}

impl ClusterPlan {
    /// Everything that is wrong with the plan or could be better, worst first and then by machine. With `host`, also whether the machines fit
    /// on it.
    pub fn findings(&self, host: Option<HostLimits>) -> Vec<Finding> {
        let rules: [fn(&Self) -> Vec<Finding>; 10] = [
            names::check,
            network::check,
            machines::check,
            ensemble::check,
            masters::check,
            agents::check,
            ports::check,
            attributes::check,
            image::check,
            applications::check,
        ];
        let mut found: Vec<Finding> = rules.iter().flat_map(|rule| rule(self)).collect();
        found.extend(host.into_iter().flat_map(|host| host::check(self, host)));
        in_order(found)
    }
}

/// The worst first, then the cluster's own before those of its machines, these in the order of the plan.
///
/// They are put in place one by one: the standard library's sort is 5 KB of WebAssembly for each type that it sorts.
fn in_order(found: Vec<Finding>) -> Vec<Finding> {
    let rank = |finding: &Finding| (std::cmp::Reverse(finding.severity), machine(&finding.path));
    let mut ordered: Vec<Finding> = Vec::with_capacity(found.len());
    for finding in found {
        let place = ordered.partition_point(|before| rank(before) <= rank(&finding));
        ordered.insert(place, finding);
    }
    ordered
}

/// The machine that a path leads to, by its number from 0; none for a path that leads to none.
fn machine(path: &str) -> Option<usize> {
    path.strip_prefix("nodes[")?.split(']').next()?.parse().ok()
}

/// The items as a set. Put in one by one: `collect` sorts them first, which is more code than this whole file.
fn set<T: Ord>(items: impl Iterator<Item = T>) -> BTreeSet<T> {
    let mut set = BTreeSet::new();
    set.extend(items);
    set
}

/// An amount of processors or MiB, in English and in French.
fn amount(value: f64) -> [String; 2] {
    [Lang::En, Lang::Fr].map(|lang| words::number(value, 2, lang))
}

impl Finding {
    fn new(severity: Severity, path: impl Into<String>, id: &str, text: Text) -> Self {
        Self { path: path.into(), severity, id: id.into(), text, fix: None }
    }

    fn error(path: impl Into<String>, id: &str, text: Text) -> Self {
        Self::new(Severity::Error, path, id, text)
    }

    fn warning(path: impl Into<String>, id: &str, text: Text) -> Self {
        Self::new(Severity::Warning, path, id, text)
    }

    fn hint(path: impl Into<String>, id: &str, text: Text) -> Self {
        Self::new(Severity::Hint, path, id, text)
    }

    /// Adds what the program can do about it.
    fn fix(mut self, label: Text, edits: impl Into<Vec<Edit>>) -> Self {
        self.fix = Some(Fix { label, edits: edits.into() });
        self
    }

    /// Adds what the program can do about it, if it can.
    fn fix_if(self, fix: Option<(Text, Vec<Edit>)>) -> Self {
        match fix {
            Some((label, edits)) => self.fix(label, edits),
            None => self,
        }
    }
}

/// A text from a hostile plan, as it may stand in a sentence: short, in one line, nothing invisible.
fn shown(text: &str) -> String {
    let short: String =
        text.chars().take(40).map(|c| if c.is_ascii_graphic() || is_latin_letter(c) { c } else { '·' }).collect();
    if text.chars().count() > 40 { format!("{short}…") } else { short }
}

/// A letter beyond ASCII, of the languages that are written with Latin ones. Not asked of Unicode's tables, which the
/// window would have to carry.
fn is_latin_letter(c: char) -> bool {
    ('\u{c0}'..='\u{24f}').contains(&c)
}

/// The names of machines, in a sentence: at most three, then how many more.
fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.into_iter().map(shown).collect();
    match names.len() {
        0..=3 => names.join(", "),
        n => format!("{}, … (+{})", names[..3].join(", "), n - 3),
    }
}

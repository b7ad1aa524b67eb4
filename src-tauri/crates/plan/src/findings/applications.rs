//! Applications: what Marathon would refuse, and what could never run on these agents.

use std::collections::BTreeSet;

use marathon::{AppDefinition, Operator};
use words::{Text, text};

use super::{Finding, amount, set, shown};
use crate::{AgentResources, ClusterPlan, Edit};

pub(super) fn check(plan: &ClusterPlan) -> Vec<Finding> {
    let mut found = Vec::new();
    for (n, app) in plan.applications.iter().enumerate() {
        found.extend(app.validate().iter().map(|v| refused(n, &v.path, &v.message)));
        found.extend(placement(plan, n, app));
    }
    found.extend(duplicates(plan));
    found.extend(dependencies(plan));
    found
}

/// Marathon's `/healthChecks(0)/path` as the plan's `applications[2].healthChecks[0].path`.
pub(crate) fn application_path(application: usize, path: &str) -> String {
    let mut out = format!("applications[{application}]");
    for part in path.split('/').filter(|p| !p.is_empty()) {
        let (name, index) = match part.strip_suffix(')').and_then(|p| p.rsplit_once('(')) {
            Some((name, index)) if index.bytes().all(|b| b.is_ascii_digit()) => (name, format!("[{index}]")),
            _ => (part, String::new()),
        };
        out.push_str(&format!(".{name}{index}"));
    }
    out
}

fn refused(application: usize, path: &str, message: &str) -> Finding {
    Finding::error(application_path(application, path), "application-refused", refusal(path, message))
}

/// What Marathon would refuse ([`marathon::Violation`]), in plain words: which field, and what is wrong with it.
pub fn refusal(path: &str, message: &str) -> Text {
    let plain = plain(message);
    let path = application_path(0, path);
    let field = shown(path.split_once('.').map_or("", |(_, field)| field));
    if field.is_empty() {
        return plain;
    }
    Text { en: format!("“{field}”: {}", plain.en), fr: format!("« {field} » : {}", plain.fr) }
}

/// The words of Marathon's JSON library in plain ones; its own sentences as they are.
fn plain(message: &str) -> Text {
    match message {
        "error.expected.jsstring" => text!("must be a text.", "doit être un texte."),
        "error.expected.jsnumber" => text!("must be a number.", "doit être un nombre."),
        "error.expected.int" => text!("must be a whole number.", "doit être un nombre entier."),
        "error.expected.jsboolean" => text!("must be true or false.", "doit être true ou false."),
        "error.expected.jsarray" => text!("must be a list.", "doit être une liste."),
        "error.expected.jsobject" => {
            text!("must be a table of keys and values.", "doit être une table de clés et de valeurs.")
        }
        "error.path.missing" => text!("is missing.", "manque."),
        "error.min" => text!("is too small.", "est trop petit."),
        "error.max" => text!("is too large.", "est trop grand."),
        "error.minLength" => text!("must not be empty.", "ne doit pas être vide."),
        "error.pattern" => text!(
            "contains characters that Marathon does not take here.",
            "contient des caractères que Marathon n’accepte pas ici."
        ),
        "error.unknown.enum.literal" => {
            text!("is not a word that Marathon knows here.", "n’est pas un mot que Marathon connaît ici.")
        }
        "error.unknown.field" => {
            text!("is not a field that Marathon knows.", "n’est pas un champ que Marathon connaît.")
        }
        other => text!("Marathon would say: {other}", "Marathon dirait : {other}"),
    }
}

fn duplicates(plan: &ClusterPlan) -> Vec<Finding> {
    let mut seen = BTreeSet::new();
    let ids = set(plan.applications.iter().map(AppDefinition::absolute_id));
    let again = plan.applications.iter().enumerate().filter(|(_, app)| !seen.insert(app.absolute_id()));
    again
        .map(|(n, app)| {
            let id = shown(&app.id);
            let text = text!("Two applications are called “{id}”.", "Deux applications s’appellent « {id} ».");
            let numbers = 2..=plan.applications.len() + 1;
            let free = numbers.map(|n| format!("{}-{n}", app.id)).find(|id| !ids.contains(id));
            let fix = free.map(|id| {
                let name = shown(&id);
                let edit = Edit::ApplicationId { application: n, id };
                (text!("Call it “{name}”", "L’appeler « {name} »"), vec![edit])
            });
            Finding::error(format!("applications[{n}].id"), "application-twice", text).fix_if(fix)
        })
        .collect()
}

fn dependencies(plan: &ClusterPlan) -> Vec<Finding> {
    let ids = set(plan.applications.iter().map(AppDefinition::absolute_id));
    let mut found = Vec::new();
    for (n, app) in plan.applications.iter().enumerate() {
        for (d, dependency) in app.dependencies.iter().flatten().enumerate() {
            let missing = dependency.starts_with('/') && !ids.contains(dependency);
            if missing {
                let (id, other) = (shown(&app.id), shown(dependency));
                let path = format!("applications[{n}].dependencies[{d}]");
                found.push(Finding::warning(
                    path,
                    "dependency-unknown",
                    text!(
                        "“{id}” waits for “{other}”, which the plan does not deploy.",
                        "« {id} » attend « {other} », que le plan ne déploie pas."
                    ),
                ));
            }
        }
    }
    found
}

/// Whether the agents can ever run it.
fn placement(plan: &ClusterPlan, n: usize, app: &AppDefinition) -> Vec<Finding> {
    let offers: Vec<AgentResources> = plan.agents().map(|(node, _)| plan.offer(node)).collect();
    if offers.is_empty() || app.instances() == 0 {
        return Vec::new();
    }
    let found = [fits_nowhere(n, app, &offers), too_many(plan, n, app), port_not_offered(plan, n, app)];
    found.into_iter().flatten().collect()
}

fn fits_nowhere(n: usize, app: &AppDefinition, offers: &[AgentResources]) -> Option<Finding> {
    let fits = |offer: &AgentResources| {
        let disk = offer.disk_mb == 0 || app.disk() <= f64::from(offer.disk_mb);
        app.cpus() <= offer.cpus && app.mem() <= f64::from(offer.mem_mb) && disk
    };
    if offers.iter().any(fits) {
        return None;
    }
    let id = shown(&app.id);
    let most_cpus = offers.iter().map(|o| o.cpus).fold(0.0, f64::max);
    let most_mem = offers.iter().map(|o| o.mem_mb).max().unwrap_or(0);
    let ([cpus, cpus_fr], [mem, mem_fr]) = (amount(app.cpus()), amount(app.mem()));
    let [most_cpus, most_cpus_fr] = amount(most_cpus);
    Some(Finding::warning(
        format!("applications[{n}]"),
        "application-fits-nowhere",
        text!(
            "No agent can run “{id}”: it wants {cpus} processors and {mem} MiB; agents offer up to {most_cpus} and {most_mem} MiB. It would wait for ever.",
            "Aucun agent ne peut exécuter « {id} » : elle demande {cpus_fr} processeurs et {mem_fr} Mio ; les agents offrent jusqu’à {most_cpus_fr} et {most_mem} Mio. Elle attendrait toujours."
        ),
    ))
}

fn too_many(plan: &ClusterPlan, n: usize, app: &AppDefinition) -> Option<Finding> {
    let agents = u32::try_from(plan.agents().count()).unwrap_or(u32::MAX);
    let instances = app.instances();
    let fixed = app.require_ports() && app.wanted_ports().iter().any(|p| *p != 0);
    let one_each = |c: &marathon::Constraint| c.attribute() == "hostname" && c.operator() == Some(Operator::Unique);
    if instances <= agents || !(fixed || app.constraints().iter().any(one_each)) {
        return None;
    }
    let id = shown(&app.id);
    let text = text!(
        "“{id}” can run once on each agent, and there are {agents}: of {instances} instances some would wait for ever.",
        "« {id} » peut tourner une fois par agent, et il y en a {agents} : sur {instances} instances, certaines attendraient toujours."
    );
    let label = text!("Ask for {agents}", "En demander {agents}");
    let edit = Edit::Instances { application: n, instances: agents };
    Some(
        Finding::warning(format!("applications[{n}].instances"), "more-instances-than-agents", text).fix(label, [edit]),
    )
}

fn port_not_offered(plan: &ClusterPlan, n: usize, app: &AppDefinition) -> Option<Finding> {
    let (first, last) = plan.mesos.task_ports;
    let ports = app.wanted_ports();
    let port = ports.iter().find(|p| app.require_ports() && **p != 0 && !(first..=last).contains(*p))?;
    let id = shown(&app.id);
    Some(Finding::warning(
        format!("applications[{n}]"),
        "port-not-offered",
        text!(
            "“{id}” insists on port {port}, but agents offer only {first} to {last}. It would wait for ever.",
            "« {id} » exige le port {port}, mais les agents n’offrent que {first} à {last}. Elle attendrait toujours."
        ),
    ))
}

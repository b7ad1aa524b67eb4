//! Commands on plans and files: none of them touches a machine.

use std::path::Path;

use app::{Draft, Error, Exit, Home};
use plan::{ClusterPlan, Finding, Severity};
use serde::Serialize;
use words::text;

use super::{
    arguments::{Made, Shape},
    say::Say,
    status::describe,
};

pub fn new(home: &Home, say: &Say, name: String, preset: Shape, provider: Made) -> Result<Exit, Error> {
    let plan = home.draft(&Draft { name, preset: preset.into(), provider: provider.into() });
    let name = home.create(plan)?;
    created(home, say, &name);
    Ok(Exit::Success)
}

pub fn import(home: &Home, say: &Say, bundle: &Path, name: Option<&str>) -> Result<Exit, Error> {
    let name = home.import(bundle, name)?;
    created(home, say, &name);
    Ok(Exit::Success)
}

fn created(home: &Home, say: &Say, name: &str) {
    #[derive(Serialize)]
    struct Created<'a> {
        created: &'a str,
        plan: String,
    }
    let file = home.folder(name).join("plan.toml").display().to_string();
    say.tell(&text!("{name} is planned: {file}", "{name} est planifié : {file}"));
    say.tell(&match home.plan(name).map(|plan| plan.provider) {
        Ok(provider) if !provider.is_practice() => {
            let provider = app::provider_name(provider);
            text!(
                "This version does not start {provider} machines itself: startline export {name} FOLDER, then follow the README there.",
                "Cette version ne démarre pas elle-même de machines {provider} : startline export {name} DOSSIER, puis suivez le README."
            )
        }
        _ => text!(
            "Change the plan if you like, then: startline up {name}",
            "Modifiez le plan si vous voulez, puis : startline up {name}"
        ),
    });
    say.object(&Created { created: name, plan: file });
}

pub fn check(home: &Home, say: &Say, plan: &Path) -> Result<Exit, Error> {
    #[derive(Serialize)]
    struct Checked {
        findings: Vec<Finding>,
    }
    let plan = named(home, plan)?;
    let findings = home.findings(&plan);
    for finding in &findings {
        let mark = match finding.severity {
            Severity::Error => say.pick("error", "erreur"),
            Severity::Warning => say.pick("warning", "attention"),
            Severity::Hint => say.pick("hint", "conseil"),
        };
        say.line(format!("{mark}: {}: {} [{}]", finding.path, words::plain(say.text(&finding.text)), finding.id));
        if let Some(fix) = &finding.fix {
            say.line(format!("  → {}", say.text(&fix.label)));
        }
    }
    let refused = findings.iter().any(|f| f.severity == Severity::Error);
    if findings.is_empty() {
        say.tell(&text!("The plan is sound.", "Le plan est bon."));
    }
    say.object(&Checked { findings });
    Ok(if refused { Exit::Input } else { Exit::Success })
}

pub fn list(home: &Home, say: &Say) -> Result<Exit, Error> {
    #[derive(Serialize)]
    struct Clusters {
        clusters: Vec<protocol::ClusterCard>,
    }
    let clusters = home.cards()?;
    if clusters.is_empty() {
        say.tell(&text!("No clusters yet: startline new NAME", "Pas encore de cluster : startline new NOM"));
    }
    for card in &clusters {
        let provider = card.provider.map_or("?", app::provider_name);
        say.line(format!("{:<24} {:<12} {:>3}  {}", card.name, provider, card.nodes, say.text(&describe(card.state))));
    }
    say.object(&Clusters { clusters });
    Ok(Exit::Success)
}

pub fn schema(say: &Say) -> Result<Exit, Error> {
    say.document(&plan::schema());
    Ok(Exit::Success)
}

pub fn export(home: &Home, say: &Say, name: &str, destination: &Path) -> Result<Exit, Error> {
    #[derive(Serialize)]
    struct Exported {
        exported: String,
    }
    home.open(name)?.export(destination)?;
    let path = destination.display().to_string();
    say.tell(&text!("Every file of {name} is in {path}", "Tous les fichiers de {name} sont dans {path}"));
    say.object(&Exported { exported: path });
    Ok(Exit::Success)
}

/// The plan of a file, or of the cluster of that name.
fn named(home: &Home, plan: &Path) -> Result<ClusterPlan, Error> {
    match plan.to_str() {
        Some(name) if !is_file(plan) => home.plan(name),
        _ => Ok(ClusterPlan::from_toml(&read(plan)?)?),
    }
}

/// What was typed means a file, not a cluster's name: it has an extension, or leads through folders, or is `-`.
pub fn is_file(typed: &Path) -> bool {
    typed == Path::new("-") || typed.extension().is_some() || typed.components().count() > 1
}

/// The text of a file, or of standard input for `-`.
pub fn read(file: &Path) -> Result<String, Error> {
    let text =
        if file == Path::new("-") { std::io::read_to_string(std::io::stdin()) } else { std::fs::read_to_string(file) };
    text.map_err(|source| Error::Read { path: file.to_owned(), source })
}

//! Commands on a cluster that is there.

use std::{
    io::{BufRead, IsTerminal, Write},
    path::Path,
};

use app::{Error, Exit, Home, Lockout};
use serde::Serialize;
use words::{Problem, text};

use super::{plans::read, say::Say};

#[derive(Serialize)]
struct Done<'a> {
    done: &'a str,
    cluster: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    application: Option<&'a str>,
}

pub async fn deploy(home: &Home, say: &Say, name: &str, file: &Path, lockout: Lockout) -> Result<Exit, Error> {
    let text = read(file)?;
    let application =
        serde_json::from_str(&text).map_err(|e| Error::NotAnApplication(format!("{}: {e}", file.display())))?;
    let application: marathon::AppDefinition = application;
    home.open_made(name)?.deploy(&application, lockout).await?;
    let id = application.absolute_id();
    say.tell(&text!(
        "{id} is being deployed. Look: startline status {name} --watch",
        "{id} est en cours de déploiement. Regardez : startline status {name} --watch"
    ));
    say.object(&Done { done: "deploy", cluster: name, application: Some(&id) });
    Ok(Exit::Success)
}

pub async fn scale(
    home: &Home,
    say: &Say,
    name: &str,
    application: &str,
    instances: u32,
    lockout: Lockout,
) -> Result<Exit, Error> {
    home.open_made(name)?.scale(application, instances, lockout).await?;
    say.tell(&text!(
        "{application} goes to {instances} instance(s).",
        "{application} passe à {instances} instance(s)."
    ));
    say.object(&Done { done: "scale", cluster: name, application: Some(application) });
    Ok(Exit::Success)
}

pub async fn remove(home: &Home, say: &Say, name: &str, application: &str) -> Result<Exit, Error> {
    home.open_made(name)?.remove(application).await?;
    say.tell(&text!("{application} is being removed.", "{application} est en cours de suppression."));
    say.object(&Done { done: "remove", cluster: name, application: Some(application) });
    Ok(Exit::Success)
}

/// Runs a line on a machine: what it says is passed on as it says it; as JSON, when it has ended. What an interrupt ends here
/// ends there too.
pub async fn run(home: &Home, say: &Say, name: &str, node: &str, line: &[String]) -> Result<Exit, Error> {
    #[derive(Serialize)]
    struct Ran<'a> {
        code: i32,
        stdout: &'a str,
        stderr: &'a str,
    }
    let (cluster, line) = (home.open_made(name)?, line.join(" "));
    let code = if say.is_json() {
        let output = cluster.command(node, &line).await?;
        let (stdout, stderr) = (words::plain(&output.stdout), words::plain(&output.stderr));
        say.object(&Ran { code: output.code, stdout: &stdout, stderr: &stderr });
        output.code
    } else {
        cluster.follow_command(node, &line, &mut pass_on).await?
    };
    Ok(if code == 0 { Exit::Success } else { Exit::Failed })
}

fn pass_on(stdout: &str, stderr: &str) {
    // Whoever reads may have gone away; the command runs all the same.
    let _ = std::io::stdout().write_all(words::plain(stdout).as_bytes());
    let _ = std::io::stdout().flush();
    let _ = std::io::stderr().write_all(words::plain(stderr).as_bytes());
}

pub async fn halt(home: &Home, say: &Say, name: &str) -> Result<Exit, Error> {
    home.open_made(name)?.halt().await?;
    say.tell(&text!(
        "{name} is halted; its data stays. Bring it back: startline up {name}",
        "{name} est arrêté ; ses données restent. Pour le relancer : startline up {name}"
    ));
    say.object(&Done { done: "halt", cluster: name, application: None });
    Ok(Exit::Success)
}

pub async fn destroy(home: &Home, say: &Say, name: &str, yes: bool) -> Result<Exit, Error> {
    home.exists(name)?;
    if !yes && !agreed(say, name) {
        say.problem(&Problem::new(
            "destroy-not-confirmed",
            text!("{name} was left as it is.", "{name} est resté tel quel."),
            text!("To destroy it: startline destroy {name} --yes", "Pour le détruire : startline destroy {name} --yes"),
        ));
        return Ok(Exit::Cancelled);
    }
    home.destroy(name).await?;
    say.tell(&text!("{name} is gone, with all its data.", "{name} n’est plus, ni ses données."));
    say.object(&Done { done: "destroy", cluster: name, application: None });
    Ok(Exit::Success)
}

/// Asks for the name; without a terminal nobody can answer, which is a no.
fn agreed(say: &Say, name: &str) -> bool {
    if !std::io::stdin().is_terminal() {
        return false;
    }
    eprint!(
        "{}",
        say.text(&text!(
            "This removes the machines of {name} and all their data. Type its name to go on: ",
            "Ceci supprime les machines de {name} et toutes leurs données. Tapez son nom pour continuer : "
        ))
    );
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer).is_ok() && answer.trim() == name
}

//! The help, in the language that is spoken: clap's sentences are looked up in a table, so the commands are declared once.

use clap::{Arg, Command};
use words::Lang;

/// What stands around the sentences in French.
const TEMPLATE: &str = "{about-with-newline}\nUtilisation : {usage}\n\n{all-args}{after-help}";

/// Every sentence of the help and its French form. Choices and defaults, which clap adds in English, are part of it.
const FRENCH: &[(&str, &str)] = &[
    (
        "From a bare laptop to a self-healing application on a cluster of your own",
        "D’un ordinateur nu à une application qui se répare seule, sur un cluster à soi",
    ),
    (
        "From a bare laptop to a self-healing application on a cluster of your own.\n\nWithout a command it opens the window; where there is no display, it makes a first practice cluster in the terminal.",
        "D’un ordinateur nu à une application qui se répare seule, sur un cluster à soi.\n\nSans commande, la fenêtre s’ouvre ; sans écran, un premier cluster d’entraînement est créé dans le terminal.",
    ),
    (
        super::arguments::AFTER,
        "STARTLINE_HOME déplace le dossier des données. Codes de sortie : 0 fait, 1 échec, 2 commande mal tapée, 3 donnée refusée, 4 introuvable, 5 occupé, 6 cet ordinateur fait obstacle, 130 annulé.",
    ),
    ("Say everything as JSON, one object a line", "Tout dire en JSON, un objet par ligne"),
    (
        "The language of what is said; the system's if missing",
        "La langue de ce qui est dit, en ou fr ; sinon celle du système",
    ),
    ("Print this help", "Afficher cette aide"),
    ("Print the version", "Afficher la version"),
    ("Plan a new cluster by a preset", "Planifier un cluster d’après un modèle"),
    ("Its name: lower-case letters, digits and hyphens", "Son nom : minuscules, chiffres et traits d’union"),
    (
        "Its shape",
        "Sa forme : solo (une machine fait tout), classroom (une dirige, deux exécutent ; c’est la forme si rien n’est dit) ou ha (trois dirigent, trois exécutent)",
    ),
    (
        "What its machines are made of",
        "De quoi ses machines sont faites : practice (simulées, rien à installer ; si rien n’est dit), virtualbox, libvirt ou docker",
    ),
    ("Work with plan files", "Travailler sur des fichiers de plan"),
    ("Say what is wrong with a plan file", "Dire ce qui ne va pas dans un plan"),
    (
        "The file, or a cluster's name; `-` reads standard input",
        "Le fichier, ou le nom d’un cluster ; « - » lit l’entrée standard",
    ),
    ("List the clusters", "Lister les clusters"),
    (
        "Make the cluster real, from where it stands, to healthy applications",
        "Réaliser le cluster, d’où il en est jusqu’aux applications en bonne santé",
    ),
    ("A cluster's name, or a plan file", "Le nom d’un cluster, ou un fichier de plan"),
    ("Say how a cluster is", "Dire comment va un cluster"),
    ("Its name", "Son nom"),
    ("Go on saying what changes, until Ctrl-C", "Continuer à dire ce qui change, jusqu’à Ctrl-C"),
    ("Deploy an application, or change it", "Déployer une application, ou la modifier"),
    ("The cluster's name", "Le nom du cluster"),
    (
        "The application in Marathon's JSON; `-` reads standard input",
        "L’application, en JSON de Marathon ; « - » lit l’entrée standard",
    ),
    ("Cancel the deployment that locks the application", "Annuler le déploiement qui verrouille l’application"),
    ("Set how many instances of an application are wanted", "Fixer combien d’instances d’une application sont voulues"),
    ("The application's id, such as /hello", "L’identifiant de l’application, par exemple /hello"),
    ("How many", "Combien"),
    ("Remove an application", "Supprimer une application"),
    (
        "Run a command on a machine, as its ordinary user",
        "Exécuter une commande sur une machine, comme son utilisateur ordinaire",
    ),
    ("The machine's name", "Le nom de la machine"),
    ("The command", "La commande"),
    (
        "Write every generated file to a folder, or to a .zip by its name",
        "Écrire tous les fichiers générés dans un dossier, ou dans un .zip d’après son nom",
    ),
    ("A folder, or a file whose name ends in .zip", "Un dossier, ou un fichier dont le nom finit par .zip"),
    ("Plan a cluster from an exported bundle", "Planifier un cluster d’après un paquet exporté"),
    ("A folder or a .zip", "Un dossier ou un .zip"),
    ("The cluster's name, if not the bundle's", "Le nom du cluster, si ce n’est pas celui du paquet"),
    ("Shut a cluster's machines down; their data stays", "Arrêter les machines d’un cluster ; leurs données restent"),
    (
        "Remove a cluster: its machines, their data, its folder",
        "Supprimer un cluster : ses machines, leurs données, son dossier",
    ),
    ("Don't ask", "Ne pas demander"),
    ("Print the JSON schema of plan files", "Afficher le schéma JSON des fichiers de plan"),
    ("Print completions for a shell", "Afficher les complétions pour un shell"),
    ("Which", "Lequel : bash, elvish, fish, powershell ou zsh"),
    ("Hold a cluster's practice machines", "Porter les machines d’entraînement d’un cluster"),
    ("The cluster's folder", "Le dossier du cluster"),
];

/// The command, with its help in a language.
pub fn spoken(command: Command, lang: Lang) -> Command {
    match lang {
        Lang::En => command,
        Lang::Fr => french(command),
    }
}

fn french(command: Command) -> Command {
    let about = command.get_about().map(|text| translate(&text.to_string()));
    let long_about = command.get_long_about().map(|text| translate(&text.to_string()));
    let after = command.get_after_help().map(|text| translate(&text.to_string()));
    let mut command = command.help_template(TEMPLATE).subcommand_help_heading("Commandes").mut_args(argument);
    if let Some(about) = about {
        command = command.about(about);
    }
    if let Some(about) = long_about {
        command = command.long_about(about);
    }
    if let Some(after) = after {
        command = command.after_help(after);
    }
    command.mut_subcommands(french)
}

fn argument(argument: Arg) -> Arg {
    let help = argument.get_help().map(|text| translate(&text.to_string()));
    let valued = argument.get_action().takes_values();
    let argument = argument.hide_default_value(valued).hide_possible_values(valued);
    match help {
        Some(help) => argument.help(help),
        None => argument,
    }
}

/// A sentence in French; the sentence itself if the table lacks it, which a test forbids.
fn translate(sentence: &str) -> String {
    FRENCH.iter().find(|(en, _)| *en == sentence).map_or(sentence, |(_, fr)| fr).to_owned()
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::terminal::arguments::Arguments;

    fn sentences(command: &Command, all: &mut Vec<String>) {
        let own = [command.get_about(), command.get_long_about(), command.get_after_help()];
        all.extend(own.into_iter().flatten().map(ToString::to_string));
        all.extend(command.get_arguments().filter_map(Arg::get_help).map(ToString::to_string));
        command.get_subcommands().for_each(|c| sentences(c, all));
    }

    #[test]
    fn every_sentence_of_the_help_has_a_french_form() {
        let mut all = vec![];
        sentences(&Arguments::command(), &mut all);
        assert!(all.len() > 40, "only {} sentences were found", all.len());
        all.retain(|s| !FRENCH.iter().any(|(en, _)| en == s));
        assert_eq!(all, Vec::<String>::new());
    }

    #[test]
    fn no_english_heading_is_left_in_the_french_help() {
        let mut command = spoken(Arguments::command(), Lang::Fr);
        let help = command.render_long_help().to_string();
        assert!(help.contains("Utilisation : startline") && help.contains("Commandes:"), "{help}");
        for english in ["Usage", "Commands", "possible values", "default", "Print"] {
            assert!(!help.contains(english), "{english}: {help}");
        }
    }
}

//! What can be typed.

use std::path::PathBuf;

use clap::{ArgAction, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use words::Lang;

use super::{help, usage::Usage};

/// What stands at the end of the help.
pub const AFTER: &str = "STARTLINE_HOME moves the data folder. Exit codes: 0 done, 1 failed, 2 usage, 3 bad input, \
4 not found, 5 busy, 6 this computer stands in the way, 130 cancelled.";

/// From a bare laptop to a self-healing application on a cluster of your own.
///
/// Without a command it opens the window; where there is no display, it makes a first practice cluster in the terminal.
#[derive(Debug, Parser)]
#[command(
    version,
    max_term_width = 100,
    after_help = AFTER,
    disable_help_flag = true,
    disable_version_flag = true,
    disable_help_subcommand = true
)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Say everything as JSON, one object a line.
    #[arg(long, global = true)]
    pub json: bool,
    /// The language of what is said; the system's if missing.
    #[arg(long, global = true, value_name = "LANG")]
    lang: Option<Language>,
    /// Print this help
    #[arg(short, long, global = true, action = ArgAction::Help)]
    help: Option<bool>,
    /// Print the version
    #[arg(short = 'V', long, action = ArgAction::Version)]
    version: Option<bool>,
}

impl Arguments {
    /// What was typed.
    ///
    /// # Errors
    /// [`Usage`] for what is none of the program's commands, and for `--help`.
    pub fn read(typed: &[String]) -> Result<Self, Usage> {
        let lang = lang(typed);
        let json = typed.iter().any(|word| word == "--json");
        let mut command = help::spoken(Self::command(), lang);
        command
            .try_get_matches_from_mut(typed)
            .and_then(|mut matches| Self::from_arg_matches_mut(&mut matches))
            .map_err(|error| Usage { error, command: typed_command(&command, typed), lang, json })
    }

    /// The language to speak.
    pub fn lang(&self) -> Lang {
        match self.lang {
            Some(Language::En) => Lang::En,
            Some(Language::Fr) => Lang::Fr,
            None => app::system_lang(),
        }
    }
}

/// The command that was typed, as far as it is one: `startline plan check`.
fn typed_command(program: &clap::Command, typed: &[String]) -> String {
    let mut command = program;
    let mut path = vec![program.get_name()];
    while let Some(inner) = typed.iter().find_map(|word| command.find_subcommand(word)) {
        path.push(inner.get_name());
        command = inner;
    }
    path.join(" ")
}

/// The language that was asked for, seen before anything is understood: the help is in it too.
fn lang(typed: &[String]) -> Lang {
    let said = typed.iter().enumerate().find_map(|(at, word)| match word.strip_prefix("--lang")? {
        "" => typed.get(at + 1).map(String::as_str),
        rest => rest.strip_prefix('='),
    });
    said.map_or_else(app::system_lang, Lang::of_locale)
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Language {
    En,
    Fr,
}

/// A command.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Plan a new cluster by a preset
    New {
        /// Its name: lower-case letters, digits and hyphens
        name: String,
        /// Its shape
        #[arg(long, value_enum, default_value_t = Shape::Classroom)]
        preset: Shape,
        /// What its machines are made of
        #[arg(long, value_enum, default_value_t = Made::Practice)]
        provider: Made,
    },
    /// Work with plan files
    Plan {
        /// What to do with one.
        #[command(subcommand)]
        command: PlanCommand,
    },
    /// List the clusters
    List,
    /// Make the cluster real, from where it stands, to healthy applications
    Up {
        /// A cluster's name, or a plan file
        #[arg(value_name = "NAME|FILE")]
        cluster: String,
    },
    /// Say how a cluster is
    Status {
        /// Its name
        name: String,
        /// Go on saying what changes, until Ctrl-C
        #[arg(long)]
        watch: bool,
    },
    /// Deploy an application, or change it
    Deploy {
        /// The cluster's name
        name: String,
        /// The application in Marathon's JSON; `-` reads standard input
        #[arg(value_name = "APP.json")]
        file: PathBuf,
        /// Cancel the deployment that locks the application
        #[arg(long)]
        force: bool,
    },
    /// Set how many instances of an application are wanted
    Scale {
        /// The cluster's name
        name: String,
        /// The application's id, such as /hello
        application: String,
        /// How many
        instances: u32,
        /// Cancel the deployment that locks the application
        #[arg(long)]
        force: bool,
    },
    /// Remove an application
    Remove {
        /// The cluster's name
        name: String,
        /// The application's id, such as /hello
        application: String,
    },
    /// Run a command on a machine, as its ordinary user
    Run {
        /// The cluster's name
        name: String,
        /// The machine's name
        node: String,
        /// The command
        #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true, value_name = "COMMAND")]
        line: Vec<String>,
    },
    /// Write every generated file to a folder, or to a .zip by its name
    Export {
        /// The cluster's name
        name: String,
        /// A folder, or a file whose name ends in .zip
        destination: PathBuf,
    },
    /// Plan a cluster from an exported bundle
    Import {
        /// A folder or a .zip
        bundle: PathBuf,
        /// The cluster's name, if not the bundle's
        #[arg(long)]
        name: Option<String>,
    },
    /// Shut a cluster's machines down; their data stays
    Halt {
        /// Its name
        name: String,
    },
    /// Remove a cluster: its machines, their data, its folder
    Destroy {
        /// Its name
        name: String,
        /// Don't ask
        #[arg(long)]
        yes: bool,
    },
    /// Print the JSON schema of plan files
    Schema,
    /// Print completions for a shell
    Completions {
        /// Which
        shell: clap_complete::Shell,
    },
    /// Hold a cluster's practice machines
    #[command(hide = true)]
    PracticeDaemon {
        /// The cluster's folder
        folder: PathBuf,
    },
}

/// What to do with a plan file.
#[derive(Debug, Subcommand)]
pub enum PlanCommand {
    /// Say what is wrong with a plan file
    Check {
        /// The file, or a cluster's name; `-` reads standard input
        #[arg(value_name = "FILE|NAME")]
        plan: PathBuf,
    },
}

/// The shape of a new cluster.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Shape {
    /// One machine does all
    Solo,
    /// One machine leads, two run applications
    Classroom,
    /// Three machines lead, three run applications
    Ha,
}

impl From<Shape> for plan::Preset {
    fn from(shape: Shape) -> Self {
        match shape {
            Shape::Solo => Self::Solo,
            Shape::Classroom => Self::Classroom,
            Shape::Ha => Self::Ha,
        }
    }
}

/// What a new cluster's machines are made of.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Made {
    /// Simulated machines, real protocols; nothing to install
    Practice,
    /// VirtualBox, through Vagrant
    Virtualbox,
    /// libvirt, through Vagrant
    Libvirt,
    /// Docker, through Vagrant
    Docker,
}

impl From<Made> for plan::Provider {
    fn from(made: Made) -> Self {
        match made {
            Made::Practice => Self::Practice,
            Made::Virtualbox => Self::VirtualBox,
            Made::Libvirt => Self::Libvirt,
            Made::Docker => Self::Docker,
        }
    }
}

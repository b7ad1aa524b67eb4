//! What steps do: how each looks whether its effect is there, and how it brings it about.

mod agent;
mod application;
mod command;
mod ensemble;
mod files;
mod machine;
mod master;
mod project;
mod scheduler;

use std::time::Duration;

pub use application::Application;
pub use command::{Command, Expect};
pub use files::Files;
use words::Problem;

use crate::{look::Look, run::Context};

/// What a step does.
#[derive(Clone, Debug)]
pub enum Act {
    /// Writes the project folder.
    Project,
    /// Brings a machine up.
    Machine(String),
    /// Puts files on a machine.
    Files(Files),
    /// Runs commands on a machine.
    Command(Command),
    /// Waits until the ensemble serves: every server, one leader.
    Ensemble,
    /// Waits until one master leads.
    Master,
    /// Waits until a machine's agent is registered with the leading master.
    Agent(String),
    /// Waits until the scheduler answers, and is a framework of Mesos.
    Scheduler,
    /// Deploys an application.
    Deploy(Application),
    /// Waits until an application's instances run, and are healthy if that is checked.
    Healthy(Application),
}

impl Act {
    /// Looks whether the effect is there.
    pub async fn look(&self, context: &Context<'_>) -> Result<Look, Problem> {
        match self {
            Self::Project => project::look(context),
            Self::Machine(node) => machine::look(context, node).await,
            Self::Files(files) => files.look(context).await,
            Self::Command(command) => command.look(context).await,
            Self::Ensemble => ensemble::look(context).await,
            Self::Master => master::look(context).await,
            Self::Agent(node) => agent::look(context, node).await,
            Self::Scheduler => scheduler::look(context).await,
            Self::Deploy(application) => application.look_deployed(context).await,
            Self::Healthy(application) => application.look_healthy(context).await,
        }
    }

    /// Brings the effect about; what only waits does nothing here.
    pub async fn apply(&self, context: &Context<'_>, deadline: Duration) -> Result<(), Problem> {
        match self {
            Self::Project => project::apply(context),
            Self::Machine(node) => machine::apply(context, node).await,
            Self::Files(files) => files.apply(context, deadline).await,
            Self::Command(command) => command.apply(context, deadline).await,
            Self::Deploy(application) => application.deploy(context).await,
            Self::Ensemble | Self::Master | Self::Agent(_) | Self::Scheduler | Self::Healthy(_) => Ok(()),
        }
    }
}

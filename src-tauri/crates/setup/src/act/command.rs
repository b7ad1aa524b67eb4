//! Commands on a machine, and the look that proves them.

use std::time::Duration;

use machines::Output;
use words::{Problem, Text};

use crate::{
    command::{refused, shown},
    look::Look,
    run::Context,
};

/// Commands on a machine.
#[derive(Clone, Debug)]
pub struct Command {
    /// The machine.
    pub node: String,
    /// What is run, one after the other.
    pub lines: Vec<String>,
    /// Run in place of the first line if that fails: for a step that was cut off half-way.
    pub or_else: Option<String>,
    /// The line that looks.
    pub look: String,
    /// What the look must show.
    pub expect: Expect,
    /// What is missing as long as it doesn't.
    pub waiting_for: Text,
    /// A line that tells why, when the commands fail: the service's journal.
    pub evidence: Option<String>,
}

/// What a look must show.
#[derive(Clone, Debug)]
pub enum Expect {
    /// The command ends with 0.
    Success,
    /// The output is this, but for white space around it.
    Output(String),
}

impl Expect {
    fn met(&self, output: &Output) -> bool {
        match self {
            Self::Success => output.success(),
            Self::Output(wanted) => output.stdout.trim() == wanted,
        }
    }
}

/// A look is quick, whatever the step.
const LOOK: Duration = Duration::from_secs(20);

impl Command {
    pub async fn look(&self, context: &Context<'_>) -> Result<Look, Problem> {
        let output = context.look_line(&self.node, &self.look, LOOK).await?;
        Ok(Look::new(self.expect.met(&output), &self.look, shown(&output), self.waiting_for.clone()))
    }

    pub async fn apply(&self, context: &Context<'_>, deadline: Duration) -> Result<(), Problem> {
        for (index, line) in self.lines.iter().enumerate() {
            let output = context.run_line(&self.node, line, deadline).await?;
            let done = output.success() || index == 0 && self.otherwise(context, deadline).await?;
            if !done {
                return Err(self.why(context, refused(&self.node, line, &output)).await);
            }
        }
        Ok(())
    }

    /// Tries the other way, if there is one.
    async fn otherwise(&self, context: &Context<'_>, deadline: Duration) -> Result<bool, Problem> {
        match &self.or_else {
            Some(line) => Ok(context.run_line(&self.node, line, deadline).await?.success()),
            None => Ok(false),
        }
    }

    async fn why(&self, context: &Context<'_>, problem: Problem) -> Problem {
        let Some(line) = &self.evidence else { return problem };
        match context.run_line(&self.node, line, LOOK).await {
            Ok(output) => output.stdout.lines().map(words::plain).fold(problem, Problem::with_evidence),
            Err(_) => problem,
        }
    }
}

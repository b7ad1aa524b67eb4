//! Files on a machine.

use std::time::Duration;

use machines::Upload;
use words::{Problem, text};

use crate::{
    command::{refused, shown},
    look::Look,
    run::Context,
};

/// Files on a machine, and what must be told of them when they changed.
#[derive(Clone, Debug)]
pub struct Files {
    /// The machine.
    pub node: String,
    /// The files.
    pub files: Vec<Upload>,
    /// Commands that make running services take notice; run after the files were put.
    pub then: Vec<String>,
}

impl Files {
    /// The files are there if reading all of them in one go gives just what they should hold.
    pub async fn look(&self, context: &Context<'_>) -> Result<Look, Problem> {
        let paths: Vec<_> = self.files.iter().map(|f| f.path.as_str()).collect();
        let line = format!("sudo cat {}", paths.join(" "));
        let output = context.look_line(&self.node, &line, Duration::from_secs(20)).await?;
        let wanted: Vec<u8> = self.files.iter().flat_map(|f| f.content.iter().copied()).collect();
        let there = output.success() && output.stdout.as_bytes() == wanted;
        let waiting = text!("the files differ from the plan’s", "les fichiers diffèrent de ceux du plan");
        Ok(Look::new(there, line, shown(&output), waiting))
    }

    pub async fn apply(&self, context: &Context<'_>, deadline: Duration) -> Result<(), Problem> {
        for file in &self.files {
            context.machines.put(&self.node, file.clone()).await.map_err(|e| e.problem())?;
        }
        for line in &self.then {
            let output = context.run_line(&self.node, line, deadline).await?;
            if !output.success() {
                return Err(refused(&self.node, line, &output));
            }
        }
        Ok(())
    }
}

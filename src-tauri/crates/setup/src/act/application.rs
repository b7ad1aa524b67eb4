//! An application: known to the scheduler, then running and healthy.

use marathon::{AppDefinition, AppInfo, Error};
use words::{Problem, text};

use crate::{look::Look, run::Context};

/// An application of the plan.
#[derive(Clone, Debug)]
pub struct Application {
    definition: AppDefinition,
    id: String,
}

impl Application {
    pub fn new(definition: AppDefinition) -> Self {
        Self { id: definition.absolute_id(), definition }
    }

    /// Its absolute id, such as `/shop/web`.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What is wanted.
    pub fn definition(&self) -> &AppDefinition {
        &self.definition
    }

    fn request(&self) -> String {
        format!("GET /v2/apps{}", self.id)
    }

    /// Whether the scheduler has it, as the plan says. One that was changed on the cluster since, by scaling say, is left
    /// as it is until the plan changes too.
    pub async fn look_deployed(&self, context: &Context<'_>) -> Result<Look, Problem> {
        let id = &self.id;
        let app = match context.marathon.app(id).await {
            Ok(app) => app,
            Err(error) => {
                let waiting =
                    text!("the scheduler does not know {id} yet", "l’ordonnanceur ne connaît pas encore {id}");
                return Ok(Look::new(false, self.request(), words::plain(&error.to_string()), waiting));
            }
        };
        let waiting = text!("the plan of {id} has changed", "le plan de {id} a changé");
        Ok(Look::new(!self.planned_anew(context), self.request(), describe(&app), waiting))
    }

    /// Whether the plan says otherwise than when the scheduler last took it from there.
    fn planned_anew(&self, context: &Context<'_>) -> bool {
        context.deployed.get(&self.id).is_some_and(|taken| taken != self.definition)
    }

    pub async fn deploy(&self, context: &Context<'_>) -> Result<(), Problem> {
        if self.planned_anew(context) {
            context.marathon.update(&self.definition).await.map_err(|e| e.problem())?;
            return context.deployed.take(&self.definition, context.journal).map_err(|e| e.problem());
        }
        match context.marathon.create(&self.definition).await {
            // Someone was quicker, or the answer to the first try was lost: it is there, which is what was wanted.
            Err(Error::Conflict { .. }) | Ok(_) => Ok(()),
            Err(error) => Err(error.problem()),
        }
    }

    /// Whether all its instances run, and are healthy if that is checked.
    pub async fn look_healthy(&self, context: &Context<'_>) -> Result<Look, Problem> {
        let id = &self.id;
        let app = match context.marathon.app(id).await {
            Ok(app) => app,
            Err(error) => {
                let waiting = text!("the scheduler does not answer for {id}", "l’ordonnanceur ne répond pas pour {id}");
                return Ok(Look::new(false, self.request(), words::plain(&error.to_string()), waiting));
            }
        };
        let wanted = app.definition.instances();
        let checked = !app.definition.health_checks().is_empty();
        let well = if checked { app.tasks_healthy.min(app.tasks_running) } else { app.tasks_running };
        let settled = well >= wanted && app.deployments.is_empty();
        let waiting =
            text!("{well} of {wanted} instances of {id} are well", "{well} instances de {id} sur {wanted} vont bien");
        Ok(Look::new(settled, self.request(), describe(&app), waiting))
    }
}

fn describe(app: &AppInfo) -> String {
    words::plain(&format!(
        "id: {}\ninstances: {}\ntasksStaged: {}\ntasksRunning: {}\ntasksHealthy: {}\ntasksUnhealthy: {}",
        app.definition.id,
        app.definition.instances(),
        app.tasks_staged,
        app.tasks_running,
        app.tasks_healthy,
        app.tasks_unhealthy
    ))
}

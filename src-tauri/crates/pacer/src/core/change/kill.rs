//! Killing tasks, and wanting fewer.

use std::collections::BTreeMap;

use marathon::{DeploymentResult, Task};

use super::stamp::stamped;
use super::{Done, Victims};
use crate::core::{AppId, Core, InstanceId, Refusal, Time};

impl Core {
    pub(super) fn kill(
        &mut self,
        now: Time,
        victims: Victims,
        scale: bool,
        wipe: bool,
        force: bool,
    ) -> Result<Done, Refusal> {
        if scale && wipe {
            return Err(Refusal::BadRequest("You cannot use scale and wipe at the same time.".to_owned()));
        }
        let ids = self.find_victims(&victims)?;
        let tasks: Vec<Task> = ids.iter().filter_map(|id| Some(self.shown_task(self.instances.get(id)?))).collect();
        let deployment = if scale { Some(self.scale_down(now, &ids, force)?) } else { None };
        for id in &ids {
            self.stop(now, id);
        }
        Ok(match (deployment, victims) {
            (Some(deployment), _) => Done::Deploying(deployment),
            (None, Victims::One(..)) if tasks.len() == 1 => {
                Done::KilledOne(Box::new(tasks.into_iter().next().unwrap_or_default()))
            }
            (None, _) => Done::Killed(tasks),
        })
    }

    fn find_victims(&self, victims: &Victims) -> Result<Vec<InstanceId>, Refusal> {
        match victims {
            Victims::Tasks(tasks) => {
                let find = |task: &String| {
                    let id = InstanceId::parse(task);
                    let there = self.instances.contains_key(&id);
                    if there { Ok(id) } else { Err(Refusal::BadRequest(format!("Invalid task id {task}"))) }
                };
                tasks.iter().map(find).collect()
            }
            Victims::OfApp(app, host) => {
                self.app(app)?;
                let on_host = |hostname: &str| host.as_deref().is_none_or(|host| host == hostname || host == "*");
                let those = self.instances_of(app).filter(|instance| on_host(&instance.agent.hostname));
                Ok(those.map(|instance| instance.id.clone()).collect())
            }
            Victims::One(app, task) => {
                self.app(app)?;
                let id = InstanceId::parse(task);
                let is_its = self.instances.get(&id).is_some_and(|instance| instance.app == *app);
                if is_its { Ok(vec![id]) } else { Err(Refusal::NoTask(task.clone())) }
            }
        }
    }

    /// Wants as many fewer instances of each application as these are.
    fn scale_down(&mut self, now: Time, ids: &[InstanceId], force: bool) -> Result<DeploymentResult, Refusal> {
        let mut fewer: BTreeMap<AppId, u32> = BTreeMap::new();
        for instance in ids.iter().filter_map(|id| self.instances.get(id)).filter(|instance| instance.is_wanted()) {
            *fewer.entry(instance.app.clone()).or_default() += 1;
        }
        let version = self.fresh_version(now);
        let mut wanted = self.wanting(AppId::root());
        for (id, fewer) in fewer {
            if let Some(app) = self.apps.get(&id) {
                let mut definition = (*app.definition).clone();
                definition.instances = Some(definition.instances().saturating_sub(fewer));
                wanted.apps.insert(id, Some(stamped(definition, Some(&app.definition), &version)));
            }
        }
        self.deploy(now, version, wanted, force)
    }
}

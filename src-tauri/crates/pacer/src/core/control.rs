//! Comparing what is wanted with what is there: which instances to launch and to kill, how far deployments have come,
//! whether offers are of use.

use marathon::{AppDefinition, KillSelection};
use mesos::v1::scheduler::Call;
use mesos::v1::{AgentId, TaskId, TaskState};
use serde_json::json;

use super::app::config_version_of;
use super::deployment::{Action, ActionKind, Deployment};
use super::instance::Goal;
use super::{Alarm, AppId, CheckOrder, Core, Instance, InstanceId, Kind, Link, Tally, Time, Waiting};

/// An application's instances, by what they are to it.
struct Muster<'a> {
    /// They run what is wanted, or will.
    current: Vec<&'a Instance>,
    /// They run something older.
    old: Vec<&'a Instance>,
    /// How many were told to stop and have not yet.
    stopping: usize,
    /// Instances of something older are there, or not yet gone.
    is_replacing: bool,
}

impl Core {
    /// Decides what to do next, after anything has changed. To be called after news of tasks and health; all other
    /// inputs do it themselves. Many pieces of news may share one settling.
    pub fn settle(&mut self, now: Time) {
        loop {
            self.advance_deployments(now);
            let dirty = std::mem::take(&mut self.dirty);
            if dirty.is_empty() {
                break;
            }
            for app in &dirty {
                self.control(now, app);
            }
        }
        self.ask_for_offers(now);
    }

    /// Decides launches and kills of one application.
    fn control(&mut self, now: Time, id: &AppId) {
        let Some(definition) = self.apps.get(id).map(|app| app.definition.clone()) else {
            self.waiting.remove(id);
            let all: Vec<_> = self.instances_of(id).filter(|i| i.is_wanted()).map(|i| i.id.clone()).collect();
            all.iter().for_each(|instance| self.stop(now, instance));
            return;
        };
        if self.deployments.iter().any(|deployment| deployment.holds(id)) {
            self.waiting.remove(id);
            return;
        }
        let muster = self.muster(now, id, config_version_of(&definition));
        let (count, victims) = (launches(&definition, &muster), victims(&definition, muster));
        for victim in victims {
            self.stop(now, &victim);
        }
        self.wait_for(now, id, &definition, count);
    }

    fn muster(&self, now: Time, id: &AppId, config_version: &str) -> Muster<'_> {
        let mut muster = Muster { current: Vec::new(), old: Vec::new(), stopping: 0, is_replacing: false };
        for instance in self.instances_of(id) {
            let is_old = instance.config_version != config_version;
            if !instance.is_wanted() {
                muster.stopping += 1;
            } else if instance.counts(now) {
                let list = if is_old { &mut muster.old } else { &mut muster.current };
                list.push(instance);
            } else {
                continue;
            }
            muster.is_replacing |= is_old;
        }
        muster
    }

    /// Notes how many instances wait to be launched.
    fn wait_for(&mut self, now: Time, id: &AppId, definition: &AppDefinition, count: usize) {
        if count == 0 {
            self.waiting.remove(id);
            return;
        }
        let fresh = || Waiting { count: 0, since: now, tally: Tally::default() };
        let waiting = self.waiting.entry(id.clone()).or_insert_with(fresh);
        self.hungry |= count > waiting.count;
        waiting.count = count;
        let until = self.backoff_until(id, definition);
        if until > now {
            self.remind(until, Alarm::Backoff(id.clone()));
        }
    }

    /// When the application may be launched again.
    pub(super) fn backoff_until(&self, id: &AppId, definition: &AppDefinition) -> Time {
        self.backoffs.get(id).map_or_else(Time::default, |backoff| backoff.until(config_version_of(definition)))
    }

    /// It has instances to launch, and need not wait for time to pass.
    pub(super) fn may_launch(&self, now: Time, id: &AppId) -> bool {
        self.apps.get(id).is_some_and(|app| self.backoff_until(id, &app.definition) <= now)
    }

    /// Tells an instance to stop.
    pub(super) fn stop(&mut self, now: Time, id: &InstanceId) {
        let Some(instance) = self.instances.get_mut(id) else { return };
        if instance.state == TaskState::Unreachable {
            // Nobody can kill it now. Should it come back, it is unknown, and killed for that.
            self.forget(now, id);
            return;
        }
        let first = instance.is_wanted();
        instance.goal = Goal::Stopped(now);
        let instance = instance.clone();
        if self.link != Link::Down {
            self.out.calls.push(kill_call(&instance));
        }
        self.remind(now.after(self.settings.kill_retry_timeout), Alarm::Instance(id.clone()));
        if first {
            self.save_instance(id);
            self.out.checks.push(CheckOrder::End(id.clone()));
            self.tell_instance(now, &instance);
            self.dirty.insert(instance.app);
        }
    }

    /// Removes an instance that is no more.
    pub(super) fn forget(&mut self, now: Time, id: &InstanceId) {
        let Some(instance) = self.instances.remove(id) else { return };
        if let Some(ids) = self.by_app.get_mut(&instance.app) {
            ids.remove(id);
            if ids.is_empty() {
                self.by_app.remove(&instance.app);
            }
        }
        self.save_instance(id);
        self.out.checks.push(CheckOrder::End(id.clone()));
        self.hungry = true;
        if !self.apps.contains_key(&instance.app) && !self.by_app.contains_key(&instance.app) {
            self.tell(now, Kind::AppTerminated, json!({ "appId": instance.app }));
        }
        self.dirty.insert(instance.app);
    }

    /// Looks at an instance that an alarm was set for.
    pub(super) fn look_at(&mut self, now: Time, id: &InstanceId) {
        let Some(instance) = self.instances.get(id) else { return };
        if let Goal::Stopped(at) = instance.goal {
            if at.after(self.settings.kill_retry_timeout) <= now {
                self.stop(now, id);
            }
        } else if instance.forgotten_at().is_some_and(|at| at <= now) {
            self.forget(now, id);
        } else if instance.replaced_at().is_some_and(|at| at <= now) {
            let app = instance.app.clone();
            self.dirty.insert(app);
        } else if instance.state == TaskState::Staging
            && instance.staged_at.after(self.settings.task_launch_timeout) <= now
        {
            self.stop(now, id);
        }
    }

    /// Moves deployments on whose step is done.
    fn advance_deployments(&mut self, now: Time) {
        let mut index = 0;
        while index < self.deployments.len() {
            let before = self.deployments[index].current;
            while self.is_step_done(now, &self.deployments[index]) {
                let deployment = self.deployments[index].clone();
                self.tell_deployment(now, Kind::DeploymentStepSuccess, &deployment);
                self.deployments[index].current += 1;
            }
            let deployment = &self.deployments[index];
            let (id, current, steps) = (deployment.id.clone(), deployment.current, deployment.steps.len());
            if current != before {
                self.dirty.extend(deployment.affected.iter().map(|affected| affected.app.clone()));
            }
            if current >= steps {
                let deployment = self.deployments.remove(index);
                self.tell_deployment(now, Kind::DeploymentSuccess, &deployment);
                self.save_deployment(&id);
                continue;
            }
            if current != before {
                self.save_deployment(&id);
            }
            index += 1;
        }
    }

    fn is_step_done(&self, now: Time, deployment: &Deployment) -> bool {
        let step = deployment.steps.get(deployment.current);
        step.is_some_and(|actions| actions.iter().all(|action| self.is_action_done(now, action)))
    }

    fn is_action_done(&self, now: Time, action: &Action) -> bool {
        match (action.kind, self.apps.get(&action.app)) {
            (ActionKind::Start, _) => true,
            (ActionKind::Stop, _) | (_, None) => !self.by_app.contains_key(&action.app),
            (ActionKind::Scale | ActionKind::Restart, Some(app)) => {
                let config_version = config_version_of(&app.definition);
                let mut ready = 0;
                for instance in self.instances_of(&action.app) {
                    let is_out_of_reach = instance.is_wanted() && !instance.counts(now);
                    let is_right =
                        instance.is_wanted() && instance.config_version == config_version && instance.is_ready();
                    match (is_out_of_reach, is_right) {
                        (true, _) => {}
                        (false, true) => ready += 1,
                        (false, false) => return false,
                    }
                }
                ready == wanted(&app.definition)
            }
        }
    }

    /// Opens or closes the tap of offers.
    fn ask_for_offers(&mut self, now: Time) {
        let eager = self.waiting.keys().any(|id| self.may_launch(now, id));
        let roles = vec![self.settings.role.clone()];
        match self.link {
            Link::Open if !eager => {
                self.link = Link::Quiet;
                self.out.calls.push(Call::Suppress { roles });
            }
            Link::Quiet | Link::Open if eager && (self.hungry || self.link == Link::Quiet) => {
                let next = self.last_revive.after(self.settings.min_revive_offers_interval);
                if self.link == Link::Open && now < next {
                    self.remind(next, Alarm::Revive);
                    return;
                }
                self.link = Link::Open;
                self.last_revive = now;
                self.out.calls.push(Call::Revive { roles });
            }
            Link::Down | Link::Quiet | Link::Open => {}
        }
        self.hungry = false;
    }
}

/// Which instances are to go: those beyond the wanted number, and old ones as far as enough others are well.
fn victims(definition: &AppDefinition, muster: Muster<'_>) -> Vec<InstanceId> {
    let Muster { mut current, mut old, .. } = muster;
    let mut victims = Vec::new();
    let surplus = current.len().saturating_sub(wanted(definition));
    if surplus > 0 {
        sort_by_uselessness(&mut current, definition);
        victims.extend(current.drain(..surplus));
    }
    if !old.is_empty() {
        let ready = current.iter().chain(&old).filter(|instance| instance.is_ready()).count();
        let mut spare = ready.saturating_sub(minimum_ready(definition));
        sort_by_uselessness(&mut old, definition);
        for instance in old {
            if instance.state != TaskState::Running || instance.is_unhealthy() {
                victims.push(instance);
            } else if instance.is_ready() && spare > 0 {
                spare -= 1;
                victims.push(instance);
            }
        }
    }
    victims.into_iter().map(|instance| instance.id.clone()).collect()
}

/// The call that kills an instance's task.
pub(super) fn kill_call(instance: &Instance) -> Call {
    let grace = instance.spec.task_kill_grace_period_seconds;
    Call::Kill {
        task_id: TaskId::new(instance.id.task()),
        agent_id: Some(AgentId::new(&*instance.agent.id)),
        grace_nanoseconds: grace.map(|seconds| i64::from(seconds) * 1_000_000_000),
    }
}

/// How many instances may be launched now.
fn launches(definition: &AppDefinition, muster: &Muster<'_>) -> usize {
    let missing = wanted(definition).saturating_sub(muster.current.len());
    if !muster.is_replacing {
        return missing;
    }
    let room = maximum_total(definition).saturating_sub(muster.current.len() + muster.old.len() + muster.stopping);
    missing.min(room)
}

fn wanted(definition: &AppDefinition) -> usize {
    usize::try_from(definition.instances()).unwrap_or(usize::MAX)
}

/// How many must stay well while instances are replaced.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a u32 is not negative and fits")]
fn minimum_ready(definition: &AppDefinition) -> usize {
    (f64::from(definition.instances()) * definition.minimum_health_capacity()).ceil() as usize
}

/// How many there may be at most while instances are replaced: always enough that something can move.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most twice a u32, and not negative")]
fn maximum_total(definition: &AppDefinition) -> usize {
    let most = (f64::from(definition.instances()) * (1.0 + definition.maximum_over_capacity())).floor() as usize;
    if most <= minimum_ready(definition) { minimum_ready(definition) + 1 } else { most }
}

/// Those that are missed least come first: not running, then unwell, then by age as the application says.
fn sort_by_uselessness(instances: &mut [&Instance], definition: &AppDefinition) {
    let youngest_first = definition.kill_selection() != KillSelection::OldestFirst;
    instances.sort_by(|one, other| {
        let rank = |instance: &Instance| (instance.state == TaskState::Running, instance.is_ready());
        let age = one.staged_at.cmp(&other.staged_at).then_with(|| one.id.cmp(&other.id));
        rank(one).cmp(&rank(other)).then(if youngest_first { age.reverse() } else { age })
    });
}

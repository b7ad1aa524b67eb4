//! Launching instances on offers.

use std::collections::BTreeMap;
use std::sync::Arc;

use marathon::AppDefinition;
use mesos::v1::scheduler::Call;
use mesos::v1::{Offer, OfferId, TaskInfo, TaskState};

use super::app::{config_version_of, version_of};
use super::honour::unsupported;
use super::instance::{Agent, Goal};
use super::placement::{self, Candidate, Place, Reason, Share};
use super::{Alarm, AppId, Core, Instance, InstanceId, Time, tasks};

/// For how long an offer is refused while instances wait: something else may free resources that we are not told of.
const REFUSE_WHILE_WAITING: f64 = 5.0;

impl Core {
    /// Uses offers for what waits, and refuses the rest.
    pub fn offers(&mut self, now: Time, offers: Vec<Offer>) {
        let mut candidates: Vec<_> = offers.into_iter().map(Candidate::new).collect();
        let mut launches: BTreeMap<usize, Vec<TaskInfo>> = BTreeMap::new();
        for id in self.eligible(now) {
            self.place_all(now, &id, &mut candidates, &mut launches);
        }
        let still_waiting = self.waiting.values().any(|waiting| waiting.count > 0);
        // A revival ends it.
        let at_rest = self.settings.decline_offer_duration.as_secs_f64();
        let refuse_seconds = if still_waiting { REFUSE_WHILE_WAITING.min(at_rest) } else { at_rest };
        let mut refused: Vec<OfferId> = Vec::new();
        for (index, candidate) in candidates.into_iter().enumerate() {
            match launches.remove(&index) {
                Some(launch) => {
                    self.out.calls.push(Call::Accept { offer_ids: vec![candidate.offer.id], launch, refuse_seconds });
                }
                None => refused.push(candidate.offer.id),
            }
        }
        if !refused.is_empty() {
            self.out.calls.push(Call::Decline { offer_ids: refused, refuse_seconds });
        }
        self.settle(now);
    }

    /// What may be launched now, longest waiting first.
    fn eligible(&self, now: Time) -> Vec<AppId> {
        let may = self.waiting.iter().filter(|(id, waiting)| waiting.count > 0 && self.may_launch(now, id));
        let mut ids: Vec<_> = may.map(|(id, waiting)| (waiting.since, id.clone())).collect();
        ids.sort();
        ids.into_iter().map(|(_, id)| id).collect()
    }

    /// Launches as many instances of an application as fit, and notes why no more do.
    fn place_all(
        &mut self,
        now: Time,
        id: &AppId,
        candidates: &mut [Candidate],
        launches: &mut BTreeMap<usize, Vec<TaskInfo>>,
    ) {
        let Some(definition) = self.apps.get(id).map(|app| app.definition.clone()) else { return };
        // Without constraints nobody looks at them.
        let is_bound = !definition.constraints().is_empty();
        let mut others: Vec<Place> =
            self.instances_of(id).filter(|_| is_bound).map(|instance| Place::of_agent(&instance.agent)).collect();
        let unsupported = unsupported(&definition, self.settings.features);
        if !unsupported.is_empty() {
            if let Some(waiting) = self.waiting.get_mut(id) {
                candidates.iter().for_each(|one| waiting.tally.refused(now, &one.offer, unsupported.clone()));
            }
            return;
        }
        let mut load = self.load(id, candidates);
        while self.waiting.get(id).is_some_and(|waiting| waiting.count > 0) {
            let choice = self.ids.number();
            match place_one(&definition, candidates, &others, &load, choice) {
                Ok((index, share)) => {
                    let candidate = &candidates[index];
                    let agent = candidate.offer.agent_id.as_str().to_owned();
                    load[index] += 1;
                    others.extend(is_bound.then(|| candidate.place.clone()));
                    launches.entry(index).or_default().push(self.launch(now, id, &definition, candidate, share));
                    if let Some(waiting) = self.waiting.get_mut(id) {
                        waiting.count -= 1;
                        waiting.tally.used(now, &agent);
                    }
                }
                Err(reasons) => {
                    let Some(waiting) = self.waiting.get_mut(id) else { return };
                    for (candidate, reasons) in candidates.iter().zip(reasons) {
                        waiting.tally.refused(now, &candidate.offer, reasons);
                    }
                    return;
                }
            }
        }
    }

    /// How many instances of an application the agent of each candidate has.
    fn load(&self, id: &AppId, candidates: &[Candidate]) -> Vec<usize> {
        let mut load: BTreeMap<&str, usize> = BTreeMap::new();
        for instance in self.instances_of(id) {
            *load.entry(&instance.agent.id).or_default() += 1;
        }
        let of = |candidate: &Candidate| load.get(candidate.offer.agent_id.as_str()).copied().unwrap_or(0);
        candidates.iter().map(of).collect()
    }

    /// Notes a new instance and describes its task.
    fn launch(
        &mut self,
        now: Time,
        app: &AppId,
        definition: &Arc<AppDefinition>,
        candidate: &Candidate,
        share: Share,
    ) -> TaskInfo {
        let id = InstanceId::fresh(app, &self.new_uuid());
        let (region, zone) = candidate.place.domain();
        let instance = Instance {
            id: id.clone(),
            app: app.clone(),
            version: version_of(definition).to_owned(),
            config_version: config_version_of(definition).to_owned(),
            agent: Agent {
                id: candidate.offer.agent_id.as_str().to_owned(),
                hostname: candidate.offer.hostname.clone(),
                address: address(&candidate.offer),
                attributes: candidate.place.attributes().clone(),
                region: region.map(str::to_owned),
                zone: zone.map(str::to_owned),
            },
            ports: share.ports,
            state: TaskState::Staging,
            goal: Goal::Running,
            staged_at: now,
            started_at: None,
            unreachable_since: None,
            executor_says_healthy: None,
            check: None,
            was_ready: false,
            addresses: Vec::new(),
            spec: definition.clone(),
            health: Vec::new(),
            readiness: None,
        };
        let task = tasks::describe(&instance, share.resources, &self.settings);
        self.remind(now.after(self.settings.task_launch_timeout), Alarm::Instance(id.clone()));
        self.tell_instance(now, &instance);
        self.by_app.entry(app.clone()).or_default().insert(id.clone());
        self.instances.insert(id.clone(), instance);
        self.save_instance(&id);
        self.dirty.insert(app.clone());
        task
    }
}

/// Takes a share of the best offer: of the agent with the fewest siblings, then of the one with the most to spare.
fn place_one(
    definition: &AppDefinition,
    candidates: &mut [Candidate],
    others: &[Place],
    load: &[usize],
    choice: u64,
) -> Result<(usize, Share), Vec<Vec<Reason>>> {
    let spare: Vec<f64> = candidates.iter().map(|candidate| candidate.pool.scalar("cpus")).collect();
    let better = |one: &usize, other: &usize| {
        let siblings = load[*one].cmp(&load[*other]);
        siblings.then(spare[*other].total_cmp(&spare[*one])).then(one.cmp(other))
    };
    let mut reasons = vec![Vec::new(); candidates.len()];
    // Nearly always the best one will do; only if it does not are the others put in order.
    let best = (0..candidates.len()).min_by(better);
    let mut order: Vec<usize> = best.into_iter().collect();
    for place in 0..candidates.len() {
        if place == 1 {
            order = (0..candidates.len()).collect();
            order.sort_by(better);
        }
        let index = order[place];
        match placement::take(definition, &mut candidates[index], others, choice) {
            Ok(share) => return Ok((index, share)),
            Err(why) => reasons[index] = why,
        }
    }
    Err(reasons)
}

/// The address that the agent gives out.
fn address(offer: &Offer) -> Option<String> {
    Some(offer.url.as_ref()?["address"]["ip"].as_str()?.to_owned())
}

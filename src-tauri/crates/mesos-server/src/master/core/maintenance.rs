//! Maintenance: operators announce when machines will be out of service, frameworks say whether they can leave them, and
//! machines go down and come up.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use serde::Serialize;

use super::{Core, timers::Due};
use crate::{
    links::ToAgent,
    master::state::InverseOffer,
    registry::{Answer, Machine, machine_of},
    wire::{
        AgentInfo, Id, Nanoseconds,
        agent::Address,
        call::Filters,
        maintenance::{MachineId, Schedule, Unavailability, Window},
        now, recordio,
    },
};

fn machine_fault(id: &MachineId) -> Option<String> {
    let normal = id.normal();
    if normal == MachineId::default() {
        return Some("Both 'hostname' and 'ip' for a machine are empty".into());
    }
    let ip = normal.ip?;
    ip.parse::<std::net::Ipv4Addr>().err().map(|_| format!("Failed to parse IPv4: {ip}"))
}

fn machines_fault(ids: &[MachineId]) -> Option<String> {
    if ids.is_empty() {
        return Some("List of machines is empty".into());
    }
    let mut seen = BTreeSet::new();
    ids.iter().find_map(|id| {
        machine_fault(id).or_else(|| {
            (!seen.insert(id.normal())).then(|| format!("Machine '{id}' appears more than once in the schedule"))
        })
    })
}

impl Core {
    /// A new schedule replaces the old one; or why not.
    pub fn update_schedule(&mut self, schedule: Schedule, at: Instant) -> Result<(), String> {
        let mut scheduled: BTreeMap<MachineId, &Window> = BTreeMap::new();
        for window in &schedule.windows {
            if window.machine_ids.is_empty() {
                return Err("List of machines in the maintenance window is empty".into());
            }
            if window.unavailability.duration.is_some_and(|duration| duration.nanoseconds < 0) {
                return Err("Unavailability 'duration' is negative".into());
            }
            for id in &window.machine_ids {
                if let Some(fault) = machine_fault(id) {
                    return Err(fault);
                }
                if scheduled.insert(id.normal(), window).is_some() {
                    return Err(format!("Machine '{id}' appears more than once in the schedule"));
                }
            }
        }
        let lost =
            self.state.maintenance.machines.iter().find(|(id, machine)| machine.down && !scheduled.contains_key(*id));
        if let Some((_, machine)) = lost {
            let id = &machine.id;
            return Err(format!("Machine '{id}' is deactivated and cannot be removed from the schedule"));
        }
        let mut machines = BTreeMap::new();
        for (normal, window) in scheduled {
            let down = self.state.maintenance.machines.get(&normal).is_some_and(|machine| machine.down);
            let id = window.machine_ids.iter().find(|id| id.normal() == normal).unwrap_or(&normal).clone();
            machines.insert(normal, Machine { id, down, unavailability: window.unavailability.clone() });
        }
        let before = std::mem::replace(&mut self.state.maintenance.machines, machines);
        self.state.maintenance.schedule = schedule;
        self.keep();
        let touched: Vec<Id> = self
            .state
            .agents
            .iter()
            .filter(|(_, agent)| {
                let machine = machine_of(&agent.info);
                before.contains_key(&machine) || self.state.maintenance.machines.contains_key(&machine)
            })
            .map(|(id, _)| id.clone())
            .collect();
        touched.iter().for_each(|agent| self.unavailability_changed(agent, at));
        self.allocate(at);
        Ok(())
    }

    /// What was offered of an agent did not say so: it is taken back.
    fn unavailability_changed(&mut self, agent_id: &Id, at: Instant) {
        let Some(agent) = self.state.agents.get(agent_id) else { return };
        let (offers, inverse): (Vec<Id>, Vec<Id>) =
            (agent.offers.iter().cloned().collect(), agent.inverse_offers.iter().cloned().collect());
        offers.iter().for_each(|offer| self.rescind(offer));
        inverse.iter().for_each(|offer| self.rescind_inverse(offer));
        self.state.maintenance.answers.retain(|(agent, _), _| agent != agent_id);
        self.mark_dirty(agent_id);
        self.timers.add(at, Due::Inverse(agent_id.clone()));
    }

    /// Asks the frameworks on an agent whether they can leave it, if it will be out of service.
    pub(super) fn send_inverse_offers(&mut self, agent_id: &Id, at: Instant) {
        #[derive(Serialize)]
        struct Url<'a> {
            scheme: &'static str,
            address: Address,
            path: &'static str,
            #[serde(skip)]
            _of: &'a Id,
        }
        #[derive(Serialize)]
        struct View<'a> {
            id: &'a Id,
            url: Url<'a>,
            framework_id: &'a Id,
            agent_id: &'a Id,
            unavailability: &'a Unavailability,
        }
        #[derive(Serialize)]
        struct Views<'a> {
            inverse_offers: [View<'a>; 1],
        }
        const AGAIN: Duration = Duration::from_secs(1);
        let Some(agent) = self.state.agents.get(agent_id).filter(|agent| agent.is_active()) else { return };
        let Some(unavailability) = self.state.unavailability(&agent.info).cloned() else { return };
        let address = Address { hostname: agent.info.hostname.clone(), ip: agent.info.ip, port: agent.info.port };
        let mut here: BTreeSet<Id> = agent.tasks.iter().map(|(framework, _)| framework.clone()).collect();
        here.extend(
            agent.offers.iter().filter_map(|id| self.state.offers.get(id)).map(|offer| offer.framework.clone()),
        );
        // New frameworks may come, and answers run out.
        self.timers.add(at + AGAIN, Due::Inverse(agent_id.clone()));
        for framework_id in here {
            let asked = self.state.inverse_offers.values().any(|o| o.framework == framework_id && o.agent == *agent_id);
            let answered = self.state.maintenance.answers.get(&(agent_id.clone(), framework_id.clone()));
            let connected = self.state.frameworks.get(&framework_id).is_some_and(|f| f.connected);
            if asked || !connected || answered.is_some_and(|answer| at < answer.until) {
                continue;
            }
            let id = self.new_offer_id();
            let url = Url { scheme: "http", address: address.clone(), path: "/slave(1)", _of: agent_id };
            let view = View { id: &id, url, framework_id: &framework_id, agent_id, unavailability: &unavailability };
            let event = recordio::event("INVERSE_OFFERS", "inverse_offers", &Views { inverse_offers: [view] });
            if let Some(agent) = self.state.agent_mut(agent_id) {
                agent.inverse_offers.insert(id.clone());
            }
            if let Some(framework) = self.state.framework_mut(&framework_id) {
                framework.inverse_offers.insert(id.clone());
            }
            self.tell(&framework_id, "events/inverse_offers", event);
            let offer = InverseOffer {
                framework: framework_id,
                agent: agent_id.clone(),
                unavailability: unavailability.clone(),
            };
            self.state.inverse_offers.insert(id, offer);
        }
    }

    pub(super) fn take_inverse(&mut self, id: &Id) -> Option<InverseOffer> {
        let offer = self.state.inverse_offers.remove(id)?;
        if let Some(agent) = self.state.agent_mut(&offer.agent) {
            agent.inverse_offers.remove(id);
        }
        if let Some(framework) = self.state.framework_mut(&offer.framework) {
            framework.inverse_offers.remove(id);
        }
        Some(offer)
    }

    pub(super) fn rescind_inverse(&mut self, id: &Id) {
        #[derive(Serialize)]
        struct Rescind<'a> {
            inverse_offer_id: &'a Id,
        }
        let Some(offer) = self.take_inverse(id) else { return };
        let rescind = Rescind { inverse_offer_id: id };
        let event = recordio::event("RESCIND_INVERSE_OFFER", "rescind_inverse_offer", &rescind);
        self.tell(&offer.framework, "events/rescind_inverse_offer", event);
    }

    /// A framework says whether it can leave agents.
    pub(super) fn answer_inverse(&mut self, framework: &Id, ids: &[Id], accepted: bool, filters: Filters, at: Instant) {
        for id in ids {
            if self.state.inverse_offers.get(id).is_none_or(|offer| offer.framework != *framework) {
                continue;
            }
            if let Some(offer) = self.take_inverse(id) {
                let answer = Answer { accepted, at: Nanoseconds::at(now()), until: at + filters.time() };
                self.state.maintenance.answers.insert((offer.agent, offer.framework), answer);
            }
        }
    }

    /// Machines go down: their agents have to end.
    pub fn start_maintenance(&mut self, ids: &[MachineId], at: Instant) -> Result<(), String> {
        self.check_machines(ids, false)?;
        for normal in ids.iter().map(MachineId::normal) {
            if let Some(machine) = self.state.maintenance.machines.get_mut(&normal) {
                machine.down = true;
            }
            let agents: Vec<Id> = self
                .state
                .agents
                .iter()
                .filter(|(_, a)| machine_of(&a.info) == normal)
                .map(|(id, _)| id.clone())
                .collect();
            for agent in agents {
                let why = "Operator initiated 'Machine DOWN'";
                self.tell_agent(&agent, ToAgent::Shutdown(why.into()));
                self.remove_agent(&agent, why);
            }
        }
        self.keep();
        self.allocate(at);
        Ok(())
    }

    /// Machines are back in service.
    pub fn stop_maintenance(&mut self, ids: &[MachineId], at: Instant) -> Result<(), String> {
        self.check_machines(ids, true)?;
        let up: BTreeSet<MachineId> = ids.iter().map(MachineId::normal).collect();
        self.state.maintenance.machines.retain(|id, _| !up.contains(id));
        for window in &mut self.state.maintenance.schedule.windows {
            window.machine_ids.retain(|id| !up.contains(&id.normal()));
        }
        self.state.maintenance.schedule.windows.retain(|window| !window.machine_ids.is_empty());
        self.keep();
        self.allocate(at);
        Ok(())
    }

    fn check_machines(&self, ids: &[MachineId], down: bool) -> Result<(), String> {
        if let Some(fault) = machines_fault(ids) {
            return Err(fault);
        }
        for id in ids {
            let Some(machine) = self.state.maintenance.machines.get(&id.normal()) else {
                return Err(format!("Machine '{id}' is not part of a maintenance schedule"));
            };
            if machine.down != down {
                let (mode, verb) = if down { ("DOWN", "up") } else { ("DRAINING", "down") };
                return Err(format!("Machine '{id}' is not in {mode} mode and cannot be brought {verb}"));
            }
        }
        Ok(())
    }

    /// Whether the machine of an agent is down: it may not register.
    pub(super) fn is_down(&self, info: &AgentInfo) -> bool {
        !self.state.maintenance.machines.is_empty()
            && self.state.maintenance.machines.get(&machine_of(info)).is_some_and(|machine| machine.down)
    }
}

//! The scheduler's applications.

use marathon::{AppInfo, QueueItem, TaskFailure};
use plan::ClusterPlan;
use protocol::{Application, ApplicationState, LastFailure};

use super::{
    mesos::Health,
    place::{self, Places},
    waiting,
};

/// The state of a task that runs.
const RUNNING: &str = "TASK_RUNNING";

/// The applications, by id. `queue` is what waits.
pub fn applications(plan: &ClusterPlan, apps: &[AppInfo], queue: &[QueueItem], now_ms: u64) -> Vec<Application> {
    let places = Places::of(plan);
    let mut applications: Vec<_> = apps.iter().map(|app| application(&places, app, queue, now_ms)).collect();
    applications.sort_by(|a, b| a.id.cmp(&b.id));
    applications
}

/// What the scheduler's health checks say of each task; those without a result are missing.
pub fn health(apps: &[AppInfo]) -> Health {
    let tasks = apps.iter().flat_map(|app| app.tasks.iter().flatten());
    tasks.filter_map(|task| Some((task.id.clone(), task.healthy()?))).collect()
}

/// The machine that `leader` (`host:port`) means.
pub fn leader(plan: &ClusterPlan, leader: &str) -> Option<String> {
    Places::of(plan).node(place::host(leader)).map(|node| node.name.clone())
}

fn application(places: &Places<'_>, app: &AppInfo, queue: &[QueueItem], now_ms: u64) -> Application {
    let definition = &app.definition;
    Application {
        id: definition.absolute_id(),
        instances: definition.instances(),
        running: app.tasks_running,
        staged: app.tasks_staged,
        healthy: app.tasks_healthy,
        unhealthy: app.tasks_unhealthy,
        checked: !definition.health_checks().is_empty(),
        cpus: definition.cpus(),
        mem_mb: definition.mem(),
        state: state(app, queue, now_ms),
        addresses: addresses(places, app),
        last_failure: app.last_task_failure.as_ref().map(|failure| last_failure(places, failure)),
    }
}

fn state(app: &AppInfo, queue: &[QueueItem], now_ms: u64) -> ApplicationState {
    let id = app.definition.absolute_id();
    let waits = queue.iter().filter(|item| item.app.as_ref().is_some_and(|a| a.absolute_id() == id));
    if let Some(reason) = waits.filter_map(|item| waiting::reason(item, &app.definition, now_ms)).next() {
        return ApplicationState::Waiting { reason };
    }
    let wanted = app.definition.instances();
    let checked = !app.definition.health_checks().is_empty();
    // An instance that has begun to fail its checks was there once: that is trouble, not a deployment.
    let well = if checked { app.tasks_healthy + app.tasks_unhealthy } else { app.tasks_running };
    if !app.deployments.is_empty() || app.tasks_running != wanted || well < wanted {
        ApplicationState::Deploying
    } else if wanted == 0 {
        ApplicationState::Suspended
    } else {
        ApplicationState::Stable
    }
}

fn last_failure(places: &Places<'_>, failure: &TaskFailure) -> LastFailure {
    let node = places.node(&failure.host).map_or_else(|| failure.host.clone(), |node| node.name.clone());
    let said = words::plain(&failure.message);
    // Some ends have no message: the state is all that is known then.
    let message = if said.trim().is_empty() { failure.state.clone() } else { said.trim().to_owned() };
    LastFailure { node, message }
}

/// Where its instances can be reached: on the addresses of the plan's machines, since host names may mean nothing to
/// this computer.
fn addresses(places: &Places<'_>, app: &AppInfo) -> Vec<String> {
    let mut addresses = Vec::new();
    for task in app.tasks.iter().flatten().filter(|task| task.state == RUNNING) {
        let host = places.node(&task.host).map_or_else(|| task.host.clone(), |node| node.address.to_string());
        addresses.extend(task.ports.iter().map(|port| format!("{host}:{port}")));
    }
    addresses.sort();
    addresses
}

#[cfg(test)]
mod tests {
    use marathon::{AppInfo, Queue};
    use plan::{ClusterPlan, Preset, Provider, practice_network};
    use protocol::{Application, ApplicationState};
    use serde_json::{Value, json};

    fn plan() -> ClusterPlan {
        Preset::Ha.plan("lab", Provider::Practice, practice_network(7))
    }

    fn app(patch: &Value) -> AppInfo {
        let mut app = json!({
            "id": "/hello", "instances": 2, "cpus": 0.1, "mem": 32.0, "cmd": "sleep 9", "healthChecks": [{"protocol": "HTTP"}],
            "tasksStaged": 0, "tasksRunning": 2, "tasksHealthy": 2, "tasksUnhealthy": 0, "deployments": [],
        });
        for (key, value) in patch.as_object().unwrap() {
            app[key] = value.clone();
        }
        serde_json::from_value(app).unwrap()
    }

    fn task(id: &str, host: &str, state: &str, alive: Option<bool>) -> Value {
        let results: Vec<_> = alive.iter().map(|alive| json!({ "alive": alive, "instanceId": id })).collect();
        json!({
            "id": id, "appId": "/hello", "state": state, "host": host, "ports": [31005], "healthCheckResults": results,
        })
    }

    fn only(app: AppInfo) -> Application {
        super::applications(&plan(), &[app], &[], 0).remove(0)
    }

    #[test]
    fn an_application_where_all_is_as_wanted_is_stable() {
        let app = only(app(&json!({})));
        assert_eq!((app.state, app.checked, app.healthy), (ApplicationState::Stable, true, 2));
    }

    #[test]
    fn the_last_failure_names_its_machine_and_its_reason() {
        let failure = |message: &str| {
            let failure = json!({
                "appId": "/hello", "taskId": "a", "host": "agent2", "state": "TASK_FAILED", "message": message,
            });
            only(app(&json!({ "lastTaskFailure": failure }))).last_failure.unwrap()
        };
        let said = failure("Command exited with status 3\n");
        assert_eq!((said.node.as_str(), said.message.as_str()), ("agent2", "Command exited with status 3"));
        assert_eq!(failure(" ").message, "TASK_FAILED");
        assert_eq!(only(app(&json!({}))).last_failure, None);
    }

    #[test]
    fn it_deploys_until_all_instances_run_and_were_found_well() {
        let state = |patch: Value| only(app(&patch)).state;
        assert_eq!(state(json!({ "deployments": [{ "id": "d" }] })), ApplicationState::Deploying);
        assert_eq!(state(json!({ "tasksRunning": 1, "tasksHealthy": 1 })), ApplicationState::Deploying);
        assert_eq!(state(json!({ "tasksHealthy": 1 })), ApplicationState::Deploying);
        assert_eq!(state(json!({ "tasksHealthy": 1, "tasksUnhealthy": 1 })), ApplicationState::Stable);
        assert_eq!(state(json!({ "instances": 0, "tasksRunning": 0, "tasksHealthy": 0 })), ApplicationState::Suspended);
    }

    #[test]
    fn a_reason_to_wait_comes_before_the_deployment() {
        let queue: Queue = serde_json::from_value(json!({ "queue": [{
            "app": { "id": "/hello" }, "count": 1, "delay": { "timeLeftSeconds": 5, "overdue": false },
        }] }))
        .unwrap();
        let apps = [app(&json!({ "deployments": [{ "id": "d" }] })), app(&json!({ "id": "/other" }))];
        let seen = super::applications(&plan(), &apps, &queue.queue, 0);
        assert!(matches!(seen[0].state, ApplicationState::Waiting { .. }), "{:?}", seen[0].state);
        assert_eq!(seen[1].state, ApplicationState::Stable);
    }

    #[test]
    fn addresses_are_those_of_running_instances_on_the_machines_addresses() {
        let plan = plan();
        let tasks = [
            task("a", "agent2", "TASK_RUNNING", Some(true)),
            task("b", "agent1", "TASK_STAGING", None),
            task("c", "elsewhere.example", "TASK_RUNNING", Some(false)),
        ];
        let apps = [app(&json!({ "tasks": tasks }))];
        let seen = super::applications(&plan, &apps, &[], 0);
        let agent2 = plan.node("agent2").unwrap().address;
        assert_eq!(seen[0].addresses, [format!("{agent2}:31005"), "elsewhere.example:31005".to_owned()]);
        assert_eq!(super::health(&apps), [("a".to_owned(), true), ("c".to_owned(), false)].into());
    }

    #[test]
    fn the_leader_is_one_of_the_plans_machines() {
        let plan = plan();
        let address = plan.node("node2").unwrap().address;
        assert_eq!(super::leader(&plan, &format!("{address}:8080")).as_deref(), Some("node2"));
        assert_eq!(super::leader(&plan, "node3:8080").as_deref(), Some("node3"));
        assert_eq!(super::leader(&plan, "elsewhere:8080"), None);
    }
}

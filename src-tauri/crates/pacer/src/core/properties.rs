//! Whatever happens, in the end there is what is wanted.

use mesos::v1::TaskState;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::change::Victims;
use super::world::{World, app};
use super::{AppId, Change, Kind, Time};

const IDS: [&str; 5] = ["/a", "/b", "/g/c", "/g/h/d", "/g/h/e"];

/// Something that happens.
#[derive(Clone, Debug)]
enum Happening {
    Create(usize, u32, bool, u8),
    Update(usize, u32, bool, u8, bool),
    Scale(usize, u32, bool),
    Delete(usize, bool),
    Restart(usize, bool),
    KillAll(usize, bool),
    CancelDeployment(bool),
    PutGroup(Vec<(usize, u32)>, bool),
    ScaleGroup(u8, bool),
    DeleteGroup(bool),
    RollBackGroup(usize, bool),
    Deliver(u8),
    Fail(usize, bool),
    LoseAgent(usize),
    ReturnAgent(usize),
    Check(bool),
    Ready(bool),
    Crash,
    Disconnect,
    Connect,
    Offer,
    Pass(u64),
}

fn happening() -> impl Strategy<Value = Happening> {
    use Happening::*;
    let id = 0..IDS.len();
    prop_oneof![
        (id.clone(), 0..5_u32, any::<bool>(), 0..4_u8).prop_map(|(i, n, h, s)| Create(i, n, h, s)),
        (id.clone(), 0..5_u32, any::<bool>(), 0..4_u8, any::<bool>()).prop_map(|(i, n, h, s, f)| Update(i, n, h, s, f)),
        (id.clone(), 0..6_u32, any::<bool>()).prop_map(|(i, n, f)| Scale(i, n, f)),
        (id.clone(), any::<bool>()).prop_map(|(i, f)| Delete(i, f)),
        (id.clone(), any::<bool>()).prop_map(|(i, f)| Restart(i, f)),
        (id, any::<bool>()).prop_map(|(i, s)| KillAll(i, s)),
        any::<bool>().prop_map(CancelDeployment),
        (prop::collection::vec((0..3_usize, 0..4_u32), 0..3), any::<bool>()).prop_map(|(apps, f)| PutGroup(apps, f)),
        (0..3_u8, any::<bool>()).prop_map(|(by, f)| ScaleGroup(by, f)),
        any::<bool>().prop_map(DeleteGroup),
        (0..5_usize, any::<bool>()).prop_map(|(n, f)| RollBackGroup(n, f)),
        (1..9_u8).prop_map(Deliver),
        (1..9_u8).prop_map(Deliver),
        (0..8_usize, any::<bool>()).prop_map(|(n, f)| Fail(n, f)),
        (0..3_usize).prop_map(LoseAgent),
        (0..3_usize).prop_map(ReturnAgent),
        any::<bool>().prop_map(Check),
        any::<bool>().prop_map(Ready),
        Just(Crash),
        Just(Disconnect),
        Just(Connect),
        Just(Offer),
        (0..40_u64).prop_map(Pass),
    ]
}

fn definition(id: usize, instances: u32, checked: bool, strategy: u8) -> Value {
    let mut app = app(IDS[id], instances);
    if checked {
        app["healthChecks"] = json!([{ "protocol": "TCP", "gracePeriodSeconds": 5, "maxConsecutiveFailures": 2 }]);
    }
    if checked && strategy == 1 {
        app["portDefinitions"] = json!([{ "port": 0, "name": "http-api" }]);
        app["readinessChecks"] = json!([{ "portName": "http-api" }]);
    }
    let (over, healthy) = [(1.0, 1.0), (0.0, 1.0), (0.5, 0.5), (0.0, 0.0)][usize::from(strategy)];
    app["upgradeStrategy"] = json!({ "maximumOverCapacity": over, "minimumHealthCapacity": healthy });
    app["env"] = json!({ "STRATEGY": strategy.to_string() });
    app
}

fn happen(world: &mut World, happening: &Happening) {
    let id = |index: &usize| AppId::new(IDS[*index]);
    // Refusals (not there, locked, there already) are part of life here.
    match happening {
        Happening::Create(i, n, h, s) => drop(world.create(definition(*i, *n, *h, *s))),
        Happening::Update(i, n, h, s, force) => {
            let body = definition(*i, *n, *h, *s);
            drop(world.change(Change::Update { id: id(i), body, partial: false, force: *force }));
        }
        Happening::Scale(i, n, force) => {
            let body = json!({ "instances": n });
            drop(world.change(Change::Patch { id: id(i), body, force: *force }));
        }
        Happening::Delete(i, force) => drop(world.change(Change::Delete { id: id(i), force: *force })),
        Happening::Restart(i, force) => drop(world.change(Change::Restart { id: id(i), force: *force })),
        Happening::KillAll(i, scale) => {
            let victims = Victims::OfApp(id(i), None);
            drop(world.change(Change::Kill { victims, scale: *scale, wipe: false, force: true }));
        }
        Happening::CancelDeployment(force) => {
            if let Some(first) = world.core.shown_deployments().first() {
                drop(world.change(Change::CancelDeployment { id: first.id.clone(), force: *force }));
            }
        }
        Happening::PutGroup(apps, force) => {
            let names = ["c", "h/d", "h/e"];
            let mut group = json!({ "apps": [], "groups": [{ "id": "h", "apps": [], "dependencies": ["../c"] }] });
            for (which, instances) in apps {
                let (name, inner) = (names[*which].rsplit('/').next(), names[*which].contains('/'));
                let app = json!({ "id": name, "cmd": "sleep 1000", "cpus": 0.1, "mem": 16, "instances": instances });
                let list = if inner { &mut group["groups"][0]["apps"] } else { &mut group["apps"] };
                list.as_array_mut().expect("a list").push(app);
            }
            drop(world.change(Change::UpdateGroup {
                path: AppId::new("/g"),
                body: group,
                force: *force,
                dry_run: false,
            }));
        }
        Happening::ScaleGroup(by, force) => {
            let body = json!({ "scaleBy": f64::from(*by) / 2.0 });
            drop(world.change(Change::UpdateGroup { path: AppId::new("/g"), body, force: *force, dry_run: false }));
        }
        Happening::DeleteGroup(force) => {
            drop(world.change(Change::DeleteGroup { path: AppId::new("/g"), force: *force }));
        }
        Happening::RollBackGroup(n, force) => {
            let versions = world.core.shown_group_versions("/g").unwrap_or_default();
            if let Some(version) = versions.get(*n) {
                let body = json!({ "version": version });
                drop(world.change(Change::UpdateGroup { path: AppId::new("/g"), body, force: *force, dry_run: false }));
            }
        }
        Happening::Deliver(count) => {
            for _ in 0..*count {
                world.deliver();
            }
        }
        Happening::Fail(n, finished) => {
            if let Some(task) = world.tasks.keys().nth(*n).cloned() {
                world.set(&task, if *finished { TaskState::Finished } else { TaskState::Failed });
            }
        }
        Happening::LoseAgent(agent) => world.lose_agent(*agent),
        Happening::ReturnAgent(agent) => world.return_agent(*agent),
        Happening::Check(well) => world.check_all(*well),
        Happening::Ready(ready) => world.ready_all(*ready),
        Happening::Crash => world.crash(),
        Happening::Disconnect => world.disconnect(),
        Happening::Connect => world.connect(),
        Happening::Offer => world.offer(),
        Happening::Pass(seconds) => world.pass(*seconds),
    }
}

/// What is wanted is what there is, and nothing else.
fn assert_settled(world: &World) {
    let apps = json!(world.core.shown_apps(&super::Filter::default(), super::Embed::default()));
    let apps = apps.as_array().expect("a list");
    for id in IDS {
        let wanted = apps.iter().find(|app| app["id"] == id).and_then(|app| app["instances"].as_u64()).unwrap_or(0);
        let tasks = world.tasks_of(id);
        assert_eq!(u64::try_from(tasks.len()).ok(), Some(wanted), "{id}: {tasks:?}");
        assert!(tasks.iter().all(|state| *state == TaskState::Running), "{id}: {tasks:?}");
    }
    assert!(world.core.shown_deployments().is_empty(), "{:?}", world.core.shown_deployments());
    assert!(world.core.shown_queue(world.now, false).queue.is_empty());
    for app in apps {
        let instances =
            world.core.shown_tasks_of(&AppId::new(app["id"].as_str().unwrap_or_default())).unwrap_or_default();
        let is_old = |version: &str| version < app["versionInfo"]["lastConfigChangeAt"].as_str().unwrap_or_default();
        assert!(
            instances.iter().all(|task| !is_old(task.version.as_deref().unwrap_or_default())),
            "old instances of {app}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn any_sequence_ends_in_what_is_wanted(happenings in prop::collection::vec(happening(), 0..40)) {
        let mut world = World::new(3);
        for happening in &happenings {
            happen(&mut world, happening);
        }
        world.quiet();
        assert_settled(&world);
        // A successor finds the same, and changes nothing.
        let tasks: Vec<_> = world.tasks.keys().cloned().collect();
        world.crash();
        world.quiet();
        assert_settled(&world);
        prop_assert_eq!(tasks, world.tasks.keys().cloned().collect::<Vec<_>>());
    }

    #[test]
    fn an_upgrade_keeps_enough_and_not_too_many(instances in 1..8_u32, over in 0..=4_u8, healthy in 0..=4_u8) {
        let (over, healthy) = (f64::from(over) / 4.0, f64::from(healthy) / 4.0);
        let mut world = World::new(3);
        let mut first = app("/a", instances);
        first["upgradeStrategy"] = json!({ "maximumOverCapacity": over, "minimumHealthCapacity": healthy });
        world.create(first).expect("created");
        world.quiet();
        world.change(Change::Patch { id: AppId::new("/a"), body: json!({ "cmd": "sleep 2000" }), force: false }).expect("upgraded");
        let least = (f64::from(instances) * healthy).ceil() as usize;
        let most = ((f64::from(instances) * (1.0 + over)).floor() as usize).max(least + 1).max(instances as usize);
        for _ in 0..500 {
            let states = world.tasks_of("/a");
            let running = states.iter().filter(|state| **state == TaskState::Running).count();
            prop_assert!(running >= least, "{running} of {least}");
            prop_assert!(states.len() <= most, "{} of at most {most}", states.len());
            if !world.deliver() {
                world.pass(1);
                world.offer();
            }
        }
        assert_settled(&world);
    }
}

#[test]
fn a_start_is_quick_and_idle_is_silent() {
    let mut world = World::new(2);
    assert_eq!(world.rounds, 0, "offers are suppressed while nothing waits");
    let start = world.now;
    world.create(app("/a", 2)).expect("created");
    while world.deliver() {}
    assert_eq!(world.tasks_of("/a"), [TaskState::Running; 2]);
    assert!(start.until(world.now).as_millis() < 10, "no waiting for a clock");
    let rounds = world.rounds;
    world.offer();
    assert_eq!(world.rounds, rounds, "offers are suppressed again");
}

#[test]
fn a_failing_application_backs_off() {
    let mut world = World::new(1);
    world.create(app("/a", 1)).expect("created");
    for _ in 0..3 {
        while world.deliver() {}
        let task = world.tasks.keys().next().cloned().expect("a task");
        world.set(&task, TaskState::Failed);
        while world.deliver() {}
        assert!(world.tasks.is_empty(), "not at once");
        let queue = world.core.shown_queue(world.now, false).queue;
        assert!(queue[0].delay.time_left_seconds > 0 && !queue[0].delay.overdue);
        world.pass(2);
        world.offer();
        assert_eq!(world.tasks.len(), 1);
    }
    let embed = super::Embed { last_task_failure: true, ..Default::default() };
    let shown = world.core.shown_app(&AppId::new("/a"), embed).expect("there");
    assert_eq!(shown["lastTaskFailure"]["state"], "TASK_FAILED");
}

#[test]
fn what_does_not_fit_says_why() {
    let mut world = World::new(3);
    let mut large = app("/a", 1);
    large["cpus"] = json!(9);
    large["constraints"] = json!([["rack", "LIKE", "r0"]]);
    world.create(large).expect("created");
    let queue = world.core.shown_queue(world.now, true).queue;
    let summary = &queue[0].processed_offers_summary;
    let declined = |reason: &str| {
        summary.reject_summary_last_offers.iter().find(|step| step.reason == reason).map(|step| step.declined)
    };
    assert_eq!(declined("UnfulfilledConstraint"), Some(1));
    assert_eq!(declined("InsufficientCpus"), Some(2));
    assert_eq!(queue[0].last_unused_offers.as_ref().map(Vec::len), Some(3));
    // Asking for less is enough; what was refused for a while is offered again.
    world.change(Change::Patch { id: AppId::new("/a"), body: json!({ "cpus": 1 }), force: true }).expect("updated");
    world.quiet();
    assert_eq!(world.tasks_of("/a"), [TaskState::Running]);
}

#[test]
fn dependencies_come_first() {
    let mut world = World::new(2);
    let mut web = app("/web", 1);
    web["dependencies"] = json!(["/db"]);
    let body = json!([web, app("/db", 1)]);
    world.change(Change::UpdateMany { body, partial: true, must_exist: false, force: false }).expect("deployed");
    assert_eq!((world.tasks_of("/web").len(), world.tasks_of("/db").len()), (0, 1));
    while world.deliver() {}
    assert_eq!((world.tasks_of("/web").len(), world.tasks_of("/db").len()), (1, 1));
    let mut db = app("/db", 1);
    db["dependencies"] = json!(["/web"]);
    let circle = world.change(Change::Update { id: AppId::new("/db"), body: db, partial: false, force: true });
    assert_eq!(circle.expect_err("a circle").status(), 422);
}

#[test]
fn deployments_lock_and_can_be_undone() {
    let mut world = World::new(2);
    world.create(app("/a", 1)).expect("created");
    let scale = |n: u32, force| Change::Patch { id: AppId::new("/a"), body: json!({ "instances": n }), force };
    let locked = world.change(scale(2, false)).expect_err("locked");
    assert_eq!((locked.status(), locked.body()["deployments"][0]["id"].is_string()), (409, true));
    while world.deliver() {}
    world.change(scale(5, false)).expect("free again");
    let id = world.core.shown_deployments()[0].id.clone();
    world.change(Change::CancelDeployment { id, force: false }).expect("undone");
    world.quiet();
    assert_eq!(world.tasks_of("/a").len(), 1);
    let kinds: Vec<_> = world.events.iter().map(|event| event.kind).collect();
    assert!(kinds.contains(&Kind::DeploymentFailed) && kinds.contains(&Kind::DeploymentSuccess));
}

#[test]
fn a_deployment_waits_for_readiness() {
    let mut world = World::new(2);
    let mut first = app("/a", 2);
    first["portDefinitions"] = json!([{ "port": 0, "name": "http-api" }]);
    first["readinessChecks"] = json!([{ "preserveLastResponse": true }]);
    first["upgradeStrategy"] = json!({ "maximumOverCapacity": 0.5, "minimumHealthCapacity": 1.0 });
    world.create(first).expect("created");
    while world.deliver() {}
    world.ready_all(false);
    let action = world.core.shown_deployments().remove(0).current_actions.remove(0);
    assert_eq!(action.readiness_check_results.len(), 2);
    assert_eq!(action.readiness_check_results[0]["lastResponse"]["status"], 503);
    world.ready_all(true);
    assert!(world.core.shown_deployments().is_empty(), "ready");
    // Nobody asks a second time, a successor neither.
    world.crash();
    world.quiet();
    assert!(world.checked.is_empty());
    let old: Vec<_> = world.tasks.keys().cloned().collect();
    world
        .change(Change::Patch { id: AppId::new("/a"), body: json!({ "cmd": "sleep 2" }), force: false })
        .expect("changed");
    for _ in 0..20 {
        while world.deliver() {}
        world.pass(1);
        world.offer();
    }
    assert!(old.iter().all(|task| world.tasks.contains_key(task)), "the old ones stay until a new one is ready");
    assert_eq!(world.tasks.len(), 3);
    world.quiet();
    assert!(world.core.shown_deployments().is_empty() && old.iter().all(|task| !world.tasks.contains_key(task)));
}

#[test]
fn what_may_run_only_once_never_runs_twice() {
    let mut world = World::new(2);
    let mut once = app("/a", 1);
    once["labels"] = json!({ "MARATHON_SINGLE_INSTANCE_APP": "true" });
    world.create(once).expect("created");
    world.quiet();
    world
        .change(Change::Patch { id: AppId::new("/a"), body: json!({ "cmd": "sleep 2" }), force: false })
        .expect("changed");
    for _ in 0..50 {
        assert!(world.tasks.len() <= 1);
        if !world.deliver() {
            world.pass(1);
            world.offer();
        }
    }
    assert_settled(&world);
    let twice = world.change(Change::Patch { id: AppId::new("/a"), body: json!({ "instances": 2 }), force: false });
    assert_eq!(twice.expect_err("refused").status(), 422);
    let strategy = json!({ "upgradeStrategy": { "maximumOverCapacity": 1.0 } });
    let over = world.change(Change::Patch { id: AppId::new("/a"), body: strategy, force: false });
    assert_eq!(over.expect_err("refused").status(), 422);
}

#[test]
fn what_mesos_cannot_do_waits_and_says_so() {
    let mut world = World::new(2);
    let mut docker = app("/a", 1);
    docker["container"] = json!({ "type": "DOCKER", "docker": { "image": "nginx" } });
    world.create(docker).expect("taken");
    world.quiet();
    assert!(world.tasks.is_empty());
    let item = world.core.shown_queue(world.now, true).queue.remove(0);
    assert_eq!(item.last_unused_offers.expect("offers")[0].reason, ["UnsupportedContainer"]);
    assert_eq!(item.processed_offers_summary.reject_summary_last_offers[0].reason, "UnsupportedContainer");
    world
        .change(Change::Update { id: AppId::new("/a"), body: app("/a", 1), partial: false, force: true })
        .expect("plain");
    world.quiet();
    assert_eq!(world.tasks_of("/a"), [TaskState::Running]);
}

#[test]
fn an_unwell_instance_is_killed_and_replaced() {
    let mut world = World::new(1);
    world.create(definition(0, 1, true, 0)).expect("created");
    while world.deliver() {}
    assert!(!world.core.shown_deployments().is_empty(), "not done before it is healthy");
    world.check_all(true);
    assert!(world.core.shown_deployments().is_empty());
    let before: Vec<_> = world.tasks.keys().cloned().collect();
    world.check_all(false);
    world.check_all(false);
    world.quiet();
    assert_eq!(world.tasks_of("/a"), [TaskState::Running]);
    assert!(!world.tasks.contains_key(&before[0]));
    assert!(world.events.iter().any(|event| event.kind == Kind::UnhealthyInstanceKill));
}

#[test]
fn what_an_api_shows_can_be_sent_back() {
    let mut world = World::new(1);
    world.create(definition(0, 1, true, 0)).expect("created");
    world.quiet();
    let id = AppId::new("/a");
    let shown = world.core.shown_app(&id, super::Embed { tasks: true, ..Default::default() }).expect("there");
    let tasks: Vec<_> = world.tasks.keys().cloned().collect();
    for partial in [true, false] {
        world.change(Change::Update { id: id.clone(), body: shown.clone(), partial, force: false }).expect("taken");
        world.quiet();
        assert_eq!(world.tasks.keys().cloned().collect::<Vec<_>>(), tasks, "nothing changed, nothing restarts");
    }
    let versions = world.core.shown_versions(&id).expect("versions");
    assert_eq!(versions.len(), 1);
    assert!(Time(0).iso() < versions[0]);
}

#[test]
fn an_old_version_can_be_had_back() {
    let mut world = World::new(1);
    world.create(app("/a", 1)).expect("created");
    world.quiet();
    let id = AppId::new("/a");
    let old = world.core.shown_versions(&id).expect("versions")[0].clone();
    world.change(Change::Patch { id: id.clone(), body: json!({ "cmd": "sleep 2" }), force: false }).expect("changed");
    world.quiet();
    let back = Change::Update { id: id.clone(), body: json!({ "version": old }), partial: true, force: false };
    world.change(back).expect("back");
    world.quiet();
    let shown = world.core.shown_app(&id, super::Embed::default()).expect("there");
    assert_eq!(shown["cmd"], "sleep 1000");
    assert_eq!(world.core.shown_versions(&id).expect("versions").len(), 3);
}

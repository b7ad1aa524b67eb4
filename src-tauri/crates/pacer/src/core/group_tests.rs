//! Groups: what Marathon's documentation of them says.

use serde_json::{Value, json};

use super::world::{World, app};
use super::{AppId, Change, Done, Embed, GroupEmbed, Kind, Refusal};

fn put(world: &mut World, path: &str, body: Value) -> Result<Done, Refusal> {
    world.change(Change::UpdateGroup { path: AppId::new(path), body, force: false, dry_run: false })
}

fn shown(world: &World, path: &str) -> Value {
    let embed = GroupEmbed { groups: true, apps: true };
    world.core.shown_group(path, embed, Embed::default()).expect("a group")
}

/// A shop: a front that needs a back, each a group, with relative paths all over.
fn shop() -> Value {
    json!({
        "id": "/shop",
        "groups": [
            { "id": "back", "apps": [
                { "id": "db", "cmd": "sleep 1000", "cpus": 0.1, "mem": 16, "instances": 1 },
                { "id": "api", "cmd": "sleep 1000", "cpus": 0.1, "mem": 16, "instances": 2, "dependencies": ["db"] },
            ] },
            { "id": "front", "dependencies": ["../back"], "apps": [
                { "id": "./web", "cmd": "sleep 1000", "cpus": 0.1, "mem": 16, "instances": 3 },
            ] },
        ],
    })
}

fn made(world: &mut World) {
    let body = serde_json::from_str(&shop().to_string().replace("./web", "web")).expect("JSON");
    let done = world.change(Change::CreateGroup { path: AppId::root(), body, force: false }).expect("created");
    assert!(matches!(done, Done::CreatedGroup(id, _) if id.as_str() == "/shop"));
}

#[test]
fn a_group_is_deployed_in_the_order_of_its_dependencies() {
    let mut world = World::new(3);
    made(&mut world);
    let plan = world.core.shown_deployments().remove(0);
    let steps: Vec<Vec<_>> = plan
        .steps
        .iter()
        .map(|step| step.actions.iter().map(|a| format!("{} {}", a.action, a.app.as_deref().unwrap_or(""))).collect())
        .collect();
    let start = |app| format!("StartApplication {app}");
    let scale = |app| format!("ScaleApplication {app}");
    assert_eq!(
        steps,
        [
            vec![start("/shop/back/api"), start("/shop/back/db"), start("/shop/front/web")],
            vec![scale("/shop/back/db")],
            vec![scale("/shop/back/api")],
            vec![scale("/shop/front/web")],
        ]
    );
    assert_eq!((world.tasks_of("/shop/back/db").len(), world.tasks_of("/shop/front/web").len()), (1, 0));
    world.quiet();
    assert_eq!(world.tasks_of("/shop/front/web").len(), 3);
    let group = shown(&world, "/shop");
    assert_eq!(group["groups"][1]["dependencies"], json!(["/shop/back"]));
    assert_eq!(group["groups"][0]["apps"][0]["dependencies"], json!(["/shop/back/db"]));
    assert!(world.events.iter().any(|event| event.kind == Kind::GroupChangeSuccess && event.body["groupId"] == "/"));
}

#[test]
fn an_update_replaces_what_it_names_and_keeps_the_rest() {
    let mut world = World::new(3);
    made(&mut world);
    world.quiet();
    let before = world.tasks.clone();
    // One list of applications: the other groups stay, untouched.
    let web = json!({ "id": "web", "cmd": "sleep 1000", "cpus": 0.1, "mem": 16, "instances": 3 });
    put(&mut world, "/shop/front", json!({ "apps": [web, app("/shop/front/new", 1)] })).expect("updated");
    world.quiet();
    assert!(before.keys().all(|task| world.tasks.contains_key(task)), "what did not change goes on");
    assert_eq!(world.tasks_of("/shop/front/new").len(), 1);
    assert_eq!(shown(&world, "/shop")["groups"][1]["dependencies"], json!(["/shop/back"]));
    put(&mut world, "/shop", json!({ "groups": [{ "id": "back" }] })).expect("updated");
    world.quiet();
    assert_eq!(shown(&world, "/shop")["groups"].as_array().map(Vec::len), Some(1));
    assert!(world.tasks_of("/shop/front/web").is_empty() && world.tasks_of("/shop/back/api").len() == 2);
    // What was got can be sent back.
    let mut same = shown(&world, "/shop");
    same.as_object_mut().expect("a group").remove("version");
    same["groups"][0].as_object_mut().expect("a group").remove("version");
    let tasks = world.tasks.clone();
    put(&mut world, "/", same).expect("taken");
    world.quiet();
    assert!(tasks.keys().eq(world.tasks.keys()), "nothing restarts");
}

#[test]
fn groups_are_scaled_rehearsed_rolled_back_and_deleted() {
    let mut world = World::new(3);
    made(&mut world);
    world.quiet();
    let version = world.core.shown_group_versions("/shop").expect("versions")[0].clone();
    let body = json!({ "scaleBy": 1.5 });
    let rehearsal = Change::UpdateGroup { path: AppId::new("/shop"), body: body.clone(), force: false, dry_run: true };
    let Ok(Done::Rehearsed(steps)) = world.change(rehearsal) else { panic!("not rehearsed") };
    assert_eq!((steps.len(), world.core.shown_deployments().len()), (3, 0), "only said");
    put(&mut world, "/shop", body).expect("scaled");
    world.quiet();
    let counts =
        |world: &World| ["/shop/back/db", "/shop/back/api", "/shop/front/web"].map(|id| world.tasks_of(id).len());
    assert_eq!(counts(&world), [2, 3, 5]);

    put(&mut world, "/shop", json!({ "groups": [{ "id": "front", "apps": [] }] })).expect("emptied");
    world.quiet();
    assert_eq!(counts(&world), [0, 0, 0]);
    world.crash();
    put(&mut world, "/shop", json!({ "version": version })).expect("rolled back");
    world.quiet();
    assert_eq!(counts(&world), [1, 2, 3], "even what was deleted is back");
    assert_eq!(shown(&world, "/shop/front")["dependencies"], json!(["/shop/back"]));
    assert!(world.core.shown_group_version("/shop/back", &version).expect("there")["apps"][0]["cmd"].is_string());

    world.change(Change::DeleteGroup { path: AppId::new("/shop"), force: false }).expect("deleted");
    world.quiet();
    assert!(world.tasks.is_empty());
    assert_eq!(
        world
            .core
            .shown_group("/shop", GroupEmbed { groups: true, apps: true }, Embed::default())
            .expect_err("gone")
            .status(),
        404
    );
}

#[test]
fn what_makes_no_sense_is_refused_and_changes_nothing() {
    let mut world = World::new(3);
    made(&mut world);
    world.quiet();
    let group = shown(&world, "/");
    let app_in = |id: &str| json!({ "apps": [app(id, 1)] });
    let mut circle = app("/shop/back/db", 1);
    circle["dependencies"] = json!(["/shop/front"]);
    for (path, body, status, words) in [
        ("/shop", json!([]), 400, "Invalid JSON"),
        ("/shop", json!({ "apps": [{ "id": 5 }] }), 400, "Invalid JSON"),
        ("/shop", json!({ "groups": [{ "apps": [] }] }), 400, "Invalid JSON"),
        ("/shop", json!({ "scaleBy": -1 }), 400, "Invalid JSON"),
        ("/shop", json!({ "scaleBy": 2, "apps": [] }), 422, "Object is not valid"),
        ("/shop", json!({ "version": "2020-01-01T00:00:00.000Z" }), 422, "Group /shop not available in version"),
        ("/shop", app_in("/elsewhere"), 422, "Object is not valid"),
        ("/shop", app_in("back"), 422, "Object is not valid"),
        ("/shop", app_in("tasks"), 422, "Object is not valid"),
        ("/shop/back/db", json!({}), 422, "Object is not valid"),
        ("/shop/back", json!({ "apps": [circle] }), 422, "Object is not valid"),
        ("/shop", json!({ "enforceRole": true }), 422, "Object is not valid"),
        ("/shop", json!({ "apps": [{ "id": "x", "cmd": "true", "cpus": 0 }] }), 400, "Invalid JSON"),
    ] {
        let refusal = put(&mut world, path, body.clone()).expect_err(&body.to_string());
        assert_eq!((refusal.status(), refusal.to_string().starts_with(words)), (status, true), "{body}: {refusal:?}");
    }
    assert_eq!(shown(&world, "/"), group);
    let failed = world.events.iter().filter(|event| event.kind == Kind::GroupChangeFailed);
    assert!(failed.clone().any(|event| event.body["reason"].is_string()));
    let again = Change::CreateGroup { path: AppId::root(), body: shop(), force: false };
    assert_eq!(world.change(again).expect_err("ill-named").status(), 400);
    let again = Change::CreateGroup { path: AppId::new("/shop"), body: json!({}), force: false };
    let refusal = world.change(again).expect_err("there already");
    assert_eq!(
        (refusal.status(), &*refusal.to_string()),
        (409, "Group /shop is already created. Use PUT to change this group.")
    );
}

#[test]
fn a_change_is_small_enough_to_be_written_at_once() {
    let mut world = World::new(3);
    let apps = |cmd: &str| -> Vec<Value> {
        let app =
            |n: usize| json!({ "id": format!("app-{n}"), "cmd": format!("{cmd} {}", "x".repeat(700)), "instances": 0 });
        (0..80).map(app).collect()
    };
    for version in 0..30 {
        put(&mut world, "/many", json!({ "apps": apps(&version.to_string()) })).expect("taken");
        assert!(world.largest_write < 1_000_000, "{} bytes in version {version}", world.largest_write);
    }
    let refusal = put(&mut world, "/more", json!({ "apps": apps(&"y".repeat(5_000)) })).expect_err("too large");
    assert_eq!(refusal.status(), 413);
    // The past is bounded, and forgotten with its application.
    assert_eq!(world.core.shown_versions(&AppId::new("/many/app-7")).expect("versions").len(), 25);
    world.crash();
    assert_eq!(world.core.shown_versions(&AppId::new("/many/app-7")).expect("versions").len(), 25);
    assert_eq!(world.core.shown_group_versions("/many").expect("versions").len(), 25);
    world.change(Change::DeleteGroup { path: AppId::new("/many"), force: false }).expect("deleted");
    world.quiet();
    assert!(!world.disk.keys().any(|key| matches!(key, super::Key::Version(..) | super::Key::App(_))));
}

#[test]
fn cancelling_takes_back_what_was_done_to_groups() {
    let mut world = World::new(3);
    made(&mut world);
    let id = world.core.shown_deployments()[0].id.clone();
    world.change(Change::CancelDeployment { id, force: false }).expect("undone");
    world.quiet();
    assert!(world.tasks.is_empty());
    assert_eq!(shown(&world, "/")["groups"], json!([]));
}

#[test]
fn a_locked_application_locks_its_group_but_not_its_neighbours() {
    let mut world = World::new(3);
    made(&mut world);
    world.quiet();
    world
        .change(Change::Patch { id: AppId::new("/shop/back/api"), body: json!({ "instances": 3 }), force: false })
        .expect("scaled");
    let refusal = put(&mut world, "/shop", json!({ "scaleBy": 2 })).expect_err("locked");
    assert_eq!(refusal.status(), 409);
    put(&mut world, "/shop/front", json!({ "scaleBy": 2 })).expect("its own deployment");
    assert_eq!(world.core.shown_deployments().len(), 2);
    world.quiet();
    assert_eq!((world.tasks_of("/shop/front/web").len(), world.tasks_of("/shop/back/api").len()), (6, 3));
}

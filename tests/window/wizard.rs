//! What a student does, click by click.

use crate::screen::{Screen, missing};

#[tokio::test]
async fn the_wizard_goes_from_nothing_to_a_scaled_and_exported_application() {
    if missing() {
        return;
    }
    let screen = Screen::open("C", 1360, 850).await;
    screen.find("welcome").await;
    screen.picture("01-start-empty").await;

    screen.click("new-cluster").await;
    screen.write("name", "tp-cloud").await;
    screen.click("preset-classroom").await;
    screen.picture("02-new").await;
    screen.click("create").await;

    screen.find("nav-plan").await;
    screen.click("nav-plan").await;
    screen.picture("03-plan").await;
    screen.write("plan-zookeeper.tick_ms", "1500").await;
    screen.click("plan-save").await;
    screen.gone(20, "plan-save").await;
    let plan = std::fs::read_to_string(screen.folder("tp-cloud").join("plan.toml")).expect("read");
    assert!(plan.contains("tick_ms = 1500"), "{plan}");
    screen.click("nav-machines").await;
    screen.picture("04-machines-before").await;
    screen.click("run-all").await;

    screen.state(60, "nav-application", "done").await;
    for (number, page) in [("05", "machines"), ("06", "zookeeper"), ("07", "mesos"), ("08", "application")] {
        screen.click(&format!("nav-{page}")).await;
        screen.picture(&format!("{number}-{page}")).await;
    }
    screen.click("nav-monitor").await;
    screen.within(30, "application-/hello").await;
    screen.picture("09-monitor").await;
    screen.click("scale-up").await;
    screen.until(30, "running", "2").await;
    screen.picture("10-monitor-scaled").await;

    screen.click("nav-files").await;
    let bundle = screen.home.path().join("tp-cloud.zip");
    screen.write("export-path", bundle.to_str().expect("a path")).await;
    screen.click("export-go").await;
    screen.find("export-result").await;
    screen.picture("11-files").await;
    assert!(bundle.metadata().expect("the bundle").len() > 1000);
    assert!(screen.folder("tp-cloud").join("plan.toml").exists());

    // A halted cluster says so calmly, and one button brings it back with what ran.
    screen.click("cluster-menu").await;
    screen.click("menu-halt").await;
    screen.click("nav-monitor").await;
    screen.within(30, "halted").await;
    assert!(!screen.shows("problem").await, "what is halted is no trouble");
    screen.picture("12-halted").await;
    screen.click("bring-up").await;
    screen.within(60, "application-/hello").await;
    screen.gone(30, "stale").await;

    // The same bundle comes in beside it, under a name of its own.
    screen.click("home").await;
    screen.click("import").await;
    screen.write("import-path", bundle.to_str().expect("a path")).await;
    screen.click("import-go").await;
    screen.find("problem").await;
    screen.picture("13-import-taken").await;
    screen.write("import-name", "tp-twin").await;
    screen.click("import-go").await;
    screen.within(30, "page-plan").await;
    assert!(screen.folder("tp-twin").join("plan.toml").exists());
    screen.page.clone().close().await.expect("closed");
}

#[tokio::test]
async fn an_application_locked_by_a_deployment_can_be_scaled_by_force() {
    if missing() {
        return;
    }
    let screen = Screen::open("C", 1100, 700).await;
    screen.click("new-cluster").await;
    screen.click("preset-solo").await;
    screen.click("create").await;
    screen.click("nav-monitor").await;
    screen.click("run-all").await;
    screen.within(60, "application-/hello").await;
    screen.state(60, "nav-application", "done").await;
    // More than the machine can hold: the deployment waits, and locks the application.
    screen.click("deploy").await;
    let greedy = r#"{ "id": "/greedy", "cmd": "sleep 1000", "cpus": 50, "mem": 32 }"#;
    screen.replace("deploy-json", greedy).await;
    screen.click("deploy-go").await;
    screen.within(30, "application-/greedy").await;
    let row = "[data-test=\"application-/greedy\"]";
    screen.click_in(row, "scale-up").await;
    screen.within(30, "problem-action").await;
    screen.picture("30-locked").await;
    screen.click("problem-action").await;
    screen.gone(30, "problem").await;
    screen.until(30, "instances-/greedy", "2").await;
    screen.page.clone().close().await.expect("closed");
}

#[tokio::test]
async fn in_french_and_dark_it_is_the_same_walk_on_three_masters() {
    if missing() {
        return;
    }
    let screen = Screen::open("fr_FR.UTF-8", 1360, 850).await;
    screen.click("theme-dark").await;
    screen.click("new-cluster").await;
    screen.write("name", "haute-disponibilite-du-tp-de-systemes").await;
    screen.click("preset-ha").await;
    screen.picture("20-fr-new").await;
    screen.click("create").await;
    screen.click("nav-zookeeper").await;
    screen.click("run-all").await;
    screen.state(90, "nav-application", "done").await;
    screen.picture("21-fr-zookeeper").await;
    screen.until(30, "quorum", "3").await;
    screen.click("nav-monitor").await;
    screen.within(30, "application-/hello").await;
    screen.picture("22-fr-monitor").await;
    screen.click("nav-files").await;
    screen.picture("23-fr-files").await;
    screen.page.clone().close().await.expect("closed");
}

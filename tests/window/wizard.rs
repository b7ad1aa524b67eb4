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

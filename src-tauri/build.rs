//! Tells Tauri which commands there are, so that the window is granted each by name and nothing else.

const COMMANDS: &[&str] = &[
    "home",
    "plan_draft",
    "cluster_create",
    "plan_save",
    "cluster_open",
    "cluster_close",
    "run_all",
    "run_step",
    "run_cancel",
    "deploy",
    "scale",
    "remove",
    "halt",
    "destroy",
    "files",
    "export",
    "import",
];

fn main() {
    let attributes = tauri_build::Attributes::new()
        .capabilities_path_pattern("src-tauri/capabilities/**/*")
        .app_manifest(tauri_build::AppManifest::new().commands(COMMANDS));
    if let Err(error) = tauri_build::try_build(attributes) {
        println!("cargo::error=tauri: {error:#}");
    }
}

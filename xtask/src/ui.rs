//! cargo → wasm-bindgen → `ui/dist`.
//!
//! No wasm-opt: Debian's (108) exports the table of functions in place of the one of external references, and the page
//! does not start; what it saves is a few per cent.

use std::{
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use wasm_bindgen_cli_support::Bindgen;

use crate::{dist, size};

/// The profile that it is built with. There is no quicker one for work on it: the window's webview is not served a file of
/// 20 MB whole, and what nobody uses breaks unseen. `trunk serve` is for that.
const PROFILE: &str = "ui";

/// Builds `ui/dist`; does nothing beyond asking cargo if nothing has changed since the last time.
pub fn build() -> Result<(), String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or("xtask has no parent folder")?;
    let ui = root.join("ui");
    let program = compile(root)?;
    let work = program.with_file_name("ui-bindgen");
    let stamp_file = work.join("stamp");
    let stamp = stamp(&program, &ui)?;
    if fs::read_to_string(&stamp_file).is_ok_and(|old| old == stamp) && dist::is_whole(&ui) {
        println!("ui/dist is up to date");
        return size::print(&ui.join("dist"));
    }

    bind(&program, &work)?;
    dist::write(&ui, &work)?;
    fs::write(&stamp_file, stamp).map_err(|e| format!("{}: {e}", stamp_file.display()))?;
    size::print(&ui.join("dist"))
}

/// Has cargo compile the `ui` package, and gives back where the program lies.
fn compile(root: &Path) -> Result<PathBuf, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .current_dir(root)
        .args(["build", "-p", "ui", "--target", "wasm32-unknown-unknown", "--profile", PROFILE])
        .arg("--message-format=json-render-diagnostics")
        .args(nameless())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|e| format!("cargo could not be started: {e}"))?;
    if !output.status.success() {
        return Err(
            "the user interface does not compile (is the target there? rustup target add wasm32-unknown-unknown)"
                .to_owned(),
        );
    }
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .find(|message| message["target"]["name"] == "ui" && message["executable"].is_string())
        .and_then(|message| message["executable"].as_str().map(PathBuf::from))
        .ok_or_else(|| "cargo did not say where it put the user interface".to_owned())
}

/// Keeps the paths of this computer out of the bundle: it is smaller, and the same wherever it is built.
fn nameless() -> Vec<String> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| std::env::home_dir().map(|home| home.join(".cargo")));
    let sources = home.and_then(|home| fs::read_dir(home.join("registry/src")).ok());
    let paths = sources.into_iter().flatten().filter_map(|entry| entry.ok()?.path().to_str().map(str::to_owned));
    let flags: Vec<String> = paths.map(|path| format!("{:?}", format!("--remap-path-prefix={path}/="))).collect();
    vec!["--config".to_owned(), format!("target.wasm32-unknown-unknown.rustflags=[{}]", flags.join(","))]
}

fn bind(program: &Path, work: &Path) -> Result<(), String> {
    Bindgen::new()
        .input_path(program)
        .out_name("ui")
        .web(true)
        .and_then(|bindgen| {
            bindgen
                .typescript(false)
                .omit_default_module_path(false)
                .keep_debug(false)
                .remove_name_section(true)
                .remove_producers_section(true)
                .generate(work)
        })
        .map_err(|e| format!("wasm-bindgen: {e:#}"))
}

/// Stands for everything that goes into the bundle.
fn stamp(program: &Path, ui: &Path) -> Result<String, String> {
    let mut hasher = DefaultHasher::new();
    fs::read(program).map_err(|e| format!("{}: {e}", program.display()))?.hash(&mut hasher);
    for (name, content) in dist::sources(ui)? {
        (name, content).hash(&mut hasher);
    }
    Ok(format!("{:016x}", hasher.finish()))
}

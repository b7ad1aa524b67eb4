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

/// How the user interface is built.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum Form {
    /// For work on it: built in seconds, large.
    Quick,
    /// For people: small.
    Small,
}

impl Form {
    fn profile(self) -> &'static str {
        match self {
            Self::Quick => "dev",
            Self::Small => "ui",
        }
    }
}

/// Builds `ui/dist`; does nothing beyond asking cargo if nothing has changed since the last time.
pub fn build(form: Form) -> Result<(), String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or("xtask has no parent folder")?;
    let ui = root.join("ui");
    let program = compile(root, form)?;
    let work = program.with_file_name("ui-bindgen");
    let stamp_file = work.join("stamp");
    let stamp = stamp(&program, &ui, form)?;
    if fs::read_to_string(&stamp_file).is_ok_and(|old| old == stamp) && dist::is_whole(&ui) {
        println!("ui/dist is up to date");
        return size::print(&ui.join("dist"));
    }

    bind(&program, &work, form)?;
    dist::write(&ui, &work)?;
    fs::write(&stamp_file, stamp).map_err(|e| format!("{}: {e}", stamp_file.display()))?;
    size::print(&ui.join("dist"))
}

/// Has cargo compile the `ui` package, and gives back where the program lies.
fn compile(root: &Path, form: Form) -> Result<PathBuf, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .current_dir(root)
        .args(["build", "-p", "ui", "--target", "wasm32-unknown-unknown", "--profile", form.profile()])
        .arg("--message-format=json-render-diagnostics")
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

fn bind(program: &Path, work: &Path, form: Form) -> Result<(), String> {
    Bindgen::new()
        .input_path(program)
        .out_name("ui")
        .web(true)
        .and_then(|bindgen| {
            bindgen
                .typescript(false)
                .omit_default_module_path(false)
                .keep_debug(form == Form::Quick)
                .remove_name_section(form == Form::Small)
                .remove_producers_section(form == Form::Small)
                .generate(work)
        })
        .map_err(|e| format!("wasm-bindgen: {e:#}"))
}

/// Stands for everything that goes into the bundle.
fn stamp(program: &Path, ui: &Path, form: Form) -> Result<String, String> {
    let mut hasher = DefaultHasher::new();
    form.hash(&mut hasher);
    fs::read(program).map_err(|e| format!("{}: {e}", program.display()))?.hash(&mut hasher);
    for (name, content) in dist::sources(ui)? {
        (name, content).hash(&mut hasher);
    }
    Ok(format!("{:016x}", hasher.finish()))
}

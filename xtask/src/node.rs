//! cargo → `target/node/ARCH/startline-node`: the program that goes onto a cluster's machines, for any Linux there.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::elf;

/// How the program is built.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// For tests: built in seconds, large.
    Quick,
    /// For machines: fast and without what only a debugger reads.
    Small,
}

/// What the machines have for a processor.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Arch {
    /// Intel and AMD.
    X86_64,
    /// 64-bit ARM.
    Aarch64,
}

impl Arch {
    /// By its name, as `uname -m` says it.
    pub fn named(name: &str) -> Option<Self> {
        [Self::X86_64, Self::Aarch64].into_iter().find(|arch| arch.name() == name)
    }

    fn name(self) -> &'static str {
        match self {
            Self::X86_64 => "x86_64",
            Self::Aarch64 => "aarch64",
        }
    }

    fn target(self) -> String {
        format!("{}-unknown-linux-musl", self.name())
    }
}

/// Builds the program, sees to it that it is static, and says where it lies.
pub fn build(form: Form, arch: Arch) -> Result<(), String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or("xtask has no parent folder")?;
    add_target(arch)?;
    let built = compile(root, form, arch)?;
    elf::is_static(&built)?;
    let folder = root.join("target/node").join(arch.name());
    let program = folder.join("startline-node");
    put(&built, &folder, &program)?;
    let size = fs::metadata(&program).map_err(|e| format!("{}: {e}", program.display()))?.len();
    println!("{} ({:.1} MB, static)", program.display(), size as f64 / 1e6);
    Ok(())
}

/// Has rustup fetch the standard library for the machines, if it is not here. Without rustup it has to be here already.
fn add_target(arch: Arch) -> Result<(), String> {
    let target = arch.target();
    let Ok(installed) = Command::new("rustup").args(["target", "list", "--installed"]).output() else { return Ok(()) };
    if String::from_utf8_lossy(&installed.stdout).lines().any(|line| line == target) {
        return Ok(());
    }
    println!("adding Rust's target {target}");
    let added = Command::new("rustup").args(["target", "add", &target]).status();
    match added {
        Ok(status) if status.success() => Ok(()),
        _ => Err(format!("Rust's target {target} could not be added: rustup target add {target}")),
    }
}

/// How cargo is told which C compiler is for ARM's processors.
const AARCH64_COMPILER: &str = "CC_aarch64_unknown_linux_musl";

/// Has cargo compile the program, and gives back where it lies.
fn compile(root: &Path, form: Form, arch: Arch) -> Result<PathBuf, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let profile = if form == Form::Small { "node" } else { "dev" };
    let mut command = Command::new(cargo);
    command.current_dir(root).args(["build", "-p", "node", "--bin", "startline-node", "--profile", profile]);
    command.args(["--target", &arch.target(), "--message-format=json-render-diagnostics"]);
    if arch == Arch::Aarch64 {
        // This machine's own linker knows its own processor only; Rust brings one that knows all.
        command.env("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_MUSL_LINKER", "rust-lld");
        // Nor does its C compiler; Debian's gcc-aarch64-linux-gnu does.
        if std::env::var_os(AARCH64_COMPILER).is_none() {
            command.env(AARCH64_COMPILER, "aarch64-linux-gnu-gcc");
        }
    }
    let output = command.stderr(Stdio::inherit()).output().map_err(|e| format!("cargo could not be started: {e}"))?;
    if !output.status.success() {
        return Err("startline-node does not compile".to_owned());
    }
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .find(|message| message["target"]["name"] == "startline-node" && message["executable"].is_string())
        .and_then(|message| message["executable"].as_str().map(PathBuf::from))
        .ok_or_else(|| "cargo did not say where it put startline-node".to_owned())
}

/// Lays the program there, at once or not at all: a machine may be reading the old one.
fn put(built: &Path, folder: &Path, program: &Path) -> Result<(), String> {
    let fresh = folder.join("startline-node.new");
    fs::create_dir_all(folder)
        .and_then(|()| fs::copy(built, &fresh))
        .and_then(|_| fs::rename(&fresh, program))
        .map_err(|e| format!("{}: {e}", program.display()))
}

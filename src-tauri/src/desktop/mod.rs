//! The window: Tauri's commands and channels over `app`. No logic of its own.

mod calls;
mod opened;

use app::Home;
use opened::Opened;

/// There is a display to open a window on.
pub fn display() -> bool {
    if cfg!(any(target_os = "macos", target_os = "windows")) {
        return true;
    }
    let set = |name| std::env::var_os(name).is_some_and(|v| !v.is_empty());
    set("DISPLAY") || set("WAYLAND_DISPLAY")
}

/// Opens the window and stays until it is closed. Gives back why it could not, in plain words.
pub fn run(home: Home) -> Result<(), String> {
    if let Some(ended) = with_nvidia_care() {
        return ended;
    }
    tauri::Builder::default()
        .manage(home)
        .manage(Opened::default())
        .invoke_handler(tauri::generate_handler![
            calls::home,
            calls::plan_draft,
            calls::cluster_create,
            calls::plan_save,
            calls::cluster_open,
            calls::cluster_close,
            calls::run_all,
            calls::run_step,
            calls::run_cancel,
            calls::deploy,
            calls::scale,
            calls::remove,
            calls::halt,
            calls::destroy,
            calls::files,
            calls::export,
            calls::import,
        ])
        .run(tauri::generate_context!())
        .map_err(|e| e.to_string())
}

/// With NVIDIA's driver, WebKitGTK's DMA-BUF renderer can show an empty window: the program then starts itself again
/// with that renderer off, unless the person has decided otherwise.
fn with_nvidia_care() -> Option<Result<(), String>> {
    const OFF: &str = "WEBKIT_DISABLE_DMABUF_RENDERER";
    if !cfg!(target_os = "linux")
        || std::env::var_os(OFF).is_some()
        || !std::path::Path::new("/sys/module/nvidia").exists()
    {
        return None;
    }
    let program = std::env::current_exe().ok()?;
    let status = std::process::Command::new(program).args(std::env::args_os().skip(1)).env(OFF, "1").status();
    Some(match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(status.to_string()),
        Err(error) => Err(error.to_string()),
    })
}

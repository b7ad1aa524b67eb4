//! An empty Tauri window: what opening one costs on this machine, whoever fills it. The peer in `make bench`.

fn main() {
    if let Err(error) = tauri::Builder::default().run(tauri::generate_context!("benches/empty/tauri.conf.json")) {
        eprintln!("{error}");
        std::process::exit(1);
    }
}

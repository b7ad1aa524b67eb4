//! Startline's window: Leptos, compiled to WebAssembly. It draws what the backend says and decides nothing that matters.

mod app;
mod backend;
mod clock;
mod colours;
mod doing;
mod format;
mod held;
mod i18n;
mod icons;
mod input;
mod json;
mod kept;
mod link;
mod live;
mod log_book;
mod orders;
mod pages;
mod parts;
mod progress;
mod route;
#[cfg(test)]
mod scenes;
mod settings;
mod store;
mod words_of;

fn main() {
    std::panic::set_hook(Box::new(app::crashed));
    clock::start();
    route::follow_address();
    leptos::mount::mount_to_body(app::app);
}

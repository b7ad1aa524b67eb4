//! The window, in the real webview: the wizard walked from nothing to a watched, scaled, exported cluster.
//!
//! Pictures of every page are kept in `ci-output/`.

#[cfg(target_os = "linux")]
mod screen;
#[cfg(target_os = "linux")]
mod wizard;

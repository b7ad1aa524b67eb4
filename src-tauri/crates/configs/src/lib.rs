//! Plan → files: everything that a cluster needs, rendered purely and repeatably; and the bundle in which it travels.
//!
//! - [`render`]: a plan's [`Bundle`], by node and path. Each file's template lies under `templates/`; programs that a
//!   machine compiles lie under `assets/`.
//! - [`write_folder`]: the bundle in a cluster's own folder. [`export_folder`], [`export_zip`]: for others to have.
//!   [`import`]: the plan of such a bundle.

mod bundle;
mod export;
#[cfg(test)]
mod hostile;
mod import;
mod manifest;
mod quote;
mod render;
mod template;

pub use bundle::{Bundle, File};
pub use export::{ExportError, export_folder, export_zip, write_folder};
pub use import::{ImportError, import};
pub use render::{application_path, render};

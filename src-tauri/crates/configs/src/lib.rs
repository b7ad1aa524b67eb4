//! Plan → files: everything that a cluster needs, rendered purely and repeatably; and the bundle in which it travels.
//!
//! - [`render`]: a plan's [`Bundle`], by node and path. Each file's template lies under `templates/`; programs that a
//!   machine compiles lie under `assets/`.
//! - [`export_folder`], [`export_zip`]: the bundle on disk. [`import`]: the plan of such a bundle.

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
pub use export::{ExportError, export_folder, export_zip};
pub use import::{ImportError, import};
pub use render::render;

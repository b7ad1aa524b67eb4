//! Plan → files: everything that a cluster needs, rendered purely and repeatably; and the bundle in which it travels.

mod bundle;
mod export;
mod import;
mod render;

pub use bundle::{Bundle, File};
pub use export::{ExportError, export_folder, export_zip};
pub use import::{ImportError, import};
pub use render::render;

//! What pages are made of.

pub mod app_editor;
pub mod bar;
pub mod chip;
pub mod code;
pub mod dialog;
pub mod log_drawer;
pub mod picture;
pub mod problem;
pub mod prose;
pub mod rows;
pub mod scale;
pub mod segmented;
pub mod spark;
pub mod virtual_list;

pub use bar::bar;
pub use chip::{Look, chip, crowned};
pub use code::{command_block, copy_button};
pub use dialog::{Dialog, dialog};
pub use problem::{ProblemCard, failed_page, notice, order_notice, trouble, waiting_page};
pub use prose::prose;

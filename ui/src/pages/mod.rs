//! The pages.

pub mod cluster;
pub mod deploy;
pub mod files;
pub mod frame;
pub mod halted;
pub mod monitor;
pub mod new;
pub mod plan;
pub mod sidebar;
pub mod start;
pub mod work;

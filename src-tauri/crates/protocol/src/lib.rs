//! What crosses between the backend and whoever shows it: the window, and `startline --json`.
//!
//! Everything that moves in a cluster is one numbered stream. [`ClusterView`] is the full picture at a number; each
//! [`Event`] after it carries the next number and one [`Change`]. Whoever missed something takes the picture again;
//! nobody polls. [`ClusterView::apply`] is the one place that knows how a change alters the picture.
//!
//! The window's calls (Tauri commands) and what they give back; every one fails with a [`words::Problem`]:
//!
//! | command | arguments | answer |
//! |---|---|---|
//! | `home` | | [`HomeView`] |
//! | `plan_draft` | `name`, `preset`, `provider` | [`plan::ClusterPlan`] (nothing is written) |
//! | `cluster_create` | `plan` | the cluster's name |
//! | `plan_save` | `name`, `plan` | |
//! | `cluster_open` | `name`, `events`: channel of [`Event`] | [`ClusterView`] |
//! | `cluster_close` | `name` | |
//! | `run_all` | `name` | (progress comes as events) |
//! | `run_step` | `name`, `step` | |
//! | `run_cancel` | `name` | |
//! | `deploy` | `name`, `application` (Marathon's JSON), `force` (cancel the deployment that locks it) | |
//! | `scale` | `name`, `application` (its id), `instances` | |
//! | `remove` | `name`, `application` (its id) | |
//! | `halt` | `name` | |
//! | `destroy` | `name` | |
//! | `files` | `name` | [`Vec<FileView>`] |
//! | `export` | `name`, `destination` | the path written |
//! | `import` | `bundle` (a path), `rename` (its name here; `null`: the bundle's) | the cluster's name |

pub mod event;
pub mod files;
mod flat;
pub mod home;
pub mod live;
pub mod run;

pub use event::*;
pub use files::*;
pub use home::*;
pub use live::*;
pub use run::*;

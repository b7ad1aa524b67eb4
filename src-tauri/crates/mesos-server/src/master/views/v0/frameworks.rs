//! `/frameworks`.

use std::{
    io::{self, Write},
    sync::Arc,
};

use serde::Serialize;

use super::framework::FrameworkView;
use crate::{
    master::state::{Framework, State},
    wire::recordio,
};

/// Writes it, of one framework if an id is given.
pub fn frameworks(core: &State, only: Option<&str>, out: impl Write) -> io::Result<()> {
    #[derive(Serialize)]
    struct Whole<'a> {
        frameworks: Vec<FrameworkView<'a>>,
        completed_frameworks: Vec<FrameworkView<'a>>,
        unregistered_frameworks: [(); 0],
    }
    let wanted = |framework: &&Arc<Framework>| only.is_none_or(|only| only == framework.id.as_str());
    let view = |framework, over| FrameworkView { core, framework, over };
    let whole = Whole {
        frameworks: core.frameworks.values().filter(wanted).map(|f| view(f, false)).collect(),
        completed_frameworks: core.completed.iter().filter(wanted).map(|f| view(f, true)).collect(),
        unregistered_frameworks: [],
    };
    recordio::json_into(out, &whole)
}

//! What frameworks do not want.

use std::{collections::BTreeMap, sync::Arc, time::Instant};

use crate::{resources::Resources, wire::Id};

/// What a framework does not want from an agent.
#[derive(Clone, Debug)]
pub struct Filter {
    pub refused: Resources,
    pub until: Instant,
}

/// What a framework does not want, by role and agent.
pub type Filters = BTreeMap<Arc<str>, BTreeMap<Id, Filter>>;

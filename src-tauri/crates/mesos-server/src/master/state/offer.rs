//! What is offered, and asked for back.

use std::{sync::Arc, time::Instant};

use crate::{
    resources::Resources,
    wire::{Id, maintenance::Unavailability},
};

/// Resources offered to a framework.
#[derive(Clone, Debug)]
pub struct Offer {
    pub framework: Id,
    pub agent: Id,
    pub role: Arc<str>,
    pub resources: Resources,
    /// When it is taken back, if it is.
    pub expires: Option<Instant>,
}

/// The question to a framework whether it can leave an agent that will be out of service.
#[derive(Clone, Debug)]
pub struct InverseOffer {
    pub framework: Id,
    pub agent: Id,
    pub unavailability: Unavailability,
}

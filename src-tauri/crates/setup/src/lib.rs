//! The wizard's engine: a plan as a graph of steps, each checked, applied and verified.
//!
//! A step first looks whether its effect is there, then acts, then looks again until its effect is proved or its
//! deadline is over. So running everything again is free, and a run that was cut off goes on where it was. What was
//! begun and what was proved is written to the [`Journal`] before and after, and flushed.
//!
//! Nothing here knows whether machines are simulated or real: they are [`machines::Machines`].

mod act;
mod command;
mod deployed;
mod journal;
mod look;
mod run;
mod steps;
mod write;

pub use journal::{Entry, Journal, JournalError, made};
pub use run::{OpenError, Outcome, Selection, Setup, now_ms};
pub use steps::{Planned, steps};
pub use write::{WriteError, write_file};

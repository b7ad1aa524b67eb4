//! What runs on a machine: units, what starts them from the files that lie there, and what keeps them running.

mod environment;
mod keeper;
mod kind;
mod launch;
mod log;
mod mesos;
mod pacer;
mod service;
mod unit_file;
mod units;
mod zookeeper;

pub(crate) use kind::Kind;
pub(crate) use unit_file::{UnitFile, WANTS};
pub(crate) use units::{Phase, Units};
pub(crate) use zookeeper::ZOO_CFG;

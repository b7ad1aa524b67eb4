//! Tests against real programs: those that read what was rendered.

mod judges;
mod machine;
mod mesos;
mod support;
mod zookeeper;

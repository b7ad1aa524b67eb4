//! The watch as its owner sees it: what it sends, and what it does not.

mod applications;
mod bench;
mod ensemble;
mod machines;
mod mesos;
mod practice;

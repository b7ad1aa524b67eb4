//! Startline.
fn main() {}

//! Startline's shell: a window and a terminal over the crate `app`.

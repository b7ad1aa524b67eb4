//! The REST and event client.

//! Log lines, formatted as glog formats them.

use std::{fmt, sync::Arc};

/// Where a server's log lines go: one call a line, without the line end.
#[derive(Clone)]
pub struct Log(Arc<dyn Fn(&str) + Send + Sync>);

impl Log {
    /// Lines go to this function. It is called from the server's tasks and must be quick.
    pub fn new(sink: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self(Arc::new(sink))
    }

    /// Lines go nowhere.
    pub fn none() -> Self {
        Self::new(|_| ())
    }
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Log")
    }
}

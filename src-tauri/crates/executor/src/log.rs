//! The executor's own lines, in the sandbox's `stderr` beside the task's.

use std::fmt;
use std::io::{self, Write};

/// Writes a line. A full disk or a closed pipe must not end a task: the line is lost then.
pub fn note(line: impl fmt::Display) {
    writeln!(io::stderr(), "executor: {line}").ok();
}

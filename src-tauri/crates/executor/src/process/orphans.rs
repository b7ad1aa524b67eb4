//! Processes whose parent has died: the executor adopts them, so that none escapes, and buries them.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use rustix::process::{Pid, WaitOptions, getpid, set_child_subreaper, waitpid};

use super::Table;

/// The children that the executor started itself: others wait for their endings.
#[derive(Clone, Debug, Default)]
pub struct Orphans(Rc<RefCell<BTreeSet<u32>>>);

impl Orphans {
    /// From now on every process that loses its parent, and descends from this one, becomes a child of this one. If the
    /// system cannot do that (before Linux 3.4), they are found as long as their parent lives.
    pub fn adopt(&self) {
        set_child_subreaper(Some(getpid())).ok();
    }

    /// This child is somebody's already, until `release`.
    pub fn claim(&self, pid: u32) {
        self.0.borrow_mut().insert(pid);
    }

    /// Somebody has asked for this child's ending.
    pub fn release(&self, pid: u32) {
        self.0.borrow_mut().remove(&pid);
    }

    /// The children that are claimed.
    pub fn claimed(&self) -> BTreeSet<u32> {
        self.0.borrow().clone()
    }

    /// Asks for the endings of adopted children, which nobody else does.
    pub fn bury(&self) {
        let claimed = self.0.borrow();
        for pid in Table::now().dead_children(std::process::id()).filter(|pid| !claimed.contains(pid)) {
            if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
                // Somebody may have been faster: it is buried in any case.
                waitpid(Some(pid), WaitOptions::NOHANG).ok();
            }
        }
    }
}

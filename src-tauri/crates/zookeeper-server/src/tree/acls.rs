//! Access lists, each kept once: a million znodes share a handful.

use std::{collections::HashMap, sync::Arc};

use crate::wire::Acl;

/// The number of an access list.
pub type AclId = u32;

/// The access lists in use.
#[derive(Clone, Debug, Default)]
pub struct AclTable {
    slots: Vec<Slot>,
    by_list: HashMap<Arc<[Acl]>, AclId>,
    free: Vec<AclId>,
}

#[derive(Clone, Debug)]
struct Slot {
    list: Arc<[Acl]>,
    uses: u32,
}

impl AclTable {
    /// The number of a list, counted as used once more.
    pub fn intern(&mut self, list: &[Acl]) -> AclId {
        if let Some(&id) = self.by_list.get(list) {
            self.slots[id as usize].uses += 1;
            return id;
        }
        let list: Arc<[Acl]> = list.into();
        let slot = Slot { list: list.clone(), uses: 1 };
        let id = match self.free.pop() {
            Some(id) => {
                self.slots[id as usize] = slot;
                id
            }
            None => {
                self.slots.push(slot);
                (self.slots.len() - 1) as AclId
            }
        };
        self.by_list.insert(list, id);
        id
    }

    /// A list by its number.
    pub fn get(&self, id: AclId) -> Arc<[Acl]> {
        self.slots[id as usize].list.clone()
    }

    /// One use less.
    pub fn release(&mut self, id: AclId) {
        let slot = &mut self.slots[id as usize];
        slot.uses -= 1;
        if slot.uses == 0 {
            self.by_list.remove(&slot.list);
            slot.list = Arc::new([]);
            self.free.push(id);
        }
    }
}

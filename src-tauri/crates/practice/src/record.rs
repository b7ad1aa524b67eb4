//! What is remembered of a machine while no process holds it.

use std::{io, path::Path};

use serde::{Deserialize, Serialize};

use crate::{
    atomic::{self, Durability},
    layout::{Layout, MachineLayout},
    spec::{MachineSpec, is_label},
};

/// A machine, in `machine.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Record {
    /// What it is.
    pub machine: MachineSpec,
    /// It runs, as far as its process knew: true and no process means that the process died.
    pub running: bool,
}

impl Record {
    /// Of one machine; `None` if it does not exist or its record cannot be read.
    pub fn read(machine: &MachineLayout) -> Option<Self> {
        let text = fs_err::read(machine.record()).ok()?;
        serde_json::from_slice(&text).ok()
    }

    /// Of every machine that has one, by name.
    pub fn read_all(layout: &Layout) -> Vec<Self> {
        let Ok(entries) = fs_err::read_dir(layout.practice()) else { return Vec::new() };
        let mut all: Vec<Self> = entries.flatten().filter_map(|entry| Self::of_folder(&entry.path())).collect();
        all.sort_by(|a, b| a.machine.name.cmp(&b.machine.name));
        all
    }

    /// A folder that was renamed or copied by hand is no machine.
    fn of_folder(folder: &Path) -> Option<Self> {
        let name = folder.file_name()?.to_str()?;
        let record = Self::read(&MachineLayout::new(folder.to_owned()))?;
        (is_label(name) && record.machine.name == name && record.machine.is_sound()).then_some(record)
    }

    /// Remembers it.
    pub fn write(&self, machine: &MachineLayout) -> io::Result<()> {
        atomic::write(&machine.record(), &serde_json::to_vec_pretty(self)?, 0o644, Durability::Synced)
    }
}

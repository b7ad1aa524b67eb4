//! Machines that came up, went off, or cannot be asked any more.

use protocol::{Machine, MachineState, Section, Tone};
use words::text;

use super::Told;

pub(super) fn tell(before: Option<&Section<Vec<Machine>>>, after: Option<&Section<Vec<Machine>>>, told: &mut Told) {
    let (Some(before), Some(after)) = (before, after) else { return };
    if let Some(trouble) = after.trouble.as_ref().filter(|_| before.trouble.is_none()) {
        told.tell(Tone::Bad, trouble.what.clone(), trouble.next.clone());
    }
    let became = |state: MachineState| -> Vec<&str> {
        let new = after.body.iter().filter(|m| m.state == state);
        let was = |m: &&Machine| before.body.iter().find(|b| b.node == m.node).map(|b| b.state);
        new.filter(|m| !matches!(was(m), Some(MachineState::Unknown) | None) && was(m) != Some(state))
            .map(|m| m.node.as_str())
            .collect()
    };
    told.tell_of(
        Tone::Good,
        &became(MachineState::Running),
        |name| text!("{name} is up", "{name} est démarrée"),
        |n| text!("{n} machines are up", "{n} machines sont démarrées"),
    );
    told.tell_of(
        Tone::Warn,
        &became(MachineState::Halted),
        |name| text!("{name} is off", "{name} est arrêtée"),
        |n| text!("{n} machines are off", "{n} machines sont arrêtées"),
    );
    told.tell_of(
        Tone::Warn,
        &became(MachineState::Paused),
        |name| text!("{name} sleeps", "{name} est en pause"),
        |n| text!("{n} machines sleep", "{n} machines sont en pause"),
    );
    told.tell_of(
        Tone::Warn,
        &became(MachineState::Missing),
        |name| text!("{name} is gone", "{name} n’existe plus"),
        |n| text!("{n} machines are gone", "{n} machines n’existent plus"),
    );
}

//! Which ports an application asks for on its agent.

use marathon::{AppDefinition, PortDefinition};

/// A port that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Any.
    Any,
    /// This one.
    Exactly(u16),
}

/// What the application asks for, in order; none if it asks for the same port twice.
pub fn wishes(app: &AppDefinition) -> Option<Vec<Wish>> {
    let wishes: Vec<Wish> = match app.container.as_ref().and_then(|container| container.mappings()) {
        // A mapping without host port is one inside the container's own network, except where that is a bridge.
        Some(mappings) => {
            let bridged =
                app.networks.as_ref().is_none_or(|networks| networks.iter().any(|n| n.mode() == "container/bridge"));
            let host = mappings.iter().filter_map(|mapping| mapping.host_port.or(bridged.then_some(0)));
            host.map(|port| wish(port, true)).collect()
        }
        None => {
            let definitions = app.port_definitions.as_deref().unwrap_or_default();
            definitions.iter().map(PortDefinition::port).map(|port| wish(port, app.require_ports())).collect()
        }
    };
    let mut fixed: Vec<_> = wishes_fixed(&wishes).collect();
    fixed.sort_unstable();
    let count = fixed.len();
    fixed.dedup();
    (fixed.len() == count).then_some(wishes)
}

fn wish(port: u16, literal: bool) -> Wish {
    if literal && port != 0 { Wish::Exactly(port) } else { Wish::Any }
}

/// The ports that are asked for by number.
pub fn wishes_fixed(wishes: &[Wish]) -> impl Iterator<Item = u16> {
    wishes.iter().filter_map(|wish| match wish {
        Wish::Any => None,
        Wish::Exactly(port) => Some(*port),
    })
}

//! Taking resources out of an offer. Each keeps the reservation it has there: Mesos wants it back unchanged.

use std::collections::BTreeSet;

use mesos::v1::{Range, Resource};

use super::ports::{Wish, wishes_fixed};

/// Mesos keeps three decimals of scalars.
const PRECISION: f64 = 0.001;

/// Resources to take from.
#[derive(Clone, Debug, Default)]
pub struct Pool(Vec<Resource>);

impl Pool {
    /// All of these, but what is tied to a volume or may be taken back at any time.
    pub fn new(resources: &[Resource]) -> Self {
        let plain = |resource: &&Resource| resource.disk.is_none() && resource.revocable.is_none();
        Self(resources.iter().filter(plain).cloned().collect())
    }

    /// Only what belongs to these roles; all, if none are named.
    pub fn for_roles(&self, roles: Option<&[String]>) -> Self {
        let accepted = |resource: &&Resource| match roles {
            Some(roles) if !roles.is_empty() => roles.iter().any(|role| role == resource.reserved_role()),
            _ => true,
        };
        Self(self.0.iter().filter(accepted).cloned().collect())
    }

    /// Nothing is left.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How much of `name` there is.
    pub fn scalar(&self, name: &str) -> f64 {
        self.0.iter().filter(|resource| resource.name == name).filter_map(|resource| Some(resource.scalar?.value)).sum()
    }

    /// Takes an amount, from several reservations if need be; none if there is not enough.
    pub fn take_scalar(&mut self, name: &str, amount: f64) -> Option<Vec<Resource>> {
        let mut missing = amount;
        let mut taken = Vec::new();
        for resource in self.0.iter_mut().filter(|resource| resource.name == name) {
            let Some(scalar) = &mut resource.scalar else { continue };
            let part = scalar.value.min(missing);
            if part < PRECISION / 2.0 {
                continue;
            }
            scalar.value = rounded(scalar.value - part);
            missing = rounded(missing - part);
            let mut piece = resource.clone();
            piece.scalar = Some(mesos::v1::Scalar { value: rounded(part) });
            taken.push(piece);
        }
        (missing < PRECISION / 2.0).then_some(taken)
    }

    /// Takes ports: those that are asked for by number, and any others, beginning somewhere that `choice` says.
    pub fn take_ports(&mut self, wishes: &[Wish], choice: u64) -> Option<(Vec<u16>, Vec<Resource>)> {
        let mut reserved: BTreeSet<u16> = wishes_fixed(wishes).collect();
        let mut ports = Vec::with_capacity(wishes.len());
        for wish in wishes {
            let port = match wish {
                Wish::Exactly(port) => self.has_port(*port).then_some(*port)?,
                Wish::Any => self.any_port(choice, &reserved)?,
            };
            reserved.insert(port);
            ports.push(port);
        }
        let resources = self.pieces(&ports);
        self.subtract(&resources);
        Some((ports, resources))
    }

    /// Takes away what was taken from a copy.
    pub fn subtract(&mut self, taken: &[Resource]) {
        for piece in taken {
            let same = |resource: &&mut Resource| {
                resource.name == piece.name
                    && resource.role == piece.role
                    && resource.reservations == piece.reservations
            };
            for resource in self.0.iter_mut().filter(same) {
                if let (Some(scalar), Some(part)) = (&mut resource.scalar, piece.scalar) {
                    scalar.value = rounded(scalar.value - part.value).max(0.0);
                    break;
                }
                if let (Some(ranges), Some(part)) = (&mut resource.ranges, &piece.ranges) {
                    for port in part.range.iter().flat_map(|range| range.begin..=range.end) {
                        ranges.range = ranges.range.iter().flat_map(|range| without(*range, port)).collect();
                    }
                }
            }
        }
    }

    fn port_ranges(&self) -> impl Iterator<Item = (&Resource, Range)> {
        let ports = self.0.iter().filter(|resource| resource.name == "ports");
        ports.flat_map(|resource| {
            resource.ranges.iter().flat_map(move |ranges| ranges.range.iter().map(move |range| (resource, *range)))
        })
    }

    fn has_port(&self, port: u16) -> bool {
        self.port_ranges().any(|(_, range)| (range.begin..=range.end).contains(&u64::from(port)))
    }

    fn any_port(&self, choice: u64, taken: &BTreeSet<u16>) -> Option<u16> {
        let all = || self.port_ranges().flat_map(|(_, range)| range.begin..=range.end);
        let count = self.port_ranges().map(|(_, range)| range.end.saturating_sub(range.begin) + 1).sum::<u64>().max(1);
        let start = usize::try_from(choice % count).unwrap_or(0);
        let free = |port: u64| u16::try_from(port).ok().filter(|port| !taken.contains(port));
        all().skip(start).chain(all().take(start)).find_map(free)
    }

    /// The ports as resources, each with the reservation that it has here.
    fn pieces(&self, ports: &[u16]) -> Vec<Resource> {
        let owner = |port: u64| self.port_ranges().find(|(_, range)| (range.begin..=range.end).contains(&port));
        let piece = |port: &u16| {
            let port = u64::from(*port);
            let mut piece = owner(port)?.0.clone();
            piece.ranges = Some(mesos::v1::Ranges { range: vec![Range { begin: port, end: port }] });
            Some(piece)
        };
        ports.iter().filter_map(piece).collect()
    }
}

/// A range without one port.
fn without(range: Range, port: u64) -> Vec<Range> {
    if !(range.begin..=range.end).contains(&port) {
        return vec![range];
    }
    let below = (range.begin < port).then(|| Range { begin: range.begin, end: port - 1 });
    let above = (port < range.end).then(|| Range { begin: port + 1, end: range.end });
    below.into_iter().chain(above).collect()
}

fn rounded(value: f64) -> f64 {
    (value / PRECISION).round() / (1.0 / PRECISION)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ports(begin: u64, end: u64) -> Resource {
        Resource::ranges("ports", [Range { begin, end }])
    }

    #[test]
    fn takes_scalars_from_several_reservations() {
        let mut reserved = Resource::scalar("cpus", 0.3);
        reserved.role = Some("web".to_owned());
        let mut pool = Pool::new(&[reserved, Resource::scalar("cpus", 0.2)]);
        let taken = pool.take_scalar("cpus", 0.4).unwrap();
        assert_eq!(taken.len(), 2);
        assert!((pool.scalar("cpus") - 0.1).abs() < 1e-9);
        assert!(pool.take_scalar("cpus", 0.2).is_none());
    }

    #[test]
    fn tenths_add_up() {
        let mut pool = Pool::new(&[Resource::scalar("cpus", 1.0)]);
        for _ in 0..10 {
            pool.take_scalar("cpus", 0.1).unwrap();
        }
        assert!(pool.take_scalar("cpus", 0.001).is_none());
    }

    #[test]
    fn ports_are_given_once() {
        let mut pool = Pool::new(&[ports(31_000, 31_002), ports(80, 80)]);
        let (first, _) = pool.take_ports(&[Wish::Exactly(80), Wish::Any], 7).unwrap();
        assert_eq!(first[0], 80);
        let (second, pieces) = pool.take_ports(&[Wish::Any, Wish::Any], 7).unwrap();
        assert_eq!(pieces.len(), 2);
        let all: BTreeSet<_> = first.into_iter().chain(second).collect();
        assert_eq!(all.len(), 4);
        assert!(pool.take_ports(&[Wish::Any], 0).is_none());
        assert!(Pool::new(&[ports(31_000, 31_002)]).take_ports(&[Wish::Exactly(80)], 0).is_none());
    }
}

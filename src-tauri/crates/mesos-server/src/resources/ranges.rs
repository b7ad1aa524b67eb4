//! Ranges of ports.

use std::fmt;

/// Closed ranges, sorted, apart from each other by at least one number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ranges(Vec<(u64, u64)>);

impl Ranges {
    /// From ranges in any order, overlapping or not; one whose end is below its beginning is nothing.
    pub fn from_pairs(pairs: impl IntoIterator<Item = (u64, u64)>) -> Self {
        let mut ranges = Self(pairs.into_iter().filter(|(begin, end)| begin <= end).collect());
        ranges.normalize();
        ranges
    }

    /// No number is in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The ranges, ascending.
    pub fn pairs(&self) -> &[(u64, u64)] {
        &self.0
    }

    /// How many numbers there are.
    pub fn count(&self) -> i64 {
        let sum = self.0.iter().fold(0u64, |sum, (begin, end)| sum.saturating_add(end - begin).saturating_add(1));
        i64::try_from(sum).unwrap_or(i64::MAX)
    }

    /// Adds all numbers of the other.
    pub fn add(&mut self, other: &Self) {
        self.0.extend(&other.0);
        self.normalize();
    }

    /// Takes all numbers of the other away.
    pub fn subtract(&mut self, other: &Self) {
        for &(low, high) in &other.0 {
            let mut rest = Vec::with_capacity(self.0.len() + 1);
            for &(begin, end) in &self.0 {
                if high < begin || end < low {
                    rest.push((begin, end));
                    continue;
                }
                if begin < low {
                    rest.push((begin, low - 1));
                }
                if high < end {
                    rest.push((high + 1, end));
                }
            }
            self.0 = rest;
        }
    }

    /// Whether all numbers of the other are here.
    pub fn contains(&self, other: &Self) -> bool {
        other.0.iter().all(|&(low, high)| self.0.iter().any(|&(begin, end)| begin <= low && high <= end))
    }

    fn normalize(&mut self) {
        self.0.sort_unstable();
        let mut merged: Vec<(u64, u64)> = Vec::with_capacity(self.0.len());
        for &(begin, end) in &self.0 {
            match merged.last_mut() {
                Some(last) if begin <= last.1.saturating_add(1) => last.1 = last.1.max(end),
                _ => merged.push((begin, end)),
            }
        }
        self.0 = merged;
    }
}

impl fmt::Display for Ranges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[")?;
        for (i, (begin, end)) in self.0.iter().enumerate() {
            let comma = if i > 0 { ", " } else { "" };
            write!(f, "{comma}{begin}-{end}")?;
        }
        f.write_str("]")
    }
}

#[cfg(test)]
mod tests {
    use super::Ranges;

    #[test]
    fn neighbours_merge_and_middles_split() {
        let mut ranges = Ranges::from_pairs([(5, 9), (1, 4), (20, 20)]);
        assert_eq!(ranges.pairs(), [(1, 9), (20, 20)]);
        ranges.subtract(&Ranges::from_pairs([(3, 4), (20, 30)]));
        assert_eq!(ranges.to_string(), "[1-2, 5-9]");
        assert!(ranges.contains(&Ranges::from_pairs([(6, 7)])));
        assert!(!ranges.contains(&Ranges::from_pairs([(2, 5)])));
    }
}

//! The word that was meant.

/// The word of `known` that is nearest to `word`, if one is near enough to have been meant.
pub(super) fn closest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let near = word.chars().count().div_ceil(3).min(3);
    let word = word.to_lowercase();
    let by_distance = known.into_iter().map(|k| (distance(&word, k), k)).filter(|(d, _)| *d <= near);
    by_distance.min_by_key(|(d, _)| *d).map(|(_, k)| k)
}

/// How many letters must be added, dropped or changed, or swapped with their neighbour.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let change = usize::from(a[i - 1] != b[j - 1]);
            let mut best = (rows[i - 1][j] + 1).min(row[j - 1] + 1).min(rows[i - 1][j - 1] + change);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::closest;

    #[test]
    fn a_typing_mistake_is_understood() {
        let keys = ["name", "address", "memory_mb", "cpus"];
        assert_eq!(closest("nmae", keys), Some("name"));
        assert_eq!(closest("adress", keys), Some("address"));
        assert_eq!(closest("Memory_MB", keys), Some("memory_mb"));
        assert_eq!(closest("memory", keys), None);
        assert_eq!(closest("colour", keys), None);
        assert_eq!(closest("", keys), None);
    }
}

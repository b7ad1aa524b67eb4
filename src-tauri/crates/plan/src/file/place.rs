//! Where in a file something is, and what it is called there.

use std::ops::Range;

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

/// A place in a plan file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1, in characters.
    pub column: usize,
    /// The whole line, as it stands there.
    pub text: Box<str>,
}

impl Place {
    /// The place of a byte of the file.
    pub(super) fn of(file: &str, at: usize) -> Self {
        let at = file.floor_char_boundary(at.min(file.len()));
        let start = file[..at].rfind('\n').map_or(0, |n| n + 1);
        let text = file[start..].lines().next().unwrap_or_default();
        Self {
            line: file[..at].matches('\n').count() + 1,
            column: file[start..at].chars().count() + 1,
            text: text.trim().chars().take(200).collect::<String>().into(),
        }
    }
}

/// The path (`nodes[1].roles.agent`) of the key or value at exactly `span`, or else of the smallest that holds it.
pub(super) fn path_of(table: &DeTable<'_>, span: &Range<usize>) -> String {
    let mut hits = Vec::new();
    walk_table(table, "", &mut |path, place| {
        if place.start <= span.start && span.end <= place.end {
            hits.push((place.len(), path.to_owned()));
        }
    });
    // Of equal ones the last is the deepest.
    hits.into_iter().rev().min_by_key(|(size, _)| *size).map(|(_, path)| path).unwrap_or_default()
}

/// Where the value of a path begins, or else its nearest parent's.
pub(super) fn span_of(table: &DeTable<'_>, wanted: &str) -> Option<Range<usize>> {
    let mut best: Option<(usize, Range<usize>)> = None;
    walk_table(table, "", &mut |path, place| {
        let rest = wanted.strip_prefix(path);
        let is_parent = rest.is_some_and(|r| r.is_empty() || r.starts_with(['.', '[']));
        if is_parent && best.as_ref().is_none_or(|(length, _)| *length < path.len()) {
            best = Some((path.len(), place));
        }
    });
    best.map(|(_, place)| place)
}

fn walk_table(table: &DeTable<'_>, path: &str, visit: &mut impl FnMut(&str, Range<usize>)) {
    for (key, value) in table {
        let dot = if path.is_empty() { "" } else { "." };
        let path = format!("{path}{dot}{}", key.get_ref());
        visit(&path, key.span());
        walk_value(value, &path, visit);
    }
}

fn walk_value(value: &Spanned<DeValue<'_>>, path: &str, visit: &mut impl FnMut(&str, Range<usize>)) {
    visit(path, value.span());
    match value.get_ref() {
        DeValue::Table(table) => walk_table(table, path, visit),
        DeValue::Array(items) => {
            for (n, item) in items.iter().enumerate() {
                walk_value(item, &format!("{path}[{n}]"), visit);
            }
        }
        _ => {}
    }
}

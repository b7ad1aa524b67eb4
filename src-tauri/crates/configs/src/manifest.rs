//! The list of a bundle's files: by it a bundle is known as one, and the script that puts files on machines reads it.

use minijinja::context;

use crate::{File, template::fill};

/// Where it lies in a bundle.
pub const PATH: &str = "MANIFEST.tsv";

/// How it begins.
pub const MARK: &str = "# Startline bundle 1:";

/// The list of `files`.
pub fn render<'a>(files: impl Iterator<Item = &'a File>) -> String {
    let files: Vec<_> = files
        .map(|f| {
            context! {
                path => f.path.as_str(),
                node => f.node.as_deref().map_or_else(|| "-".into(), crate::quote::one_line),
                owner => f.owner.as_str(),
                mode => format!("{:o}", f.mode),
                dest => f.dest.as_deref().unwrap_or("-"),
            }
        })
        .collect();
    fill("vagrant/MANIFEST.tsv.j2", context! { files })
}

/// The paths that a list names; none if it is no such list.
pub fn paths(manifest: &str) -> Option<impl Iterator<Item = &str>> {
    manifest.starts_with(MARK).then(|| manifest.lines().skip(1).filter_map(|line| line.split('\t').next()))
}

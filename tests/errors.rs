//! docs/errors.md against the code: no id without a line, no line without an id.

use std::path::{Path, PathBuf};

fn sources() -> String {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src-tauri")];
    let mut all = String::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder").flatten() {
            let path: PathBuf = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                all += &std::fs::read_to_string(&path).expect("a source");
            }
        }
    }
    all
}

fn page() -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/errors.md")).expect("the page")
}

#[test]
fn every_problem_of_the_code_is_on_the_page() {
    let (sources, page) = (sources(), page());
    let ids: Vec<_> = sources
        .split("Problem::new(")
        .skip(1)
        .filter_map(|rest| rest.trim_start().strip_prefix('"')?.split_once('"'))
        .map(|(id, _)| id)
        // Ids are words joined by hyphens; what unit tests make up has one word.
        .filter(|id| id.contains('-'))
        .collect();
    assert!(ids.len() > 40, "only {} ids were found", ids.len());
    let missing: Vec<_> = ids.into_iter().filter(|id| !page.contains(&format!("| `{id}` |"))).collect();
    assert_eq!(missing, Vec::<&str>::new());
}

#[test]
fn every_id_of_the_page_is_in_the_code() {
    let (sources, page) = (sources(), page());
    let ids: Vec<_> = page.lines().filter_map(|l| l.strip_prefix("| `")?.split_once('`')).map(|(id, _)| id).collect();
    assert!(ids.len() > 100, "only {} ids are on the page", ids.len());
    let gone: Vec<_> = ids.into_iter().filter(|id| !sources.contains(&format!("\"{id}\""))).collect();
    assert_eq!(gone, Vec::<&str>::new());
}

//! How large the bundle is, as it lies there and as it would travel.

use std::{fs, path::Path, process::Command};

/// What the window may weigh, bytes: all files of the bundle, each gzipped by itself.
const PROMISE: usize = 400 * 1024;

/// Prints the size of every file of `dist`, raw and gzipped, and of all together.
pub fn print(dist: &Path) -> Result<(), String> {
    let mut rows = Vec::new();
    for folder in [dist.to_owned(), dist.join("fonts")] {
        for entry in fs::read_dir(&folder).map_err(|e| format!("{}: {e}", folder.display()))?.filter_map(Result::ok) {
            let path = entry.path();
            if path.is_file() {
                let raw = fs::metadata(&path).map_err(|e| format!("{}: {e}", path.display()))?.len() as usize;
                let name = path.strip_prefix(dist).unwrap_or(&path).display().to_string();
                rows.push((name, raw, gzipped(&path)?));
            }
        }
    }
    rows.sort();
    for (name, raw, gzip) in &rows {
        println!("{name:<46} {:>9} {:>9} gzipped", kib(*raw), kib(*gzip));
    }
    let all = rows.iter().map(|row| row.2).sum::<usize>();
    println!("{:<46} {:>19} gzipped", "together", kib(all));
    // No reason to build nothing: another compiler may make a little more of it. `make bench` judges.
    if all > PROMISE {
        println!("that is more than the {} promised", kib(PROMISE));
    }
    Ok(())
}

fn kib(bytes: usize) -> String {
    format!("{:.1} KiB", bytes as f64 / 1024.0)
}

/// By the program, as `make bench` does it: libraries differ by some hundred bytes.
fn gzipped(file: &Path) -> Result<usize, String> {
    let packed = Command::new("gzip").args(["-9", "-c"]).arg(file).output().map_err(|e| format!("gzip: {e}"))?;
    Ok(packed.stdout.len())
}

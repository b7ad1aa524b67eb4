//! How large the bundle is, as it lies there and as it would travel.

use std::{fs, io::Write, path::Path};

use flate2::{Compression, write::GzEncoder};

/// What the window may weigh: all that it loads but the fonts, each file gzipped by itself.
const PROMISE: usize = 400_000;

/// Prints the size of every file of `dist`, raw and gzipped, and of all together. Licences are not counted.
pub fn print(dist: &Path) -> Result<(), String> {
    let mut rows = Vec::new();
    for folder in [dist.to_owned(), dist.join("fonts")] {
        for entry in fs::read_dir(&folder).map_err(|e| format!("{}: {e}", folder.display()))?.filter_map(Result::ok) {
            let path = entry.path();
            if path.is_file() && path.extension().is_none_or(|e| e != "txt") {
                let content = fs::read(&path).map_err(|e| format!("{}: {e}", path.display()))?;
                let name = path.strip_prefix(dist).unwrap_or(&path).display().to_string();
                rows.push((name, content.len(), gzipped(&content)));
            }
        }
    }
    rows.sort();
    let fonts = |row: &&(String, usize, usize)| row.0.starts_with("fonts/");
    for (name, raw, gzip) in &rows {
        println!("{name:<46} {:>8} {:>8} gzipped", kb(*raw), kb(*gzip));
    }
    let total = |rows: Vec<&(String, usize, usize)>| rows.iter().map(|row| row.2).sum::<usize>();
    let typefaces = total(rows.iter().filter(fonts).collect());
    let program = total(rows.iter().filter(|row| !fonts(row)).collect());
    println!("{:<46} {:>17} gzipped, and {} of fonts", "together", kb(program), kb(typefaces));
    if program > PROMISE {
        return Err(format!("the user interface is {}, more than the {} promised", kb(program), kb(PROMISE)));
    }
    Ok(())
}

fn kb(bytes: usize) -> String {
    format!("{:.1} KB", bytes as f64 / 1000.0)
}

fn gzipped(content: &[u8]) -> usize {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    // Writing into memory does not fail; were it to, the file would be counted as it is.
    match encoder.write_all(content).and_then(|()| encoder.finish()) {
        Ok(packed) => packed.len(),
        Err(_) => content.len(),
    }
}

//! What lies in `ui/dist`: the program, one style sheet, the fonts, and a page that loads them.
//!
//! `ui/index.html` is written for `trunk serve`; its lines marked `data-trunk` say which style sheets there are. Here those
//! lines are replaced by what does the same without Trunk, and without any script inside the page.

use std::{fs, path::Path};

use crate::lean;

/// What the page's `data-trunk` lines become.
const LOADER: &str = r#"  <link rel="stylesheet" href="style.css">
  <link rel="modulepreload" href="ui.js">
  <link rel="preload" href="ui_bg.wasm" as="fetch" type="application/wasm" crossorigin>
  <script type="module" src="start.js"></script>
"#;

/// The files that `dist` is made of besides the program, each with its name there.
pub fn sources(ui: &Path) -> Result<Vec<(String, Vec<u8>)>, String> {
    let page = String::from_utf8(read(&ui.join("index.html"))?).map_err(|e| format!("ui/index.html: {e}"))?;
    let mut files =
        vec![("style.css".to_owned(), style(ui, &page)?), ("index.html".to_owned(), plain(&page).into_bytes())];
    for name in ["theme.js", "start.js", "mark.svg"] {
        files.push((name.to_owned(), read(&ui.join(name))?));
    }
    let fonts = fs::read_dir(ui.join("fonts")).map_err(|e| format!("ui/fonts: {e}"))?;
    let mut fonts: Vec<_> = fonts.filter_map(|entry| entry.ok()).map(|entry| entry.path()).collect();
    fonts.sort();
    for path in fonts {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        files.push((format!("fonts/{name}"), read(&path)?));
    }
    Ok(files)
}

/// Writes `dist` from the sources and from what wasm-bindgen left in `work`. Files that are the same are not touched, so
/// that whoever embeds them has nothing to do again.
pub fn write(ui: &Path, work: &Path) -> Result<(), String> {
    let mut files = sources(ui)?;
    for name in ["ui.js", "ui_bg.wasm"] {
        let content = read(&work.join(name))?;
        let content = if name.ends_with(".js") { lean::script(&text(content)?).into_bytes() } else { content };
        files.push((name.to_owned(), content));
    }
    let dist = ui.join("dist");
    fs::create_dir_all(dist.join("fonts")).map_err(|e| format!("ui/dist: {e}"))?;
    remove_strangers(&dist, &files)?;
    for (name, content) in files {
        let path = dist.join(name);
        if fs::read(&path).is_ok_and(|old| old == content) {
            continue;
        }
        fs::write(&path, content).map_err(|e| format!("{}: {e}", path.display()))?;
    }
    Ok(())
}

/// A build has left everything there.
pub fn is_whole(ui: &Path) -> bool {
    let Ok(sources) = sources(ui) else { return false };
    let dist = ui.join("dist");
    dist.join("ui.js").is_file()
        && dist.join("ui_bg.wasm").is_file()
        && sources.iter().all(|(name, content)| fs::read(dist.join(name)).is_ok_and(|there| there == *content))
}

fn remove_strangers(dist: &Path, files: &[(String, Vec<u8>)]) -> Result<(), String> {
    for (folder, prefix) in [(dist.to_owned(), ""), (dist.join("fonts"), "fonts/")] {
        for entry in fs::read_dir(&folder).map_err(|e| format!("{}: {e}", folder.display()))?.filter_map(Result::ok) {
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if entry.path().is_file() && !files.iter().any(|(known, _)| *known == name) {
                fs::remove_file(entry.path()).map_err(|e| format!("{}: {e}", entry.path().display()))?;
            }
        }
    }
    Ok(())
}

/// The page's style sheets in their order, as one.
fn style(ui: &Path, page: &str) -> Result<Vec<u8>, String> {
    let mut style = Vec::new();
    for line in page.lines().filter(|line| line.contains(r#"rel="css""#)) {
        let name = attribute(line, "href").ok_or_else(|| format!("no href in: {line}"))?;
        style.extend(read(&ui.join(name))?);
    }
    Ok(lean::style(&text(style)?).into_bytes())
}

fn text(bytes: Vec<u8>) -> Result<String, String> {
    String::from_utf8(bytes).map_err(|e| e.to_string())
}

fn plain(page: &str) -> String {
    let mut plain = String::new();
    for line in page.lines() {
        if line.trim() == "</head>" {
            plain.push_str(LOADER);
        }
        if !line.contains("data-trunk") {
            plain.push_str(line);
            plain.push('\n');
        }
    }
    plain
}

fn attribute<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = line.split_once(&format!("{name}=\""))?;
    Some(rest.split_once('"')?.0)
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    fs::read(path).map_err(|e| format!("{}: {e}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::{attribute, plain};

    #[test]
    fn the_page_loads_the_program_without_trunk() {
        let page = "<head>\n  <link data-trunk rel=\"css\" href=\"style/a.css\">\n</head>\n";
        let plain = plain(page);
        assert!(!plain.contains("data-trunk"));
        assert!(plain.contains("style.css\">") && plain.contains("start.js"));
        assert!(plain.ends_with("</head>\n"));
    }

    #[test]
    fn an_attribute_is_found() {
        assert_eq!(attribute(r#"<link rel="css" href="style/a.css">"#, "href"), Some("style/a.css"));
        assert_eq!(attribute("<link>", "href"), None);
    }
}

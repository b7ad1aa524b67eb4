//! Rules of paths. Source: ZooKeeper 3.8's `PathUtils.validatePath`.

/// Whether a path may name a znode: absolute, no empty, `.` or `..` parts, no characters outside what ZooKeeper allows.
pub fn is_valid(path: &str) -> bool {
    if path == "/" {
        return true;
    }
    let Some(relative) = path.strip_prefix('/') else { return false };
    relative.split('/').all(|part| !part.is_empty() && part != "." && part != "..") && path.encode_utf16().all(allowed)
}

/// The ranges are Java's, on UTF-16 units: control characters, surrogates, private use and specials are out.
fn allowed(unit: u16) -> bool {
    !matches!(unit, 0 | 0x01..=0x1e | 0x80..=0x9e | 0xd801..=0xf8fe | 0xfff1..=0xfffe)
}

/// The znode that says who belongs to the ensemble.
pub const CONFIG: &str = "/zookeeper/config";

/// Whether the server itself lives there, so that it cannot be removed.
pub fn is_special(path: &str) -> bool {
    matches!(path, "/" | "/zookeeper" | "/zookeeper/quota" | "/zookeeper/config")
}

/// The parent of a path that has a slash and no NUL, as ZooKeeper splits it: the parent of `/a` is `/`.
pub fn parent(path: &str) -> Option<&str> {
    if path.contains('\0') {
        return None;
    }
    let slash = path.rfind('/')?;
    Some(if slash == 0 { "/" } else { &path[..slash] })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn valid_paths() {
        for path in ["/", "/a", "/a/b", "/a.b", "/...", "/é", "/a b", "/.a", "/\u{1f}"] {
            assert!(is_valid(path), "{path:?}");
        }
        for path in
            ["", "a", "/a/", "//", "/a//b", "/.", "/a/../b", "/a/.", "/\0", "/a\u{1}", "/\u{80}", "/😀", "/\u{e000}"]
        {
            assert!(!is_valid(path), "{path:?}");
        }
    }

    #[test]
    fn parents() {
        assert_eq!(parent("/a"), Some("/"));
        assert_eq!(parent("/a/b"), Some("/a"));
        assert_eq!(parent("/a/"), Some("/a"));
        assert_eq!(parent("a"), None);
        assert_eq!(parent("/a\0"), None);
    }
}

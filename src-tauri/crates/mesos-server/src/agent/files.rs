//! Sandboxes over HTTP: `/files/browse`, `/files/read`, `/files/download`, and their v1 calls.

use std::{
    io::{Read, Seek, SeekFrom},
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
    sync::Arc,
};

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde::Serialize;

use super::Shared;
use crate::{
    http::{self, Query},
    lock::lock,
    views::{One, answer},
    wire::recordio,
};

/// At most so much of a file at once, as in the real one.
const MOST: u64 = 16 << 10;

/// A file or a folder.
#[derive(Serialize)]
struct Entry {
    gid: String,
    mode: String,
    mtime: f64,
    nlink: u64,
    path: String,
    size: u64,
    uid: String,
}

/// Where a path lies, if it lies in a sandbox.
fn locate(shared: &Shared, path: &str) -> Option<PathBuf> {
    let core = lock(&shared.core);
    let clean = !Path::new(path).components().any(|part| matches!(part, std::path::Component::ParentDir));
    (clean && core.is_in_sandbox(path)).then(|| core.on_disk(path))
}

async fn on_disk<T: Send + 'static>(work: impl FnOnce() -> std::io::Result<T> + Send + 'static) -> Option<T> {
    tokio::task::spawn_blocking(work).await.ok()?.ok()
}

fn entries(folder: &Path, shown: &str) -> std::io::Result<Vec<Entry>> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let Ok(meta) = entry.metadata() else { continue };
        let name = entry.file_name().to_string_lossy().into_owned();
        all.push(Entry {
            gid: owner(meta.gid()),
            mode: mode(&meta),
            mtime: meta.mtime() as f64,
            nlink: meta.nlink(),
            path: format!("{}/{name}", shown.trim_end_matches('/')),
            size: meta.len(),
            uid: owner(meta.uid()),
        });
    }
    all.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(all)
}

/// Everything on a practice machine that is not root's belongs to whoever runs the practice cluster.
fn owner(_id: u32) -> String {
    "root".into()
}

/// `-rw-r--r--`.
fn mode(meta: &std::fs::Metadata) -> String {
    let bits = meta.permissions().mode();
    let kind = if meta.is_dir() { 'd' } else { '-' };
    let letters = "rwxrwxrwx".chars().enumerate();
    std::iter::once(kind)
        .chain(letters.map(|(i, letter)| if bits & (0o400 >> i) != 0 { letter } else { '-' }))
        .collect()
}

fn missing_path() -> Response {
    http::bad_request("Expecting 'path=value' in query.\n")
}

/// 404 without words.
pub fn nothing() -> Response {
    http::text(StatusCode::NOT_FOUND, "")
}

/// `/files/browse`.
pub async fn browse(shared: &Arc<Shared>, query: &Query) -> Response {
    let Some(path) = query.get("path").map(str::to_owned) else { return missing_path() };
    let Some(folder) = locate(shared, &path) else { return nothing() };
    match on_disk(move || entries(&folder, &path)).await {
        Some(entries) => http::json(recordio::json(&entries), query),
        None => nothing(),
    }
}

/// A part of a file, and the file's size.
fn part(file: &Path, offset: u64, length: u64) -> std::io::Result<(Vec<u8>, u64)> {
    let mut file = std::fs::File::open(file)?;
    let meta = file.metadata()?;
    if meta.is_dir() {
        return Err(std::io::ErrorKind::IsADirectory.into());
    }
    file.seek(SeekFrom::Start(offset))?;
    let mut data = Vec::new();
    file.take(length).read_to_end(&mut data)?;
    Ok((data, meta.len()))
}

/// `/files/read`: text of a file from an offset; without one, or with -1, only its size.
pub async fn read(shared: &Arc<Shared>, query: &Query) -> Response {
    #[derive(Serialize)]
    struct Part<'a> {
        data: &'a str,
        offset: u64,
    }
    let Some(path) = query.get("path") else { return missing_path() };
    let number = |name: &str| query.get(name).map(|text| text.parse::<i64>().map_err(|_| text.to_owned()));
    let (offset, length) = match (number("offset"), number("length")) {
        (Some(Err(text)), _) => {
            return http::bad_request(format!("Failed to parse offset: Failed to convert '{text}' to number.\n"));
        }
        (_, Some(Err(text))) => {
            return http::bad_request(format!("Failed to parse length: Failed to convert '{text}' to number.\n"));
        }
        (offset, length) => (offset.and_then(Result::ok).unwrap_or(-1), length.and_then(Result::ok).unwrap_or(-1)),
    };
    if offset < -1 {
        return http::bad_request(format!("Negative offset provided: {offset}.\n"));
    }
    let Some(file) = locate(shared, path) else { return nothing() };
    let length = u64::try_from(length).unwrap_or(MOST).min(MOST);
    let wanted = u64::try_from(offset).ok();
    let found = on_disk(move || part(&file, wanted.unwrap_or(0), if wanted.is_some() { length } else { 0 })).await;
    let Some((data, size)) = found else { return nothing() };
    let data = String::from_utf8_lossy(&data);
    http::json(recordio::json(&Part { data: &data, offset: wanted.unwrap_or(size) }), query)
}

/// `/files/download`.
pub async fn download(shared: &Arc<Shared>, query: &Query) -> Response {
    let Some(path) = query.get("path") else { return missing_path() };
    let Some(file) = locate(shared, path) else { return http::not_found() };
    let name = Path::new(path).file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let Some(data) = on_disk(move || std::fs::read(file)).await else { return http::not_found() };
    let mut response = Response::new(Body::from(data));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename={}", name.replace(['"', ';'], "_"))) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}

/// LIST_FILES.
pub async fn list(shared: &Arc<Shared>, path: &str) -> Option<Vec<u8>> {
    #[derive(Serialize)]
    struct FileInfo {
        path: String,
        nlink: u64,
        size: u64,
        mtime: crate::wire::Nanoseconds,
        mode: u32,
        uid: String,
        gid: String,
    }
    let path = path.to_owned();
    let folder = locate(shared, &path)?;
    let entries = on_disk(move || entries(&folder, &path)).await?;
    let bits = |mode: &str| mode.bytes().skip(1).fold(0, |bits, letter| bits << 1 | u32::from(letter != b'-'));
    let kind = |mode: &str| if mode.starts_with('d') { 0o040_000 } else { 0o100_000 };
    let infos: Vec<_> = entries
        .into_iter()
        .map(|entry| FileInfo {
            mode: kind(&entry.mode) | bits(&entry.mode),
            path: entry.path,
            nlink: entry.nlink,
            size: entry.size,
            mtime: crate::wire::Nanoseconds::at(entry.mtime),
            uid: entry.uid,
            gid: entry.gid,
        })
        .collect();
    Some(answer("LIST_FILES", &One { name: "file_infos", of: infos }))
}

/// READ_FILE.
pub async fn read_v1(shared: &Arc<Shared>, path: &str, offset: u64, length: Option<u64>) -> Option<Vec<u8>> {
    #[derive(Serialize)]
    struct Part {
        size: u64,
        data: String,
    }
    let file = locate(shared, path)?;
    let length = length.unwrap_or(MOST).min(1 << 20);
    let (data, size) = on_disk(move || part(&file, offset, length)).await?;
    Some(answer("READ_FILE", &Part { size, data: BASE64_STANDARD.encode(data) }))
}

//! `/v2/groups` and everything below.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, Request};
use axum::response::Response;

use super::answer::{json_ok, shown};
use super::apply::{apply, apply_json};
use super::query::Words;
use crate::core::{AppId, Change, Filter};
use crate::leading::Reign;

/// What a path below `/v2/groups` means.
#[derive(Debug, PartialEq, Eq)]
enum Below<'a> {
    Group(&'a str),
    Apps(&'a str),
    Versions(&'a str),
    Version(&'a str, &'a str),
}

impl<'a> Below<'a> {
    fn parse(path: &'a str) -> Self {
        let path = path.trim_end_matches('/');
        let ending = |path: &'a str, word: &str| {
            let before = path.strip_suffix(word)?;
            (before.is_empty() || before.ends_with('/')).then_some(before)
        };
        if let Some(group) = ending(path, "versions") {
            return Self::Versions(group);
        }
        if let Some(group) = ending(path, "apps") {
            return Self::Apps(group);
        }
        match path.rsplit_once('/').and_then(|(before, version)| Some((ending(before, "versions")?, version))) {
            Some((group, version)) => Self::Version(group, version),
            None => Self::Group(path),
        }
    }
}

/// The path below `/v2/groups`; none is the root.
type At = Option<Path<String>>;

fn path_of(at: At) -> String {
    at.map(|Path(path)| path).unwrap_or_default()
}

pub async fn get(Extension(reign): Extension<Arc<Reign>>, at: At, words: Words) -> Response {
    let (path, core) = (path_of(at), reign.read());
    match Below::parse(&path) {
        Below::Group(group) => shown(core.shown_group(group, words.group_embed(), words.embed())),
        Below::Apps(group) => {
            let within = Filter { group: Some(AppId::new(group)), ..Filter::default() };
            json_ok(&BTreeMap::from([("apps", core.shown_apps(&within, words.embed()))]))
        }
        Below::Versions(group) => shown(core.shown_group_versions(group)),
        Below::Version(group, version) => shown(core.shown_group_version(group, version)),
    }
}

pub async fn post(Extension(reign): Extension<Arc<Reign>>, at: At, words: Words, request: Request) -> Response {
    let path = AppId::new(&path_of(at));
    apply_json(&reign, request, |body| Change::CreateGroup { path, body, force: words.force() }).await
}

pub async fn put(Extension(reign): Extension<Arc<Reign>>, at: At, words: Words, request: Request) -> Response {
    let path = AppId::new(&path_of(at));
    let (force, dry_run) = (words.force(), words.is_set("dryRun"));
    apply_json(&reign, request, |body| Change::UpdateGroup { path, body, force, dry_run }).await
}

pub async fn patch(Extension(reign): Extension<Arc<Reign>>, at: At, request: Request) -> Response {
    let path = AppId::new(&path_of(at));
    apply_json(&reign, request, |body| Change::PatchGroup { path, body }).await
}

pub async fn delete(Extension(reign): Extension<Arc<Reign>>, at: At, words: Words, request: Request) -> Response {
    let path = AppId::new(&path_of(at));
    apply(&reign, request, Change::DeleteGroup { path, force: words.force() }).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_read_from_the_end() {
        for (path, expected) in [
            ("", Below::Group("")),
            ("/shop/", Below::Group("/shop")),
            ("versions", Below::Versions("")),
            ("/shop/versions", Below::Versions("/shop/")),
            ("shop/versions/v", Below::Version("shop/", "v")),
            ("versions/v", Below::Version("", "v")),
            ("shop/apps", Below::Apps("shop/")),
            ("my-apps", Below::Group("my-apps")),
        ] {
            assert_eq!(Below::parse(path), expected, "{path}");
        }
    }
}

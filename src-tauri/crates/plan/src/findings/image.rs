//! The box that Vagrant makes machines from.

use words::text;

use super::{Finding, shown};
use crate::{BoxImage, ClusterPlan, Provider};

pub(super) fn check(plan: &ClusterPlan) -> Vec<Finding> {
    let image = &plan.image;
    let found = [name(plan), url(image), checksum(image), version(image), unverified(plan)];
    found.into_iter().flatten().collect()
}

fn made_of(text: &str, others: &[u8], most: usize) -> bool {
    let inside = text.bytes().all(|b| b.is_ascii_alphanumeric() || others.contains(&b));
    inside && (1..=most).contains(&text.len())
}

fn name(plan: &ClusterPlan) -> Option<Finding> {
    let name = plan.image.name.as_str();
    // A Docker image may carry its tag or digest.
    let others: &[u8] = if plan.provider == Provider::Docker { b"._/-:@" } else { b"._/-" };
    let starts = name.starts_with(|c: char| c.is_ascii_alphanumeric());
    if made_of(name, others, 128) && starts && !name.contains("..") && !name.contains("//") && !name.ends_with('/') {
        return None;
    }
    let name = shown(name);
    Some(Finding::error(
        "box.name",
        "box-name",
        text!(
            "“{name}” can’t be a box’s name; one looks like debian/bookworm64.",
            "« {name} » ne peut pas nommer une box ; un nom ressemble à debian/bookworm64."
        ),
    ))
}

fn url(image: &BoxImage) -> Option<Finding> {
    let url = image.url.as_deref()?;
    let scheme = url.split_once("://").map(|(scheme, _)| scheme);
    let known = match scheme {
        Some(scheme) => ["http", "https", "file"].contains(&scheme),
        None => url.ends_with(".box"),
    };
    // `#{` begins code in a Ruby string: braces are not among these.
    if known && made_of(url, b" ._~:/?#@&+,=%-", 1024) && url.trim() == url {
        return None;
    }
    let url = shown(url);
    Some(Finding::error(
        "box.url",
        "box-url",
        text!(
            "“{url}” is neither an http, https or file URL nor the path of a .box file, in plain letters.",
            "« {url} » n’est ni une URL http, https ou file, ni le chemin d’un fichier .box, en lettres simples."
        ),
    ))
}

fn checksum(image: &BoxImage) -> Option<Finding> {
    let checksum = image.checksum.as_deref()?;
    if checksum.len() == 64 && checksum.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    Some(Finding::error(
        "box.checksum",
        "box-checksum",
        text!(
            "A checksum is SHA-256: 64 hexadecimal digits, as sha256sum prints them.",
            "La somme de contrôle est SHA-256 : 64 chiffres hexadécimaux, comme les affiche sha256sum."
        ),
    ))
}

fn version(image: &BoxImage) -> Option<Finding> {
    let version = image.version.as_deref()?;
    if made_of(version, b".+-", 64) && version.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let version = shown(version);
    Some(Finding::error(
        "box.version",
        "box-version",
        text!(
            "“{version}” is no version; one looks like 12.20250126.1.",
            "« {version} » n’est pas une version ; une version ressemble à 12.20250126.1."
        ),
    ))
}

fn unverified(plan: &ClusterPlan) -> Option<Finding> {
    let plain = plan.image.url.as_deref().is_some_and(|u| u.starts_with("http://"));
    (plain && plan.image.checksum.is_none() && !plan.provider.is_practice()).then(|| {
        Finding::warning(
            "box.checksum",
            "box-unverified",
            text!(
                "The box comes over http without a checksum: anyone on the way could change it.",
                "La box arrive par http sans somme de contrôle : n’importe qui en chemin pourrait la changer."
            ),
        )
    })
}

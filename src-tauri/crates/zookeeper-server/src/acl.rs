//! Who may do what: the schemes `world`, `ip`, `digest`, `auth` and the super user.

use std::net::IpAddr;

use base64::{Engine, prelude::BASE64_STANDARD};
use sha1::{Digest, Sha1};

use crate::wire::{Acl, Code, Id};

/// The identity that `user:password` proves: `user:base64(sha1(user:password))`.
pub fn digest(token: &[u8]) -> String {
    let text = String::from_utf8_lossy(token);
    let user = text.split(':').next().unwrap_or_default();
    format!("{user}:{}", BASE64_STANDARD.encode(Sha1::digest(text.as_bytes())))
}

/// What adding credentials gives a connection; `None` if they are refused.
pub fn authenticate(scheme: &str, token: &[u8], peer: IpAddr, super_digest: Option<&str>) -> Option<Vec<Id>> {
    match scheme {
        "digest" => {
            let id = digest(token);
            let mut ids = Vec::new();
            if super_digest == Some(id.as_str()) {
                ids.push(Id::new("super", ""));
            }
            ids.push(Id::new("digest", id));
            Some(ids)
        }
        "ip" => Some(vec![Id::new("ip", peer.to_string())]),
        _ => None,
    }
}

/// The name that `whoami` shows.
pub fn user_name(id: &Id) -> &str {
    if id.scheme == "digest" { id.id.split(':').next().unwrap_or_default() } else { &id.id }
}

/// Whether someone with these identities has one of the permissions in `perms`.
pub fn permits(acl: &[Acl], perms: i32, ids: &[Id]) -> bool {
    if acl.is_empty() || ids.iter().any(|id| id.scheme == "super") {
        return true;
    }
    acl.iter().filter(|entry| entry.perms & perms != 0).any(|entry| {
        is_anyone(&entry.id) || ids.iter().any(|id| id.scheme == entry.id.scheme && matches(&id.id, &entry.id))
    })
}

fn is_anyone(id: &Id) -> bool {
    id.scheme == "world" && id.id == "anyone"
}

fn matches(id: &str, expected: &Id) -> bool {
    match expected.scheme.as_str() {
        "digest" => id == expected.id,
        "ip" => in_range(id, &expected.id),
        _ => false,
    }
}

/// Whether an address lies in `a.b.c.d` or `a.b.c.d/bits`.
fn in_range(address: &str, range: &str) -> bool {
    let Some((base, bits)) = parse_range(range) else { return false };
    let Ok(address) = address.parse::<IpAddr>() else { return false };
    match (address, base) {
        (IpAddr::V4(a), IpAddr::V4(b)) => same_prefix(&a.octets(), &b.octets(), bits),
        (IpAddr::V6(a), IpAddr::V6(b)) => same_prefix(&a.octets(), &b.octets(), bits),
        _ => false,
    }
}

fn same_prefix(a: &[u8], b: &[u8], bits: usize) -> bool {
    let (whole, part) = (bits / 8, bits % 8);
    a[..whole] == b[..whole] && (part == 0 || (a[whole] ^ b[whole]) >> (8 - part) == 0)
}

fn parse_range(range: &str) -> Option<(IpAddr, usize)> {
    let (base, bits) = match range.split_once('/') {
        Some((base, bits)) => (base, Some(bits.parse::<usize>().ok()?)),
        None => (range, None),
    };
    let base: IpAddr = base.parse().ok()?;
    let most = if base.is_ipv4() { 32 } else { 128 };
    let bits = bits.unwrap_or(most);
    (bits <= most).then_some((base, bits))
}

/// Checks an access list that a client sets, and replaces `auth` by who the client is.
pub fn fixup(list: &[Acl], ids: &[Id]) -> Result<Vec<Acl>, Code> {
    let mut fixed = Vec::with_capacity(list.len());
    let mut seen: Vec<&Acl> = Vec::with_capacity(list.len());
    for acl in list {
        if seen.contains(&acl) {
            continue;
        }
        seen.push(acl);
        match acl.id.scheme.as_str() {
            "world" if acl.id.id == "anyone" => fixed.push(acl.clone()),
            "auth" => expand_auth(acl.perms, ids, &mut fixed)?,
            "digest" if is_digest(&acl.id.id) => fixed.push(acl.clone()),
            "ip" if parse_range(&acl.id.id).is_some() => fixed.push(acl.clone()),
            _ => return Err(Code::InvalidAcl),
        }
    }
    if fixed.is_empty() { Err(Code::InvalidAcl) } else { Ok(fixed) }
}

/// Only credentials that prove something count: an address does not.
fn expand_auth(perms: i32, ids: &[Id], fixed: &mut Vec<Acl>) -> Result<(), Code> {
    let before = fixed.len();
    fixed.extend(ids.iter().filter(|id| id.scheme == "digest").map(|id| Acl { perms, id: id.clone() }));
    if fixed.len() == before { Err(Code::InvalidAcl) } else { Ok(()) }
}

/// Two parts around a colon, as Java's `split` counts: a trailing empty part is none.
fn is_digest(id: &str) -> bool {
    id.trim_end_matches(':').matches(':').count() == 1
}

/// An access list as someone without the right to administer it sees it: digests are hidden.
pub fn masked(list: &[Acl]) -> Vec<Acl> {
    list.iter()
        .map(|acl| match (acl.id.scheme.as_str(), acl.id.id.split_once(':')) {
            ("digest", Some((user, _))) => Acl { perms: acl.perms, id: Id::new("digest", format!("{user}:x")) },
            _ => acl.clone(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::records::perm;

    #[test]
    fn digest_is_the_documented_one() {
        // From ZooKeeper's own documentation of DigestAuthenticationProvider: super:test.
        assert_eq!(digest(b"super:test"), "super:D/InIHSb7yEEbrWz8b9l71RjZJU=");
    }

    #[test]
    fn ranges() {
        assert!(in_range("127.1.2.3", "127.0.0.0/8"));
        assert!(!in_range("128.1.2.3", "127.0.0.0/8"));
        assert!(in_range("10.0.0.7", "10.0.0.4/30"));
        assert!(!in_range("10.0.0.8", "10.0.0.4/30"));
        assert!(in_range("10.0.0.8", "10.0.0.8"));
        assert!(in_range("10.0.0.8", "0.0.0.0/0"));
        assert!(parse_range("10.0.0.8/33").is_none());
    }

    #[test]
    fn auth_becomes_the_client() {
        let me = [Id::new("ip", "127.0.0.1"), Id::new("digest", "u:h")];
        let auth = [Acl { perms: perm::ALL, id: Id::new("auth", "") }];
        assert_eq!(fixup(&auth, &me), Ok(vec![Acl { perms: perm::ALL, id: Id::new("digest", "u:h") }]));
        assert_eq!(fixup(&auth, &me[..1]), Err(Code::InvalidAcl));
        assert_eq!(fixup(&[], &me), Err(Code::InvalidAcl));
    }
}

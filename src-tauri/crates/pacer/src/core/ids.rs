//! Names: of applications, of instances, and fresh ones.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The absolute path of an application, `/shop/web`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct AppId(String);

impl AppId {
    /// The id that `text` means: slashes at the end are dropped, and double ones; the first one is added.
    pub fn new(text: &str) -> Self {
        let parts: Vec<_> = text.split('/').filter(|part| !part.is_empty()).collect();
        Self(format!("/{}", parts.join("/")))
    }

    /// The group of all applications.
    pub fn root() -> Self {
        Self("/".to_owned())
    }

    /// The id that `text` means within the group `base`: `web` in `/shop` is `/shop/web`, `..` leads to the group above.
    pub fn within(base: &Self, text: &str) -> Self {
        let begin = if text.starts_with('/') { "" } else { base.as_str() };
        let mut parts: Vec<&str> = Vec::new();
        for part in begin.split('/').chain(text.split('/')) {
            match part {
                "" | "." => {}
                ".." => drop(parts.pop()),
                name => parts.push(name),
            }
        }
        Self(format!("/{}", parts.join("/")))
    }

    /// The group that it lies in; the root lies in itself.
    pub fn parent(&self) -> Self {
        match self.0.rsplit_once('/') {
            Some(("", _)) | None => Self::root(),
            Some((parent, _)) => Self(parent.to_owned()),
        }
    }

    /// The groups that it lies in, from the nearest to the root. The root lies in none.
    pub fn ancestors(&self) -> impl Iterator<Item = Self> + use<> {
        let above = |id: &Self| (!id.is_root()).then(|| id.parent());
        std::iter::successors(above(self), above)
    }

    /// What the ids of all that lies in this group begin with; none of them is smaller.
    pub fn first_within(&self) -> Self {
        Self(format!("{}/", self.0.trim_end_matches('/')))
    }

    /// It is the group of all applications.
    pub fn is_root(&self) -> bool {
        self.0 == "/"
    }

    /// The path.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// For task ids: `shop_web`.
    pub fn safe(&self) -> String {
        self.0.trim_start_matches('/').replace('/', "_")
    }

    /// For host names, as Marathon names tasks: `web.shop`.
    pub fn hostname(&self) -> String {
        self.0.split('/').rev().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(".")
    }

    /// Whether it lies in the group `path` (`/shop`), or is it.
    pub fn is_within(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        self.0.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

impl fmt::Display for AppId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The suffix of task ids: the first container of the first incarnation.
const TASK_SUFFIX: &str = "._app.1";

/// The id of an instance's task: `shop_web.instance-UUID._app.1`. It names the instance too.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct InstanceId(String);

impl InstanceId {
    /// A fresh instance of an application.
    pub fn fresh(app: &AppId, uuid: &str) -> Self {
        Self(format!("{}.instance-{uuid}{TASK_SUFFIX}", app.safe()))
    }

    /// The instance whose task has this id, or which has this id itself: people paste either.
    pub fn parse(text: &str) -> Self {
        if text.ends_with(TASK_SUFFIX) { Self(text.to_owned()) } else { Self(format!("{text}{TASK_SUFFIX}")) }
    }

    /// The application that the name says it is of: ids have no underscores.
    pub fn app(&self) -> AppId {
        let safe = self.0.split_once(".instance-").map_or(&*self.0, |(app, _)| app);
        AppId::new(&safe.replace('_', "/"))
    }

    /// The task's id.
    pub fn task(&self) -> &str {
        &self.0
    }

    /// The instance's id, as the API names it.
    pub fn instance(&self) -> &str {
        self.0.strip_suffix(TASK_SUFFIX).unwrap_or(&self.0)
    }
}

impl fmt::Display for InstanceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A source of fresh names and of arbitrary choices: a counter, scrambled (SplitMix64). Deterministic for tests.
#[derive(Clone, Debug)]
pub struct Ids([u64; 2]);

impl Ids {
    /// A source that nobody else has if nobody else has its seed.
    pub fn new(seed: [u64; 2]) -> Self {
        Self(seed)
    }

    /// An arbitrary number.
    pub fn number(&mut self) -> u64 {
        self.0[0] = self.0[0].wrapping_add(0x9E37_79B9_7F4A_7C15);
        scramble(self.0[0])
    }

    /// A UUID of the random kind (RFC 9562, version 4).
    pub fn uuid(&mut self) -> String {
        let high = (self.number() & 0xFFFF_FFFF_FFFF_0FFF) | 0x4000;
        let low = (scramble(self.number() ^ self.0[1]) & 0x3FFF_FFFF_FFFF_FFFF) | 0x8000_0000_0000_0000;
        let (a, b, c) = (high >> 32, (high >> 16) & 0xFFFF, high & 0xFFFF);
        format!("{a:08x}-{b:04x}-{c:04x}-{:04x}-{:012x}", low >> 48, low & 0xFFFF_FFFF_FFFF)
    }
}

fn scramble(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_as_marathon_does() {
        let id = AppId::new("shop//web/");
        assert_eq!((id.as_str(), id.safe().as_str(), id.hostname().as_str()), ("/shop/web", "shop_web", "web.shop"));
        assert!(id.is_within("/shop") && id.is_within("/") && !id.is_within("/sho") && id.is_within("/shop/web"));
        let instance = InstanceId::fresh(&id, "u");
        assert_eq!((instance.task(), instance.instance()), ("shop_web.instance-u._app.1", "shop_web.instance-u"));
        assert_eq!((InstanceId::parse("shop_web.instance-u"), instance.app()), (instance.clone(), id));
        assert_eq!(InstanceId::parse(instance.task()), instance);
    }

    #[test]
    fn paths_lead_down_and_up() {
        let shop = AppId::new("/shop");
        for (text, expected) in [
            ("web", "/shop/web"),
            ("./web/", "/shop/web"),
            ("../db", "/db"),
            ("/db", "/db"),
            ("../../..", "/"),
            ("", "/shop"),
        ] {
            assert_eq!(AppId::within(&shop, text).as_str(), expected, "{text}");
        }
        let above: Vec<_> = AppId::new("/a/b/c").ancestors().map(|id| id.to_string()).collect();
        assert_eq!(above, ["/a/b", "/a", "/"]);
        assert_eq!(AppId::root().ancestors().count(), 0);
    }

    #[test]
    fn uuids_are_well_formed_and_differ() {
        let mut ids = Ids::new([1, 2]);
        let (one, two) = (ids.uuid(), ids.uuid());
        assert_ne!(one, two);
        assert_eq!((one.len(), one.as_bytes()[14]), (36, b'4'));
    }
}

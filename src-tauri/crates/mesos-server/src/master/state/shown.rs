//! A thing with its JSON.

use std::{
    ops::Deref,
    sync::{Arc, OnceLock},
};

use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

/// A thing that copies of the state share until it changes. Its JSON is kept from one showing to the next: it is rendered
/// once after each change, however many clients ask for it.
#[derive(Clone, Debug)]
pub struct Shown<T>(Arc<Kept<T>>);

#[derive(Debug)]
struct Kept<T> {
    of: T,
    v0: OnceLock<Box<RawValue>>,
    v1: OnceLock<Box<RawValue>>,
}

impl<T: Clone> Clone for Kept<T> {
    /// A copy is made to be changed.
    fn clone(&self) -> Self {
        Self::new(self.of.clone())
    }
}

impl<T> Kept<T> {
    fn new(of: T) -> Self {
        Self { of, v0: OnceLock::new(), v1: OnceLock::new() }
    }
}

impl<T> From<T> for Shown<T> {
    fn from(of: T) -> Self {
        Self(Arc::new(Kept::new(of)))
    }
}

impl<T> Deref for Shown<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0.of
    }
}

impl<T: Clone> Shown<T> {
    /// To change it; its JSON is forgotten.
    pub fn change(&mut self) -> &mut T {
        let kept = Arc::make_mut(&mut self.0);
        (kept.v0, kept.v1) = (OnceLock::new(), OnceLock::new());
        &mut kept.of
    }
}

impl<T> Shown<T> {
    /// Its JSON in the endpoints of old.
    pub fn v0<V: Serialize>(&self, view: impl FnOnce() -> V) -> &RawValue {
        self.0.v0.get_or_init(|| render(&view()))
    }

    /// Its JSON in the v1 API.
    pub fn v1<V: Serialize>(&self, view: impl FnOnce() -> V) -> &RawValue {
        self.0.v1.get_or_init(|| render(&view()))
    }
}

fn render(view: &impl Serialize) -> Box<RawValue> {
    // Our views have text keys only: the one way to fail is a bug that tests find.
    to_raw_value(view).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_rendered_once_until_the_thing_changes() {
        let mut thing = Shown::from(1);
        assert_eq!(thing.v0(|| *thing).get(), "1");
        assert_eq!(thing.v0(|| "not rendered again").get(), "1");
        let copy = thing.clone();
        *thing.change() = 2;
        assert_eq!(thing.v0(|| *thing).get(), "2");
        assert_eq!(copy.v0(|| "not rendered again").get(), "1", "a copy shows what was");
        assert_eq!(copy.v1(|| *copy).get(), "1", "the two APIs have their own");
    }
}

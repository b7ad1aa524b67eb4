//! Values that change, and tell of it.
//!
//! What Leptos calls a signal is compiled anew for every type of value. Behind [`Held`] stands one signal of values in
//! boxes, for all types. Truths and texts, which elements take as they are, stay plain signals.

use std::{any::Any, marker::PhantomData, sync::Arc};

use leptos::prelude::*;

type Boxed = Arc<dyn Any + Send + Sync>;

/// A value that changes.
pub struct Held<T> {
    signal: RwSignal<Boxed>,
    of: PhantomData<fn() -> T>,
}

impl<T: Send + Sync + 'static> Held<T> {
    /// Holds a value from now on.
    pub fn new(value: T) -> Self {
        Self { signal: RwSignal::new(Arc::new(value)), of: PhantomData }
    }

    /// Reads the value. Tracked.
    pub fn with<R>(self, read: impl FnOnce(&T) -> R) -> R {
        read(of(&self.signal.get()))
    }

    /// Reads the value. Not tracked.
    pub fn with_untracked<R>(self, read: impl FnOnce(&T) -> R) -> R {
        read(of(&self.signal.get_untracked()))
    }

    /// Hears of changes without reading.
    pub fn track(self) {
        self.signal.track();
    }

    /// Puts another value in its place. Nothing happens if whoever made this is gone, and everybody who listened.
    pub fn set(self, value: T) {
        let boxed: Boxed = Arc::new(value);
        // Calls of the backend come back when they come back, also after their page has gone.
        self.signal.try_set(boxed);
    }
}

impl<T: Clone + Send + Sync + 'static> Held<T> {
    /// The value. Tracked.
    pub fn get(self) -> T {
        of::<T>(&self.signal.get()).clone()
    }

    /// The value. Not tracked.
    pub fn get_untracked(self) -> T {
        of::<T>(&self.signal.get_untracked()).clone()
    }

    /// The value, if whoever made this is still there. Not tracked.
    pub fn try_get_untracked(self) -> Option<T> {
        self.signal.try_get_untracked().map(|boxed| of::<T>(&boxed).clone())
    }

    /// Changes the value.
    pub fn update(self, change: impl FnOnce(&mut T)) {
        let mut value = self.get_untracked();
        change(&mut value);
        self.set(value);
    }
}

fn of<T: 'static>(boxed: &Boxed) -> &T {
    match boxed.downcast_ref() {
        Some(value) => value,
        None => unreachable!("a Held<T> is only ever given values of T"),
    }
}

impl<T> Clone for Held<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Held<T> {}

#[cfg(test)]
mod tests {
    use leptos::prelude::*;

    use super::Held;
    use crate::kept::kept;

    #[test]
    fn whoever_reads_it_hears_of_changes() {
        Owner::new().with(|| {
            let list = Held::new(vec![1]);
            let length = kept(move || list.with(Vec::len));
            list.update(|list| list.push(2));
            assert!(length.with_untracked(|length| *length == 2));
            list.set(vec![]);
            assert!(length.with_untracked(|length| *length == 0));
        });
    }
}

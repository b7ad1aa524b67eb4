//! Values that are worked out from signals, and worked out again only when those change.
//!
//! What Leptos calls a memo is compiled anew for every type of value. Behind [`Kept`] stands one memo of values in boxes,
//! for all types.

use std::{any::Any, marker::PhantomData, sync::Arc};

use leptos::prelude::*;

/// A value that follows signals. Whoever reads it hears only of values that differ.
pub struct Kept<T> {
    memo: Memo<Boxed>,
    of: PhantomData<fn() -> T>,
}

/// Follows what `work_out` reads.
pub fn kept<T: PartialEq + Send + Sync + 'static>(work_out: impl Fn() -> T + Send + Sync + 'static) -> Kept<T> {
    let work_out: Box<dyn Fn() -> Boxed + Send + Sync> = Box::new(move || Boxed(Arc::new(work_out())));
    Kept { memo: Memo::new(move |_| work_out()), of: PhantomData }
}

impl<T: PartialEq + Send + Sync + 'static> Kept<T> {
    /// Reads the value. Tracked.
    pub fn with<R>(self, read: impl FnOnce(&T) -> R) -> R {
        read(self.memo.get().of())
    }

    /// Reads the value. Not tracked.
    pub fn with_untracked<R>(self, read: impl FnOnce(&T) -> R) -> R {
        read(self.memo.get_untracked().of())
    }
}

impl<T: Clone + PartialEq + Send + Sync + 'static> Kept<T> {
    /// The value. Tracked.
    pub fn get(self) -> T {
        self.memo.get().of::<T>().clone()
    }
}

impl<T> Clone for Kept<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Kept<T> {}

#[derive(Clone)]
struct Boxed(Arc<dyn Value>);

impl Boxed {
    fn of<T: 'static>(&self) -> &T {
        match self.0.any().downcast_ref() {
            Some(value) => value,
            None => unreachable!("a Kept<T> is only ever made of values of T"),
        }
    }
}

impl PartialEq for Boxed {
    fn eq(&self, other: &Self) -> bool {
        self.0.is(&*other.0)
    }
}

trait Value: Send + Sync {
    fn any(&self) -> &dyn Any;
    fn is(&self, other: &dyn Value) -> bool;
}

impl<T: PartialEq + Send + Sync + 'static> Value for T {
    fn any(&self) -> &dyn Any {
        self
    }

    fn is(&self, other: &dyn Value) -> bool {
        other.any().downcast_ref() == Some(self)
    }
}

#[cfg(test)]
mod tests {
    use leptos::prelude::*;

    use super::kept;

    #[test]
    fn it_follows_and_tells_only_of_what_differs() {
        Owner::new().with(|| {
            let source = RwSignal::new(1);
            let parity = kept(move || source.get() % 2);
            let looks = StoredValue::new(0);
            let seen = kept(move || {
                looks.update_value(|looks| *looks += 1);
                parity.get()
            });
            assert_eq!(seen.with_untracked(|seen| *seen), 1);
            source.set(3);
            assert_eq!((seen.with_untracked(|seen| *seen), looks.get_value()), (1, 1));
            source.set(4);
            assert_eq!((seen.with_untracked(|seen| *seen), looks.get_value()), (0, 2));
            assert!(parity.with_untracked(|parity| *parity == 0));
        });
    }
}

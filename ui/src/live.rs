//! Views that follow signals.

use leptos::prelude::*;

/// A view that is drawn again whenever a signal that it reads changes.
///
/// Leptos takes a bare closure just as well, but compiles all of its machinery anew for each closure's type. In a box
/// all of them are of one type, and the bundle is a good deal smaller.
pub type Live = Box<dyn FnMut() -> AnyView + Send>;

/// The view that `draw` gives, following what it reads.
pub fn live<V: IntoAny>(draw: impl Fn() -> V + Send + 'static) -> Live {
    Box::new(move || draw().into_any())
}

/// What hears an event: in a box too, and for the same reason.
pub fn heard<E: 'static>(hear: impl FnMut(E) + 'static) -> Box<dyn FnMut(E)> {
    Box::new(hear)
}

/// A value of an attribute that follows signals: boxed likewise.
pub fn follow<T: 'static>(value: impl FnMut() -> T + Send + 'static) -> Box<dyn FnMut() -> T + Send> {
    Box::new(value)
}

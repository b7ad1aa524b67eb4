//! What time it is, as a signal: what reads it is drawn again as time passes.

use std::time::Duration;

use leptos::prelude::*;

thread_local! {
    static QUARTERS: ArcRwSignal<u64> = ArcRwSignal::new(0);
    static SECONDS: ArcRwSignal<u64> = ArcRwSignal::new(0);
}

/// Milliseconds since 1970, four times a second: for the clock of a running step. Tracked.
pub fn quarters() -> u64 {
    QUARTERS.with(|now| now.get()).max(1)
}

/// Milliseconds since 1970, once a second: for ages. Tracked.
pub fn seconds() -> u64 {
    SECONDS.with(|now| now.get()).max(1)
}

/// Milliseconds since 1970. Not tracked.
pub fn now() -> u64 {
    js_sys::Date::now() as u64
}

/// How far this computer's clock is behind UTC, minutes, as JavaScript counts.
pub fn offset_minutes() -> i32 {
    thread_local! {
        static OFFSET: i32 = js_sys::Date::new_0().get_timezone_offset() as i32;
    }
    OFFSET.with(|offset| *offset)
}

/// Lets the time pass, for as long as the window lives.
pub fn start() {
    tick();
    set_interval(tick, Duration::from_millis(250));
}

fn tick() {
    let now = now();
    QUARTERS.with(|quarters| quarters.set(now));
    SECONDS.with(|seconds| {
        if now / 1000 != seconds.get_untracked() / 1000 {
            seconds.set(now);
        }
    });
}

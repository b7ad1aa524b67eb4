//! One set of icons: 16 by 16, strokes of one and a half, in the colour of the text.

use leptos::prelude::*;

use crate::{
    format::place,
    parts::picture::{group, line, picture, rect},
};

/// An icon.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Icon {
    Auto,
    Box,
    Check,
    ChevronDown,
    ChevronRight,
    ChevronUp,
    Circle,
    Copy,
    Cross,
    Crown,
    Export,
    File,
    Folder,
    Grid,
    Home,
    Import,
    Minus,
    Moon,
    Pause,
    Play,
    Plus,
    Power,
    Spinner,
    Sun,
    Trash,
    Warn,
}

impl Icon {
    fn path(self) -> &'static str {
        match self {
            Self::Auto => "M8 2.2a5.8 5.8 0 1 0 0 11.6zM8 2.2a5.8 5.8 0 0 1 0 11.6",
            Self::Box => "M8 1.8l5.5 3v6.4L8 14.2l-5.5-3V4.8zM2.5 4.8L8 8l5.5-3.2M8 8v6",
            Self::Check => "M3.5 8.5l3 3 6-7",
            Self::ChevronDown => "M4 6l4 4 4-4",
            Self::ChevronRight => "M6 4l4 4-4 4",
            Self::ChevronUp => "M4 10l4-4 4 4",
            Self::Circle => "M8 2.4a5.6 5.6 0 1 1 0 11.2a5.6 5.6 0 1 1 0-11.2z",
            Self::Copy => "M6 5.5h6.5v8H6zM9.8 5.5V2.5H3.5v8H6",
            Self::Cross => "M4 4l8 8M12 4l-8 8",
            Self::Crown => "M2 5l3 3 3-5 3 5 3-3-1.2 8H3.2z",
            Self::Export => "M8 10V2.5M5 5.2l3-2.8 3 2.8M3 9.5v4h10v-4",
            Self::File => "M4 1.8h5l3 3v9.4H4zM9 1.8v3h3",
            Self::Folder => "M1.8 4.2V13h12.4V5.5H8L6.5 3H1.8z",
            Self::Grid => "M2.2 2.2h4.4v4.4H2.2zM9.4 2.2h4.4v4.4H9.4zM2.2 9.4h4.4v4.4H2.2zM9.4 9.4h4.4v4.4H9.4z",
            Self::Home => "M2.5 7.5L8 2.8l5.5 4.7M4 6.5v7h8v-7",
            Self::Import => "M8 2.5V10M5 7.2L8 10l3-2.8M3 9.5v4h10v-4",
            Self::Minus => "M3.5 8h9",
            Self::Moon => "M13.2 9.6A5.6 5.6 0 0 1 6.4 2.8a5.6 5.6 0 1 0 6.8 6.8z",
            Self::Pause => "M5.5 3.5v9M10.5 3.5v9",
            Self::Play => "M5 3l7.5 5L5 13z",
            Self::Plus => "M8 3.5v9M3.5 8h9",
            Self::Power => "M8 2v5.5M4.6 4.2a5.2 5.2 0 1 0 6.8 0",
            Self::Spinner => "M8 2.4a5.6 5.6 0 0 1 5.6 5.6",
            Self::Sun => {
                "M8 5.2a2.8 2.8 0 1 1 0 5.6a2.8 2.8 0 1 1 0-5.6zM8 1.2v1.4M8 13.4v1.4M1.2 8h1.4M13.4 8h1.4\
                 M3.2 3.2l1 1M11.8 11.8l1 1M3.2 12.8l1-1M11.8 4.2l1-1"
            }
            Self::Trash => "M2.8 4.2h10.4M6 4V2.4h4V4M4.2 4.2l.6 9.4h6.4l.6-9.4M6.8 6.8v4.4M9.2 6.8v4.4",
            Self::Warn => "M8 2.2l6.2 11.2H1.8zM8 6.4v3.4M8 11.6v.2",
        }
    }
}

/// The icon, hidden from screen readers: what stands beside it says the same.
pub fn icon(icon: Icon) -> AnyView {
    icon_as(icon, "ic")
}

/// The icon with classes of its own.
pub fn icon_as(icon: Icon, class: &'static str) -> AnyView {
    let mut drawn = line(icon.path(), if icon == Icon::Crown { r#"fill="currentColor""# } else { "" });
    if icon == Icon::Spinner {
        // The unturned rest of a spinner's ring, and the part that turns.
        drawn = line(Icon::Circle.path(), r#"stroke-opacity=".25""#) + &group("turns", &drawn);
    }
    picture(class, "0 0 16 16", drawn)
}

/// The crown inside of a picture, with its left upper corner at a place.
pub fn crown_at(x: f64, y: f64) -> String {
    let at = format!(r#"class="crown" transform="translate({} {})""#, place(x), place(y));
    line(Icon::Crown.path(), &at)
}

/// The mark: the lanes of a running track, and the line where it starts.
pub fn mark() -> AnyView {
    let drawn = rect((0.0, 0.0), (28.0, 28.0), 7, r#"fill="var(--accent)""#)
        + &line("M7 20V8m4.7 12V8m4.6 12V8M21 20V8", r##"stroke="#fff" stroke-width="1.6" stroke-opacity=".55""##)
        + &line("M5 16.5h18", r##"stroke="#fff" stroke-width="3""##);
    picture("mark", "0 0 28 28", drawn)
}

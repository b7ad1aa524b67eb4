//! Pictures: SVG, written as text.
//!
//! As views, every element and every attribute would be compiled by itself; a picture is drawn anew as a whole anyway.

use leptos::prelude::*;

use crate::format::place;

/// A picture of that size (`0 0 230 132`), hidden from screen readers: what stands beside it says the same.
///
/// `content` becomes part of the page as it is: texts in it go through [`escaped`].
pub fn picture(class: &'static str, view_box: &'static str, content: String) -> AnyView {
    view! { <svg class=class viewBox=view_box fill="none" aria-hidden="true" inner_html=content></svg> }.into_any()
}

/// The same, drawn as wide and high as its place is.
pub fn stretched(class: &'static str, view_box: &'static str, content: String) -> AnyView {
    let whole =
        format!(r#"<svg class="{class}" viewBox="{view_box}" preserveAspectRatio="none" fill="none">{content}</svg>"#);
    view! { <div aria-hidden="true" inner_html=whole></div> }.into_any()
}

/// A text as it may stand inside of a picture: a machine's name is somebody's text.
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// A rectangle with round corners; `rest` are further attributes.
pub fn rect((x, y): (f64, f64), (width, height): (f64, f64), round: u8, rest: &str) -> String {
    let (x, y, width, height) = (place(x), place(y), place(width), place(height));
    format!(r#"<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="{round}" {rest}/>"#)
}

/// A line along `path`; `rest` are further attributes.
pub fn line(path: &str, rest: &str) -> String {
    format!(r#"<path d="{path}" {rest}/>"#)
}

/// A text in the middle of a place.
pub fn label(class: &str, (x, y): (f64, f64), text: &str) -> String {
    let (x, y, text) = (place(x), place(y), escaped(text));
    format!(r#"<text class="{class}" x="{x}" y="{y}">{text}</text>"#)
}

/// Things that belong together, with a style of their own.
pub fn group(class: &str, content: &str) -> String {
    format!(r#"<g class="{class}">{content}</g>"#)
}

#[cfg(test)]
mod tests {
    use super::{escaped, label};

    #[test]
    fn a_name_stays_a_name() {
        assert_eq!(escaped("a<b>&amp;"), "a&lt;b&gt;&amp;amp;");
        assert!(!label("under", (1.0, 2.0), "</text><script>").contains("<script"));
    }
}

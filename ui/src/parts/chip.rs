//! A small label.

use leptos::prelude::*;

use crate::icons::{Icon, icon_as};

/// How a chip is meant.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Look {
    Quiet,
    Good,
    Accent,
    Warn,
    Bad,
    Info,
}

impl Look {
    /// Its style class.
    pub fn class(self) -> &'static str {
        match self {
            Self::Quiet => "chip",
            Self::Good => "chip good",
            Self::Accent => "chip acc",
            Self::Warn => "chip warn",
            Self::Bad => "chip bad",
            Self::Info => "chip info",
        }
    }
}

/// A chip.
pub fn chip(look: Look, text: String) -> AnyView {
    view! { <span class=look.class()>{text}</span> }.into_any()
}

/// The chip of whoever leads.
pub fn crowned(text: String) -> AnyView {
    view! { <span class="chip acc">{icon_as(Icon::Crown, "ic small")}{text}</span> }.into_any()
}

//! Each application's colour: the same for as long as the window lives, and its own while there are enough.

use leptos::prelude::*;

/// The style's colours, as it names them.
const COLOURS: [&str; 8] = [
    "var(--app1)",
    "var(--app2)",
    "var(--app3)",
    "var(--app4)",
    "var(--app5)",
    "var(--app6)",
    "var(--app7)",
    "var(--app8)",
];

/// Which application has which colour. Found as a context below a cluster's page.
#[derive(Clone, Copy)]
pub struct Colours {
    taken: StoredValue<Taken>,
}

impl Colours {
    /// None given yet.
    pub fn new() -> Self {
        Self { taken: StoredValue::new(Taken::default()) }
    }

    /// The colour of an application.
    pub fn of(self, application: &str) -> &'static str {
        let mut colour = 0;
        self.taken.update_value(|taken| colour = taken.colour(application));
        COLOURS[colour]
    }
}

#[derive(Default)]
struct Taken {
    given: Vec<(String, usize)>,
}

impl Taken {
    fn colour(&mut self, application: &str) -> usize {
        if let Some((_, colour)) = self.given.iter().find(|(known, _)| known == application) {
            return *colour;
        }
        let wish = application.bytes().fold(0_usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
        let is_free = |colour: &usize| self.given.iter().all(|(_, taken)| taken != colour);
        let colour =
            (0..COLOURS.len()).map(|n| (wish + n) % COLOURS.len()).find(is_free).unwrap_or(wish % COLOURS.len());
        self.given.push((application.to_owned(), colour));
        colour
    }
}

#[cfg(test)]
mod tests {
    use super::{COLOURS, Taken};

    #[test]
    fn colours_stay_and_differ_while_there_are_enough() {
        let mut taken = Taken::default();
        let first: Vec<usize> = (0..COLOURS.len()).map(|n| taken.colour(&format!("/app{n}"))).collect();
        let again: Vec<usize> = (0..COLOURS.len()).map(|n| taken.colour(&format!("/app{n}"))).collect();
        assert_eq!(first, again);
        let mut sorted = first;
        sorted.sort_unstable();
        assert!(sorted.iter().copied().eq(0..COLOURS.len()));
        assert!(taken.colour("/one-more") < COLOURS.len());
    }
}

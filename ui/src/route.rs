//! Where the window is: kept behind the `#` of its address, so that a reload comes back to the same page.

use leptos::prelude::*;
use wasm_bindgen::{JsCast, prelude::Closure};

/// A place in the window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// All clusters.
    Start,
    /// The form for a new one.
    New,
    /// A cluster's page.
    Cluster(String, Screen),
}

/// A page of a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Screen {
    /// What is wanted.
    Plan,
    /// The machines' steps.
    Machines,
    /// The ensemble's steps.
    ZooKeeper,
    /// The steps of masters and agents.
    Mesos,
    /// The steps of scheduler and applications.
    Application,
    /// What the cluster does now.
    Monitor,
    /// What was generated.
    Files,
}

impl Screen {
    /// All of them, as the sidebar shows them.
    pub const ALL: [Self; 7] =
        [Self::Plan, Self::Machines, Self::ZooKeeper, Self::Mesos, Self::Application, Self::Monitor, Self::Files];

    /// Its name in the address and in tests.
    pub fn name(self) -> &'static str {
        match self {
            Self::Plan => "plan",
            Self::Machines => "machines",
            Self::ZooKeeper => "zookeeper",
            Self::Mesos => "mesos",
            Self::Application => "application",
            Self::Monitor => "monitor",
            Self::Files => "files",
        }
    }
}

impl Route {
    /// The route behind a `#`; what is not understood is the start page.
    pub fn of_hash(hash: &str) -> Self {
        let parts: Vec<&str> = hash.trim_start_matches(['#', '/']).split('/').collect();
        match parts[..] {
            ["new"] => Self::New,
            ["cluster", name, screen] => match Screen::ALL.into_iter().find(|s| s.name() == screen) {
                Some(screen) if !name.is_empty() => Self::Cluster(name.to_owned(), screen),
                _ => Self::Start,
            },
            _ => Self::Start,
        }
    }

    /// The address of the route.
    pub fn hash(&self) -> String {
        match self {
            Self::Start => "#/".to_owned(),
            Self::New => "#/new".to_owned(),
            Self::Cluster(name, screen) => format!("#/cluster/{name}/{}", screen.name()),
        }
    }
}

thread_local! {
    static ROUTE: ArcRwSignal<Route> = ArcRwSignal::new(Route::of_hash(&hash()));
}

fn hash() -> String {
    if cfg!(not(target_arch = "wasm32")) {
        return String::new();
    }
    window().location().hash().unwrap_or_default()
}

/// Where the window is. Tracked.
pub fn route() -> Route {
    ROUTE.with(|route| route.get())
}

/// Goes to another place.
pub fn go(to: &Route) {
    // The address changes, and `follow_address` follows it.
    let _ = window().location().set_hash(&to.hash());
}

/// Follows the address for as long as the window lives.
pub fn follow_address() {
    let follow = Closure::<dyn Fn()>::new(|| ROUTE.with(|route| route.set(Route::of_hash(&hash()))));
    // If the window cannot be listened to there is no window.
    let _ = window().add_event_listener_with_callback("hashchange", follow.as_ref().unchecked_ref());
    follow.forget();
}

#[cfg(test)]
mod tests {
    use super::{Route, Screen};

    #[test]
    fn an_address_leads_back_to_its_route() {
        let mut routes = vec![Route::Start, Route::New];
        routes.extend(Screen::ALL.map(|screen| Route::Cluster("tp-cloud".into(), screen)));
        for route in routes {
            assert_eq!(Route::of_hash(&route.hash()), route);
        }
    }

    #[test]
    fn a_strange_address_is_the_start() {
        for hash in ["", "#", "#/cluster", "#/cluster//plan", "#/cluster/a/nowhere", "#/a/b/c/d"] {
            assert_eq!(Route::of_hash(hash), Route::Start, "{hash}");
        }
    }
}

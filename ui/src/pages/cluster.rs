//! One cluster, opened: the sidebar, the page, the log below.

use leptos::prelude::*;
use protocol::Page;

use crate::{
    app::Home,
    colours::Colours,
    kept::kept,
    link::{self, Link},
    live::{follow, live},
    orders::Orders,
    pages::{
        files,
        frame::frame,
        monitor,
        plan::{self, draft::Draft},
        sidebar, work,
    },
    parts::{failed_page, log_drawer, notice, order_notice, waiting_page},
    route::{Route, Screen, route},
};

/// The page of the cluster of that name.
pub fn page(name: String) -> AnyView {
    provide_context(Orders::new(name.clone()));
    provide_context(Colours::new());
    let (state, again) = link::open(name);
    let again = Callback::new(move |()| again());
    (move || match state.get() {
        Link::Opening => frame(waiting_page("Opening the cluster…", "Ouverture du cluster…")),
        Link::Failed(problem) => frame(failed_page(problem, again)),
        Link::Open(cluster) => {
            provide_context(cluster);
            provide_context(Draft::new(cluster, expect_context::<Home>()));
            shell()
        }
    })
    .into_any()
}

fn shell() -> AnyView {
    let screen = kept(|| match route() {
        Route::Cluster(_, screen) => screen,
        // The address has left the cluster; this page goes in a moment.
        _ => Screen::Monitor,
    });
    let orders = expect_context::<Orders>();
    view! {
        <div class="app">
            {sidebar::sidebar(screen)}
            <main class="main" data-test=follow(move || format!("page-{}", screen.get().name()))>
                <div class="notices">{notice(orders.run)}{notice(orders.cancel)}{order_notice(orders)}</div>
                {live(move || match screen.get() {
                    Screen::Plan => plan::page(),
                    Screen::Machines => work::page(Page::Machines),
                    Screen::ZooKeeper => work::page(Page::ZooKeeper),
                    Screen::Mesos => work::page(Page::Mesos),
                    Screen::Application => work::page(Page::Application),
                    Screen::Monitor => monitor::page(),
                    Screen::Files => files::page(),
                })}
                {log_drawer::log_drawer()}
            </main>
        </div>
    }
    .into_any()
}

//! The log under every page of a cluster: the last line when closed; live, filtered by machine, and virtual when open.

use std::collections::VecDeque;

use leptos::{html, prelude::*};
use protocol::{LogLine, RunState, StepState};
use words::Lang;

use crate::{
    clock, format,
    held::Held,
    i18n::{lang, t, tx},
    icons::{Icon, icon},
    kept::kept,
    live::{follow, heard, live},
    parts::virtual_list::visible,
    store::Cluster,
};

/// The height of a line, pixels; the style sheet has the same.
const ROW: f64 = 20.0;

/// The drawer.
pub fn log_drawer() -> AnyView {
    let cluster = expect_context::<Cluster>();
    let open = RwSignal::new(false);
    let last = move || cluster.log.with(|lines| lines.back().cloned());
    view! {
        <section class="log" class:open=open aria-label=tx("Log", "Journal")>
            <button
                class="log-bar"
                data-test="log-toggle"
                aria-expanded=follow(move || open.get().to_string())
                on:click=heard(move |_| open.update(|open| *open = !*open))
            >
                {live(move || match last() {
                    // What was said last is news only while something is being done.
                    Some(line) if cluster.run.get() != RunState::Idle => {
                        view! { {node_chip(&line)}<span class="log-last">{time(&line)}" "{line.text}</span> }.into_any()
                    }
                    Some(line) => view! { <span class="log-last quiet">{at_rest(cluster, &line)}</span> }.into_any(),
                    None => view! { <span class="log-last quiet">{t("Nothing has been said yet.", "Rien n’a encore été dit.")}</span> }.into_any(),
                })}
                <span class="sp"></span>
                {tx("Log", "Journal")}
                {live(move || icon(if open.get() { Icon::ChevronDown } else { Icon::ChevronUp }))}
            </button>
            {live(move || open.get().then(|| lines(cluster)))}
        </section>
    }
    .into_any()
}

fn node_chip(line: &LogLine) -> Option<AnyView> {
    line.node.clone().map(|node| view! { <span class="chip info">{node}</span> }.into_any())
}

/// "84 lines, the last at 14:02:31". Tracked.
fn at_rest(cluster: Cluster, last: &LogLine) -> String {
    let (count, at) = (cluster.log.with(VecDeque::len), time(last));
    match (lang(), count) {
        (Lang::En, 1) => format!("1 line, at {at}"),
        (Lang::En, _) => format!("{count} lines, the last at {at}"),
        (Lang::Fr, 1) => format!("1 ligne, à {at}"),
        (Lang::Fr, _) => format!("{count} lignes, la dernière à {at}"),
    }
}

fn time(line: &LogLine) -> String {
    format::clock(line.at_ms, clock::offset_minutes())
}

fn lines(cluster: Cluster) -> AnyView {
    let only = Held::new(None::<String>);
    let following = RwSignal::new(true);
    let scrolled = Held::new((0.0, 220.0));
    let area = NodeRef::<html::Div>::new();

    let count = move || cluster.log.with(|lines| lines.iter().filter(|line| is_of(line, &only.get())).count());
    let count_untracked = move || untrack(count);
    let window = kept(move || {
        let (top, height) = scrolled.get();
        visible(top, height, ROW, count())
    });
    let rows = move || {
        let (window, only) = (window.get(), only.get());
        let drawn = cluster.log.with(|lines| {
            let of_node = lines.iter().filter(|line| is_of(line, &only));
            of_node.skip(window.start).take(window.len()).cloned().collect::<Vec<_>>()
        });
        drawn.into_iter().map(|line| row(cluster, line)).collect_view()
    };
    let read_place = move || {
        if let Some(area) = area.get_untracked() {
            scrolled.set((f64::from(area.scroll_top()), f64::from(area.client_height())));
        }
    };
    // Whoever scrolls up wants to read; whoever scrolls to the end wants to follow. Lines that come only lengthen the list.
    let on_scroll = move |_| {
        let (before, _) = scrolled.get_untracked();
        read_place();
        let (top, height) = scrolled.get_untracked();
        let end = count_untracked() as f64 * ROW;
        if top + height + 2.0 * ROW >= end {
            following.set(true);
        } else if top < before {
            following.set(false);
        }
    };
    Effect::new(move || {
        count();
        if following.get()
            && let Some(area) = area.get()
        {
            // The new lines make the place higher first.
            request_animation_frame(move || area.set_scroll_top(area.scroll_height()));
        }
    });
    view! {
        <div class="log-tools">
            {filter(cluster, only)}
            <span class="sp"></span>
            <label class="switch">
                <input
                    type="checkbox"
                    data-test="log-follow"
                    prop:checked=following
                    on:change:target=move |event| following.set(event.target().checked())
                />
                {tx("Follow", "Suivre")}
            </label>
        </div>
        <div
            class="log-lines"
            data-test="log-lines"
            tabindex="0"
            role="log"
            aria-live="off"
            node_ref=area
            on:scroll=on_scroll
        >
            <div class="log-room" style:height=follow(move || format!("{}px", count() * ROW as usize))>
                <div style:transform=follow(move || format!("translateY({}px)", window.get().start * ROW as usize))>{live(rows)}</div>
            </div>
        </div>
    }
    .into_any()
}

fn is_of(line: &LogLine, only: &Option<String>) -> bool {
    only.is_none() || line.node == *only
}

/// Programs say harmless things on standard error too: a line is marked as trouble only if its step failed. Tracked.
fn is_trouble(cluster: Cluster, line: &LogLine) -> bool {
    let Some(step) = line.step.as_ref().filter(|_| line.error) else { return false };
    let cell = cluster.steps.with(|cells| cells.iter().find(|cell| cell.id == *step).cloned());
    cell.is_some_and(|cell| cell.now.with(|step| matches!(step.state, StepState::Failed { .. })))
}

fn row(cluster: Cluster, line: LogLine) -> AnyView {
    let (time, whole, trouble) = (time(&line), line.text.clone(), is_trouble(cluster, &line));
    view! {
        <p class:err=trouble title=whole>
            <time>{time}</time>
            <b>{line.node}</b>
            <span>{line.text}</span>
        </p>
    }
    .into_any()
}

fn filter(cluster: Cluster, only: Held<Option<String>>) -> AnyView {
    let choose = move |event: leptos::ev::Targeted<leptos::ev::Event, web_sys::HtmlSelectElement>| {
        let value = event.target().value();
        only.set((!value.is_empty()).then_some(value));
    };
    let options = move || {
        cluster.plan.with(|plan| {
            let option =
                |node: &plan::Node| view! { <option value=node.name.clone()>{node.name.clone()}</option> }.into_any();
            plan.nodes.iter().map(option).collect_view()
        })
    };
    view! {
        <label>
            <span class="unseen">{tx("Machine", "Machine")}</span>
            <select data-test="log-node" on:change:target=choose>
                <option value="">{tx("All machines", "Toutes les machines")}</option>
                {live(options)}
            </select>
        </label>
    }
    .into_any()
}

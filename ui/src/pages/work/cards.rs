//! A card for each machine, with its steps.

use leptos::prelude::*;
use protocol::StepState;

use crate::{
    clock, format,
    i18n::{lang, saying, t},
    icons::{Icon, icon_as},
    kept::kept,
    live::{follow, heard, live},
    pages::work::Work,
    parts::bar,
    progress::Tally,
    store::StepCell,
};

pub(super) fn cards(work: Work) -> AnyView {
    let groups = move || {
        let mut groups: Vec<(Option<String>, Vec<StepCell>)> = Vec::new();
        work.cluster.steps.with(|cells| {
            for cell in cells.iter().filter(|cell| cell.page == work.page) {
                match groups.iter_mut().find(|(node, _)| *node == cell.node) {
                    Some((_, group)) => group.push(cell.clone()),
                    None => groups.push((cell.node.clone(), vec![cell.clone()])),
                }
            }
        });
        if groups.is_empty() {
            return empty();
        }
        groups.into_iter().map(|(node, cells)| card(work, node, cells)).collect_view().into_any()
    };
    view! { <div class="machines">{live(groups)}</div> }.into_any()
}

fn empty() -> AnyView {
    let says = || t("Nothing to do here: the plan has none of these.", "Rien à faire ici : le plan n’en a pas.");
    view! { <p class="hint">{live(says)}</p> }.into_any()
}

fn card(work: Work, node: Option<String>, cells: Vec<StepCell>) -> AnyView {
    let whole = node.is_none();
    let title = node.clone();
    let title = move || title.clone().unwrap_or_else(|| t("Whole cluster", "Tout le cluster").to_owned());
    let address = move || {
        let node = node.as_ref()?;
        work.cluster.plan.with(|plan| plan.node(node).map(|node| node.address.to_string()))
    };
    let signals: Vec<_> = cells.iter().map(|cell| cell.now.clone()).collect();
    let tally = kept(move || {
        let states: Vec<_> = signals.iter().map(|now| now.get().state).collect();
        Tally::of(&states)
    });
    let progress = move || {
        let Tally { done, of, .. } = tally.get();
        (done as f64, of as f64)
    };
    let says = move || {
        let Tally { done, of, .. } = tally.get();
        format!("{done} / {of} {}", t("steps done", "étapes faites"))
    };
    view! {
        <div class="card m" class:whole=whole>
            <div class="hd"><b>{live(title)}</b><small>{live(address)}</small></div>
            <ul>{cells.into_iter().map(|cell| row(work, cell)).collect_view()}</ul>
            <div class="m-foot" title=says>{bar(progress, says, true)}</div>
        </div>
    }
    .into_any()
}

fn row(work: Work, cell: StepCell) -> AnyView {
    let StepCell { id, now, .. } = cell;
    let mine = id.clone();
    let shown = Memo::new(move |_| work.shown.get().as_ref() == Some(&mine));
    let title = now.get_untracked().title;
    let state = kept(move || now.get().state);
    let test = format!("step-{id}");
    view! {
        <li class:sel=shown>
            <button
                data-test=test
                data-state=follow(move || state.with(state_name))
                aria-pressed=follow(move || shown.get().to_string())
                on:click=heard(move |_| work.chosen.set(Some(id.clone())))
            >
                {live(move || state.with(glyph))}
                <span class="step-title">{saying(title)}</span>
                <span class="t">{live(move || state.with(time))}</span>
                <span class="unseen">{live(move || state.with(state_word))}</span>
            </button>
        </li>
    }
    .into_any()
}

/// Stable: tests wait for it.
fn state_name(state: &StepState) -> &'static str {
    match state {
        StepState::Waiting => "waiting",
        StepState::Running { .. } => "running",
        StepState::Done { .. } => "done",
        StepState::Failed { .. } => "failed",
        StepState::Interrupted => "interrupted",
    }
}

fn glyph(state: &StepState) -> AnyView {
    let (shape, class) = match state {
        StepState::Waiting => (Icon::Circle, "ic idle"),
        StepState::Running { .. } => (Icon::Spinner, "ic spin"),
        StepState::Done { .. } => (Icon::Check, "ic ok"),
        StepState::Failed { .. } => (Icon::Cross, "ic bad"),
        StepState::Interrupted => (Icon::Pause, "ic warn"),
    };
    icon_as(shape, class).into_any()
}

/// What a step's state is called. Tracked.
pub(super) fn state_word(state: &StepState) -> &'static str {
    match state {
        StepState::Waiting => t("waiting", "en attente"),
        StepState::Running { .. } => t("running", "en cours"),
        StepState::Done { .. } => t("done", "fait"),
        StepState::Failed { .. } => t("failed", "échoué"),
        StepState::Interrupted => t("interrupted", "interrompu"),
    }
}

/// How long the step took, or has been running. Tracked, and by the clock while it runs.
pub(super) fn time(state: &StepState) -> String {
    match state {
        StepState::Running { since_ms, .. } => format::duration(clock::quarters().saturating_sub(*since_ms), lang()),
        StepState::Done { already: true, .. } => t("was there", "déjà là").to_owned(),
        StepState::Done { took_ms, .. } | StepState::Failed { took_ms, .. } => format::duration(*took_ms, lang()),
        StepState::Waiting | StepState::Interrupted => String::new(),
    }
}

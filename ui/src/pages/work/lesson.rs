//! The step that is looked at: what a person would type, why, what to expect, what was seen.

use leptos::prelude::*;
use protocol::{Observed, Step, StepState};
use words::{Problem, Text};

use crate::{
    format,
    i18n::{lang, say, saying, t, tx},
    kept::{Kept, kept},
    live::{heard, live},
    orders::Orders,
    pages::work::{Work, cards},
    parts::{ProblemCard, command_block, copy_button, prose},
};

pub(super) fn lesson(work: Work) -> AnyView {
    // The record without its state changes rarely; only the parts that follow the state are drawn again with it.
    let record = kept(move || work.step().map(|step| Step { state: StepState::Waiting, observed: None, ..step }));
    let state = kept(move || work.step().map(|step| step.state));
    let observed = kept(move || work.step().and_then(|step| step.observed));
    view! {
        <div class="card lesson" data-test="lesson" tabindex="0" role="region" aria-label=tx("The step", "L’étape")>
            {live(move || match record.get() {
                Some(step) => body(work, step, state, observed),
                None => view! { <p class="hint">{tx("No step is chosen.", "Aucune étape n’est choisie.")}</p> }.into_any(),
            })}
        </div>
    }
    .into_any()
}

fn body(work: Work, step: Step, state: Kept<Option<StepState>>, observed: Kept<Option<Observed>>) -> AnyView {
    let Step { id, node, title, command, why, expected, after, deadline_s, .. } = step;
    let place = move || {
        let node = node.clone().unwrap_or_else(|| t("whole cluster", "tout le cluster").to_owned());
        state.with(|state| state.as_ref().map(|state| standing(&node, state)))
    };
    let has_command = !command.trim().is_empty();
    view! {
        <div>
            <h3>{saying(title)}</h3>
            <div class="on" data-test="lesson-state">{live(place)}</div>
        </div>
        {live(move || doing(state))}
        {live(move || failure(state, id.clone()))}
        {has_command.then(|| view! {
            <div>
                <div class="lab">{tx("Command", "Commande")}{copy_button(command.clone(), "copy-command")}</div>
                {command_block(&command)}
            </div>
        }.into_any())}
        {paragraph(tx("Why", "Pourquoi"), why)}
        {paragraph(tx("Expected", "Attendu"), expected)}
        {live(move || observed.get().map(|observed| seen(observed, state)))}
        {requirements(work, after)}
        <p class="deadline">
            {live(move || {
                let deadline = format::span(u64::from(deadline_s));
                format!("{} {deadline}.", t("Time limit:", "Délai maximal :"))
            })}
        </p>
    }
    .into_any()
}

/// "node1 · done in 0.8 s". Tracked.
fn standing(node: &str, state: &StepState) -> String {
    let time = cards::time(state);
    let word = cards::state_word(state);
    match state {
        StepState::Done { already: true, .. } => {
            format!("{node} · {}", t("was there already", "était déjà là"))
        }
        StepState::Done { .. } => format!("{node} · {} {time}", t("done in", "fait en")),
        StepState::Failed { .. } => format!("{node} · {} {time}", t("failed after", "échoué après")),
        StepState::Running { .. } => format!("{node} · {word} · {time}"),
        StepState::Waiting | StepState::Interrupted => format!("{node} · {word}"),
    }
}

fn doing(state: Kept<Option<StepState>>) -> Option<AnyView> {
    let Some(StepState::Running { doing, .. }) = state.get() else { return None };
    let text = say(&doing);
    (!text.is_empty()).then(|| view! { <p class="doing" role="status">{text}</p> }.into_any())
}

fn failure(state: Kept<Option<StepState>>, step: String) -> Option<AnyView> {
    let problem = match state.get()? {
        StepState::Failed { problem, .. } => *problem,
        StepState::Interrupted => {
            let what = Text::new("This step was cut off before its end.", "Cette étape a été coupée avant sa fin.");
            let next = Text::new(
                "Run it again: it looks first at what is there already, and goes on from there.",
                "Relancez-la : elle regarde d’abord ce qui est déjà là, et continue à partir de là.",
            );
            Problem::new("step-interrupted", what, next).with_action(words::Action::Retry)
        }
        _ => return None,
    };
    let orders = expect_context::<Orders>();
    let button = problem.action.clone().map(|action| {
        let step = step.clone();
        (Orders::label(&action), Callback::new(move |()| orders.act(&action, Some(step.clone()))))
    });
    Some(ProblemCard { button, ..ProblemCard::new(problem) }.show())
}

fn paragraph(label: impl Fn() -> &'static str + Send + Sync + 'static, text: Text) -> Option<impl IntoView> {
    (text != Text::default())
        .then(|| view! { <div><div class="lab">{label}</div><p>{prose(text)}</p></div> }.into_any())
}

fn seen(observed: Observed, state: Kept<Option<StepState>>) -> AnyView {
    let Observed { command, output } = observed;
    let good = move || state.with(|state| state.as_ref().is_some_and(StepState::is_done));
    view! {
        <div>
            <div class="lab">{tx("Observed", "Observé")}</div>
            <div class="seen" class:obs=good data-test="observed" tabindex="0">
                {(!command.is_empty()).then(|| command_block(&command))}
                <pre>{output}</pre>
            </div>
        </div>
    }
    .into_any()
}

/// The steps that must be done first; each leads there if it is on this page.
fn requirements(work: Work, after: Vec<String>) -> Option<impl IntoView> {
    let titles = work.cluster.steps.with_untracked(|cells| {
        let of_after = cells.iter().filter(|cell| after.contains(&cell.id));
        of_after.map(|cell| (cell.clone(), cell.now.get_untracked().title)).collect::<Vec<_>>()
    });
    let links = titles
        .into_iter()
        .map(|(cell, title)| {
            let node = cell.node.clone().map(|node| format!(" · {node}"));
            let here = cell.page == work.page;
            view! {
                <button class="chip" disabled=!here on:click=heard(move |_| work.chosen.set(Some(cell.id.clone())))>
                    {live(move || format!("{}{}", title.get(lang()), node.clone().unwrap_or_default()))}
                </button>
            }
            .into_any()
        })
        .collect::<Vec<_>>();
    (!links.is_empty()).then(|| {
        view! { <div><div class="lab">{tx("After", "Après")}</div><div class="chips">{links}</div></div> }.into_any()
    })
}

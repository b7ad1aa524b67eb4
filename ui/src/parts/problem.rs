//! A trouble as a person meets it, and the two states of a page that is not there yet.

use leptos::prelude::*;
use protocol::Section;
use words::{Problem, Text};

use crate::{
    doing::Doing,
    held::Held,
    i18n::tx,
    icons::{Icon, icon},
    kept::kept,
    live::{Live, heard, live},
    orders::Orders,
    pages::halted::is_expected,
    parts::prose,
    store::Cluster,
};

/// What a problem's button does: a label and what happens.
pub struct ProblemCard {
    /// The trouble.
    pub problem: Problem,
    /// The button's label in both languages, and what it does.
    pub button: Option<((&'static str, &'static str), Callback<()>)>,
    /// Puts the card away.
    pub put_away: Option<Callback<()>>,
}

impl ProblemCard {
    /// A card without buttons.
    pub fn new(problem: Problem) -> Self {
        Self { problem, button: None, put_away: None }
    }

    /// The card.
    pub fn show(self) -> AnyView {
        let Problem { id, what, evidence, next, .. } = self.problem;
        let evidence = (!evidence.is_empty())
            .then(|| view! { <pre class="evidence" tabindex="0">{evidence.join("\n")}</pre> }.into_any());
        let button = self.button.map(|((en, fr), act)| {
            view! {
                <button class="btn small" data-test="problem-action" on:click=heard(move |_| act.run(()))>
                    {tx(en, fr)}
                </button>
            }
            .into_any()
        });
        let put_away = self.put_away.map(|act| {
            view! {
                <button class="icon-btn" data-test="problem-close" on:click=heard(move |_| act.run(())) aria-label=tx("Close", "Fermer")>
                    {icon(Icon::Cross)}
                </button>
            }.into_any()
        });
        let name = id.clone();
        view! {
            <div class="problem" role="alert" data-test="problem" data-problem=name>
                <div class="problem-head">
                    {icon(Icon::Warn)}
                    <strong>{prose(what)}</strong>
                    {put_away}
                </div>
                {evidence}
                <p>{prose(next)}</p>
                <div class="problem-foot">{button}<code class="problem-id">{id}</code></div>
            </div>
        }
        .into_any()
    }
}

/// What stood in the way of a newer look at a section, if anything did, with the button that may help.
pub fn trouble<T: Send + Sync + 'static>(section: Held<Option<Section<T>>>) -> Live {
    let cluster = expect_context::<Cluster>();
    let problem = kept(move || {
        let trouble = section.with(|section| section.as_ref().and_then(|section| section.trouble.clone()));
        trouble.filter(|_| !is_expected(cluster))
    });
    live(move || problem.get().map(of_cluster))
}

/// A trouble of the whole cluster, with the button that may help.
pub fn of_cluster(problem: Problem) -> AnyView {
    let orders = expect_context::<Orders>();
    let button = problem
        .action
        .clone()
        .map(|action| (Orders::label(&action), Callback::new(move |()| orders.act(&action, None))));
    ProblemCard { button, ..ProblemCard::new(problem) }.show()
}

/// The trouble of a call, until it is put away.
pub fn notice(doing: Doing) -> Live {
    live(move || {
        doing.problem.get().map(|problem| {
            let put_away = Some(Callback::new(move |()| doing.problem.set(None)));
            ProblemCard { put_away, ..ProblemCard::new(problem) }.show()
        })
    })
}

/// The trouble of an order to an application. One that is locked by a deployment can be given again by force.
pub fn order_notice(orders: Orders) -> Live {
    let doing = orders.applications;
    live(move || {
        doing.problem.get().map(|problem| {
            let put_away = Some(Callback::new(move |()| doing.problem.set(None)));
            let card = if problem.id == "marathon-locked" { locked(orders) } else { ProblemCard::new(problem) };
            ProblemCard { put_away, ..card }.show()
        })
    })
}

/// What a student needs to know of it; the deployment's number and Marathon's own words are of no help here.
fn locked(orders: Orders) -> ProblemCard {
    let problem = Problem::new(
        "marathon-locked",
        Text::new(
            "Another deployment of this application is under way.",
            "Un autre déploiement de cette application est en cours.",
        ),
        Text::new(
            "Wait for its end; or go ahead, which cancels it where it stands, without undoing it, and begins yours.",
            "Attendez sa fin ; ou continuez, ce qui l’annule là où il en est, sans le défaire, et commence le vôtre.",
        ),
    );
    let button = (("Cancel it and go ahead", "L’annuler et continuer"), Callback::new(move |()| orders.insist()));
    ProblemCard { button: Some(button), ..ProblemCard::new(problem) }
}

/// A page that could not be had, with a button to try again.
pub fn failed_page(problem: Problem, again: Callback<()>) -> AnyView {
    let button = Some((("Try again", "Réessayer"), again));
    view! { <div class="lonely">{ProblemCard { button, ..ProblemCard::new(problem) }.show()}</div> }.into_any()
}

/// A page that is being fetched.
pub fn waiting_page(en: &'static str, fr: &'static str) -> AnyView {
    view! { <div class="lonely quiet" role="status">{icon(Icon::Spinner)}<span>{tx(en, fr)}</span></div> }.into_any()
}

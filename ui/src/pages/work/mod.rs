//! A page of the set-up: each machine with its steps, the picture of what they build, and the step that is looked at.

mod agents;
mod buttons;
mod cards;
mod lesson;
mod machines;
mod picture;
mod quorum;

use leptos::prelude::*;
use protocol::{Page, Step};

use crate::{
    held::Held,
    i18n::t,
    kept::{Kept, kept},
    live::live,
    pages::{deploy, halted, sidebar::steps_of},
    progress,
    store::Cluster,
    words_of,
};

/// What a page of the set-up shares between its parts.
#[derive(Clone, Copy)]
struct Work {
    cluster: Cluster,
    page: Page,
    /// The step that the person chose, if one.
    chosen: Held<Option<String>>,
    /// The step that is shown.
    shown: Kept<Option<String>>,
}

impl Work {
    fn new(page: Page) -> Self {
        let cluster = expect_context::<Cluster>();
        let chosen = Held::new(None);
        let shown = kept(move || {
            let steps = steps_of(cluster, page);
            let known = |id: &String| steps.iter().any(|step| step.id == *id);
            chosen.get().filter(known).or_else(|| {
                let steps: Vec<&Step> = steps.iter().collect();
                progress::most_interesting(&steps).map(|step| step.id.clone())
            })
        });
        Self { cluster, page, chosen, shown }
    }

    /// The step that is shown, as it is now. Tracked.
    fn step(self) -> Option<Step> {
        let id = self.shown.get()?;
        let cell = self.cluster.steps.with(|cells| cells.iter().find(|cell| cell.id == id).cloned())?;
        Some(cell.now.get())
    }
}

/// The page.
pub fn page(page: Page) -> AnyView {
    let work = Work::new(page);
    let halted = kept(move || halted::is_halted(work.cluster));
    view! {
        <header>
            <div><h1>{live(move || words_of::screen(words_of::screen_of(page)))}</h1><p>{live(move || lead(work.cluster, page))}</p></div>
            <span class="sp"></span>
            {buttons::buttons(work)}
        </header>
        <section class="cols">
            <div class="scroll">
                {live(move || halted.get().then(halted::card))}
                {cards::cards(work)}
                {match page {
                    Page::Plan | Page::Machines => machines::picture(work.cluster).into_any(),
                    Page::ZooKeeper => quorum::picture(work.cluster).into_any(),
                    Page::Mesos => agents::picture(work.cluster).into_any(),
                    Page::Application => deploy::instances(work.cluster).into_any(),
                }}
            </div>
            {lesson::lesson(work)}
        </section>
    }
    .into_any()
}

/// The steps of a page inside another page, with the step that is looked at beside them.
pub fn section(page: Page) -> AnyView {
    let work = Work::new(page);
    view! { <div class="plan-steps">{cards::cards(work)}{lesson::lesson(work)}</div> }.into_any()
}

/// The button that runs everything, for other pages.
pub fn run_button() -> AnyView {
    let work = Work::new(Page::Plan);
    buttons::run_all(work.cluster).into_any()
}

/// What the page is about, in a sentence.
fn lead(cluster: Cluster, page: Page) -> String {
    match page {
        Page::Plan => t("The project’s folder and its files.", "Le dossier du projet et ses fichiers.").to_owned(),
        Page::Machines => t(
            "One machine for each node of the plan, on a network of their own.",
            "Une machine par nœud du plan, sur un réseau à elles.",
        )
        .to_owned(),
        Page::ZooKeeper => match cluster.plan.with(|plan| plan.ensemble().count()) {
            0 | 1 => t(
                "One server keeps what the cluster must never forget: who leads, and what shall run.",
                "Un serveur garde ce que le cluster ne doit jamais oublier : qui dirige, et ce qui doit tourner.",
            )
            .to_owned(),
            n => {
                let rest = t(
                    "servers agree on one leader. Each needs a number of its own, and the same list of the others.",
                    "serveurs s’accordent sur un chef. À chacun son numéro, à tous la même liste.",
                );
                format!("{n}\u{a0}{rest}")
            }
        },
        Page::Mesos => t(
            "Masters know what every machine has to spare; agents run the tasks.",
            "Les maîtres savent ce que chaque machine a de libre ; les agents exécutent les tâches.",
        )
        .to_owned(),
        Page::Application => t(
            "The scheduler asks for resources, starts the application, and starts it again when it falls.",
            "L’ordonnanceur demande des ressources, lance l’application, et la relance quand elle tombe.",
        )
        .to_owned(),
    }
}

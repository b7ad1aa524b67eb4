//! Plan in, bundle out.

mod applications;
mod draft;
mod guide;
mod machine;
mod mesos;
mod scheduler;
mod vagrant;
mod zookeeper;

pub use applications::application_path;
use plan::{ClusterPlan, ValidPlan};

use self::draft::{Draft, Machine};
use crate::{Bundle, manifest};

/// Renders every file that the plan's cluster needs: the same bytes for the same plan.
pub fn render(plan: &ValidPlan) -> Bundle {
    render_unchecked(plan)
}

/// The same for a plan that nobody checked: what it says is quoted or replaced wherever it could mean more than itself.
pub(crate) fn render_unchecked(plan: &ClusterPlan) -> Bundle {
    let mut draft = Draft::default();
    draft.shared("plan.toml", plan.to_toml());
    draft.shared("README.md", guide::readme(plan));
    vagrant::render(plan, &mut draft);
    applications::render(plan, &mut draft);
    for node in &plan.nodes {
        let mut machine = draft.machine(&node.name);
        machine::render(plan, node, &mut machine);
        zookeeper::render(plan, node, &mut machine);
        mesos::render(plan, node, &mut machine);
        scheduler::render(plan, node, &mut machine);
    }
    let manifest = manifest::render(draft.files());
    draft.shared(manifest::PATH, manifest);
    draft.finish(&plan.name)
}

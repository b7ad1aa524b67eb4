//! The applications: deployed, then healthy.

use protocol::Page;
use words::text;

use super::{Planned, Record, Site, deadline, mesos, scheduler};
use crate::act::{Act, Application};

pub fn steps(site: &Site) -> Vec<Planned> {
    site.plan.applications.iter().flat_map(|a| pair(site, Application::new(a.clone()))).collect()
}

fn pair(site: &Site, application: Application) -> [Planned; 2] {
    let plan = site.plan;
    let id = application.id().to_owned();
    let deploy_id = format!("application.deploy.{id}");
    let base =
        plan.schedulers().next().map_or_else(String::new, |n| format!("http://{}:{}", n.address, plan.scheduler.port));
    let file = configs::application_path(&id);
    let mut after: Vec<_> = plan.agents().map(|(n, _)| mesos::registered_id(n)).collect();
    after.push(scheduler::LEADS.into());
    let deploy = Record {
        id: deploy_id.clone(),
        page: Page::Application,
        node: None,
        title: text!("Deploy {id}", "Déployer {id}"),
        why: text!(
            "An application is described, not started by hand: what to run, how many times, with which resources, and how to \
             see that it is well. The scheduler keeps it so.",
            "On décrit une application, on ne la lance pas à la main : quoi exécuter, combien de fois, avec quelles \
             ressources, et comment voir qu’elle va bien. L’ordonnanceur s’y tient."
        ),
        expected: text!("The scheduler knows {id}.", "L’ordonnanceur connaît {id}."),
        after,
        deadline_s: deadline(plan, 20, 60),
    };
    let healthy = Record {
        id: format!("application.healthy.{id}"),
        page: Page::Application,
        node: None,
        title: text!("{id} is healthy", "{id} est en bonne santé"),
        why: text!(
            "Running is not yet working: the health check asks each instance, and one that fails is replaced.",
            "Tourner n’est pas encore marcher : le contrôle de santé interroge chaque instance, et celle qui échoue est remplacée."
        ),
        expected: text!(
            "All instances run, every health check passes, no deployment is under way.",
            "Toutes les instances tournent, chaque contrôle de santé réussit, aucun déploiement n’est en cours."
        ),
        after: vec![deploy_id],
        deadline_s: deadline(plan, 60, 300),
    };
    let post = format!("curl -X POST -H 'Content-Type: application/json' -d @{file} {base}/v2/apps");
    [
        deploy.planned(post, Act::Deploy(application.clone())),
        healthy.planned(format!("curl -s {base}/v2/apps/{}", id.trim_start_matches('/')), Act::Healthy(application)),
    ]
}

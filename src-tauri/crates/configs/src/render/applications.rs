//! The applications, as Marathon's API takes them.

use plan::ClusterPlan;

use super::Draft;
use crate::quote;

pub fn render(plan: &ClusterPlan, draft: &mut Draft) {
    for application in &plan.applications {
        // An application's fields all have JSON's own forms, and its maps have strings for keys.
        let json = serde_json::to_string_pretty(application).expect("an application is always JSON");
        draft.shared(&application_path(&application.id), json + "\n");
    }
}

/// Where in a bundle an application's JSON lies: `/shop/web` is `applications/shop.web.json`.
pub fn application_path(id: &str) -> String {
    let name = id.trim_matches('/').replace('/', ".");
    format!("applications/{}.json", quote::segment(&name))
}

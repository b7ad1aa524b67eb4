//! The project folder.

use protocol::Page;
use words::text;

use super::{Planned, Record, Site};
use crate::act::Act;

pub const WRITE: &str = "project.write";

pub fn steps(site: &Site) -> Vec<Planned> {
    let name = &site.plan.name;
    let record = Record {
        id: WRITE.into(),
        page: Page::Plan,
        node: None,
        title: text!("Write the project folder", "Écrire le dossier du projet"),
        why: text!(
            "Everything that the machines need follows from the plan. It is written as plain files first, so that you can \
             read them, keep them and do each step by hand.",
            "Tout ce dont les machines ont besoin découle du plan. On l’écrit d’abord en fichiers simples, pour que vous \
             puissiez les lire, les garder et refaire chaque étape à la main."
        ),
        expected: text!(
            "A folder with plan.toml, a Vagrantfile, a guide, and the files of each machine under files/.",
            "Un dossier avec plan.toml, un Vagrantfile, un guide, et les fichiers de chaque machine sous files/."
        ),
        after: vec![],
        deadline_s: 30,
    };
    vec![record.planned(format!("startline export {name} {name}"), Act::Project)]
}

//! The project folder: everything that follows from the plan, as files.

use words::{Problem, text};

use crate::{look::Look, run::Context};

pub fn look(context: &Context<'_>) -> Result<Look, Problem> {
    let bundle = configs::render(context.plan);
    let missing = bundle
        .files
        .iter()
        .find(|f| fs_err::read(context.folder.join(&f.path)).map_or(true, |there| there != f.content.as_bytes()));
    let (count, first) = (bundle.files.len(), missing.map(|f| f.path.clone()).unwrap_or_default());
    let list: Vec<_> = bundle.files.iter().map(|f| f.path.as_str()).collect();
    let waiting = text!("{first} is not written", "{first} n’est pas écrit");
    Ok(Look::new(missing.is_none(), format!("find . -type f   # {count}"), list.join("\n"), waiting))
}

pub fn apply(context: &Context<'_>) -> Result<(), Problem> {
    configs::write_folder(&configs::render(context.plan), context.folder).map_err(|e| e.problem())
}

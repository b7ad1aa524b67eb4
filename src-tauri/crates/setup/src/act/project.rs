//! The project folder: everything that follows from the plan, as files.

use words::{Action, Problem, text};

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
    configs::write_folder(&configs::render(context.plan), context.folder).map_err(not_written)
}

/// In the words of this step: nobody asked for an export.
fn not_written(error: configs::ExportError) -> Problem {
    let configs::ExportError::CannotWrite { path, source } = error else { return error.problem() };
    let path = path.display();
    Problem::new(
        "project-cannot-write",
        text!(
            "The cluster’s folder can’t be written: {path}.",
            "Le dossier du cluster ne peut pas être écrit : {path}."
        ),
        text!(
            "Make room on the disk, or see who may write there; then try again.",
            "Faites de la place sur le disque, ou voyez qui peut y écrire, puis réessayez."
        ),
    )
    .with_evidence(source.to_string())
    .with_action(Action::Retry)
}

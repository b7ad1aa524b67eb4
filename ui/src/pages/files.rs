//! Everything that was generated, to be read and taken away.

use leptos::{prelude::*, task::spawn_local};
use protocol::FileView;
use words::Problem;

use crate::{
    app::Home,
    backend,
    doing::Doing,
    held::Held,
    i18n::{t, tx},
    icons::{Icon, icon},
    live::{follow, heard, live},
    orders::Orders,
    parts::{copy_button, failed_page, notice, waiting_page},
    store::Cluster,
};

/// The page.
pub fn page() -> AnyView {
    let orders = expect_context::<Orders>();
    let cluster = expect_context::<Cluster>();
    let files = Held::new(None::<Result<Vec<FileView>, Problem>>);
    let fetch = move || {
        let name = orders.name();
        spawn_local(async move {
            let answer = backend::files(&name).await;
            // The page may have gone in the meantime.
            files.set(Some(answer));
        });
    };
    // Another plan makes other files.
    Effect::new(move || {
        cluster.plan.track();
        fetch();
    });
    view! {
        <header>
            <div>
                <h1>{tx("Files & export", "Fichiers et export")}</h1>
                <p>{tx(
                    "Every file that the plan generates, ready to be read, changed by hand, or sent to a teacher.",
                    "Tous les fichiers que le plan engendre, à lire, à changer à la main, ou à envoyer à un enseignant.",
                )}</p>
            </div>
        </header>
        {export_form(orders)}
        {live(move || match files.get() {
            None => waiting_page("Rendering the files…", "Préparation des fichiers…"),
            Some(Err(problem)) => failed_page(problem, Callback::new(move |()| fetch())),
            Some(Ok(files)) => browser(files),
        })}
    }
    .into_any()
}

fn export_form(orders: Orders) -> AnyView {
    let home = expect_context::<Home>();
    let doing = Doing::new();
    let written = Held::new(None::<String>);
    let typed = Held::new(None::<String>);
    let proposed = move || {
        let exports = home.view.with(|view| view.as_ref().map(|view| view.exports.clone())).unwrap_or_default();
        format!("{}/{}.zip", exports.trim_end_matches('/'), orders.name())
    };
    let path = Memo::new(move |_| typed.get().unwrap_or_else(proposed));
    let as_zip = move |zip: bool| {
        let stem = path.get_untracked();
        let stem = stem.strip_suffix(".zip").unwrap_or(&stem).to_owned();
        typed.set(Some(if zip { format!("{stem}.zip") } else { stem }));
    };
    let is_zip = move || path.with(|path| path.ends_with(".zip"));
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        written.set(None);
        doing.start(backend::export(orders.name(), path.get_untracked().trim().to_owned()), move |path| {
            written.set(Some(path));
        });
    };
    view! {
        <form class="card export" on:submit=submit>
            <label class="field">
                <span>{tx("Export to", "Exporter vers")}</span>
                <input
                    class="mono"
                    data-test="export-path"
                    autocomplete="off"
                    spellcheck="false"
                    prop:value=path
                    on:input:target=move |event| typed.set(Some(event.target().value()))
                />
            </label>
            <div class="seg" role="group" aria-label=tx("As", "Sous forme de")>
                <button type="button" class:on=is_zip aria-pressed=follow(move || is_zip().to_string()) data-test="export-zip" on:click=heard(move |_| as_zip(true))>".zip"</button>
                <button type="button" class:on=follow(move || !is_zip()) aria-pressed=follow(move || (!is_zip()).to_string()) data-test="export-folder" on:click=heard(move |_| as_zip(false))>
                    {tx("Folder", "Dossier")}
                </button>
            </div>
            <button class="btn pri" data-test="export-go" disabled=follow(move || doing.busy.get() || path.with(|path| path.trim().is_empty()))>
                {icon(Icon::Export)}
                {tx("Export", "Exporter")}
            </button>
            <div class="export-said" role="status">
                {live(move || written.get().map(|path| view! {
                    <p class="finding good" data-test="export-result">{tx("Written to", "Écrit dans")}" "<code>{path}</code></p>
                }.into_any()))}
                {notice(doing)}
            </div>
        </form>
    }
    .into_any()
}

/// The files of one machine, or of the whole cluster.
#[derive(Clone, Debug, PartialEq)]
struct Group {
    node: Option<String>,
    /// Each with its place in the list.
    files: Vec<(usize, String)>,
}

/// The files grouped by machine: the cluster's first, then each machine in the order of its first file.
fn groups(files: &[FileView]) -> Vec<Group> {
    let mut groups = vec![Group { node: None, files: vec![] }];
    for (n, file) in files.iter().enumerate() {
        let entry = (n, within(file).to_owned());
        match groups.iter_mut().find(|group| group.node == file.node) {
            Some(group) => group.files.push(entry),
            None => groups.push(Group { node: file.node.clone(), files: vec![entry] }),
        }
    }
    groups.retain(|group| !group.files.is_empty());
    groups
}

/// The path without the part that only says which machine it is for.
fn within(file: &FileView) -> &str {
    let Some(node) = &file.node else { return &file.path };
    let rest = file.path.strip_prefix("files/").and_then(|path| path.strip_prefix(node.as_str()));
    rest.unwrap_or(&file.path)
}

/// What is shown first: the cluster's own guide.
fn guide(files: &[FileView]) -> usize {
    files.iter().position(|file| file.path == "README.md").unwrap_or_default()
}

fn browser(files: Vec<FileView>) -> AnyView {
    let shown = Held::new(guide(&files));
    let groups = groups(&files);
    let files = StoredValue::new(files);
    let tree = groups
        .into_iter()
        .map(|Group { node, files }| {
            let count = files.len();
            let entries = files.into_iter().map(|(n, path)| entry(n, path, shown)).collect_view();
            view! {
                <details open>
                    <summary>
                        {icon(Icon::ChevronRight)}
                        {icon(Icon::Folder)}
                        {live(move || node.clone().unwrap_or_else(|| t("Whole cluster", "Tout le cluster").to_owned()))}
                        <small>{count}</small>
                    </summary>
                    <ul>{entries}</ul>
                </details>
            }
            .into_any()
        })
        .collect_view();
    view! {
        <section class="cols files">
            <nav class="card tree" aria-label=tx("Files", "Fichiers")>{tree}</nav>
            {live(move || files.with_value(|files| files.get(shown.get()).map(viewer)))}
        </section>
    }
    .into_any()
}

fn entry(n: usize, path: String, shown: Held<usize>) -> AnyView {
    let (folder, name) = path.rsplit_once('/').map_or(("", path.as_str()), |(folder, name)| (folder, name));
    let folder = (!folder.is_empty()).then(|| view! { <small>{format!("{folder}/")}</small> }.into_any());
    let name = name.to_owned();
    view! {
        <li>
            <button
                class:on=follow(move || shown.get() == n)
                aria-pressed=follow(move || (shown.get() == n).to_string())
                data-test="file"
                data-path=path.clone()
                on:click=heard(move |_| shown.set(n))
            >
                {icon(Icon::File)}
                <span class="file-name">{folder}<b>{name}</b></span>
            </button>
        </li>
    }
    .into_any()
}

fn viewer(file: &FileView) -> AnyView {
    let FileView { path, text, mode, .. } = file.clone();
    let lines = text.lines().count().max(1);
    let numbers: String = (1..=lines).map(|n| format!("{n}\n")).collect();
    view! {
        <div class="card viewer" data-test="viewer">
            <div class="viewer-head">
                <code class="cut" title=path.clone()>{path.clone()}</code>
                <small>{format!("{mode:o} · {lines} {}", t("lines", "lignes"))}</small>
                <span class="sp"></span>
                {copy_button(text.clone(), "copy-file")}
            </div>
            <div class="viewer-text" tabindex="0">
                <pre class="numbers" aria-hidden="true">{numbers}</pre>
                <pre class="text">{text}</pre>
            </div>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use protocol::FileView;

    use super::{groups, guide};

    #[test]
    fn files_lie_with_their_machine_and_the_clusters_come_first() {
        let file = |path: &str, node: Option<&str>| FileView {
            path: path.into(),
            node: node.map(Into::into),
            text: String::new(),
            mode: 0o644,
        };
        let files = [file("files/node1/etc/hosts", Some("node1")), file("plan.toml", None)];
        assert_eq!(guide(&files), 0);
        assert_eq!(guide(&[file("MANIFEST.tsv", None), file("README.md", None)]), 1);
        let groups = groups(&files);
        assert_eq!(groups[0].files, [(1, "plan.toml".to_owned())]);
        assert_eq!((groups[1].node.as_deref(), &groups[1].files[0].1), (Some("node1"), &"/etc/hosts".to_owned()));
    }
}

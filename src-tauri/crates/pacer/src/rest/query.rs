//! What a request's query says.

use std::convert::Infallible;

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;

use crate::core::{Change, Embed, Filter, GroupEmbed, Refusal, Selector, Victims};

/// The query, in order; names may repeat.
#[derive(Clone, Debug, Default)]
pub struct Words(Vec<(String, String)>);

impl<S: Send + Sync> FromRequestParts<S> for Words {
    type Rejection = Infallible;

    /// A query that cannot be read says nothing.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let pairs = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri);
        Ok(Self(pairs.map(|Query(pairs)| pairs).unwrap_or_default()))
    }
}

/// As Java reads it: everything else is false.
fn is_true(value: &str) -> bool {
    value.eq_ignore_ascii_case("true")
}

impl Words {
    /// The first value of a name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// All values of a name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// `name=true`, in large or small letters: Python's clients send `True`.
    pub fn is_set(&self, name: &str) -> bool {
        self.get(name).is_some_and(is_true)
    }

    /// `force=true`.
    pub fn force(&self) -> bool {
        self.is_set("force")
    }

    /// Unless told otherwise, an update keeps what it does not mention.
    pub fn partial(&self) -> bool {
        self.get("partialUpdate").is_none_or(is_true)
    }

    /// To kill these, as asked for.
    pub fn kill(&self, victims: Victims) -> Change {
        Change::Kill { victims, scale: self.is_set("scale"), wipe: self.is_set("wipe"), force: self.force() }
    }

    /// What to embed in applications: `apps.tasks`, `app.tasks`, `group.apps.tasks` and `tasks` are the same.
    pub fn embed(&self) -> Embed {
        let asked = |what: &str| {
            let names = |value: &str| {
                let mut parts = ["group.apps.", "apps.", "app."].iter().filter_map(|whose| value.strip_prefix(whose));
                parts.next().unwrap_or(value) == what
            };
            self.all("embed").any(names)
        };
        let failures = asked("failures");
        Embed {
            tasks: asked("tasks") || failures,
            last_task_failure: asked("lastTaskFailure") || failures,
            task_stats: asked("taskStats"),
            readiness: asked("readiness"),
        }
    }

    /// What to embed in an application that is asked for by its name: its tasks and its last failure are always in it.
    pub fn embed_of_one(&self) -> Embed {
        Embed { tasks: true, last_task_failure: true, ..self.embed() }
    }

    /// What to embed in groups: everything, unless something is asked for.
    pub fn group_embed(&self) -> GroupEmbed {
        let all = self.get("embed").is_none();
        let asked = |what: &str| all || self.all("embed").any(|value| value.starts_with(what));
        GroupEmbed { groups: asked("group.groups"), apps: asked("group.apps") }
    }

    /// Which applications to list.
    pub fn filter(&self) -> Result<Filter, Refusal> {
        let text = |name| self.get(name).filter(|value| !value.is_empty()).map(str::to_owned);
        let mut labels = Vec::new();
        for selector in self.all("label").filter(|selector| !selector.is_empty()) {
            let parsed = Selector::parse(selector);
            labels.extend(
                parsed.ok_or_else(|| Refusal::BadRequest(format!("Can not parse label selector: {selector}")))?,
            );
        }
        Ok(Filter { cmd: text("cmd"), id: text("id"), labels, group: None })
    }
}

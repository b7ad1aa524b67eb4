//! The picture of the ensemble: who answers, who leads, and whether enough do.

use leptos::prelude::*;
use protocol::ZooKeeperMode;

use crate::{
    format,
    format::place,
    i18n::{lang, t, tx},
    icons::crown_at,
    kept::kept,
    live::live,
    pages::{halted::is_halted, work::picture::around},
    parts::{
        picture::{self as art, group, label, line},
        trouble,
    },
    store::Cluster,
    words_of,
};
use words::Lang;

/// A server as the picture draws it.
#[derive(Clone, PartialEq)]
struct Server {
    node: String,
    myid: u16,
    /// None before anything was seen of it.
    mode: Option<ZooKeeperMode>,
}

#[derive(Clone, PartialEq)]
struct Quorum {
    servers: Vec<Server>,
    majority: usize,
}

impl Quorum {
    /// Tracked.
    fn of(cluster: Cluster) -> Self {
        let seen = cluster.ensemble.with(|section| section.as_ref().map(|section| section.body.clone()));
        // What was seen last is no news of machines that are halted.
        if let Some(ensemble) = seen.filter(|_| !is_halted(cluster)) {
            let server = |s: protocol::ZooKeeperServer| Server { node: s.node, myid: s.myid, mode: Some(s.mode) };
            return Self { majority: ensemble.majority, servers: ensemble.servers.into_iter().map(server).collect() };
        }
        cluster.plan.with(|plan| {
            let server = |(myid, node): (u16, &plan::Node)| Server { node: node.name.clone(), myid, mode: None };
            let servers: Vec<_> = plan.ensemble().map(server).collect();
            Self { majority: servers.len() / 2 + 1, servers }
        })
    }

    fn serving(&self) -> usize {
        self.servers.iter().filter(|server| serves(server)).count()
    }
}

fn serves(server: &Server) -> bool {
    server.mode.is_some_and(ZooKeeperMode::serves)
}

fn leads(server: &Server) -> bool {
    matches!(server.mode, Some(ZooKeeperMode::Leader | ZooKeeperMode::Standalone))
}

pub(super) fn picture(cluster: Cluster) -> AnyView {
    let quorum = kept(move || Quorum::of(cluster));
    view! {
        <div class="card quorum" data-test="quorum">
            {live(move || quorum.with(drawing))}
            <div>
                <div class="lab">{tx("Quorum", "Quorum")}</div>
                <p class="says">{live(move || quorum.with(|quorum| sentence(quorum, lang())))}</p>
                <p class="more">{live(move || quorum.with(explanation))}</p>
                <p class="facts">{live(move || facts(cluster))}</p>
                {trouble(cluster.ensemble)}
            </div>
        </div>
    }
    .into_any()
}

fn drawing(quorum: &Quorum) -> AnyView {
    let places = around(quorum.servers.len(), (120.0, 66.0), (76.0, 46.0));
    let pairs = (0..places.len()).flat_map(|a| (a + 1..places.len()).map(move |b| (a, b)));
    let links = pairs.map(|(a, b)| {
        let both = serves(&quorum.servers[a]) && serves(&quorum.servers[b]);
        let ((x1, y1), (x2, y2)) = (places[a], places[b]);
        let path = format!("M{} {}L{} {}", place(x1), place(y1), place(x2), place(y2));
        line(&path, if both { r#"class="link up""# } else { r#"class="link""# })
    });
    // The one at the top has its name beside it: below it the links come together.
    let beside = |n: usize| n == 0 && places.len() > 2;
    let servers = quorum.servers.iter().zip(&places).enumerate();
    let servers = servers.map(|(n, (server, place))| circle(server, *place, beside(n)));
    art::picture("quorum-art", "0 -8 240 146", links.chain(servers).collect())
}

fn circle(server: &Server, (x, y): (f64, f64), beside: bool) -> String {
    let class = match server.mode {
        _ if leads(server) => "server leader",
        Some(ZooKeeperMode::Follower) => "server up",
        Some(ZooKeeperMode::Looking) => "server looking",
        _ => "server",
    };
    let crown = if leads(server) { crown_at(x - 8.0, y - 37.0) } else { String::new() };
    let word = server.mode.map_or_else(|| t("not started", "pas démarré"), words_of::zookeeper_mode);
    let under = format!("{} · {word}", server.node);
    let (under_class, under_at) = if beside { ("under beside", (x + 27.0, y - 2.0)) } else { ("under", (x, y + 34.0)) };
    let ring = format!(r#"<circle cx="{}" cy="{}" r="20"/>"#, place(x), place(y));
    let number = label("", (x, y + 4.0), &server.myid.to_string());
    group(class, &(ring + &number + &label(under_class, under_at, &under) + &crown))
}

/// "2 of 3 servers answer. 2 are needed."
fn sentence(quorum: &Quorum, lang: Lang) -> String {
    let (serving, of, needed) = (quorum.serving(), quorum.servers.len(), quorum.majority);
    match lang {
        Lang::En => {
            let answer = if serving == 1 { "answers" } else { "answer" };
            let servers = if of == 1 { "server" } else { "servers" };
            let are = if needed == 1 { "is" } else { "are" };
            format!("{serving} of {of} {servers} {answer}. {needed} {are} needed.")
        }
        Lang::Fr => {
            let answer = if serving > 1 { "répondent" } else { "répond" };
            let servers = if serving > 1 { "serveurs" } else { "serveur" };
            format!("{serving} {servers} sur {of} {answer}. Il en faut {needed}.")
        }
    }
}

fn explanation(quorum: &Quorum) -> String {
    let (serving, of, needed) = (quorum.serving(), quorum.servers.len(), quorum.majority);
    let spare = serving.saturating_sub(needed);
    match (of, serving) {
        (0, _) => String::new(),
        (1, 1..) => t(
            "A single server serves alone. If it fails, everything waits for it.",
            "Un serveur unique sert seul. S’il tombe, tout l’attend.",
        )
        .to_owned(),
        (1, 0) => t(
            "A single server needs no election: it serves as soon as it runs.",
            "Un serveur unique n’a pas d’élection à faire : il sert dès qu’il tourne.",
        )
        .to_owned(),
        _ if serving < needed => t(
            "As soon as a majority runs, it elects a leader among itself. Until then nobody is served: better silent than of two minds.",
            "Dès qu’une majorité tourne, elle élit un chef en son sein. D’ici là personne n’est servi : mieux vaut se taire que se contredire.",
        )
        .to_owned(),
        _ if spare == 0 => t(
            "Just enough. If one more fails, the others stop serving until it is back.",
            "Tout juste assez. Si un de plus tombe, les autres cessent de servir jusqu’à son retour.",
        )
        .to_owned(),
        _ if spare == 1 => t(
            "One of them may fail, and the others still agree.",
            "L’un d’eux peut tomber, et les autres s’accordent encore.",
        )
        .to_owned(),
        _ => match lang() {
            Lang::En => format!("{spare} of them may fail, and the others still agree."),
            Lang::Fr => format!("{spare} d’entre eux peuvent tomber, et les autres s’accordent encore."),
        },
    }
}

/// What the leader says of itself. Tracked.
fn facts(cluster: Cluster) -> Option<String> {
    let leader = cluster.ensemble.with(|section| section.as_ref()?.body.leader().cloned());
    let leader = leader.filter(|_| !is_halted(cluster))?;
    let number =
        |value: u64, one: &'static str, more: &'static str| format!("{value} {}", if value == 1 { one } else { more });
    let facts = [
        leader.latency_ms.map(|ms| format!("{} {}\u{a0}ms", t("latency", "latence"), format::number(ms, 1, lang()))),
        leader.connections.map(|n| number(n, t("connection", "connexion"), t("connections", "connexions"))),
        leader.znodes.map(|n| number(n, "znode", "znodes")),
        leader.version.map(|version| format!("ZooKeeper {version}")),
    ];
    Some(facts.into_iter().flatten().collect::<Vec<_>>().join(" · "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quorum(modes: &[ZooKeeperMode]) -> Quorum {
        let server = |mode: &ZooKeeperMode| Server { node: "n".into(), myid: 1, mode: Some(*mode) };
        Quorum { servers: modes.iter().map(server).collect(), majority: modes.len() / 2 + 1 }
    }

    #[test]
    fn the_sentence_counts_only_those_that_serve() {
        use ZooKeeperMode::{Down, Follower, Leader, Looking, Standalone};
        assert_eq!(sentence(&quorum(&[Leader, Follower, Down]), Lang::En), "2 of 3 servers answer. 2 are needed.");
        assert_eq!(sentence(&quorum(&[Looking, Down, Down]), Lang::En), "0 of 3 servers answer. 2 are needed.");
        assert_eq!(sentence(&quorum(&[Standalone]), Lang::En), "1 of 1 server answers. 1 is needed.");
        assert_eq!(sentence(&quorum(&[Leader, Down]), Lang::Fr), "1 serveur sur 2 répond. Il en faut 2.");
    }
}

//! Clusters in the middle of things, for tests and for `ui/dev`: made of the protocol's own types.

use plan::{ClusterPlan, Preset, Provider};
use protocol::{
    Agent, AgentState, Application, ApplicationState, Applications, ClusterCard, ClusterState, ClusterView, Ensemble,
    Feed, FileView, HomeView, Host, LastFailure, Live, LogLine, Machine, MachineState, Master, MesosView, Observed,
    Page, ProviderView, RunState, Section, Share, Step, StepState, Task, Tone, ZooKeeperMode, ZooKeeperServer,
};
use words::{Action, Lang, Problem, Text, text};

/// A fixed moment: 2026-11-22, 14:07:42 UTC.
const NOW: u64 = 1_795_356_462_000;

fn plan_of(name: &str, preset: Preset) -> ClusterPlan {
    preset.plan(name, Provider::Practice, plan::practice_network(7))
}

fn step(id: String, page: Page, node: Option<&str>, title: Text, command: &str, why: Text, expected: Text) -> Step {
    Step {
        id,
        page,
        node: node.map(Into::into),
        title,
        command: command.into(),
        why,
        expected,
        after: vec![],
        deadline_s: 60,
        state: StepState::Waiting,
        observed: None,
    }
}

/// All steps of a plan, none begun.
pub fn steps(plan: &ClusterPlan) -> Vec<Step> {
    let mut steps = vec![step(
        "plan.write".into(),
        Page::Plan,
        None,
        text!("Write the project folder", "Écrire le dossier du projet"),
        "ls -R",
        text!("Everything that follows reads these files.", "Tout ce qui suit lit ces fichiers."),
        text!("One folder for each machine under `files/`.", "Un dossier par machine sous `files/`."),
    )];
    for node in &plan.nodes {
        let name = &node.name;
        steps.push(step(
            format!("machines.up.{name}"),
            Page::Machines,
            Some(name),
            text!("Start the machine", "Démarrer la machine"),
            &format!("vagrant up {name}"),
            text!(
                "A machine of its own for each role keeps failures apart.",
                "Une machine par rôle sépare les pannes."
            ),
            text!("The state of {name} is `running`.", "L’état de {name} est `running`."),
        ));
        steps.push(step(
            format!("machines.hosts.{name}"),
            Page::Machines,
            Some(name),
            text!("Name the others", "Nommer les autres"),
            "sudo tee /etc/hosts < files/etc/hosts",
            text!("Servers find each other by name.", "Les serveurs se trouvent par leur nom."),
            text!("Every machine resolves every name.", "Chaque machine résout chaque nom."),
        ));
    }
    for (myid, node) in plan.ensemble() {
        steps.extend(zookeeper_steps(myid, &node.name));
    }
    let mut quorum = step(
        "zookeeper.quorum".into(),
        Page::ZooKeeper,
        None,
        text!("Wait for the quorum", "Attendre le quorum"),
        "echo srvr | nc -q 1 node1 2181",
        text!(
            "Mesos writes who leads into ZooKeeper; it must serve first.",
            "Mesos écrit dans ZooKeeper qui dirige ; il doit d’abord servir."
        ),
        text!(
            "One server says `Mode: leader`, the others `Mode: follower`.",
            "Un serveur dit `Mode: leader`, les autres `Mode: follower`."
        ),
    );
    quorum.after = plan.ensemble().map(|(_, n)| format!("zookeeper.start.{}", n.name)).collect();
    steps.push(quorum);
    for node in plan.masters() {
        steps.push(mesos_step("master", &node.name));
    }
    for (node, _) in plan.agents() {
        steps.push(mesos_step("agent", &node.name));
    }
    for node in plan.schedulers() {
        let name = &node.name;
        steps.push(step(
            format!("application.scheduler.{name}"),
            Page::Application,
            Some(name),
            text!("Start Pacer", "Démarrer Pacer"),
            "sudo systemctl enable --now pacer",
            text!(
                "Mesos offers resources; someone must take them.",
                "Mesos offre des ressources ; quelqu’un doit les prendre."
            ),
            text!("`GET /ping` answers pong.", "`GET /ping` répond pong."),
        ));
    }
    for application in &plan.applications {
        let id = &application.id;
        let title = text!("Deploy {id}", "Déployer {id}");
        let command = format!("curl -X POST http://node1:8080/v2/apps -d @applications{id}.json");
        let why = text!(
            "The definition says what shall run; the scheduler sees to it.",
            "La définition dit ce qui doit tourner ; l’ordonnanceur y veille."
        );
        let expected = text!("All instances are healthy.", "Toutes les instances sont saines.");
        steps.push(step(format!("application.deploy{id}"), Page::Application, None, title, &command, why, expected));
    }
    steps
}

fn zookeeper_steps(myid: u16, name: &str) -> Vec<Step> {
    let on = |id: &str, title, command: &str, why, expected| {
        step(format!("zookeeper.{id}.{name}"), Page::ZooKeeper, Some(name), title, command, why, expected)
    };
    let mut start = on(
        "start",
        text!("Start the server", "Démarrer le serveur"),
        "sudo service zookeeper-server start\nsudo systemctl enable zookeeper-server",
        text!(
            "Enabled, it also comes back after the machine was halted.",
            "Activé, il revient aussi après un arrêt de la machine."
        ),
        text!("`ruok` is answered with `imok`.", "`ruok` reçoit la réponse `imok`."),
    );
    start.after = vec![format!("zookeeper.initialise.{name}")];
    vec![
        on(
            "install",
            text!("Install", "Installer"),
            "sudo bash /opt/startline/install-zookeeper.sh",
            text!(
                "Debian’s package brings the server and its service.",
                "Le paquet de Debian apporte le serveur et son service."
            ),
            text!("`zookeeper-server` is a known service.", "`zookeeper-server` est un service connu."),
        ),
        on(
            "config",
            text!("Write zoo.cfg", "Écrire zoo.cfg"),
            "cat /etc/zookeeper/conf/zoo.cfg",
            text!("The same list of servers on every machine.", "La même liste de serveurs sur chaque machine."),
            text!("One line `server.N` for each server.", "Une ligne `server.N` par serveur."),
        ),
        on(
            "initialise",
            text!("Initialise as {myid}", "Initialiser en tant que {myid}"),
            &format!("sudo -u zookeeper zookeeper-server-initialize --myid={myid}"),
            text!(
                "A server that joins an ensemble must know who it is. Its number goes into the file `myid` in the data folder and must match the line `server.{myid}` in `zoo.cfg`.",
                "Un serveur qui rejoint un ensemble doit savoir qui il est. Son numéro va dans le fichier `myid` du dossier de données et doit correspondre à la ligne `server.{myid}` de `zoo.cfg`."
            ),
            text!(
                "An empty data folder with one file, `myid`, that holds {myid}.",
                "Un dossier de données vide, avec un seul fichier, `myid`, qui contient {myid}."
            ),
        ),
        start,
    ]
}

fn mesos_step(role: &str, name: &str) -> Step {
    step(
        format!("mesos.{role}.{name}"),
        Page::Mesos,
        Some(name),
        text!("Start the {role}", "Démarrer : {role}"),
        &format!("sudo systemctl enable --now mesos-{role}"),
        text!("It finds the others through `/etc/mesos/zk`.", "Il trouve les autres par `/etc/mesos/zk`."),
        text!("It answers on its port, and the leader knows it.", "Il répond sur son port, et le chef le connaît."),
    )
}

fn done(step: &mut Step, took_ms: u64) {
    step.state = StepState::Done { took_ms, already: false };
    step.observed = Some(Observed {
        command: "cat /var/lib/zookeeper/myid".into(),
        output: step.command.chars().last().filter(char::is_ascii_digit).unwrap_or('1').to_string(),
    });
}

fn view(plan: ClusterPlan, steps: Vec<Step>) -> ClusterView {
    ClusterView {
        seq: 41,
        folder: format!("/home/lea/.local/share/startline/{}", plan.name),
        plan,
        run: RunState::Idle,
        steps,
        log: vec![],
        live: Live::default(),
        feed: vec![],
    }
}

/// Nothing was begun.
pub fn planned() -> ClusterView {
    let plan = plan_of("tp-cloud", Preset::Classroom);
    let steps = steps(&plan);
    view(plan, steps)
}

/// The ensemble is being set up.
pub fn running() -> ClusterView {
    let plan = plan_of("tp-cloud", Preset::Ha);
    let mut steps = steps(&plan);
    let running = |since: u64| StepState::Running {
        since_ms: NOW - since,
        doing: text!("waiting for port 2181 to answer", "attend que le port 2181 réponde"),
    };
    for (n, step) in steps.iter_mut().enumerate() {
        match (step.page, step.id.as_str()) {
            (Page::Plan | Page::Machines, _) => done(step, 900 + 37 * n as u64),
            (_, "zookeeper.start.node2") => step.state = running(600),
            (_, "zookeeper.config.node3") => step.state = running(100),
            (Page::ZooKeeper, id) if id.ends_with("node1") || id.ends_with("node2") => done(step, 800 + 61 * n as u64),
            (_, "zookeeper.install.node3") => done(step, 5000),
            _ => {}
        }
    }
    let mut view = view(plan, steps);
    view.run = RunState::Running;
    view.log = log();
    view.feed = vec![feed(20_000, Tone::Info, text!("Machines are up", "Les machines tournent"), Text::default())];
    view.live.machines = Some(machines(&view.plan, MachineState::Running));
    view.live.ensemble =
        Some(section(ensemble(&view.plan, &[ZooKeeperMode::Looking, ZooKeeperMode::Down, ZooKeeperMode::Down])));
    view
}

/// A step failed, another was cut off.
pub fn failed() -> ClusterView {
    let mut view = running();
    view.run = RunState::Idle;
    for step in &mut view.steps {
        match step.id.as_str() {
            "zookeeper.start.node2" => {
                step.state = StepState::Failed { took_ms: 60_000, problem: Box::new(port_taken()) };
                step.observed =
                    Some(Observed { command: "echo ruok | nc -q 1 node2 2181".into(), output: String::new() });
            }
            "zookeeper.config.node3" => step.state = StepState::Interrupted,
            _ => {}
        }
    }
    view
}

fn port_taken() -> Problem {
    Problem::new(
        "zookeeper-not-answering",
        text!("The ZooKeeper server on node2 did not answer within 60 s.", "Le serveur ZooKeeper de node2 n’a pas répondu en 60 s."),
        text!(
            "Another program holds port 2181 on node2. Stop it, or choose another port in the plan, then try again.",
            "Un autre programme occupe le port 2181 sur node2. Arrêtez-le, ou choisissez un autre port dans le plan, puis réessayez."
        ),
    )
    .with_evidence("2026-11-22 14:07:41,903 ERROR Unable to start AdminServer, exiting abnormally")
    .with_evidence("java.net.BindException: Address already in use")
    .with_action(Action::Retry)
}

/// All is done: a cluster that works, with one agent lost.
pub fn up() -> ClusterView {
    let plan = plan_of("tp-cloud", Preset::Ha);
    let mut steps = steps(&plan);
    steps.iter_mut().enumerate().for_each(|(n, step)| done(step, 400 + 53 * n as u64));
    let mut view = view(plan, steps);
    view.log = log();
    view.feed = feeds();
    view.live.machines = Some(machines(&view.plan, MachineState::Running));
    view.live.ensemble =
        Some(section(ensemble(&view.plan, &[ZooKeeperMode::Follower, ZooKeeperMode::Leader, ZooKeeperMode::Follower])));
    view.live.mesos = Some(section(mesos(&view.plan)));
    view.live.applications = Some(section(applications()));
    view
}

/// The same when nothing answers any more.
pub fn lost() -> ClusterView {
    let mut view = up();
    let problem = Problem::new(
        "practice-not-running",
        text!("The practice machines do not answer.", "Les machines d’entraînement ne répondent pas."),
        text!("Bring them up; their data is still there.", "Démarrez-les ; leurs données sont toujours là."),
    )
    .with_evidence("connect 127.56.3.11:5050: connection refused")
    .with_action(Action::Up);
    if let Some(mesos) = &mut view.live.mesos {
        mesos.trouble = Some(problem);
        mesos.as_of_ms = NOW - 8000;
    }
    view
}

/// Names as long as they may be, and many of everything.
pub fn long() -> ClusterView {
    let mut view = up();
    let long = "a-rather-long-machine-name-in-the-computing-centre-of-lille-1";
    let rename = |name: &mut String| {
        if name == "agent1" {
            *name = long.into();
        }
    };
    view.plan.nodes.iter_mut().for_each(|node| rename(&mut node.name));
    view.steps.iter_mut().filter_map(|step| step.node.as_mut()).for_each(rename);
    if let Some(mesos) = &mut view.live.mesos {
        mesos.body.agents.iter_mut().for_each(|agent| rename(&mut agent.node));
        let many = (0..70).map(|n| task(&format!("many.{n}"), "/shop/web", "TASK_RUNNING"));
        mesos.body.agents[0].tasks = many.collect();
    }
    if let Some(applications) = &mut view.live.applications {
        applications.body.applications[0].id =
            "/research/2026/very-long-group-name/even-longer-application-name".into();
        applications.body.applications[0].instances = 1200;
    }
    view
}

fn section<T>(body: T) -> Section<T> {
    Section { as_of_ms: NOW - 200, trouble: None, body }
}

fn machines(plan: &ClusterPlan, state: MachineState) -> Section<Vec<Machine>> {
    let machine = |node: &plan::Node| Machine { node: node.name.clone(), address: node.address.to_string(), state };
    section(plan.nodes.iter().map(machine).collect())
}

fn ensemble(plan: &ClusterPlan, modes: &[ZooKeeperMode]) -> Ensemble {
    let servers = plan.ensemble().zip(modes).map(|((myid, node), mode)| ZooKeeperServer {
        node: node.name.clone(),
        myid,
        address: format!("{}:2181", node.address),
        mode: *mode,
        latency_ms: mode.serves().then_some(0.42),
        connections: Some(7),
        znodes: Some(31),
        zxid: Some("0x400000012".into()),
        version: Some("3.8.0".into()),
    });
    Ensemble { majority: 2, servers: servers.collect() }
}

fn task(id: &str, application: &str, state: &str) -> Task {
    Task { id: id.into(), application: application.into(), state: state.into(), healthy: Some(true) }
}

fn mesos(plan: &ClusterPlan) -> MesosView {
    let masters = plan.masters().enumerate().map(|(n, node)| Master {
        node: node.name.clone(),
        address: format!("{}:5050", node.address),
        reachable: true,
        leading: n == 0,
    });
    let tasks = [
        vec![
            task("web.1", "/shop/web", "TASK_RUNNING"),
            task("web.2", "/shop/web", "TASK_RUNNING"),
            task("api.1", "/shop/api", "TASK_RUNNING"),
            task("cache.1", "/cache", "TASK_RUNNING"),
            task("web.5", "/shop/web", "TASK_STAGING"),
        ],
        vec![],
        vec![
            task("web.3", "/shop/web", "TASK_RUNNING"),
            task("api.2", "/shop/api", "TASK_RUNNING"),
            task("api.3", "/shop/api", "TASK_RUNNING"),
            task("cache.2", "/cache", "TASK_RUNNING"),
        ],
    ];
    let agents = plan.agents().zip(tasks).enumerate().map(|(n, ((node, _), tasks))| Agent {
        node: node.name.clone(),
        id: Some(format!("S{n}")),
        state: if n == 1 { AgentState::Unreachable } else { AgentState::Active },
        cpus: Share { used: [1.2, 0.0, 1.1][n], total: 2.0 },
        mem_mb: Share { used: [496.0, 0.0, 416.0][n], total: 1024.0 },
        disk_mb: Share { used: 0.0, total: 4096.0 },
        attributes: vec![("rack".into(), format!("r{}", n + 1))],
        tasks,
    });
    MesosView { masters: masters.collect(), agents: agents.collect() }
}

fn application(id: &str, running: u32, instances: u32, asks: (f64, f64), state: ApplicationState) -> Application {
    Application {
        id: id.into(),
        instances,
        running,
        staged: u32::from(state == ApplicationState::Deploying),
        healthy: running,
        unhealthy: 0,
        checked: id != "/report",
        cpus: asks.0,
        mem_mb: asks.1,
        state,
        addresses: vec![],
        last_failure: (id == "/report")
            .then(|| LastFailure { node: "agent2".into(), message: "Command exited with status 1".into() }),
    }
}

fn applications() -> Applications {
    let reason =
        text!("asks for 2 processors; the best agent has 0.9", "demande 2 processeurs ; le meilleur agent en a 0,9");
    Applications {
        answering: vec!["node1".into(), "node2".into(), "node3".into()],
        leader: Some("node3".into()),
        applications: vec![
            application("/shop/web", 3, 4, (0.5, 128.0), ApplicationState::Deploying),
            application("/shop/api", 3, 3, (0.3, 96.0), ApplicationState::Stable),
            application("/cache", 2, 2, (0.2, 64.0), ApplicationState::Stable),
            application("/report", 0, 1, (2.0, 512.0), ApplicationState::Waiting { reason }),
        ],
    }
}

fn feed(ago_ms: u64, tone: Tone, title: Text, detail: Text) -> Feed {
    Feed { at_ms: NOW - ago_ms, tone, title, detail }
}

fn feeds() -> Vec<Feed> {
    vec![
        feed(
            225_000,
            Tone::Info,
            text!("node1 leads Mesos", "node1 dirige Mesos"),
            text!("3 agents registered again in 0.7 s", "3 agents réinscrits en 0,7 s"),
        ),
        feed(
            224_000,
            Tone::Info,
            text!("node2 elected leader of ZooKeeper", "node2 élu chef de ZooKeeper"),
            text!("epoch 4, two followers", "époque 4, deux suiveurs"),
        ),
        feed(
            150_000,
            Tone::Good,
            text!("/shop/api: deployment finished", "/shop/api : déploiement terminé"),
            text!("3 instances replaced one by one in 21 s", "3 instances remplacées une à une en 21 s"),
        ),
        feed(
            12_000,
            Tone::Warn,
            text!("/report waits", "/report attend"),
            text!("asks for 2 processors, the best agent has 0.9", "demande 2 processeurs, le meilleur agent en a 0,9"),
        ),
        feed(
            1000,
            Tone::Bad,
            text!("agent2 is unreachable", "agent2 est injoignable"),
            text!("3 answers missed in a row", "3 réponses manquées de suite"),
        ),
        feed(
            0,
            Tone::Move,
            text!("/shop/web starts again on agent1", "/shop/web repart sur agent1"),
            text!("in place of the lost instance", "remplace l’instance perdue"),
        ),
    ]
}

fn log() -> Vec<LogLine> {
    let line = |n: u64, node: &str, text: &str| LogLine {
        at_ms: NOW - 20_000 + n * 700,
        node: Some(node.into()),
        step: None,
        error: n == 3,
        text: text.into(),
    };
    vec![
        line(0, "node1", "zookeeper-server: reading configuration from /etc/zookeeper/conf/zoo.cfg"),
        line(1, "node1", "zookeeper-server: binding to port /127.56.3.11:2181"),
        line(2, "node1", "zookeeper-server: LOOKING"),
        line(3, "node2", "zookeeper-server: cannot open channel to 3 at election address node3/127.56.3.13:3888"),
        line(4, "node2", "zookeeper-server: binding to port /127.56.3.12:2181"),
    ]
}

/// Everything was made and the machines were halted: what was seen of them last is all there is.
pub fn halted() -> ClusterView {
    let mut view = up();
    if let Some(machines) = &mut view.live.machines {
        machines.body.iter_mut().for_each(|machine| machine.state = MachineState::Halted);
    }
    let silent = Problem::new("zookeeper-unreachable", Text::same("-"), Text::default());
    if let Some(ensemble) = &mut view.live.ensemble {
        ensemble.trouble = Some(silent);
    }
    view
}

/// A start page.
pub fn home(clusters: Vec<ClusterCard>) -> HomeView {
    let provider = |provider, usable, note| ProviderView { provider, usable, note };
    HomeView {
        version: "0.1.0".into(),
        home: "/home/lea/.local/share/startline".into(),
        lang: Lang::En,
        exports: "/home/lea/Documents".into(),
        host: Host { cpus: 8, memory_mb: 16_384 },
        providers: vec![
            provider(
                Provider::Practice,
                true,
                text!(
                    "Simulated on this computer: real protocols, nothing to install.",
                    "Simulées sur cet ordinateur : de vrais protocoles, rien à installer."
                ),
            ),
            provider(
                Provider::VirtualBox,
                false,
                text!("VBoxManage is not installed.", "VBoxManage n’est pas installé."),
            ),
            provider(
                Provider::Libvirt,
                true,
                text!(
                    "Vagrant 2.3.4 with vagrant-libvirt, KVM is usable.",
                    "Vagrant 2.3.4 avec vagrant-libvirt, KVM est utilisable."
                ),
            ),
            provider(
                Provider::Docker,
                false,
                text!("The Docker engine does not answer.", "Le moteur Docker ne répond pas."),
            ),
        ],
        clusters,
    }
}

/// Clusters in every state.
pub fn cards() -> Vec<ClusterCard> {
    let card = |name: &str, provider, nodes, state, problem| ClusterCard {
        name: name.into(),
        provider,
        nodes,
        state,
        folder: format!("/home/lea/.local/share/startline/{name}"),
        problem,
    };
    let broken = Problem::new(
        "plan-unknown-key",
        text!(
            "The plan can’t be read: `memory` is no key of a node.",
            "Le plan est illisible : `memory` n’est pas une clé d’un nœud."
        ),
        text!("Write `memory_mb`, in line 14 of plan.toml.", "Écrivez `memory_mb`, à la ligne 14 de plan.toml."),
    )
    .with_evidence("14 | memory = 1024");
    vec![
        card("tp-cloud", Some(Provider::Practice), 6, ClusterState::Up, None),
        card("classroom-2026", Some(Provider::Libvirt), 3, ClusterState::Partial { done: 14, of: 22 }, None),
        card("solo", Some(Provider::Practice), 1, ClusterState::Halted, None),
        card("a-cluster-with-quite-a-long-name-of-40-ch", Some(Provider::VirtualBox), 12, ClusterState::Planned, None),
        card("old-lab", None, 0, ClusterState::Unreadable, Some(broken)),
    ]
}

fn files() -> Vec<FileView> {
    let file = |path: &str, node: Option<&str>, mode, text: &str| FileView {
        path: path.into(),
        node: node.map(Into::into),
        text: text.into(),
        mode,
    };
    let mut files = vec![
        file("README.md", None, 0o644, "# tp-cloud\n\nSix machines on one network.\n"),
        file(
            "Vagrantfile",
            None,
            0o644,
            "Vagrant.configure(\"2\") do |config|\n  config.vm.box = \"debian/bookworm64\"\n\n  config.vm.define \"node1\" do |node|\n    node.vm.hostname = \"node1\"\n    node.vm.network \"private_network\", ip: \"192.168.56.11\"\n  end\nend\n",
        ),
        file("plan.toml", None, 0o644, "name = \"tp-cloud\"\nprovider = \"practice\"\n"),
        file("applications/hello.json", None, 0o644, "{\n  \"id\": \"/hello\"\n}\n"),
    ];
    for node in ["node1", "node2", "node3"] {
        let on = |path: &str, mode, text: &str| file(&format!("files/{node}/{path}"), Some(node), mode, text);
        files.push(on("etc/hosts", 0o644, "127.0.0.1 localhost\n192.168.56.11 node1\n"));
        files.push(on("etc/zookeeper/conf/zoo.cfg", 0o644, "tickTime=2000\ninitLimit=10\nsyncLimit=5\ndataDir=/var/lib/zookeeper\nclientPort=2181\n4lw.commands.whitelist=srvr,ruok,mntr,stat,conf,cons,envi,isro\nadmin.enableServer=false\nserver.1=node1:2888:3888\nserver.2=node2:2888:3888\nserver.3=node3:2888:3888\n"));
        files.push(on(
            "opt/startline/install-zookeeper.sh",
            0o755,
            "#!/bin/bash\n# startline-provision: zookeeper\nset -euo pipefail\n",
        ));
    }
    files
}

/// Everything that `ui/dev/fake-backend.js` plays, as one JSON text.
fn recorded() -> String {
    let scenes = serde_json::json!({
        "now": NOW,
        "home": home(cards()),
        "empty": home(vec![]),
        "files": files(),
        "clusters": { "planned": planned(), "running": running(), "failed": failed(), "up": up(), "lost": lost(), "long": long(), "halted": halted() },
    });
    serde_json::to_string(&scenes).unwrap_or_default() + "\n"
}

/// `STARTLINE_WRITE=1 cargo test -p ui scenes` writes the file anew.
#[test]
fn the_recorded_scenes_are_those_of_the_types() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/dev/scenes.json");
    if std::env::var_os("STARTLINE_WRITE").is_some() {
        assert!(std::fs::write(path, recorded()).is_ok(), "{path} can be written");
    }
    let there = std::fs::read_to_string(path).unwrap_or_default();
    assert!(there == recorded(), "write it anew: STARTLINE_WRITE=1 cargo test -p ui scenes");
}

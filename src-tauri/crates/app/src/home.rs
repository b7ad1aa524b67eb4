//! The data folder: `STARTLINE_HOME`, or the system's place for application data. One folder a cluster.

use std::{
    hash::{BuildHasher, Hasher, RandomState},
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use ipnet::Ipv4Net;
use plan::{ClusterPlan, Edit, Finding, HostLimits, Preset, Provider, Severity, ValidPlan};
use protocol::{ClusterCard, ClusterState, HomeView};
use setup::{Entry, Journal};
use words::Problem;

use crate::{
    Cluster, Error, cluster, host,
    host::{providers, system_lang},
    ledger,
    lock::Lock,
};

/// The data folder.
#[derive(Clone, Debug)]
pub struct Home {
    path: PathBuf,
    /// The program that a practice process is started with: this one.
    program: PathBuf,
}

/// What a new cluster is made from.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Its name.
    pub name: String,
    /// Its shape.
    pub preset: Preset,
    /// What its machines are made of.
    pub provider: Provider,
}

/// How a cluster's `plan.toml` stands to the machines that there are.
#[derive(Clone, Debug, PartialEq)]
pub enum PlanFile {
    /// They were made by it, or there are none.
    AsMade,
    /// It was changed since, and bringing the cluster up would bring it to the new plan.
    Changed,
    /// It can't be used any more; the cluster is known by the plan that it was made by.
    Unusable(Box<Problem>),
}

impl Home {
    /// The data folder: what `STARTLINE_HOME` says, or the system's place for application data. Nothing is written.
    ///
    /// # Errors
    /// [`Error::Read`] if the system has no such place, or does not say which program this is.
    pub fn locate() -> Result<Self, Error> {
        let program = std::env::current_exe().map_err(|source| Error::Read { path: "startline".into(), source })?;
        let path = match std::env::var_os("STARTLINE_HOME").filter(|p| !p.is_empty()) {
            Some(path) => std::path::absolute(path),
            None => directories::ProjectDirs::from("", "", "startline")
                .map(|d| d.data_dir().to_owned())
                .ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "this user has no home folder")),
        };
        let path = path.map_err(|source| Error::Read { path: "STARTLINE_HOME".into(), source })?;
        Ok(Self { path, program })
    }

    /// A data folder at a place of one's own, with the program that practice processes are started with.
    pub fn at(path: PathBuf, program: PathBuf) -> Self {
        Self { path, program }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn program(&self) -> &Path {
        &self.program
    }

    /// The program for a cluster's machines, `startline-node`: beside this one, or where `make node` leaves it.
    pub(crate) fn node_program(&self) -> Option<PathBuf> {
        let beside = self.program.parent()?;
        let built = beside.join("../node").join(std::env::consts::ARCH).join("startline-node");
        [beside.join("startline-node"), built].into_iter().find(|path| path.is_file())
    }

    fn clusters(&self) -> PathBuf {
        self.path.join("clusters")
    }

    /// The folder of the cluster of that name, there or not.
    pub fn folder(&self, name: &str) -> PathBuf {
        self.clusters().join(name)
    }

    /// The start page.
    ///
    /// # Errors
    /// [`Error::Read`] if the folder is there and can't be read.
    pub fn view(&self) -> Result<HomeView, Error> {
        Ok(HomeView {
            version: env!("CARGO_PKG_VERSION").into(),
            home: self.path.display().to_string(),
            lang: system_lang(),
            exports: exports().display().to_string(),
            host: host(),
            providers: providers(),
            clusters: self.cards()?,
        })
    }

    /// The clusters, last used first.
    ///
    /// # Errors
    /// [`Error::Read`] if the folder is there and can't be read.
    pub fn cards(&self) -> Result<Vec<ClusterCard>, Error> {
        let mut cards = Vec::new();
        for name in self.names()? {
            let folder = self.folder(&name);
            let used = [folder.join("journal.jsonl"), folder.join("plan.toml")]
                .iter()
                .find_map(|p| p.metadata().and_then(|m| m.modified()).ok());
            cards.push((used, self.card(name)));
        }
        cards.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.name.cmp(&b.1.name)));
        Ok(cards.into_iter().map(|(_, card)| card).collect())
    }

    /// The names of the clusters, sorted.
    fn names(&self) -> Result<Vec<String>, Error> {
        let path = self.clusters();
        let unreadable = |source| Error::Read { path: path.clone(), source };
        let entries = match std::fs::read_dir(&path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(vec![]),
            entries => entries.map_err(unreadable)?,
        };
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry.map_err(unreadable)?;
            // A folder without a plan is none of ours, or one whose making was cut off.
            if let (true, Ok(name)) = (entry.path().join("plan.toml").exists(), entry.file_name().into_string()) {
                names.push(name);
            }
        }
        names.sort();
        Ok(names)
    }

    fn card(&self, name: String) -> ClusterCard {
        let folder = self.folder(&name).display().to_string();
        match self.plan(&name).and_then(|plan| Ok((self.state(&name, &plan)?, plan))) {
            Ok((state, plan)) => ClusterCard {
                name,
                provider: Some(plan.provider),
                nodes: plan.nodes.len(),
                state,
                folder,
                problem: None,
            },
            Err(error) => {
                let (state, problem) = (ClusterState::Unreadable, Some(error.problem()));
                ClusterCard { name, provider: None, nodes: 0, state, folder, problem }
            }
        }
    }

    /// Where the cluster of that plan stands, as far as its folder tells. Practice machines whose process is gone are off.
    ///
    /// # Errors
    /// [`Error::Journal`].
    pub fn state(&self, name: &str, plan: &ClusterPlan) -> Result<ClusterState, Error> {
        let entries = self.journal(name)?;
        let of = ValidPlan::new(plan.clone()).map_or(0, |p| setup::steps(&p).len());
        let state = ledger::state(&entries, of);
        let died = plan.provider == Provider::Practice && !practice::daemon_holds(&self.folder(name));
        Ok(if state == ClusterState::Up && died { ClusterState::Halted } else { state })
    }

    fn journal(&self, name: &str) -> Result<Vec<Entry>, Error> {
        Ok(Journal::read(&self.folder(name).join("journal.jsonl"))?)
    }

    /// How a cluster's `plan.toml` stands to the machines that there are.
    ///
    /// # Errors
    /// [`Error::Journal`].
    pub fn plan_file(&self, name: &str) -> Result<PlanFile, Error> {
        let Some(made) = setup::made(&self.journal(name)?) else { return Ok(PlanFile::AsMade) };
        Ok(match self.sound_plan(name) {
            Ok(plan) if *plan == made => PlanFile::AsMade,
            Ok(plan) => match cluster::leaves_none_behind(name, &made, &plan) {
                Ok(()) => PlanFile::Changed,
                Err(error) => PlanFile::Unusable(Box::new(error.problem())),
            },
            Err(error) => PlanFile::Unusable(Box::new(error.problem())),
        })
    }

    /// Whether there is a cluster of that name, its plan readable or not.
    ///
    /// # Errors
    /// [`Error::NoCluster`].
    pub fn exists(&self, name: &str) -> Result<(), Error> {
        match self.plan(name) {
            Err(error @ Error::NoCluster { .. }) => Err(error),
            _ => Ok(()),
        }
    }

    /// Removes a cluster, with its machines and its folder. One whose plan can't be read any more is removed too: its
    /// machines are then asked to go by what lies in the folder.
    ///
    /// # Errors
    /// [`Error::NoCluster`], [`Error::Busy`], [`Error::Machines`], [`Error::Write`].
    pub async fn destroy(&self, name: &str) -> Result<(), Error> {
        self.exists(name)?;
        match self.open_made(name) {
            Ok(cluster) => cluster.destroy().await,
            Err(Error::Plan(_) | Error::Findings(_)) => Cluster::destroy_unreadable(self, name).await,
            Err(error) => Err(error),
        }
    }

    /// The plan of a cluster.
    ///
    /// # Errors
    /// [`Error::NoCluster`], [`Error::Read`], [`Error::Plan`].
    pub fn plan(&self, name: &str) -> Result<ClusterPlan, Error> {
        let unknown = || Error::NoCluster { name: name.into(), known: self.names().unwrap_or_default() };
        // A name that is no folder of ours must not lead out of the data folder.
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
            return Err(unknown());
        }
        let path = self.folder(name).join("plan.toml");
        match std::fs::read_to_string(&path) {
            Ok(text) => Ok(ClusterPlan::from_toml(&text)?),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Err(unknown()),
            Err(source) => Err(Error::Read { path, source }),
        }
    }

    /// A plan by a preset, in a network of its own; nothing is written.
    pub fn draft(&self, draft: &Draft) -> ClusterPlan {
        let network = match draft.provider {
            Provider::Practice => self.free_practice_network(),
            _ => plan::real_network(),
        };
        draft.preset.plan(&draft.name, draft.provider, network)
    }

    /// A practice network that no other cluster of this home has.
    fn free_practice_network(&self) -> Ipv4Net {
        let taken: Vec<_> =
            self.names().unwrap_or_default().iter().filter_map(|n| self.plan(n).ok()).map(|p| p.network.cidr).collect();
        loop {
            // The standard library's hasher is seeded by the system: random enough to keep two students of one computer apart.
            let network = plan::practice_network(RandomState::new().build_hasher().finish());
            if !taken.contains(&network) {
                return network;
            }
        }
    }

    /// The practice cluster that has addresses of this network.
    fn holder(&self, network: Ipv4Net) -> Option<String> {
        let overlaps = |other: Ipv4Net| network.contains(&other.network()) || other.contains(&network.network());
        let has =
            |name: &String| self.plan(name).is_ok_and(|p| p.provider == Provider::Practice && overlaps(p.network.cidr));
        self.names().unwrap_or_default().into_iter().find(has)
    }

    /// All findings of a plan on this computer.
    pub fn findings(&self, plan: &ClusterPlan) -> Vec<Finding> {
        let host = host();
        plan.findings(Some(HostLimits { cpus: host.cpus, memory_mb: host.memory_mb }))
    }

    /// Takes a plan that has no error on this computer.
    ///
    /// # Errors
    /// [`Error::Findings`] with the errors.
    pub fn valid(&self, plan: ClusterPlan) -> Result<ValidPlan, Error> {
        let errors: Vec<_> = self.findings(&plan).into_iter().filter(|f| f.severity == Severity::Error).collect();
        if errors.is_empty() { ValidPlan::new(plan).map_err(Error::Findings) } else { Err(Error::Findings(errors)) }
    }

    /// Makes a cluster's folder with its plan. Nothing else happens yet.
    ///
    /// # Errors
    /// [`Error::Findings`], [`Error::Exists`], [`Error::NetworkTaken`], [`Error::Write`].
    pub fn create(&self, plan: ClusterPlan) -> Result<String, Error> {
        let plan = self.valid(plan)?;
        let name = plan.name.clone();
        let folder = self.folder(&name);
        make_folder(&self.clusters())?;
        let _lock = Lock::take(&self.clusters(), "clusters")?;
        if folder.join("plan.toml").exists() {
            return Err(Error::Exists(name));
        }
        if plan.provider == Provider::Practice
            && let Some(other) = self.holder(plan.network.cidr)
        {
            let free = self.free_practice_network();
            return Err(Error::NetworkTaken { network: plan.network.cidr, other, free });
        }
        setup::write_file(&folder.join("plan.toml"), plan.to_toml().as_bytes(), 0o644)?;
        Ok(name)
    }

    /// Makes a cluster from an exported bundle, a folder or a .zip: just the plan that was exported, or, under another
    /// name, a twin of it. A practice twin gets a network of its own if the one in the bundle is taken.
    ///
    /// # Errors
    /// [`Error::Import`], and those of [`Self::create`].
    pub fn import(&self, bundle: &Path, name: Option<&str>) -> Result<String, Error> {
        let mut plan = configs::import(bundle)?;
        if let Some(name) = name {
            plan.name = name.into();
            if plan.provider == Provider::Practice && self.holder(plan.network.cidr).is_some() {
                Edit::Renumber { cidr: self.free_practice_network() }.apply(&mut plan);
            }
        }
        self.create(plan)
    }

    /// Opens a cluster by its `plan.toml`: to make it so.
    ///
    /// # Errors
    /// [`Error::NoCluster`], [`Error::Plan`], [`Error::Findings`], [`Error::Renamed`], [`Error::Journal`], [`Error::Open`].
    pub fn open(&self, name: &str) -> Result<Arc<Cluster>, Error> {
        Cluster::open(self, name, self.sound_plan(name)?).map(Arc::new)
    }

    /// Opens a cluster as it stands: by the plan that its machines were made by, whatever became of `plan.toml` since. One
    /// that has no machines yet is opened by its `plan.toml`.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_made(&self, name: &str) -> Result<Arc<Cluster>, Error> {
        self.exists(name)?;
        match setup::made(&self.journal(name)?).map(ValidPlan::new) {
            Some(Ok(made)) => Cluster::open(self, name, made).map(Arc::new),
            // Machines were made by a plan that an older version took and this one does not: the file is as good.
            Some(Err(_)) | None => self.open(name),
        }
    }

    /// The plan of a cluster, without errors and of the same name as its folder.
    fn sound_plan(&self, name: &str) -> Result<ValidPlan, Error> {
        let plan = self.plan(name)?;
        if plan.name != name {
            return Err(Error::Renamed { cluster: name.into(), plan: plan.name });
        }
        self.valid(plan)
    }
}

/// Where exports go if nothing else is said.
fn exports() -> PathBuf {
    directories::UserDirs::new()
        .map(|u| u.download_dir().filter(|d| d.is_dir()).unwrap_or(u.home_dir()).to_owned())
        .unwrap_or_else(std::env::temp_dir)
}

fn make_folder(path: &Path) -> Result<(), Error> {
    std::fs::create_dir_all(path).map_err(|source| Error::Write(setup::WriteError { path: path.to_owned(), source }))
}

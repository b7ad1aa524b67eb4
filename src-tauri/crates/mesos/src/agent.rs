//! Asking an agent: what runs on it, and what lies in its sandboxes.

use serde::Deserialize;
use tls::Tls;

use crate::http::{Http, Request};
use crate::{Credentials, Endpoint, Error};

/// The most that one look at a file brings, bytes: what Mesos itself takes for a page.
const PAGE: u64 = 64 * 1024;

/// Asks one agent. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Client {
    http: Http,
    agent: Endpoint,
}

/// What an agent says of itself (`/state`), as far as sandboxes go.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct State {
    /// Its id.
    #[serde(default)]
    pub id: String,
    /// The frameworks that run something on it.
    #[serde(default)]
    pub frameworks: Vec<Framework>,
    /// Those that did.
    #[serde(default)]
    pub completed_frameworks: Vec<Framework>,
}

/// A framework, on one agent.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Framework {
    /// Its id.
    pub id: String,
    /// What runs.
    #[serde(default)]
    pub executors: Vec<Executor>,
    /// What ran; the agent keeps its sandbox for a while.
    #[serde(default)]
    pub completed_executors: Vec<Executor>,
}

/// An executor with its sandbox.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Executor {
    /// Its id; that of its task if the agent has made it up.
    pub id: String,
    /// Its sandbox, a path on the agent.
    #[serde(default)]
    pub directory: String,
    /// Its tasks.
    #[serde(default)]
    tasks: Vec<TaskName>,
    #[serde(default)]
    queued_tasks: Vec<TaskName>,
    #[serde(default)]
    completed_tasks: Vec<TaskName>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
struct TaskName {
    id: String,
}

impl Executor {
    /// Whether it runs this task, or did.
    pub fn has(&self, task: &str) -> bool {
        let mut tasks = self.tasks.iter().chain(&self.queued_tasks).chain(&self.completed_tasks);
        self.id == task || tasks.any(|one| one.id == task)
    }
}

impl State {
    /// The sandbox of a task, the newest if there are several; none if the agent has cleaned it away.
    pub fn sandbox(&self, task: &str) -> Option<&str> {
        let frameworks = self.frameworks.iter().chain(&self.completed_frameworks);
        let mut executors = frameworks.flat_map(|one| one.executors.iter().chain(one.completed_executors.iter().rev()));
        executors.find(|one| one.has(task)).map(|one| one.directory.as_str()).filter(|directory| !directory.is_empty())
    }
}

/// A file or folder of a sandbox.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct File {
    /// Its path on the agent.
    pub path: String,
    /// Its size, bytes.
    #[serde(default)]
    pub size: u64,
    /// When it was last changed, seconds since 1970.
    #[serde(default)]
    pub mtime: f64,
    /// As `ls -l` shows it: `drwxr-xr-x`.
    #[serde(default)]
    pub mode: String,
    /// Its owner.
    #[serde(default)]
    pub uid: String,
}

impl File {
    /// Its name in its folder.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    /// It is a folder.
    pub fn is_folder(&self) -> bool {
        self.mode.starts_with('d')
    }
}

/// A part of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Chunk {
    /// Where it begins, bytes from the start; of an answer without data, the file's size.
    pub offset: u64,
    /// The text. What is not UTF-8 was replaced by the agent.
    #[serde(default)]
    pub data: String,
}

impl Client {
    /// Asks the agent at `host:port`.
    pub fn new(agent: &str) -> Result<Self, Error> {
        Ok(Self { http: Http::new(None)?, agent: agent.parse()? })
    }

    /// The same, for agents that ask who we are.
    pub fn with_credentials(self, credentials: Option<Credentials>) -> Self {
        Self { http: self.http.with(credentials), ..self }
    }

    /// The same, for agents that speak TLS.
    pub fn with_tls(self, tls: Option<&Tls>) -> Result<Self, Error> {
        Ok(Self { http: self.http.over(tls)?, ..self })
    }

    /// What runs on it, and ran.
    pub async fn state(&self) -> Result<State, Error> {
        self.get("/state").await
    }

    /// What lies in a folder of a sandbox. [`Error::Refused`] with 404 if it is not there (any more).
    pub async fn browse(&self, folder: &str) -> Result<Vec<File>, Error> {
        self.get(&format!("/files/browse?path={}", quoted(folder))).await
    }

    /// A part of a file, from `offset`, at most a page.
    pub async fn read(&self, file: &str, offset: u64) -> Result<Chunk, Error> {
        self.get(&format!("/files/read?path={}&offset={offset}&length={PAGE}", quoted(file))).await
    }

    /// The size of a file, bytes.
    pub async fn size(&self, file: &str) -> Result<u64, Error> {
        let answer: Chunk = self.get(&format!("/files/read?path={}&offset=-1", quoted(file))).await?;
        Ok(answer.offset)
    }

    /// Follows a file that grows, from its last `bytes` on.
    pub async fn tail(&self, file: &str, bytes: u64) -> Result<Tail, Error> {
        let size = self.size(file).await?;
        Ok(Tail { client: self.clone(), file: file.to_owned(), offset: size.saturating_sub(bytes) })
    }

    async fn get<T: serde::de::DeserializeOwned>(&self, path: &str) -> Result<T, Error> {
        Ok(self.http.json(&self.agent, &Request::get(path)).await?.1)
    }
}

/// Follows a file that grows. The agent has no stream for this: whoever follows asks again when it wants more.
#[derive(Clone, Debug)]
pub struct Tail {
    client: Client,
    file: String,
    offset: u64,
}

impl Tail {
    /// What has come since the last time, at most a page; empty if nothing has. A file that became shorter (a log that
    /// was rotated) is followed from its beginning.
    pub async fn more(&mut self) -> Result<String, Error> {
        let size = self.client.size(&self.file).await?;
        if size < self.offset {
            self.offset = 0;
        }
        if size == self.offset {
            return Ok(String::new());
        }
        let chunk = self.client.read(&self.file, self.offset).await?;
        // Replaced bytes would be counted as more than they were: never beyond what the file has.
        let length = u64::try_from(chunk.data.len()).unwrap_or(u64::MAX);
        self.offset = self.offset.saturating_add(length).min(size.max(self.offset + 1));
        Ok(chunk.data)
    }
}

/// A path in a query.
fn quoted(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte);
    path.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_sandbox_is_found_by_its_task() {
        let executor = |id: &str, directory: &str, task: &str| json!({ "id": id, "directory": directory, "tasks": [{ "id": task }] });
        let state: State = serde_json::from_value(json!({
            "id": "S0",
            "frameworks": [{ "id": "f", "executors": [executor("e", "/e", "a")], "completed_executors": [executor("old", "/old", "b")] }],
            "completed_frameworks": [{ "id": "g", "completed_executors": [executor("c", "/c", "x")] }],
        }))
        .unwrap();
        assert_eq!(
            ["a", "b", "c", "x", "none"].map(|task| state.sandbox(task)),
            [Some("/e"), Some("/old"), Some("/c"), Some("/c"), None]
        );
    }

    #[test]
    fn paths_are_quoted() {
        assert_eq!(quoted("/a b/é?&"), "/a%20b/%C3%A9%3F%26");
    }
}

//! A display of the test's own, a WebDriver on it, and the program's window in the real webview.

use std::{
    fs::File,
    io,
    net::TcpListener,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use fantoccini::{Client, ClientBuilder, Locator, elements::Element};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;

/// A window of the program, and everything that holds it up. Ends with it.
pub struct Screen {
    pub page: Client,
    pub home: tempfile::TempDir,
    _driver: Group,
    _display: Group,
}

/// A process and its children: killed together, because the driver's window would outlive it.
struct Group(Child);

impl Drop for Group {
    fn drop(&mut self) {
        // Already gone is as good.
        let _ = Command::new("kill").args(["-9", "--", &format!("-{}", self.0.id())]).status();
        let _ = self.0.wait();
    }
}

/// Says what is missing for a window, if something is; with STARTLINE_REAL=1 that is a failure.
pub fn missing() -> bool {
    let there =
        |program: &str| Command::new("which").arg(program).stdout(Stdio::null()).status().is_ok_and(|s| s.success());
    let missing: Vec<_> = ["Xvfb", "WebKitWebDriver"].into_iter().filter(|p| !there(p)).collect();
    if !missing.is_empty() {
        eprintln!("skipped: needs {}", missing.join(" and "));
        assert!(std::env::var_os("STARTLINE_REAL").is_none(), "STARTLINE_REAL wants {missing:?}");
    }
    !missing.is_empty()
}

impl Screen {
    /// Opens the window in a language (`C` or `fr_FR.UTF-8`), of this size.
    pub async fn open(locale: &str, width: u32, height: u32) -> Self {
        let home = tempfile::tempdir().expect("a temporary folder");
        let (display, number) = display(home.path()).expect("Xvfb starts");
        let port = TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a free port").port();
        let mut driver = Command::new("WebKitWebDriver");
        driver
            .arg(format!("--port={port}"))
            .env("DISPLAY", format!(":{number}"))
            .env_remove("WAYLAND_DISPLAY")
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .env("STARTLINE_HOME", home.path().join("startline"))
            .env("XDG_DATA_HOME", home.path().join("data"))
            .env("XDG_CACHE_HOME", home.path().join("cache"))
            .env("LC_ALL", locale);
        let driver = group(&mut driver, &home.path().join("driver.log")).expect("WebKitWebDriver starts");
        let page = connect(port).await;
        page.set_window_size(width, height).await.expect("the window takes a size");
        Self { page, home, _driver: driver, _display: display }
    }

    /// The element with that `data-test`, waited for.
    pub async fn find(&self, test: &str) -> Element {
        self.within(30, test).await
    }

    /// The element with that `data-test`, waited for so many seconds.
    pub async fn within(&self, seconds: u64, test: &str) -> Element {
        let selector = format!("[data-test=\"{test}\"]");
        match self.page.wait().at_most(Duration::from_secs(seconds)).for_element(Locator::Css(&selector)).await {
            Ok(element) => element,
            Err(error) => {
                self.picture("failure").await;
                let source = self.page.source().await.unwrap_or_default();
                panic!("no {test} within {seconds} s: {error}\n{source}");
            }
        }
    }

    /// Clicks the element with that `data-test`.
    pub async fn click(&self, test: &str) {
        let mut last = None;
        // A page that is being redrawn replaces its elements: the click is tried on the new one.
        for _ in 0..20 {
            match self.find(test).await.click().await {
                Ok(()) => return,
                Err(error) => last = Some(error),
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("{test} can't be clicked: {last:?}");
    }

    /// Clicks the element with that `data-test` inside of the one that the selector finds.
    pub async fn click_in(&self, selector: &str, test: &str) {
        let selector = format!("{selector} [data-test=\"{test}\"]");
        let wait = self.page.wait().at_most(Duration::from_secs(30));
        let element = wait.for_element(Locator::Css(&selector)).await.expect("the element");
        element.click().await.expect("clicked");
    }

    /// There is an element with that `data-test` now.
    pub async fn shows(&self, test: &str) -> bool {
        self.page.find(Locator::Css(&format!("[data-test=\"{test}\"]"))).await.is_ok()
    }

    /// Puts a text into a text area, where typing would add to the indentation.
    pub async fn replace(&self, test: &str, text: &str) {
        let area = self.find(test).await;
        let script =
            "arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('input', { bubbles: true }))";
        let area = serde_json::to_value(&area).expect("an element");
        self.page.execute(script, vec![area, json!(text)]).await.expect("replaced");
    }

    /// Types into the element with that `data-test`, in place of what is there.
    pub async fn write(&self, test: &str, text: &str) {
        let field = self.find(test).await;
        field.clear().await.expect("cleared");
        field.send_keys(text).await.expect("typed");
    }

    /// The text of the element with that `data-test`.
    pub async fn text(&self, test: &str) -> String {
        self.find(test).await.text().await.expect("its text")
    }

    /// Waits until the element's text holds `part`.
    pub async fn until(&self, seconds: u64, test: &str, part: &str) {
        let deadline = tokio::time::Instant::now() + Duration::from_secs(seconds);
        loop {
            let text = self.text(test).await;
            if text.contains(part) {
                return;
            }
            if tokio::time::Instant::now() > deadline {
                self.picture("failure").await;
                panic!("{test} does not say {part} within {seconds} s, but: {text}");
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Waits until the element's `data-state` is this.
    pub async fn state(&self, seconds: u64, test: &str, state: &str) {
        let selector = format!("[data-test=\"{test}\"][data-state=\"{state}\"]");
        let wait = self.page.wait().at_most(Duration::from_secs(seconds)).for_element(Locator::Css(&selector)).await;
        if wait.is_err() {
            self.picture("failure").await;
            panic!("{test} is not {state} within {seconds} s:\n{}", self.page.source().await.unwrap_or_default());
        }
    }

    /// Waits until there is no such element any more.
    pub async fn gone(&self, seconds: u64, test: &str) {
        let selector = format!("[data-test=\"{test}\"]");
        let deadline = tokio::time::Instant::now() + Duration::from_secs(seconds);
        while self.page.find(Locator::Css(&selector)).await.is_ok() {
            if tokio::time::Instant::now() > deadline {
                self.picture("failure").await;
                panic!("{test} is still there after {seconds} s");
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Keeps a picture of the page as `ci-output/NAME.png`.
    pub async fn picture(&self, name: &str) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("ci-output");
        std::fs::create_dir_all(&folder).expect("a folder");
        // A moment for fonts and motion: the picture is for people.
        tokio::time::sleep(Duration::from_millis(350)).await;
        if let Ok(png) = self.page.screenshot().await {
            std::fs::write(folder.join(format!("{name}.png")), png).expect("written");
        }
    }

    pub fn folder(&self, cluster: &str) -> PathBuf {
        self.home.path().join("startline/clusters").join(cluster)
    }
}

fn group(command: &mut Command, log: &Path) -> io::Result<Group> {
    let log = File::create(log)?;
    let child = command.process_group(0).stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).spawn()?;
    Ok(Group(child))
}

/// Xvfb on a number that it finds free itself; it writes the number to a file.
fn display(home: &Path) -> io::Result<(Group, String)> {
    let said = home.join("display");
    let child = Command::new("sh")
        .args(["-c", "exec Xvfb -displayfd 3 -screen 0 1600x1000x24 -nolisten tcp 3>\"$0\" >/dev/null 2>&1"])
        .arg(&said)
        .process_group(0)
        .stdin(Stdio::null())
        .spawn()?;
    let group = Group(child);
    for _ in 0..200 {
        if let Ok(number) = std::fs::read_to_string(&said)
            && number.ends_with('\n')
        {
            return Ok((group, number.trim().to_owned()));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Err(io::Error::other("Xvfb named no display within 10 s"))
}

async fn connect(port: u16) -> Client {
    let capabilities = json!({ "webkitgtk:browserOptions": { "binary": env!("CARGO_BIN_EXE_startline"), "args": [] } });
    let capabilities = capabilities.as_object().cloned().unwrap_or_default();
    let mut last = None;
    for _ in 0..100 {
        let mut builder = ClientBuilder::new(HttpConnector::new());
        match builder.capabilities(capabilities.clone()).connect(&format!("http://127.0.0.1:{port}")).await {
            Ok(client) => return client,
            Err(error) => last = Some(error),
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the driver took no session: {last:?}");
}

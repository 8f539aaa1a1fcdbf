//! [`Browser`]

use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tungstenite::{Message, WebSocket};

use crate::tool::WATCHDOG;

/// A browser, driven by its DevTools protocol.
pub(crate) struct Browser {
    child: Child,
    socket: WebSocket<TcpStream>,
    count: u64,
    /// That of the page which is driven.
    session: Option<Value>,
    _profile: tempfile::TempDir,
}

impl Browser {
    /// With one page.
    pub(crate) fn start() -> Self {
        let program = std::env::var("WINSHM_BROWSER").unwrap_or_else(|_| "chromium".to_owned());
        let profile = tempfile::tempdir().unwrap();
        let mut child = Command::new(program)
            .args(["--headless=new", "--no-sandbox", "--disable-gpu"])
            // A container or a chroot may have none.
            .arg("--disable-dev-shm-usage")
            .arg("--remote-debugging-port=0")
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg("about:blank")
            // The pictures are the same everywhere.
            .env("TZ", "UTC")
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let url = lines.by_ref().map(Result::unwrap).find_map(|it| {
            it.strip_prefix("DevTools listening on ")
                .map(|it| it.trim().to_owned())
        });
        let url = url.expect("the browser says where it listens");
        // What else it has to say must not fill the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        let stream = TcpStream::connect(url.split('/').nth(2).unwrap()).unwrap();
        stream.set_read_timeout(Some(WATCHDOG)).unwrap();
        let (socket, _) = tungstenite::client(url.as_str(), stream).unwrap();
        let mut this = Self {
            child,
            socket,
            count: 0,
            session: None,
            _profile: profile,
        };
        let targets = this.call("Target.getTargets", json!({}));
        let targets = targets["targetInfos"].as_array().unwrap();
        let page = &targets.iter().find(|it| it["type"] == "page").unwrap()["targetId"];
        this.attach(page);
        this
    }

    fn attach(&mut self, page: &Value) {
        let target = json!({ "targetId": page, "flatten": true });
        let attached = self.call("Target.attachToTarget", target);
        self.session = Some(attached["sessionId"].clone());
    }

    /// Opens another page, and drives that one. A window of its own shows it, because a tab behind another draws nothing.
    /// Returns the page from before.
    pub(crate) fn another(&mut self) -> Page {
        let page = Page(self.session.take());
        let target = json!({ "url": "about:blank", "newWindow": true });
        let target = self.call("Target.createTarget", target)["targetId"].take();
        self.attach(&target);
        page
    }

    /// Drives this page, and returns the one from before.
    pub(crate) fn turn_to(&mut self, page: Page) -> Page {
        Page(std::mem::replace(&mut self.session, page.0))
    }

    /// Calls a method, and waits for what it gives.
    pub(crate) fn call(&mut self, method: &str, parameters: Value) -> Value {
        self.count += 1;
        let mut call = json!({ "id": self.count, "method": method, "params": parameters });
        if let Some(session) = &self.session {
            call["sessionId"] = session.clone();
        }
        self.socket.send(Message::text(call.to_string())).unwrap();
        loop {
            let Message::Text(answer) = self.socket.read().unwrap() else {
                continue;
            };
            let mut answer: Value = serde_json::from_str(&answer).unwrap();
            if answer["id"] == self.count {
                assert!(answer["error"].is_null(), "{method}: {answer}");
                return answer["result"].take();
            }
        }
    }

    /// A window of this size, of a phone or not.
    pub(crate) fn window(&mut self, [width, height]: [u32; 2], scheme: &str, is_phone: bool) {
        let scale = if is_phone { 2 } else { 1 };
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": scale, "mobile": is_phone });
        self.call("Emulation.setDeviceMetricsOverride", size);
        let scheme = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.call("Emulation.setEmulatedMedia", json!({ "features": scheme }));
    }

    pub(crate) fn open(&mut self, url: &str) {
        self.call("Page.navigate", json!({ "url": url }));
    }

    /// What an expression is in the page.
    pub(crate) fn evaluate(&mut self, expression: &str) -> Value {
        let what = json!({ "expression": expression, "returnByValue": true });
        self.call("Runtime.evaluate", what)["result"]["value"].take()
    }

    /// Waits until an expression is true in the page.
    #[track_caller]
    pub(crate) fn wait(&mut self, expression: &str) {
        let begun = Instant::now();
        while self.evaluate(expression) != true {
            assert!(begun.elapsed() < WATCHDOG, "it is not so: {expression}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    pub(crate) fn mouse(&mut self, kind: &str, [x, y]: [f64; 2]) {
        let event = json!({ "type": kind, "x": x, "y": y, "button": "left", "buttons": 1, "clickCount": 1 });
        self.call("Input.dispatchMouseEvent", event);
    }

    /// Keeps a picture, if somebody wants to look at it.
    pub(crate) fn picture(&mut self, name: &str) {
        let folder = std::env::var_os("WINSHM_SCREENSHOTS");
        self.keep(name, folder.map(PathBuf::from));
    }

    /// The same with one that a document shows. If `WIN_SHARED_MEMORY_UPDATE_PICTURES` is set, it replaces that.
    pub(crate) fn picture_of_a_document(&mut self, name: &str) {
        if std::env::var_os("WIN_SHARED_MEMORY_UPDATE_PICTURES").is_some() {
            self.keep(
                name,
                Some(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs").into()),
            );
        } else {
            self.picture(name);
        }
    }

    fn keep(&mut self, name: &str, folder: Option<PathBuf>) {
        let taken = self.call("Page.captureScreenshot", json!({}));
        let picture = STANDARD.decode(taken["data"].as_str().unwrap()).unwrap();
        if let Some(folder) = folder {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(folder.join(name), picture).unwrap();
        }
    }
}

/// A page that is open.
pub(crate) struct Page(Option<Value>);

impl Drop for Browser {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

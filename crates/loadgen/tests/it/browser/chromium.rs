//! Headless Chromium, told what to do over the pipe of its DevTools protocol: one JSON message
//! after the other, each ended by a zero byte. Knows nothing of the pages that it opens.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::mpsc::{Receiver, Sender, channel},
    thread,
    time::Duration,
};

use serde_json::{Value, json};
use tempfile::TempDir;

/// Names that distributions give it.
const PROGRAMS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// Nothing that it is asked for takes as long, on a busy machine neither.
const PATIENCE: Duration = Duration::from_secs(120);

/// A browser with one page; stopped when dropped.
pub(crate) struct Browser {
    process: Child,
    input: ChildStdin,
    output: Receiver<Value>,
    calls: u64,
    session: Option<String>,
    /// What has happened on the page since it was opened.
    events: Vec<Value>,
    _profile: TempDir,
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It ends its helpers when it is asked to; killed, it could not.
        let message = json!({ "id": 0, "method": "Browser.close" });
        let _ = self.input.write_all(format!("{message}\0").as_bytes());
        while self.output.recv_timeout(Duration::from_secs(10)).is_ok() {}
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Browser {
    /// `None` if no Chromium is installed and that is allowed.
    #[expect(clippy::print_stderr, reason = "whoever runs the tests must know what was left out")]
    pub(crate) fn start() -> Option<Self> {
        let Some(program) = PROGRAMS.into_iter().find(|program| is_installed(program)) else {
            let required = std::env::var("LOADGEN_TEST_BROWSER").is_ok_and(|it| it == "required");
            assert!(!required, "a browser is required, but there is none of {PROGRAMS:?}");
            eprintln!("LEFT OUT: no browser is installed, so nobody has looked at the page");
            return None;
        };
        let profile = tempfile::tempdir().unwrap();
        let mut process = spawn(program, &profile);
        let (sender, output) = channel();
        let stdout = process.stdout.take().unwrap();
        thread::spawn(move || read(stdout, &sender));
        let input = process.stdin.take().unwrap();
        let mut browser = Self {
            process,
            input,
            output,
            calls: 0,
            session: None,
            events: Vec::new(),
            _profile: profile,
        };
        browser.attach();
        Some(browser)
    }

    fn attach(&mut self) {
        let target = self.call("Target.createTarget", &json!({ "url": "about:blank" }));
        let target = json!({ "targetId": target["targetId"], "flatten": true });
        let session = self.call("Target.attachToTarget", &target);
        self.session = session["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Runtime", "Log", "Network"] {
            self.call(&format!("{domain}.enable"), &json!({}));
        }
    }

    /// Calls a method of the DevTools protocol.
    pub(crate) fn call(&mut self, method: &str, params: &Value) -> Value {
        self.calls += 1;
        let mut message = json!({ "id": self.calls, "method": method, "params": params });
        if let Some(session) = &self.session {
            message["sessionId"] = session.as_str().into();
        }
        self.input.write_all(format!("{message}\0").as_bytes()).unwrap();
        loop {
            let mut message = self.next();
            if message["id"] == self.calls {
                assert!(message["error"].is_null(), "{method}: {}", message["error"]);
                return message["result"].take();
            }
            self.events.push(message);
        }
    }

    fn next(&mut self) -> Value {
        self.output.recv_timeout(PATIENCE).expect("the browser answers")
    }

    /// Opens a page in a window of this size and waits until all of it is there.
    pub(crate) fn open(&mut self, url: &str, (width, height): (u32, u32)) {
        let size =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.call("Emulation.setDeviceMetricsOverride", &size);
        self.events.clear();
        self.call("Page.navigate", &json!({ "url": url }));
        let loaded = |event: &Value| event["method"] == "Page.loadEventFired";
        while !self.events.iter().any(loaded) {
            let event = self.next();
            self.events.push(event);
        }
    }

    /// The value of a JavaScript expression; a promise is waited for.
    ///
    /// # Panics
    ///
    /// If it throws.
    pub(crate) fn js(&mut self, expression: &str) -> Value {
        let call = json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let mut result = self.call("Runtime.evaluate", &call);
        let thrown = &result["exceptionDetails"];
        assert!(thrown.is_null(), "{expression}: {thrown}");
        result["result"]["value"].take()
    }

    /// The value of a JavaScript expression that is a text.
    pub(crate) fn text(&mut self, expression: &str) -> String {
        self.js(expression).as_str().unwrap_or_default().to_owned()
    }

    /// Presses a key, as `KeyboardEvent.key` calls it.
    pub(crate) fn press(&mut self, key: &str) {
        for kind in ["keyDown", "keyUp"] {
            self.call("Input.dispatchKeyEvent", &json!({ "type": kind, "key": key }));
        }
    }

    /// Moves the pointer to the middle of what a selector finds first.
    pub(crate) fn point_at(&mut self, selector: &str) {
        let place = self.js(&format!(
            "(() => {{ const found = document.querySelector({selector:?});
             found.scrollIntoView({{ block: 'center', behavior: 'instant' }});
             const box = found.getBoundingClientRect();
             return {{ x: box.left + box.width / 2, y: box.top + box.height / 2 }}; }})()"
        ));
        let (x, y) = (&place["x"], &place["y"]);
        self.call("Input.dispatchMouseEvent", &json!({ "type": "mouseMoved", "x": x, "y": y }));
    }

    /// Errors and warnings of the page since it was opened: its script's, its console's, and those
    /// of its policy.
    pub(crate) fn complaints(&mut self) -> Vec<String> {
        self.settle();
        let is_complaint = |event: &&Value| match event["method"].as_str() {
            Some("Runtime.exceptionThrown") => true,
            Some("Runtime.consoleAPICalled") => event["params"]["type"] != "log",
            Some("Log.entryAdded") => event["params"]["entry"]["level"] != "verbose",
            _ => false,
        };
        self.events.iter().filter(is_complaint).map(Value::to_string).collect()
    }

    /// What was fetched since the page was opened, the page itself first.
    pub(crate) fn fetched(&mut self) -> Vec<String> {
        self.settle();
        let requests = self.events.iter().filter(|it| it["method"] == "Network.requestWillBeSent");
        let url = |event: &Value| event["params"]["request"]["url"].as_str().map(str::to_owned);
        requests.filter_map(url).collect()
    }

    /// Lets all that is under way on the page happen.
    fn settle(&mut self) {
        self.js("new Promise((done) => requestAnimationFrame(() => setTimeout(done, 50)))");
    }
}

fn is_installed(program: &str) -> bool {
    let mut probe = Command::new(program);
    probe.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
    probe.status().is_ok_and(|status| status.success())
}

/// The protocol's pipe is file descriptors 3 and 4, which the shell makes of 0 and 1.
fn spawn(program: &str, profile: &TempDir) -> Child {
    Command::new("sh")
        .args(["-c", r#"exec "$@" 3<&0 4>&1 </dev/null >/dev/null 2>&1"#, "sh", program])
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"])
        .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
        .args(["--disable-dev-shm-usage", "--remote-debugging-pipe"])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

fn read(output: ChildStdout, messages: &Sender<Value>) {
    for message in BufReader::new(output).split(0) {
        let Ok(message) = message else { return };
        let message = serde_json::from_slice(&message).expect("the browser writes JSON");
        if messages.send(message).is_err() {
            return;
        }
    }
}

//! InfluxDB: what a server gets, and what it does not.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream, UdpSocket},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use tokio::time::Instant;

use super::{Point, assert_equal, run_everything};

/// What a server got: request line, header lines, body.
#[derive(Debug, Clone)]
struct Got {
    head: String,
    body: String,
}

/// A server that answers the n-th request with the n-th status, and all others with 204.
fn server(statuses: &'static [&'static str]) -> (String, Arc<Mutex<Vec<Got>>>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let got: Arc<Mutex<Vec<Got>>> = Arc::default();
    let log = got.clone();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, log) = (stream.unwrap(), log.clone());
            thread::spawn(move || {
                while let Some(request) = read(&mut stream) {
                    let mut log = log.lock().unwrap();
                    let status = statuses.get(log.len()).unwrap_or(&"204 No Content");
                    log.push(request);
                    let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n");
                    stream.write_all(answer.as_bytes()).unwrap();
                }
            });
        }
    });
    (address, got)
}

fn read(stream: &mut TcpStream) -> Option<Got> {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).ok()?;
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: "));
    let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
    stream.read_exact(&mut body).unwrap();
    Some(Got { head, body: String::from_utf8(body).unwrap() })
}

/// Lines without escapes as points.
fn points(lines: &str) -> Vec<Point> {
    let point = |line: &str| {
        let (series, rest) = line.split_once(' ').unwrap();
        let (fields, time) = rest.rsplit_once(' ').unwrap();
        assert_eq!(time.len(), 19, "nanoseconds: {line}");
        let mut series = series.split(',');
        let metric = series.next().unwrap().into();
        let tags = series.map(|tag| tag.split_once('=').unwrap());
        let value = fields.rsplit_once("value=").unwrap().1;
        let value = value.split(',').next().unwrap().parse().unwrap();
        Point { metric, value, tags: tags.map(|(n, v)| (n.into(), v.into())).collect() }
    };
    lines.lines().map(point).collect()
}

#[tokio::test]
async fn a_server_gets_every_sample_even_if_it_fails_meanwhile() {
    // The database is made first, and the first two writes fail in ways that pass.
    let (address, got) = server(&["200 OK", "503 Unavailable", "429 Too Many Requests"]);
    let output = format!("influxdb=http://user:pw@{address}/mydb?concurrentWrites=1");
    let report = run_everything(2, &[output]).await;
    assert!(report.warnings().iter().all(|it| !it.contains("lost")), "{:?}", report.warnings());
    let got = got.lock().unwrap().clone();
    let line = |got: &Got| got.head.lines().next().unwrap().to_owned();
    assert_eq!(line(&got[0]), "POST /query?db=&params=%7B%7D&q=CREATE+DATABASE+mydb HTTP/1.1");
    for request in &got[1..] {
        assert_eq!(line(request), "POST /write?consistency=&db=mydb&precision=&rp= HTTP/1.1");
        let head = request.head.to_lowercase();
        assert!(head.contains("authorization: basic dxnlcjpwdw==\r\n"), "{head}");
    }
    assert_eq!((&got[1].body, &got[2].body), (&got[3].body, &got[3].body), "sent again");
    let lines: String = got[3..].iter().map(|request| request.body.as_str()).collect();
    let check = lines.lines().find(|line| line.starts_with("checks,check=even,")).unwrap();
    assert!(check.starts_with("checks,check=even,scenario="), "{check}");
    // Their names have spaces, which is not what this is about.
    let lines = lines.replace("\\ ", "_").replace("connection refused", "refused");
    assert_equal(&points(&lines), &report);
}

#[tokio::test]
async fn what_a_server_refuses_is_lost_and_counted() {
    let (address, got) = server(&["200 OK", "400 Bad Request"]);
    let output = format!("influxdb=http://{address}?pushInterval=30s&precision=s");
    let report = run_everything(1, &[output]).await;
    let name = format!("output InfluxDBv1 (http://{address}) lost ");
    let warning = report.warnings().iter().find_map(|it| it.strip_prefix(&name)).unwrap();
    let (number, reason) = warning.split_once(" samples: ").unwrap();
    assert_eq!(reason, "the server answered with status 400");
    let got = got.lock().unwrap();
    assert_eq!(number.parse(), Ok(got[1].body.lines().count()));
    assert!(got[1].head.starts_with("POST /write?consistency=&db=k6&precision=s&rp= "));
}

#[tokio::test]
async fn datagrams_hold_whole_lines() {
    let socket = UdpSocket::bind(("127.0.0.1", 0)).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let output = format!("influxdb=udp://{}", socket.local_addr().unwrap());
    let reader = thread::spawn(move || {
        let mut buffer = [0; 65_536];
        let length = socket.recv(&mut buffer).unwrap();
        String::from_utf8(buffer[..length].to_vec()).unwrap()
    });
    drop(run_everything(1, &[output]).await);
    let first = reader.join().unwrap();
    assert!(first.len() <= 512 && first.ends_with('\n'), "{first}");
    assert!(first.lines().all(|line| line.contains("value=")), "{first}");
}

/// A real server, ended with the test.
struct Influxd(Child);

impl Drop for Influxd {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts a real server in `folder` and waits for it; gives its address.
fn influxd(folder: &Path) -> Option<(Influxd, String)> {
    let free_port = || TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
    let (http, rpc) = (free_port(), free_port());
    let folder = folder.display();
    let config = format!(
        "reporting-disabled = true\nbind-address = \"{rpc}\"\n[meta]\ndir = \"{folder}/meta\"\n\
         [data]\ndir = \"{folder}/data\"\nwal-dir = \"{folder}/wal\"\n\
         [http]\nbind-address = \"{http}\"\nlog-enabled = false\n"
    );
    let path = format!("{folder}/influxdb.conf");
    std::fs::write(&path, config).unwrap();
    let mut command = Command::new("influxd");
    command.args(["-config", &path]).stdout(Stdio::null()).stderr(Stdio::null());
    let server = Influxd(command.spawn().ok()?);
    let start = Instant::now();
    while TcpStream::connect(http).is_err() {
        assert!(start.elapsed() < Duration::from_secs(60), "influxd does not listen");
        thread::sleep(Duration::from_millis(100));
    }
    Some((server, http.to_string()))
}

/// What a query gives: the values behind the time of the only row.
fn query(address: &str, query: &str) -> Vec<f64> {
    let mut stream = TcpStream::connect(address).unwrap();
    let query = query.replace(' ', "+");
    let head = format!("GET /query?db=runs&q={query} HTTP/1.0\r\nHost: {address}\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let body: serde_json::Value =
        serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap();
    let row = body["results"][0]["series"][0]["values"][0].as_array();
    let row = row.unwrap_or_else(|| panic!("{query}: {answer}"));
    row[1..].iter().map(|value| value.as_f64().unwrap()).collect()
}

#[tokio::test]
#[expect(clippy::print_stderr, reason = "a test that is skipped must say so")]
async fn a_real_server_has_what_the_summary_says() {
    let folder = tempfile::tempdir().unwrap();
    let Some((_server, address)) = influxd(folder.path()) else {
        eprintln!("SKIPPED: influxd is not installed");
        return;
    };
    let report = run_everything(2, &[format!("influxdb=http://{address}/runs")]).await;
    assert!(report.warnings().iter().all(|it| !it.contains("lost")), "{:?}", report.warnings());
    let metric = |name: &str| report.summary().metrics[name].values.clone();
    for counter in ["http_reqs", "iterations", "data_sent", "data_received", "my_counter"] {
        let found = query(&address, &format!("SELECT sum(value) FROM {counter}"));
        assert_eq!(found, [metric(counter)["count"]], "{counter}");
    }
    let checks = query(&address, "SELECT sum(value), count(value) FROM checks");
    let want = metric("checks");
    assert_eq!(checks, [want["passes"], want["passes"] + want["fails"]]);
    let durations = query(&address, "SELECT count(value), max(value) FROM http_req_duration");
    assert_eq!(
        durations,
        [metric("http_reqs")["count"], report.http_req_duration().unwrap().max()]
    );
    let failed = query(&address, "SELECT count(value) FROM http_req_failed WHERE status = '404'");
    assert!(failed[0] >= 1.0);
}

//! The REST API over real sockets, and its clients as processes, on a test that is made up.

mod clients;
mod engine;

use std::{
    io::{self, Read, Write},
    net::{Shutdown, SocketAddr, TcpStream},
    thread,
    time::Duration,
};

use loadgen::api::{Address, Server};
use tokio::time::Instant;

use engine::Engine;

fn start(engine: &Engine) -> Server {
    Server::start(&"127.0.0.1:0".parse().unwrap(), engine.control.clone()).unwrap()
}

/// Sends bytes and reads until the server closes.
fn exchange(address: SocketAddr, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(request).unwrap();
    read(stream)
}

fn read(mut stream: TcpStream) -> String {
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8(answer).unwrap()
}

fn request(method: &str, path: &str, body: &str) -> String {
    let length = body.len();
    format!("{method} {path} HTTP/1.1\r\nHost: test\r\nContent-Length: {length}\r\n\r\n{body}")
}

/// Status, type of the content, and body.
fn ask(server: &Server, method: &str, path: &str, body: &str) -> String {
    let answer = exchange(server.address(), request(method, path, body).as_bytes());
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap();
    let kind = head.lines().find_map(|line| line.strip_prefix("Content-Type: "));
    format!("{status} {}\n{body}", kind.unwrap_or("-"))
}

fn get(server: &Server, path: &str) -> String {
    ask(server, "GET", path, "")
}

fn change(server: &Server, attributes: &str) -> String {
    let body =
        format!(r#"{{"data":{{"type":"status","id":"default","attributes":{attributes}}}}}"#);
    ask(server, "PATCH", "/v1/status", &body)
}

#[test]
fn a_status_has_k6s_head_and_body() {
    let server = start(&Engine::start());
    let answer = exchange(server.address(), request("GET", "/v1/status", "").as_bytes());
    let shown: Vec<_> = answer.lines().filter(|line| !line.starts_with("Date: ")).collect();
    insta::assert_snapshot!(shown.join("\n"), @r#"
    HTTP/1.1 200 OK
    Content-Type: application/json; charset=utf-8
    Content-Length: 150
    Connection: close

    {"data":{"type":"status","id":"default","attributes":{"status":7,"paused":false,"vus":2,"vus-max":10,"stopped":false,"running":true,"tainted":false}}}
    "#);
}

#[test]
fn metrics_are_listed_and_found_by_name() {
    let server = start(&Engine::start());
    insta::assert_snapshot!(get(&server, "/v1/metrics").replace("},{", "},\n{"), @r#"
    200 text/plain; charset=utf-8
    {"data":[{"type":"metrics","id":"checks","attributes":{"type":"rate","contains":"default","tainted":null,"sample":{"rate":0.6666666666666666}}},
    {"type":"metrics","id":"http_req_duration","attributes":{"type":"trend","contains":"time","tainted":true,"sample":{"avg":0.6166666666666666,"max":1.5,"med":0.250048,"min":0.1,"p(90)":1.2500096,"p(95)":1.3750048}}},
    {"type":"metrics","id":"http_req_duration{expected_response:true}","attributes":{"type":"trend","contains":"time","tainted":null,"sample":{"avg":0.25,"max":0.25,"med":0.25,"min":0.25,"p(90)":0.25,"p(95)":0.25}}},
    {"type":"metrics","id":"iterations","attributes":{"type":"counter","contains":"default","tainted":false,"sample":{"count":9,"rate":2.25}}},
    {"type":"metrics","id":"orders","attributes":{"type":"gauge","contains":"data","tainted":null,"sample":{"value":200.74520750000002}}},
    {"type":"metrics","id":"vus","attributes":{"type":"gauge","contains":"default","tainted":null,"sample":{"value":2}}}]}
    "#);
    insta::assert_snapshot!(get(&server, "/v1/metrics/vus"), @r#"
    200 text/plain; charset=utf-8
    {"data":{"type":"metrics","id":"vus","attributes":{"type":"gauge","contains":"default","tainted":null,"sample":{"value":2}}}}
    "#);
    let submetric = "/v1/metrics/http_req_duration%7Bexpected_response%3Atrue%7D";
    insta::assert_snapshot!(get(&server, submetric), @r#"
    200 text/plain; charset=utf-8
    {"data":{"type":"metrics","id":"http_req_duration{expected_response:true}","attributes":{"type":"trend","contains":"time","tainted":null,"sample":{"avg":0.25,"max":0.25,"med":0.25,"min":0.25,"p(90)":0.25,"p(95)":0.25}}}}
    "#);
}

#[test]
fn metrics_without_a_sample_and_names_of_none_are_not_found() {
    let server = start(&Engine::start());
    insta::assert_snapshot!(get(&server, "/v1/metrics/http_req_failed"), @r#"
    404 text/plain; charset=utf-8
    {"errors":[{"status":"404","title":"Not Found","detail":"No metric with that ID was found"}]}
    "#);
    let not_found = get(&server, "/v1/metrics/http_req_failed");
    for name in ["nonsense", "%FF%FE", "%00", "a/b/c", "..%2f..%2fetc", &"x".repeat(4000)] {
        assert_eq!(get(&server, &format!("/v1/metrics/{name}")), not_found, "{name}");
    }
}

#[test]
fn groups_come_flat_with_their_checks() {
    let server = start(&Engine::start());
    let all = get(&server, "/v1/groups");
    insta::assert_snapshot!(all.replace("},{\"type\":\"groups\"", "},\n{\"type\":\"groups\""), @r#"
    200 text/plain; charset=utf-8
    {"data":[{"type":"groups","id":"d41d8cd98f00b204e9800998ecf8427e","attributes":{"path":"","name":"","checks":[{"id":"a03b851833f5ba257445456aa0ce3cad","path":"::status","name":"status","passes":2,"fails":1}]},"relationships":{"groups":{"data":[{"type":"groups","id":"f04b3cd05742616746bf38f3dd5f5654"}]},"parent":{"data":null}}},
    {"type":"groups","id":"f04b3cd05742616746bf38f3dd5f5654","attributes":{"path":"::cart","name":"cart","checks":null},"relationships":{"groups":{"data":[{"type":"groups","id":"18ed24413e4a1a7c2728221c5ca36cc4"}]},"parent":{"data":{"type":"groups","id":"d41d8cd98f00b204e9800998ecf8427e"}}}},
    {"type":"groups","id":"18ed24413e4a1a7c2728221c5ca36cc4","attributes":{"path":"::cart::pay","name":"pay","checks":[{"id":"4cadd9c2ab1ca90199b0a0406beae5ba","path":"::cart::pay::paid","name":"paid","passes":7,"fails":0}]},"relationships":{"groups":{"data":[]},"parent":{"data":{"type":"groups","id":"f04b3cd05742616746bf38f3dd5f5654"}}}}]}
    "#);
    insta::assert_snapshot!(get(&server, "/v1/groups/d41d8cd98f00b204e9800998ecf8427e"), @r#"
    200 text/plain; charset=utf-8
    {"data":{"type":"groups","id":"d41d8cd98f00b204e9800998ecf8427e","attributes":{"path":"","name":"","checks":[{"id":"a03b851833f5ba257445456aa0ce3cad","path":"::status","name":"status","passes":2,"fails":1}]},"relationships":{"groups":{"data":[{"type":"groups","id":"f04b3cd05742616746bf38f3dd5f5654"}]},"parent":{"data":null}}}}
    "#);
    insta::assert_snapshot!(get(&server, "/v1/groups/d41d8cd9"), @r#"
    404 text/plain; charset=utf-8
    {"errors":[{"status":"404","title":"Not Found","detail":"No group with that ID was found"}]}
    "#);
}

#[test]
fn the_small_ones() {
    let server = start(&Engine::start());
    insta::assert_snapshot!(get(&server, "/"), @"
    200 text/plain; charset=utf-8
    ok
    ");
    insta::assert_snapshot!(get(&server, "/ping?now"), @"
    200 text/plain; charset=utf-8
    ok
    ");
    insta::assert_snapshot!(get(&server, "/v1/setup"), @r#"
    200 application/json
    {"data":{"type":"setupData","id":"default","attributes":{}}}
    "#);
    for path in ["/v1", "/v1/", "/v1/nonsense", "/v2/status", "/v1/status/"] {
        assert_eq!(get(&server, path), "404 text/plain; charset=utf-8\n404 page not found\n");
    }
}

#[test]
fn other_methods_are_not_allowed_and_say_nothing() {
    let server = start(&Engine::start());
    for (method, path) in [
        ("POST", "/v1/status"),
        ("PUT", "/v1/status"),
        ("DELETE", "/v1/metrics"),
        ("PATCH", "/v1/metrics/vus"),
        ("POST", "/v1/groups"),
        ("PUT", "/v1/groups/d41d8cd98f00b204e9800998ecf8427e"),
        ("POST", "/v1/setup"),
        ("PUT", "/v1/setup"),
        ("OPTIONS", "/v1/status"),
        ("POST", "/ping"),
    ] {
        assert_eq!(ask(&server, method, path, ""), "405 -\n", "{method} {path}");
    }
}

#[test]
fn a_test_is_paused_scaled_and_stopped() {
    let engine = Engine::start();
    let server = start(&engine);
    insta::assert_snapshot!(change(&server, r#"{"paused":true}"#), @r#"
    200 application/json; charset=utf-8
    {"data":{"type":"status","id":"default","attributes":{"status":7,"paused":true,"vus":2,"vus-max":10,"stopped":false,"running":true,"tainted":false}}}
    "#);
    insta::assert_snapshot!(change(&server, r#"{"paused":false,"vus":4,"vus-max":20}"#), @r#"
    200 application/json; charset=utf-8
    {"data":{"type":"status","id":"default","attributes":{"status":7,"paused":false,"vus":4,"vus-max":20,"stopped":false,"running":true,"tainted":false}}}
    "#);
    insta::assert_snapshot!(change(&server, r#"{"vus":5}"#), @r#"
    200 application/json; charset=utf-8
    {"data":{"type":"status","id":"default","attributes":{"status":7,"paused":false,"vus":5,"vus-max":20,"stopped":false,"running":true,"tainted":false}}}
    "#);
    // Nothing to change, in four ways.
    for same in ["{}", r#"{"stopped":false}"#, r#"{"paused":null,"vus":null}"#, r#"{"x":[]}"#] {
        assert_eq!(change(&server, same), get(&server, "/v1/status"), "{same}");
    }
    insta::assert_snapshot!(change(&server, r#"{"stopped":true,"paused":true,"vus":9}"#), @r#"
    200 application/json; charset=utf-8
    {"data":{"type":"status","id":"default","attributes":{"status":7,"paused":false,"vus":5,"vus-max":20,"stopped":true,"running":true,"tainted":false}}}
    "#);
    insta::assert_debug_snapshot!(engine.obeyed(), @r#"
    [
        "pause true",
        "pause false",
        "scale 4 20",
        "scale 5 20",
        "stop",
    ]
    "#);
}

#[test]
fn what_a_test_refuses_is_told_in_its_words() {
    let server = start(&Engine::start());
    insta::assert_snapshot!(change(&server, r#"{"vus":21,"vus-max":20}"#), @r#"
    400 application/json; charset=utf-8
    {"errors":[{"status":"400","title":"Config update error","detail":"21 VUs are more than 20"}]}
    "#);
    let fixed = Engine::uncontrollable();
    let server = start(&fixed);
    insta::assert_snapshot!(change(&server, r#"{"vus":3}"#), @r#"
    500 application/json; charset=utf-8
    {"errors":[{"status":"500","title":"Execution config error","detail":"an externally-controlled executor needs to be configured for live configuration updates"}]}
    "#);
    insta::assert_snapshot!(change(&server, r#"{"paused":true,"vus":3}"#), @r#"
    500 application/json; charset=utf-8
    {"errors":[{"status":"500","title":"Pause error","detail":"constant-vus executor 'default' doesn't support pause and resume operations after its start"}]}
    "#);
    assert_eq!(fixed.obeyed(), Vec::<String>::new());
}

#[test]
fn what_is_no_status_changes_nothing() {
    let engine = Engine::start();
    let server = start(&engine);
    insta::assert_snapshot!(ask(&server, "PATCH", "/v1/status", "stop!"), @r#"
    400 application/json; charset=utf-8
    {"errors":[{"status":"400","title":"Invalid data","detail":"expected value at line 1 column 1"}]}
    "#);
    insta::assert_snapshot!(ask(&server, "PATCH", "/v1/status", ""), @r#"
    400 application/json; charset=utf-8
    {"errors":[{"status":"400","title":"Invalid data","detail":"EOF while parsing a value at line 1 column 0"}]}
    "#);
    for body in [
        "[]",
        "{}",
        r#"{"data":{}}"#,
        r#"{"data":{"attributes":{"stopped":"yes"}}}"#,
        r#"{"data":{"attributes":{"vus":1.5}}}"#,
        r#"{"data":{"attributes":{"vus":99999999999999999999}}}"#,
        r#"{"data":{"attributes":{"stopped":true}}"#,
        "\u{feff}{}",
        &"[".repeat(10_000),
    ] {
        let answer = ask(&server, "PATCH", "/v1/status", body);
        assert!(answer.starts_with("400 application/json; charset=utf-8\n"), "{answer}");
        assert!(answer.contains(r#""title":"Invalid data""#), "{answer}");
    }
    assert_eq!(engine.obeyed(), Vec::<String>::new());
}

#[test]
fn a_body_beyond_all_use_is_not_read() {
    let engine = Engine::start();
    let server = start(&engine);
    let head = "PATCH /v1/status HTTP/1.1\r\nHost: test\r\n";
    // Sent up to just where the server has had enough, so that its answer is not lost to a reset.
    let begun = "x".repeat(64 * 1024 + 1);
    let told = format!("{head}Content-Length: 1000000000000\r\n\r\n{begun}");
    let answer = exchange(server.address(), told.as_bytes());
    let (head_of_answer, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head_of_answer.starts_with("HTTP/1.1 413 "), "{answer}");
    insta::assert_snapshot!(body, @r#"{"errors":[{"status":"413","title":"Couldn't read request","detail":"Failed to buffer the request body: length limit exceeded"}]}"#);
    let untold = format!("{head}Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{begun}", begun.len());
    let answer = exchange(server.address(), untold.as_bytes());
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert_eq!(engine.obeyed(), Vec::<String>::new());
}

#[test]
fn what_is_no_http_is_turned_away() {
    let server = start(&Engine::start());
    for request in [
        &b"\0\0\0\0\r\n\r\n"[..],
        b"GET /v1/status\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / HTTP/1.1\r\nHost: test\r\nContent-Length: many\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ] {
        let answer = exchange(server.address(), request);
        assert!(answer.starts_with("HTTP/1.1 400 ") || answer.is_empty(), "{answer}");
    }
    assert!(get(&server, "/ping").ends_with("\nok"));
}

#[test]
fn many_clients_are_served_beside_some_that_say_nothing() {
    let server = start(&Engine::start());
    let address = server.address();
    let mute: Vec<_> = (0..20).map(|_| TcpStream::connect(address).unwrap()).collect();
    let expected = get(&server, "/v1/metrics");
    thread::scope(|scope| {
        for _ in 0..100 {
            scope.spawn(|| assert_eq!(get(&server, "/v1/metrics"), expected));
        }
    });
    drop(mute);
}

#[test]
fn a_client_that_is_gone_before_its_answer_harms_nobody() {
    let server = start(&Engine::start());
    for _ in 0..100 {
        let mut stream = TcpStream::connect(server.address()).unwrap();
        stream.write_all(request("GET", "/v1/metrics", "").as_bytes()).unwrap();
        stream.shutdown(Shutdown::Both).unwrap();
    }
    assert!(get(&server, "/ping").ends_with("\nok"));
}

#[test]
fn stopping_lets_an_answer_on_its_way_arrive_and_cuts_the_rest() {
    let engine = Engine::slow(Duration::from_millis(100));
    let server = start(&engine);
    let address = server.address();
    let mute = TcpStream::connect(address).unwrap();
    let mut asking = TcpStream::connect(address).unwrap();
    asking.write_all(request("GET", "/v1/status", "").as_bytes()).unwrap();
    engine.wait_until_asked();

    let started = Instant::now();
    server.stop();
    assert!(started.elapsed() < Duration::from_secs(8), "{:?}", started.elapsed());
    let answer = read(asking);
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert_eq!(read(mute), "");
    assert!(TcpStream::connect(address).is_err());
}

#[test]
fn dropping_a_server_closes_its_port() {
    let server = start(&Engine::start());
    let address = server.address();
    drop(server);
    let closed = (0..200).any(|_| {
        thread::sleep(Duration::from_millis(50));
        TcpStream::connect(address).is_err()
    });
    assert!(closed);
}

#[test]
fn a_test_that_is_over_is_not_available() {
    let address = "127.0.0.1:0".parse().unwrap();
    let server = Server::start(&address, engine::over()).unwrap();
    insta::assert_snapshot!(get(&server, "/v1/status"), @r#"
    503 application/json; charset=utf-8
    {"errors":[{"status":"503","title":"Service Unavailable","detail":"the test is over"}]}
    "#);
    insta::assert_snapshot!(get(&server, "/v1/metrics"), @r#"
    503 text/plain; charset=utf-8
    {"errors":[{"status":"503","title":"Service Unavailable","detail":"the test is over"}]}
    "#);
    insta::assert_snapshot!(change(&server, r#"{"stopped":true}"#), @r#"
    503 application/json; charset=utf-8
    {"errors":[{"status":"503","title":"Service Unavailable","detail":"the test is over"}]}
    "#);
}

#[test]
fn a_test_that_ends_as_it_is_told_to_was_stopped_all_the_same() {
    let engine = Engine::gone_when_stopped();
    let answer = change(&start(&engine), r#"{"stopped":true}"#);
    assert!(answer.starts_with("200 ") && answer.contains(r#""stopped":true"#), "{answer}");
}

#[test]
fn a_port_in_use_is_an_error_that_names_it() {
    let engine = Engine::start();
    let server = start(&engine);
    for host in ["127.0.0.1", "localhost"] {
        let address: Address = format!("{host}:{}", server.address().port()).parse().unwrap();
        let error = Server::start(&address, engine.control.clone()).unwrap_err();
        assert_eq!(error.source.kind(), io::ErrorKind::AddrInUse);
        let said = format!("the REST API cannot be served on {address}: {}", error.source);
        assert_eq!(error.to_string(), said);
    }
}

#[test]
fn without_a_host_only_this_machine_is_listened_to() {
    let server = Server::start(&":0".parse().unwrap(), Engine::start().control).unwrap();
    assert!(server.address().ip().is_loopback(), "{}", server.address());
}

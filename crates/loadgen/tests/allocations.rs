//! A request in the steady state asks for no memory. This is a binary of its own, as it counts what
//! the whole process asks for.
#![allow(clippy::unwrap_used)]

use std::{
    alloc::{GlobalAlloc, Layout, System},
    io::{Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

use loadgen::{
    LoadTest,
    http::{Client, HttpConfig, Network, Request},
};

static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);

/// The system's allocator, counted.
struct Counting;

#[global_allocator]
static COUNTING: Counting = Counting;

#[allow(
    unsafe_code,
    reason = "an allocator cannot be written without; all is left to the system's"
)]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        unsafe { System.dealloc(memory, layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        unsafe { System.realloc(memory, layout, size) }
    }
}

/// Lets one test at a time count.
static ALONE: Mutex<()> = Mutex::new(());

const WITH_LENGTH: &str =
    "HTTP/1.1 200 OK\r\nServer: test\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello";
const CHUNKED: &str =
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n2;a\r\nyo\r\n0\r\n\r\n";

/// Answers each request of each connection with `wire`, without asking for memory to do so.
fn server(wire: &'static str) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            thread::spawn(move || {
                let mut request = [0; 4096];
                // Requests are small and come one by one, each in one piece.
                while stream.read(&mut request).is_ok_and(|length| length > 0) {
                    stream.write_all(wire.as_bytes()).unwrap();
                }
            });
        }
    });
    address
}

/// How many allocations 1,000 requests take, after some that set things up.
fn allocations_of_1000(wire: &'static str, keep_headers: bool) -> u64 {
    let _alone = ALONE.lock().unwrap();
    let url = format!("http://{}/", server(wire));
    let mut builder = tokio::runtime::Builder::new_current_thread();
    let runtime = builder.enable_all().build_local(Default::default()).unwrap();
    runtime.block_on(async {
        let client = Client::new(Arc::new(Network::new(HttpConfig::default(), None)));
        let request = Request::get(url).keep_headers(keep_headers);
        let request = request.build(client.network().config()).unwrap();
        let send = async |count| {
            let before = ALLOCATIONS.load(Ordering::Relaxed);
            for _ in 0..count {
                let response = client.send(&request, &mut |hop| assert_eq!(hop.status, 200)).await;
                assert_eq!(response.status_code(), 200);
            }
            ALLOCATIONS.load(Ordering::Relaxed) - before
        };
        send(100).await;
        send(1000).await
    })
}

#[test]
fn a_request_on_a_connection_that_is_there_allocates_nothing() {
    assert_eq!(allocations_of_1000(WITH_LENGTH, false), 0);
    assert_eq!(allocations_of_1000(CHUNKED, false), 0);
}

#[test]
fn headers_that_are_kept_take_a_map_and_their_values() {
    // Three values, and a map of two parts.
    assert_eq!(allocations_of_1000(WITH_LENGTH, true), 1000 * (3 + 2));
}

/// A whole run, with all that is measured. What remains is set up once or handed over once a second.
#[test]
fn a_long_run_allocates_hardly_more_than_a_short_one() {
    let _alone = ALONE.lock().unwrap();
    let url = format!("http://{}/", server(WITH_LENGTH));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let allocations = |iterations| {
        let before = ALLOCATIONS.load(Ordering::Relaxed);
        let test = LoadTest::new().vus(1).iterations(iterations).batch_get(["/"]);
        let report = runtime.block_on(test.run_at(&url)).unwrap();
        assert_eq!(report.http_reqs().count, f64::from(iterations));
        ALLOCATIONS.load(Ordering::Relaxed) - before
    };
    allocations(1000);
    let (short, long) = (allocations(1000), allocations(21_000));
    assert!(long < short + 20_000 / 2, "{short} for 1,000 requests, {long} for 21,000");
}

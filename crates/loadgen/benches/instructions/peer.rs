//! A server that has its answers ready.

use std::{
    io::{self, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    thread,
};

/// Paths of the answers: 1 KB with five headers, the same with 25, and 1 KB in eight chunks.
pub(crate) const PLAIN: &str = "/plain";
pub(crate) const HEADERS: &str = "/headers";
pub(crate) const CHUNKS: &str = "/chunks";

/// How many headers more one of the answers has.
const MORE_HEADERS: usize = 20;

/// Answers until the process ends.
pub(crate) fn start() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // A client that goes away is at its end.
            thread::spawn(|| answer_all(stream));
        }
    });
    address
}

/// Requests are small and come one by one, each in one piece.
fn answer_all(mut stream: TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let answers = [(PLAIN, plain(0)), (HEADERS, plain(MORE_HEADERS)), (CHUNKS, chunks())];
    let mut request = [0; 4096];
    loop {
        let length = stream.read(&mut request)?;
        if length == 0 {
            return Ok(());
        }
        let request = String::from_utf8_lossy(&request[..length]);
        let path = request.split(' ').nth(1).unwrap_or_default();
        let answer = answers.iter().find(|(known, _)| *known == path);
        let (_, answer) = answer.expect("only these paths are asked for");
        stream.write_all(answer.as_bytes())?;
    }
}

fn head(framing: &str, more: usize) -> String {
    let more: String =
        (0..more).map(|n| format!("X-Header-{n}: value of the header\r\n")).collect();
    format!(
        "HTTP/1.1 200 OK\r\nServer: peer\r\nDate: Wed, 25 Nov 2026 10:00:00 GMT\r\n\
         Content-Type: text/html\r\nConnection: keep-alive\r\n{framing}\r\n{more}\r\n"
    )
}

fn plain(more_headers: usize) -> String {
    head("Content-Length: 1024", more_headers) + &"x".repeat(1024)
}

fn chunks() -> String {
    let chunk = format!("80\r\n{}\r\n", "x".repeat(128));
    head("Transfer-Encoding: chunked", 0) + &chunk.repeat(8) + "0\r\n\r\n"
}

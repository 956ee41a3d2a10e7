//! How much memory the `servy` command takes.

use std::fs::File;

use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::client;
use crate::process::{Process, on_free_ports};

const MB: usize = 1 << 20;

/// Reads what the server sends and keeps nothing of it.
async fn drain(mut stream: TcpStream) -> usize {
    let (mut buffer, mut received) = (vec![0; 1 << 16], 0);
    loop {
        match stream.read(&mut buffer).await.unwrap() {
            0 => return received,
            len => received += len,
        }
    }
}

#[tokio::test]
async fn neither_large_files_nor_clients_that_stop_reading_take_memory() {
    const LEN: usize = 256 * MB;
    let folder = TempDir::new().unwrap();
    let file = File::create(folder.path().join("a.bin")).unwrap();
    file.set_len(LEN as u64).unwrap();
    let mut command = on_free_ports(&["--assets-dir"]);
    command.arg(folder.path());
    let (process, _, addr) = Process::start(command);
    let request = b"GET /a.bin HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    let before = process.kilobytes("VmHWM");

    let mut lazy = Vec::new();
    for _ in 0..32 {
        let mut stream = TcpStream::connect(addr).await.unwrap();
        stream.write_all(request).await.unwrap();
        let mut first = [0; 1];
        stream.read_exact(&mut first).await.unwrap();
        lazy.push(stream);
    }
    let mut eager = TcpStream::connect(addr).await.unwrap();
    eager.write_all(request).await.unwrap();
    let received = drain(eager).await;
    assert!((LEN..LEN + 1024).contains(&received), "{received}");

    let grown = process.kilobytes("VmHWM") - before;
    assert!(grown < 48 << 10, "{grown} kB more for {} kB of files", 33 * (LEN >> 10));
    drop(lazy);
}

#[tokio::test]
async fn compressing_a_whole_site_at_once_takes_few_megabytes() {
    let flags = ["--access-log", "false"];
    let (process, _, addr) = Process::start(on_free_ports(&flags));
    let before = process.kilobytes("VmHWM");
    let mut clients = tokio::task::JoinSet::new();
    for path in servy::demo::paths() {
        clients.spawn(async move {
            client::send(addr, "GET", &path, &[("accept-encoding", "br")]).await.status
        });
    }
    assert!(clients.join_all().await.into_iter().all(|status| status == 200));
    let grown = process.kilobytes("VmHWM") - before;
    assert!(grown < 30 << 10, "{grown} kB more");
}

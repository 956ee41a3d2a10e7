//! Files of a folder that is read at run time.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use servy::{AssetSource, Config, Error, RedirectSource, Server};
use tempfile::TempDir;

use crate::Running;

fn config(folder: &Path) -> Config {
    Config {
        assets: AssetSource::Dir(folder.to_owned()),
        redirects: RedirectSource::None,
        ..Config::default()
    }
}

/// A site in a folder, beside a secret that must not get out.
async fn site() -> (TempDir, Running) {
    let outside = TempDir::new().unwrap();
    fs::write(outside.path().join("secret.txt"), "secret").unwrap();
    let root = outside.path().join("public");
    fs::create_dir_all(root.join("nested")).unwrap();
    fs::write(root.join("index.html"), "root").unwrap();
    fs::write(root.join("nested/index.html"), "nested").unwrap();
    fs::write(root.join("nested/a b.txt"), "spaced").unwrap();
    let server = Running::start(config(&root)).await;
    (outside, server)
}

#[tokio::test]
async fn files_and_index_pages() {
    let (_folder, server) = site().await;
    for (target, body) in [
        ("/", "root"),
        ("/index.html", "root"),
        ("/nested", "nested"),
        ("/nested/", "nested"),
        ("/nested/a%20b.txt", "spaced"),
    ] {
        let answer = server.get(target).await;
        assert_eq!((answer.status, answer.text().as_str()), (200, body), "{target}");
    }
    assert_eq!(server.get("/nested/none").await.status, 404);
    assert_eq!(server.get("/none").await.text(), "not found\n");
}

#[tokio::test]
async fn a_changed_file_is_served_changed() {
    let (folder, server) = site().await;
    let path = folder.path().join("public/page.html");
    let mut tags = Vec::new();
    // Equal lengths in quick succession: neither length nor a coarse clock tells them apart.
    for round in 0..20 {
        fs::write(&path, format!("round {round:02}")).unwrap();
        let answer = server.get("/page.html").await;
        assert_eq!(answer.text(), format!("round {round:02}"));
        tags.push(answer.header("etag").unwrap().to_owned());
    }
    tags.dedup();
    assert_eq!(tags.len(), 20, "each content has its tag");
    fs::remove_file(&path).unwrap();
    assert_eq!(server.get("/page.html").await.status, 404);
}

#[tokio::test]
async fn a_settled_file_is_served_from_memory_until_it_changes() {
    let (folder, server) = site().await;
    let path = folder.path().join("public/page.html");
    fs::write(&path, "before").unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    for _ in 0..3 {
        assert_eq!(server.get("/page.html").await.text(), "before");
    }
    fs::write(&path, "after!").unwrap();
    assert_eq!(server.get("/page.html").await.text(), "after!");
}

#[tokio::test]
async fn nothing_outside_the_folder_and_nothing_hidden() {
    let (folder, server) = site().await;
    let (outside, root) = (folder.path(), folder.path().join("public"));
    fs::write(root.join(".env"), "secret").unwrap();
    fs::create_dir(root.join(".git")).unwrap();
    fs::write(root.join(".git/config"), "secret").unwrap();
    symlink(outside.join("secret.txt"), root.join("link.txt")).unwrap();
    symlink(outside, root.join("out")).unwrap();
    symlink(root.join(".env"), root.join("env.txt")).unwrap();
    symlink(root.join("nested"), root.join("inside")).unwrap();

    let absolute = outside.join("secret.txt");
    for target in [
        "/../secret.txt",
        "/nested/../../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/%252e%252e/secret.txt",
        "/..%252fsecret.txt",
        "/..\\secret.txt",
        "/..%5csecret.txt",
        "/../secret.txt%00.html",
        &format!("/{}", absolute.display()),
        &format!("/%2f{}", &absolute.display().to_string()[1..]),
        "/link.txt",
        "/out/secret.txt",
        "/env.txt",
        "/.env",
        "/%2eenv",
        "/.git/config",
        "/.git",
        "/nested/.",
    ] {
        let answer = server.get(target).await;
        assert_eq!((answer.status, answer.text().as_str()), (404, "not found\n"), "{target}");
    }
    assert_eq!(server.get("/inside").await.text(), "nested", "a link that stays inside");
}

/// The file that a name leads to changes while it is looked for, over and over.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_folder_that_turns_into_a_link_outside_lets_nothing_out() {
    let (folder, server) = site().await;
    let root = folder.path().join("public");
    let [docs, real] = ["docs", "docs.real"].map(|name| root.join(name));
    let secrets = folder.path().join("secrets");
    for (folder, text) in [(&docs, "public"), (&secrets, "secret")] {
        fs::create_dir(folder).unwrap();
        fs::write(folder.join("a.txt"), text).unwrap();
    }
    let done = AtomicBool::new(false);
    let flip = || {
        while !done.load(Ordering::Relaxed) {
            fs::rename(&docs, &real).unwrap();
            symlink(&secrets, &docs).unwrap();
            fs::remove_file(&docs).unwrap();
            fs::rename(&real, &docs).unwrap();
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(flip);
        tokio::task::block_in_place(|| {
            tokio::runtime::Handle::current().block_on(async {
                for _ in 0..2_000 {
                    let answer = server.get("/docs/a.txt").await;
                    assert!(matches!(answer.status, 200 | 404), "{}", answer.status);
                    assert!(!answer.text().contains("secret"), "{}", answer.text());
                }
            });
        });
        done.store(true, Ordering::Relaxed);
    });
}

#[tokio::test]
async fn what_is_known_of_a_file_does_not_outlast_a_link_in_its_place() {
    let (folder, server) = site().await;
    let root = folder.path().join("public");
    fs::create_dir(root.join("docs")).unwrap();
    fs::write(root.join("docs/a.txt"), "public").unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(server.get("/docs/a.txt").await.text(), "public");
    // The file itself is the same, down to its inode.
    for elsewhere in [folder.path().join("docs"), root.join(".docs")] {
        fs::rename(root.join("docs"), &elsewhere).unwrap();
        symlink(&elsewhere, root.join("docs")).unwrap();
        assert_eq!(server.get("/docs/a.txt").await.status, 404, "{}", elsewhere.display());
        fs::remove_file(root.join("docs")).unwrap();
        fs::rename(&elsewhere, root.join("docs")).unwrap();
        assert_eq!(server.get("/docs/a.txt").await.text(), "public");
    }
}

#[tokio::test]
async fn a_site_that_is_deployed_by_a_link_is_served_as_the_link_says() {
    let folder = TempDir::new().unwrap();
    for release in ["one", "two"] {
        let root = folder.path().join(release);
        fs::create_dir(&root).unwrap();
        fs::write(root.join("index.html"), release).unwrap();
        symlink("index.html", root.join("home.html")).unwrap();
    }
    let current = folder.path().join("current");
    symlink("one", &current).unwrap();
    let server = Running::start(config(&current)).await;
    for release in ["one", "two", "one"] {
        symlink(release, folder.path().join("next")).unwrap();
        fs::rename(folder.path().join("next"), &current).unwrap();
        for target in ["/", "/home.html"] {
            assert_eq!(server.get(target).await.text(), release, "{target}");
        }
    }
}

#[tokio::test]
async fn what_is_no_file_is_not_there() {
    let (folder, server) = site().await;
    let pipe = folder.path().join("public/pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let socket = folder.path().join("public/socket");
    let _listener = std::os::unix::net::UnixListener::bind(socket).unwrap();
    symlink("/dev/zero", folder.path().join("public/zero")).unwrap();
    for target in ["/pipe", "/socket", "/zero", "/pipe/", "/index.html/index.html"] {
        assert_eq!(server.get(target).await.status, 404, "{target}");
    }
}

#[tokio::test]
async fn well_known_is_not_hidden() {
    let (folder, server) = site().await;
    let well_known = folder.path().join("public/.well-known");
    fs::create_dir(&well_known).unwrap();
    fs::write(well_known.join("security.txt"), "contact").unwrap();
    assert_eq!(server.get("/.well-known/security.txt").await.text(), "contact");
}

#[tokio::test]
async fn a_folder_that_is_none_is_an_error_with_the_flags_name() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    for path in [folder.path().join("none"), folder.path().join("file")] {
        let error = Server::bind(config(&path)).await.err().unwrap();
        assert!(matches!(error, Error::Assets { .. }));
        let text = error.to_string();
        assert!(text.starts_with("--assets-dir: cannot serve /"), "{text}");
        assert!(!text.contains('\n'));
    }
}

//! Files that are in memory: the demo site.

use crate::{Running, client};

#[tokio::test]
async fn every_path_of_the_demo_site_is_answered_with_its_bytes() {
    let server = Running::demo().await;
    for path in servy::demo::paths() {
        let answer = server.get(&path).await;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(
            answer.header("content-length"),
            Some(&*answer.body.len().to_string()),
            "{path}"
        );
        assert!(answer.body.len() >= 1_000, "{path}");
    }
}

#[tokio::test]
async fn a_folder_is_its_index_page_with_and_without_slash() {
    let server = Running::demo().await;
    let page = server.get("/about/index.html").await;
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    for target in ["/about/", "/about", "/about?from=footer", "/%61bout"] {
        let answer = server.get(target).await;
        assert_eq!((answer.status, &answer.body), (200, &page.body), "{target}");
    }
    let absolute = format!("http://{}/about/", server.addr);
    assert_eq!(server.get(&absolute).await.body, page.body, "a target in absolute form");
}

#[tokio::test]
async fn head_has_the_headers_of_get_and_no_body() {
    let server = Running::demo().await;
    let get = server.get("/css/main.css").await;
    let head = client::send(server.addr, "HEAD", "/css/main.css", &[]).await;
    assert_eq!(head.status, 200);
    assert_eq!(head.body, b"");
    for name in ["content-type", "content-length", "etag"] {
        assert!(get.header(name).is_some(), "{name}");
        assert_eq!(head.header(name), get.header(name));
    }
}

#[tokio::test]
async fn other_methods_are_told_what_is_allowed() {
    let server = Running::demo().await;
    for (method, target) in [("POST", "/"), ("DELETE", "/nowhere"), ("OPTIONS", "*"), ("BREW", "/")]
    {
        let answer = client::send(server.addr, method, target, &[]).await;
        assert_eq!(answer.status, 405, "{method}");
        assert_eq!(answer.header("allow"), Some("GET, HEAD"));
    }
}

#[tokio::test]
async fn what_is_missing_has_the_sites_own_page_and_status_404() {
    let server = Running::demo().await;
    for target in ["/nowhere", "/css/", "/404.html", "/../etc/passwd", "/%2e%2e/x", "/a%00b", "//"]
    {
        let answer = server.get(target).await;
        assert_eq!(answer.status, 404, "{target}");
        assert!(answer.text().contains("Nothing here at this tide"), "{target}");
    }
}

#[tokio::test]
async fn the_router_answers_without_a_socket() {
    use tower_service::Service;
    let mut router = servy::router(servy::Config::default()).await.unwrap();
    let request = http::Request::get("/js/main.js").body(axum::body::Body::empty()).unwrap();
    let response = router.call(request).await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "text/javascript; charset=utf-8");
}

//! Which paths are found.

use loadgen::{crawl::Reason, http::InProcess};

use super::*;

fn sorted(mut paths: Vec<String>) -> Vec<String> {
    paths.sort();
    paths
}

#[test]
fn the_demo_site_is_found_whole_over_tcp_and_in_process() {
    run(async {
        let server = servy::Server::builder().bind().await.unwrap();
        let url = format!("http://{}/", server.addr());
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let serving = tokio::spawn(server.serve(async { drop(stopped.await) }));
        let over_tcp = crawl_all(options(&url)).await;
        drop(stop);
        serving.await.unwrap();

        let router = servy::router(servy::Config::default()).await.unwrap();
        let service = InProcess::new("http://in-process", router).unwrap();
        let network = Arc::new(Network::new(HttpConfig::default(), Some(service)));
        let mut visits = 0;
        let in_process =
            crawl(network, options("http://in-process"), pending(), |_| visits += 1).await.unwrap();

        for crawled in [over_tcp, in_process] {
            assert_eq!(crawled.paths, sorted(servy::demo::paths()));
            // Each short link is on a page, and leads elsewhere.
            assert_eq!(crawled.tally.redirects, 50);
            assert_eq!(failures(&crawled), [""; 0]);
            // Its sitemap names the host that it is made for.
            assert!(crawled.left_out.of(Reason::OtherHost) > 40);
        }
        assert_eq!(visits, 160);
    });
}

#[test]
fn links_of_all_kinds_are_followed() {
    run(async {
        let page = "<base href='/b/'><link rel=stylesheet href=main.css>
            <meta http-equiv=refresh content='9; url=../next'>
            <img srcset='1.png 1x, /2.png 2x' src='//ADDRESS/3.png'><a href='é?x=1&amp;y=2#top'>
            <p style='background: url(4.png)'><style>@import 'more.css';</style>
            <a href='mailto:a@b.test'><a href='javascript:void(0)'><img src='data:,x'>
            <a href='https://other.test/'>";
        let site = Rc::new(RefCell::new(String::new()));
        let address = site.clone();
        let server = Site::of(move |path| match path {
            "/" => html(&page.replace("ADDRESS", &address.borrow())),
            "/b/main.css" => file("text/css", "@import url(deep.css); a { b: url('../5.png') }"),
            "/b/more.css" | "/b/deep.css" => file("text/css; charset=utf-8", ""),
            "/2.png" | "/3.png" | "/5.png" | "/b/1.png" | "/b/4.png" => file("image/png", [0xff]),
            "/b/%C3%A9?x=1&y=2" => file("application/xhtml+xml", "<a href=/pic.svg />"),
            "/pic.svg" => file("image/svg+xml", "<svg><use href='icons.svg#a'/></svg>"),
            "/icons.svg" => file("image/svg+xml", "<svg/>"),
            "/next" | "/listed" => html(""),
            "/sitemap.xml" => file("text/xml", "<urlset><url><loc>/listed</loc></url></urlset>"),
            _ => missing(),
        })
        .await;
        *site.borrow_mut() = server.address.to_string();
        let crawled = server.crawl().await;
        assert_eq!(
            crawled.paths.join(" "),
            "/ /2.png /3.png /5.png /b/%C3%A9?x=1&y=2 /b/1.png /b/4.png /b/deep.css /b/main.css \
             /b/more.css /icons.svg /listed /next /pic.svg"
        );
        assert_eq!((crawled.tally.pages, crawled.tally.assets), (4, 10));
        assert_eq!(failures(&crawled), [""; 0]);
        assert_eq!(crawled.left_out.of(Reason::OtherHost), 1);
    });
}

#[test]
fn broken_links_are_listed_with_the_page_that_has_them() {
    run(async {
        let server = Site::with(&[
            ("/", links("/a /gone /old http://[ /teapot")),
            ("/a", links("/gone /nowhere /in-br")),
            ("/old", redirect("/new")),
            ("/nowhere", answer("304 Not Modified", "", b"")),
            ("/teapot", answer("418 I'm a teapot", "", b"")),
            (
                "/in-br",
                answer("200 OK", "Content-Type: text/html\r\nContent-Encoding: br\r\n", b"x"),
            ),
        ])
        .await;
        let crawled = server.crawl().await;
        assert_eq!(crawled.paths, ["/", "/a"]);
        assert_eq!(crawled.tally.redirects, 1);
        insta::assert_snapshot!(failures(&crawled).join("\n"), @r#"
        /gone: 404 Not Found (/, 2)
        /in-br: has the content encoding "br", which nobody asked for (/a, 1)
        /new: 404 Not Found (/old, 1)
        /nowhere: 304 Not Modified without a location (/a, 1)
        /teapot: 418 I'm a teapot (/, 1)
        http://[: is no URL: invalid IPv6 address (/, 1)
        "#);
    });
}

#[test]
fn robots_are_heeded_unless_they_are_to_be_ignored() {
    run(async {
        let robots = "User-agent: *\nDisallow: /\n\nUser-agent: loadgen\nDisallow: /private/\n\
                      Sitemap: /maps/one.xml\nSitemap: /maps/gone.xml";
        let server = Site::with(&[
            ("/", links("/private/a /open")),
            ("/private/a", html("")),
            ("/open", html("")),
            ("/listed", html("")),
            ("/robots.txt", file("text/plain", robots)),
            ("/maps/one.xml", file("text/xml", "<urlset><url><loc>/listed</loc></url></urlset>")),
        ])
        .await;
        let crawled = server.crawl().await;
        assert_eq!(crawled.paths, ["/", "/listed", "/open"]);
        assert_eq!(crawled.left_out.of(Reason::Robots), 1);
        assert_eq!(server.asked_for("/private/"), 0);
        assert_eq!(failures(&crawled), ["/maps/gone.xml: is no sitemap (/robots.txt, 1)"]);

        let all = Options { ignore_robots: true, ..options(&server.url("/")) };
        assert_eq!(crawl_all(all).await.paths, ["/", "/listed", "/open", "/private/a"]);
    });
}

#[test]
fn patterns_depth_and_other_names_of_the_site() {
    run(async {
        let server = Site::with(&[
            ("/", links("/a/1 /b/1 /z.zip https://blog.test/c/1?x#y http://blog.test/no")),
            ("/a/1", links("2")),
            ("/a/2", links("3")),
            ("/a/3", html("")),
            ("/b/1", html("")),
            ("/c/1?x", html("")),
            ("/z.zip", file("application/zip", "")),
        ])
        .await;
        let found = async |change: fn(&mut Options)| {
            let mut options = options(&server.url("/"));
            change(&mut options);
            crawl_all(options).await.paths.join(" ")
        };
        assert_eq!(found(|_| {}).await, "/ /a/1 /a/2 /a/3 /b/1 /z.zip");
        assert_eq!(found(|o| o.limits.max_depth = Some(0)).await, "/");
        assert_eq!(found(|o| o.limits.max_depth = Some(2)).await, "/ /a/1 /a/2 /b/1 /z.zip");
        assert_eq!(found(|o| o.include = vec!["/a/".parse().unwrap()]).await, "/ /a/1 /a/2 /a/3");
        let exclude = |o: &mut Options| {
            o.exclude = ["*.zip$", "/a/"].map(|pattern| pattern.parse().unwrap()).into();
        };
        assert_eq!(found(exclude).await, "/ /b/1");
        let alias = |o: &mut Options| o.aliases = vec!["https://blog.test/".parse().unwrap()];
        assert_eq!(found(alias).await, "/ /a/1 /a/2 /a/3 /b/1 /c/1?x /z.zip");
    });
}

#[test]
fn without_a_start_page_there_is_nothing_to_crawl() {
    run(async {
        let server = Site::with(&[
            ("/away", redirect("https://blog.test/")),
            ("/moved", redirect("/gone")),
            ("/here", redirect("/")),
        ])
        .await;
        let refused = async |path: &str| {
            let error = try_crawl(options(&server.url(path))).await.unwrap_err().to_string();
            error.replace(&server.address.to_string(), "HOST")
        };
        let errors = [
            refused("/").await,
            refused("/away").await,
            refused("/moved").await,
            refused("/here").await,
        ];
        insta::assert_snapshot!(errors.join("\n"), @r"
        crawl http://HOST/: the start page cannot be had: 404 Not Found
        crawl http://HOST/away: the start page redirects to another host; crawl https://blog.test/ instead
        crawl http://HOST/moved: the start page cannot be had: /gone: 404 Not Found
        crawl http://HOST/here: the start page cannot be had: /: 404 Not Found
        ");
    });
}

#[test]
fn the_same_list_each_time_also_when_a_limit_cuts_it() {
    run(async {
        // Every page leads to ten others, and takes its own time.
        let server = Site::start(|mut stream, path| async move {
            let number: usize = path[1..].parse().unwrap_or(0);
            tokio::time::sleep(Duration::from_millis((number * 37 % 11) as u64)).await;
            let all: Vec<_> = (1..=10).map(|n| format!("/{}", number * 10 + n)).collect();
            drop(stream.write_all(&links(&all.join(" ")).0).await);
        })
        .await;
        let list = async |concurrency| {
            let mut options = Options { concurrency, ..options(&server.url("/")) };
            options.limits.max_pages = 60;
            let crawled = crawl_all(options).await;
            assert!(crawled.left_out.of(Reason::Pages) > 500);
            crawled.paths
        };
        let one = list(1).await;
        assert_eq!(one.len(), 60);
        assert_eq!((list(8).await, list(30).await), (one.clone(), one));
    });
}

#[test]
fn what_was_found_so_far_is_there_when_it_is_stopped() {
    run(async {
        let server = Site::start(|mut stream, path| async move {
            if path == "/slow" {
                pending::<()>().await;
            }
            drop(stream.write_all(&links("/a /slow /b").0).await);
        })
        .await;
        let network = Arc::new(Network::new(HttpConfig::default(), None));
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let mut stop = Some(stop);
        let on_progress = |tally: &loadgen::crawl::Tally| {
            if tally.pages == 2 {
                let stop: tokio::sync::oneshot::Sender<()> = stop.take().unwrap();
                stop.send(()).unwrap();
            }
        };
        let stopped = async { drop(stopped.await) };
        let crawled =
            crawl(network, options(&server.url("/")), stopped, on_progress).await.unwrap();
        assert!(!crawled.is_whole);
        assert_eq!(crawled.paths, ["/", "/a"]);
    });
}

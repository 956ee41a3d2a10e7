//! A server that keeps what it is sent, on a thread of its own so that a run cannot hold it up.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex},
    thread,
};

use axum::{
    Router,
    body::{Body, Bytes},
    http::{HeaderMap, Response, request::Parts},
};
use http_body_util::BodyExt;

/// A request that came.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// See the module. Speaks HTTP/1.1 and HTTP/2, as the client likes.
pub(crate) struct Receiver {
    pub(crate) address: SocketAddr,
    received: Arc<Mutex<Vec<Received>>>,
}

impl Receiver {
    /// Answers the n-th request, counted from 0, with what `answer` says.
    pub(crate) fn start(answer: impl Fn(usize) -> Response<Body> + Send + Sync + 'static) -> Self {
        let received = Arc::<Mutex<Vec<Received>>>::default();
        let (kept, answer) = (received.clone(), Arc::new(answer));
        let router = Router::new().fallback(async move |request: axum::extract::Request| {
            let (Parts { uri, headers, .. }, body) = request.into_parts();
            let body = body.collect().await.unwrap().to_bytes();
            let mut kept = kept.lock().unwrap();
            kept.push(Received { path: uri.path().into(), headers, body });
            answer(kept.len() - 1)
        });
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.unwrap().block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                axum::serve(listener, router).await.unwrap();
            });
        });
        Self { address, received }
    }

    /// What came so far.
    pub(crate) fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }
}

/// An answer with a status and nothing else.
pub(crate) fn status(status: u16) -> Response<Body> {
    Response::builder().status(status).body(Body::empty()).unwrap()
}

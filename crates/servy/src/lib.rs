//! A small web server: static assets, short-link redirects, and Prometheus metrics on a
//! second port.
//!
//! A [`Config`] says what is served. [`router`] turns it into an [`axum::Router`] that lives
//! inside another program (a test, a load generator) and listens nowhere:
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), servy::Error> {
//! let app = servy::router(servy::Config::default()).await?; // the demo site
//! # drop(app); Ok(()) }
//! ```
//!
//! [`Server`] listens, says on which addresses, and serves until it is told to stop:
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), servy::Error> {
//! let server = servy::Server::builder().bind().await?; // the demo site, on free ports
//! println!("http://{}/", server.addr());
//! let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
//! let running = tokio::spawn(server.serve(async { drop(stopped.await) }));
//! drop(stop);
//! running.await.expect("the server task does not panic");
//! # Ok(()) }
//! ```
//!
//! Nothing is global: two servers in one process share neither metrics nor redirects.

mod access_log;
mod app;
mod assets;
mod builder;
pub mod cli;
mod config;
pub mod demo;
mod error;
mod metrics;
mod redirects;
mod respond;
mod server;

pub use builder::Builder;
pub use config::{AssetSource, Config, RedirectSource};
pub use error::Error;
pub use redirects::{BadLine, RedirectList, redirect_list};
pub use server::Server;

/// Whether this servy was built with a site in `SERVY_ASSETS_DIR`, see [`AssetSource::Embedded`].
#[must_use]
pub fn has_embedded_assets() -> bool {
    assets::is_embedded()
}

/// Builds the site as an [`axum::Router`], for use inside another program.
///
/// The router has no limits on connections and heads, which are the business of who listens. It
/// answers on a tokio runtime with timers.
///
/// # Errors
///
/// When the assets or the redirects cannot be read.
pub async fn router(config: Config) -> Result<axum::Router, Error> {
    Ok(axum::Router::new().fallback_service(app::App::new(&config).await?))
}

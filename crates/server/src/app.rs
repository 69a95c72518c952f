//! Putting the house together: faces over one engine, listeners in front of them.

use std::sync::Arc;

use door::{Cookies, Face, TrustedProxies};
use engine::Engine;
use platform_activesync::ActiveSync;
use transport::{ListenerConfig, Running, UpstreamConfig, Upstreams, Workers, WorkersConfig};

use crate::config::Config;
use crate::front::{Audience, Faces, Front};
use crate::host::{ServerHost, UserHost};
use crate::identity::Root;
use crate::operations::Operations;
use crate::shelf::Shelf;

/// The running listeners with what they serve.
pub struct App {
    pub faces: Arc<Faces>,
    pub workers: Workers,
    pub listeners: Vec<Running>,
    pub shelf: Arc<Shelf>,
}

/// Builds the faces and opens the listeners.
pub fn start(config: &Config, engine: &Arc<Engine>, root: Root) -> anyhow::Result<App> {
    let workers = Workers::start(WorkersConfig::default())?;
    let proxies = TrustedProxies(config.trusted_proxies.clone());
    let shelf = Arc::new(Shelf::new(config)?);
    let faces = Arc::new(faces(config, engine, root, &workers, &proxies, &shelf));
    let tls = transport::tls::server_config(shelf.listeners())?;
    let mut listeners = Vec::new();
    let mut open = |listener: ListenerConfig, audience: Audience| -> anyhow::Result<()> {
        let address = listener.address;
        let front = Front { faces: Arc::clone(&faces), audience };
        let running = workers.serve(listener, front).map_err(|error| {
            anyhow::anyhow!("cannot listen on {address}: {error}. Is another server running there?")
        })?;
        tracing::info!(address = %running.local_addr(), ?audience, "listening");
        listeners.push(running);
        Ok(())
    };
    let everybody = if config.listen_serves_console() { Audience::Everybody } else { Audience::Devices };
    open(ListenerConfig::tls(config.listen, Arc::clone(&tls)), everybody)?;
    if let Some(address) = config.plain_listen {
        let audience = if config.console_on_listen { Audience::Everybody } else { Audience::Devices };
        open(ListenerConfig::plain(address), audience)?;
    }
    if let Some(address) = config.admin_listen {
        open(ListenerConfig::tls(address, tls), Audience::Administrators)?;
    }
    faces.operations.set_ready(true);
    Ok(App { faces, workers, listeners, shelf })
}

fn faces(
    config: &Config,
    engine: &Arc<Engine>,
    root: Root,
    workers: &Workers,
    proxies: &TrustedProxies,
    shelf: &Arc<Shelf>,
) -> Faces {
    let activesync = platform_activesync::Options {
        public_url: public_url(config),
        spool: Some(config.data_dir.clone()),
        ..platform_activesync::Options::default()
    };
    let host = Arc::new(ServerHost::new(config, Arc::clone(engine), root));
    let console = Face {
        engine: Arc::clone(engine),
        cookies: Cookies::Administrators,
        tokens: false,
        refuse: console::refuse,
    };
    let portal =
        Face { engine: Arc::clone(engine), cookies: Cookies::Users, tokens: false, refuse: portal::refuse };
    let rest =
        Face { engine: Arc::clone(engine), cookies: Cookies::None, tokens: true, refuse: api::v1::refuse };
    let scim =
        Face { engine: Arc::clone(engine), cookies: Cookies::None, tokens: true, refuse: api::scim::refuse };
    engine.is_reached_at(&console::Host::base_url(&*host));
    let upstreams = Upstreams::new(UpstreamConfig::default());
    let activesync = ActiveSync::new(Arc::clone(engine), upstreams, activesync);
    let users = UserHost { base_url: console::Host::base_url(&*host), activesync: activesync.clone() };
    let (metrics, eas_metrics) = (Arc::clone(workers.metrics()), activesync.metrics());
    let operations = Operations::new(Arc::clone(engine), metrics, eas_metrics, Arc::clone(shelf));
    Faces {
        activesync,
        ise: api::ise::Ise::new(Arc::clone(engine), proxies.clone()),
        redirect: api::redirect_page::router(Arc::clone(engine)),
        rest: api::v1::router(rest, host.clone(), proxies.clone()),
        scim: api::scim::router(scim, proxies.clone()),
        portal: portal::router(portal, Arc::new(users), proxies.clone()),
        console: console::router(console, host, proxies.clone()),
        proxies: proxies.clone(),
        operations,
    }
}

/// What Autodiscover hands out: the first configured name; without one, the host that the client asked.
fn public_url(config: &Config) -> Option<String> {
    config.names.first().map(|name| config.url_of(name))
}

//! Where this server stands, for the page Firewall and Ports: listeners, names and addresses of the configuration.

use engine::connections::{Listening, Serves, Surroundings};

use crate::config::Config;

pub fn of(config: &Config) -> Surroundings {
    let listen = if config.listen_serves_console() { Serves::Everything } else { Serves::Devices };
    let mut listening = vec![Listening { port: config.listen.port(), encrypted: true, serves: listen }];
    let further = [
        (config.plain_listen, false, Serves::Proxy),
        (config.admin_listen, true, Serves::Console),
        (config.acme.as_ref().map(|acme| acme.http_listen), false, Serves::CertificateCheck),
    ];
    listening.extend(further.into_iter().filter_map(|(address, encrypted, serves)| {
        Some(Listening { port: address?.port(), encrypted, serves })
    }));
    let certified = config.acme.iter().flat_map(|acme| acme.names.clone());
    Surroundings {
        names: config.names.iter().cloned().chain(certified).collect(),
        address: Some(config.listen.ip()),
        listening,
        egress: config.egress_addresses.clone(),
        proxies: config.trusted_proxies.clone(),
        certificate_authority: config.acme.as_ref().map(|acme| acme.directory.clone()),
    }
}

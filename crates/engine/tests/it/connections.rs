//! Firewall and Ports: from the configuration, and from what was seen of each connection.

use std::net::Ipv4Addr;

use catalog::ConnectionKind as Kind;
use engine::connections::{self, Connection, Listening, Serves, Surroundings};
use engine::servers::{self, ServerInput};
use engine::webhooks::{self, WebhookInput};

use crate::house::{House, Tenant, houses};

fn surroundings() -> Surroundings {
    Surroundings {
        names: vec!["mdm.example.com".into()],
        address: Some(Ipv4Addr::UNSPECIFIED.into()),
        listening: vec![
            Listening { port: 443, encrypted: true, serves: Serves::Devices },
            Listening { port: 8444, encrypted: true, serves: Serves::Console },
            Listening { port: 8080, encrypted: false, serves: Serves::CertificateCheck },
        ],
        egress: vec!["192.0.2.7/32".parse().unwrap(), "198.51.100.0/28".parse().unwrap()],
        proxies: Vec::new(),
        certificate_authority: Some("https://acme.example.net/directory".into()),
    }
}

async fn of(house: &House, tenant: &Tenant) -> Vec<Connection> {
    connections::list(house, &tenant.all).await.unwrap()
}

fn only(all: &[Connection], kind: Kind) -> &Connection {
    let mut found = all.iter().filter(|connection| connection.kind == kind);
    let one = found.next().unwrap_or_else(|| panic!("no {kind:?} in {all:?}"));
    assert!(found.next().is_none(), "{kind:?} twice in {all:?}");
    one
}

#[tokio::test]
async fn every_connection_is_listed_as_it_is_configured_and_only_at_home() {
    for house in houses().await {
        house.stands(surroundings());
        let input = ServerInput {
            name: "Exchange".into(),
            url: "https://mail.acme.test:8443/Microsoft-Server-ActiveSync".into(),
            redirect_hosts: vec!["*.acme.test".into()],
            ..ServerInput::default()
        };
        let id = servers::create(&house, &house.acme.all, input.clone()).await.unwrap();
        let off = ServerInput { name: "Old".into(), enabled: false, ..input };
        servers::create(&house, &house.acme.all, off).await.unwrap();
        let hook = WebhookInput {
            name: "Tickets".into(),
            url: "https://hooks.acme.test/x".into(),
            events: Vec::new(),
            on: true,
        };
        webhooks::create(&house, &house.acme.all, hook).await.unwrap();
        let all = of(&house, &house.acme).await;
        let mail = only(&all, Kind::Activesync);
        assert_eq!((mail.name.as_str(), mail.port, mail.service), ("Exchange", 8443, "HTTPS"));
        assert_eq!(mail.destination, ["mail.acme.test", "*.acme.test"]);
        assert_eq!(mail.source, ["192.0.2.7", "198.51.100.0/28"]);
        assert_eq!((mail.worked_at, &mail.failed), (None, &None), "nothing was seen yet");
        assert_eq!(only(&all, Kind::Webhook).destination, ["hooks.acme.test"]);
        assert_eq!(only(&all, Kind::Devices).destination, ["acme.mdm.test"], "its own name");
        assert_eq!(only(&all, Kind::Console).port, 8444);
        assert_eq!(only(&all, Kind::CertificateCheck).port, 80, "wherever it ends inside");
        assert_eq!(only(&all, Kind::CertificateAuthority).destination, ["acme.example.net"]);
        let staff = engine::identity::ProviderInput {
            name: "Staff".into(),
            zone: "staff".into(),
            on: true,
            issuer: "https://id.acme.test:8443/realms/staff".into(),
            client_id: "mdm".into(),
            ..Default::default()
        };
        engine::identity::create(&house, &house.acme.all, staff).await.unwrap();
        let all = of(&house, &house.acme).await;
        let provider = only(&all, Kind::IdentityProvider);
        assert_eq!((provider.name.as_str(), provider.port), ("Staff", 8443));
        assert_eq!(provider.destination, ["id.acme.test"]);
        let theirs = of(&house, &house.globex).await;
        let at_home =
            |c: &Connection| matches!(c.kind, Kind::Activesync | Kind::Webhook | Kind::IdentityProvider);
        assert!(!theirs.iter().any(at_home), "{theirs:?}");

        let server = {
            let org = house.directory().organization(house.acme.id).unwrap();
            org.read().server(id).cloned().unwrap()
        };
        servers::did_not_answer(&house, &server, "timed out");
        let failed = only(&of(&house, &house.acme).await, Kind::Activesync).failed.clone();
        assert_eq!(failed, Some((house.clock.now(), "timed out".to_owned())));
        house.clock.advance(1_000);
        servers::answered(&house, id);
        let all = of(&house, &house.acme).await;
        let mail = only(&all, Kind::Activesync);
        assert_eq!((mail.worked_at, &mail.failed), (Some(house.clock.now()), &None), "it is over");
        house.finish().await;
    }
}

#[tokio::test]
async fn the_list_for_the_firewall_team_runs_nothing_in_a_spreadsheet() {
    for house in houses().await {
        house.stands(surroundings());
        let input = ServerInput {
            name: "=HYPERLINK(\"http://evil\")".into(),
            url: "https://mail.acme.test".into(),
            ..ServerInput::default()
        };
        servers::create(&house, &house.acme.all, input).await.unwrap();
        let text = String::from_utf8(connections::csv(&of(&house, &house.acme).await)).unwrap();
        let lines: Vec<_> = text.lines().collect();
        assert!(lines[0].ends_with("\"Peer\",\"Purpose\""), "{}", lines[0]);
        let mail = lines.iter().find(|line| line.contains("mail.acme.test")).unwrap();
        assert!(
            mail.starts_with("\"Out\",\"192.0.2.7 198.51.100.0/28\",\"mail.acme.test\",\"443\",\"TCP\""),
            "{mail}"
        );
        assert!(lines.iter().all(|line| !line.contains(",\"=") && !line.starts_with("\"=")), "{text}");
        house.finish().await;
    }
}

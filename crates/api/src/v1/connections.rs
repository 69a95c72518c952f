//! Firewall and ports: the connections that must be let pass.

use axum::Json;
use catalog::{ConnectionKind, Direction, Millis, Permission, Transport};
use door::Access;
use engine::connections::{self, Connection};
use http::Method;
use schemars::JsonSchema;
use serde::Serialize;

use super::endpoint::{Family, endpoint};
use super::input::Call;
use super::problem::Problem;
use super::words::Word;

pub(super) fn family() -> Family {
    let list = endpoint(
        Method::GET,
        "/api/v1/connections",
        Access::Needs(Permission::OrganizationView),
        list,
        "List the connections that firewalls must let pass",
    )
    .says(
        "As configured now. When a connection worked or failed is what this node has seen since it started.",
    )
    .gives::<Connections>();
    Family {
        name: "Firewall and ports",
        about: "Every connection that the server takes or opens for the organization.",
        endpoints: vec![list],
    }
}

/// What a firewall must know.
#[derive(Serialize, JsonSchema)]
struct Connections {
    /// Addresses and networks that the server's own connections come from, as its operator configured them.
    egress_addresses: Vec<String>,
    /// The connections, inbound first.
    items: Vec<ConnectionInfo>,
}

/// A connection.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Connection")]
struct ConnectionInfo {
    /// What it is for.
    kind: Word<ConnectionKind>,
    /// Which of its kind; empty when there is only one.
    name: String,
    /// Which way.
    direction: Word<Direction>,
    /// Names, addresses, networks it comes from; empty when nobody configured any.
    source: Vec<String>,
    /// Names and addresses it goes to.
    destination: Vec<String>,
    /// Port there.
    port: u16,
    /// What carries it.
    transport: Word<Transport>,
    /// Service, such as HTTPS.
    service: &'static str,
    /// What it is for, one sentence.
    purpose: &'static str,
    /// When it last worked.
    worked_at: Option<Millis>,
    /// When it last failed, unless it has worked since.
    failed_at: Option<Millis>,
    /// Why.
    failure: Option<String>,
}

impl From<Connection> for ConnectionInfo {
    fn from(connection: Connection) -> Self {
        let info = connection.kind.info();
        let (failed_at, failure) = connection.failed.unzip();
        Self {
            kind: Word(connection.kind),
            name: connection.name,
            direction: Word(info.direction),
            source: connection.source,
            destination: connection.destination,
            port: connection.port,
            transport: Word(info.transport),
            service: connection.service,
            purpose: info.purpose,
            worked_at: connection.worked_at,
            failed_at,
            failure,
        }
    }
}

async fn list(call: Call) -> Result<Json<Connections>, Problem> {
    let items = connections::list(&call.engine, &call.scope).await?;
    Ok(Json(Connections {
        egress_addresses: connections::egress(&call.engine),
        items: items.into_iter().map(ConnectionInfo::from).collect(),
    }))
}

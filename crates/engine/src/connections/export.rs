//! The list for the team that looks after the firewall.

use super::Connection;
use crate::export::csv_cell;

const COLUMNS: [&str; 8] =
    ["Direction", "Source", "Destination", "Port", "Transport", "Service", "Peer", "Purpose"];

/// The connections as comma-separated values, UTF-8 with a byte order mark so that spreadsheets read it.
pub fn csv(connections: &[Connection]) -> Vec<u8> {
    let mut out = b"\xEF\xBB\xBF".to_vec();
    let heading = COLUMNS.map(str::to_owned);
    for row in std::iter::once(heading).chain(connections.iter().map(row)) {
        out.extend_from_slice(row.map(|cell| csv_cell(&cell)).join(",").as_bytes());
        out.extend_from_slice(b"\r\n");
    }
    out
}

fn row(connection: &Connection) -> [String; COLUMNS.len()] {
    let info = connection.kind.info();
    let peer = if connection.name.is_empty() {
        info.peer.to_owned()
    } else {
        format!("{}: {}", info.peer, connection.name)
    };
    [
        info.direction.label().to_owned(),
        connection.source.join(" "),
        connection.destination.join(" "),
        connection.port.to_string(),
        info.transport.label().to_owned(),
        connection.service.to_owned(),
        peer,
        info.purpose.to_owned(),
    ]
}

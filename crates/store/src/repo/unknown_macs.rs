//! MAC addresses that ISE asked for and nobody knows, to be linked with a device by hand.

use super::text;
use crate::{Result, Tx};
use domain::Millis;

/// Addresses kept per organization: the last ones asked for.
pub const MAX_MACS: u32 = 1000;
/// Bytes kept of an address; a real one has 12.
const MAX_TEXT: usize = 64;

/// An unknown address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownMac {
    /// 12 upper-case hexadecimal digits.
    pub mac: String,
    /// First asked for.
    pub first_at: Millis,
    /// Last asked for.
    pub last_at: Millis,
    /// How often.
    pub count: i64,
}

/// Adds what was gathered to what is stored, and forgets what was asked for longest ago beyond [`MAX_MACS`].
/// Conflict: [`FOREIGN_KEY`](super::constraint::FOREIGN_KEY) (organization).
pub async fn merge(tx: &mut Tx, gathered: &[UnknownMac]) -> Result<()> {
    for unknown in gathered {
        let sql = "INSERT INTO unknown_mac (organization_id, mac, first_at, last_at, asked) \
                   VALUES ($1, $2, $3, $4, $5) ON CONFLICT (organization_id, mac) DO UPDATE SET \
                   last_at = excluded.last_at, asked = unknown_mac.asked + excluded.asked";
        let params = [
            tx.organization().into(),
            text::bounded(&unknown.mac, MAX_TEXT),
            unknown.first_at.into(),
            unknown.last_at.into(),
            unknown.count.into(),
        ];
        tx.execute(sql, &params).await?;
    }
    let sql = "DELETE FROM unknown_mac WHERE organization_id = $1 AND mac NOT IN \
               (SELECT mac FROM unknown_mac WHERE organization_id = $1 ORDER BY last_at DESC, mac LIMIT $2)";
    tx.execute(sql, &[tx.organization().into(), MAX_MACS.into()]).await?;
    Ok(())
}

/// All of them, the last asked for first.
pub async fn all(tx: &mut Tx) -> Result<Vec<UnknownMac>> {
    let sql = "SELECT mac, first_at, last_at, asked FROM unknown_mac WHERE organization_id = $1 \
               ORDER BY last_at DESC, mac LIMIT $2";
    let rows = tx.fetch(sql, &[tx.organization().into(), MAX_MACS.into()]).await?;
    rows.iter()
        .map(|row| {
            Ok(UnknownMac {
                mac: row.text(0)?,
                first_at: row.int(1)?,
                last_at: row.int(2)?,
                count: row.int(3)?,
            })
        })
        .collect()
}

/// Removes one, since a device has it now; false if it was not listed.
pub async fn remove(tx: &mut Tx, mac: &str) -> Result<bool> {
    let sql = "DELETE FROM unknown_mac WHERE organization_id = $1 AND mac = $2";
    Ok(tx.execute(sql, &[tx.organization().into(), text::bounded(mac, MAX_TEXT)]).await? > 0)
}

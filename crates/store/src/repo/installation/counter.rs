//! Numbers that are given out once in the installation.

use crate::{Result, StoreError, Tx};

/// Largest device number: Cisco ISE reads its paging token as a signed 32-bit number.
pub const MAX_DEVICE_NUMBER: i64 = i32::MAX as i64;

/// The next device number, from 1. Numbers are never given out again, except that of a unit that failed.
pub async fn next_device_number(tx: &mut Tx) -> Result<i64> {
    let sql = "INSERT INTO installation_counter (name, value) VALUES ('device_number', 1) \
               ON CONFLICT (name) DO UPDATE SET value = installation_counter.value + 1 RETURNING value";
    let number = tx.fetch_one(sql, &[]).await?.int(0)?;
    if number > MAX_DEVICE_NUMBER {
        return Err(StoreError::Other("all device numbers have been given out".to_owned()));
    }
    Ok(number)
}

//! Recovery passwords: what a device deposits so that somebody who forgot its pass-code can be helped (MS-ASCMD,
//! DevicePassword). Sealed before it is stored; read in [`crate::devices::recovery_password`].

use std::sync::Arc;

use domain::model::{Channel, DepositedPassword, Device, JournalEntry, Sealed};
use domain::policy::DocValue;
use serde_json::json;

use super::heard::device_actor;
use crate::settle::change_device;
use crate::{Engine, Error, Result};

/// What became of a deposit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deposit {
    /// It is kept, or forgotten if the device took it back.
    Taken,
    /// The device's policy does not allow recovery passwords.
    DeniedByPolicy,
}

/// Keeps the recovery password of a device instead of a former one; `None` takes it back, which is always allowed.
///
/// # Errors
/// Storage errors; then nothing changed.
pub async fn deposit_recovery_password(
    engine: &Engine,
    device: &Arc<Device>,
    password: Option<&str>,
) -> Result<Deposit> {
    let Some(channel) = device.eas() else { return Err(Error::NotFound("channel")) };
    if password.is_some() && !is_allowed(engine, device, &channel.eas.version) {
        return Ok(Deposit::DeniedByPolicy);
    }
    let known = channel.eas.recovery_password.as_ref();
    let same = match (known, password) {
        (None, None) => true,
        (Some(known), Some(password)) => {
            let opened = engine.secret_key.unseal(&context(channel), &known.sealed.0);
            opened.is_ok_and(|opened| zeroize::Zeroizing::new(opened).as_slice() == password.as_bytes())
        }
        _ => false,
    };
    if same {
        return Ok(Deposit::Taken);
    }
    let sealed = password.map(|password| engine.secret_key.seal(&context(channel), password.as_bytes()));
    let (sealed, now, id) = (sealed.transpose()?, engine.now(), device.id);
    change_device(engine, device.organization, device_actor(device), id, move |device| {
        let name = device.name.clone();
        let channel = device.eas_mut().ok_or(Error::NotFound("channel"))?;
        let deposited = sealed.clone().map(|sealed| DepositedPassword { sealed: Sealed(sealed), at: now });
        let event = if deposited.is_some() {
            "device.recovery_password_deposited"
        } else {
            "device.recovery_password_withdrawn"
        };
        channel.eas.recovery_password = deposited;
        Ok(Some(JournalEntry { event, subject: id.to_string(), body: json!({ "name": name }) }))
    })
    .await?;
    Ok(Deposit::Taken)
}

/// Whether the policy that the device must have lets it deposit a recovery password.
fn is_allowed(engine: &Engine, device: &Device, version: &str) -> bool {
    let Some(org) = engine.directory.organization(device.organization) else { return false };
    let document = crate::policy::document_for(&org.read(), device, version);
    document.elements.contains(&("PasswordRecoveryEnabled", DocValue::Bool(true)))
}

/// What a sealed password is bound to. The channel keeps its id when two records of a device are joined.
pub(crate) fn context(channel: &Channel) -> String {
    format!("channel/recovery_password/{}", channel.id)
}

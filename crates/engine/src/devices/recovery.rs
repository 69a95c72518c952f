//! Reading the recovery password that a device deposited.

use std::fmt;

use catalog::Permission;
use domain::Millis;
use domain::model::{DeviceId, JournalEntry};
use serde_json::json;
use zeroize::Zeroizing;

use super::find;
use crate::{Engine, Error, Result, Scope};

/// A recovery password in the clear. Neither printed nor left in memory.
pub struct RecoveryPassword {
    /// The password.
    pub text: Zeroizing<String>,
    /// When the device deposited it.
    pub deposited_at: Millis,
}

impl fmt::Debug for RecoveryPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryPassword(…)")
    }
}

/// The recovery password of a device. Who reads it is journaled before it is given out.
///
/// # Errors
/// [`Error::Denied`] without the permission, [`Error::NotFound`] if the device deposited none, and storage errors.
pub async fn recovery_password(engine: &Engine, scope: &Scope, id: DeviceId) -> Result<RecoveryPassword> {
    scope.require(Permission::DevicesRecoveryPassword)?;
    let device = find(engine, scope, id)?;
    let deposited = device.eas().and_then(|c| Some((c, c.eas.recovery_password.as_ref()?)));
    let (channel, deposited) = deposited.ok_or(Error::NotFound("recovery password"))?;
    let opened = engine.secret_key.unseal(&crate::eas::recovery_context(channel), &deposited.sealed.0)?;
    let text = String::from_utf8(opened).map(Zeroizing::new);
    let text = text.map_err(|_| Error::internal("a recovery password is damaged"))?;
    let name = device.name.clone();
    engine
        .store
        .write(scope.organization(), scope.actor().clone(), async move |tx| {
            tx.journal(JournalEntry {
                event: "device.recovery_password_read",
                subject: id.to_string(),
                body: json!({ "name": name }),
            });
            Ok::<_, Error>(())
        })
        .await?;
    Ok(RecoveryPassword { text, deposited_at: deposited.at })
}

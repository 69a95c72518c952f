//! The accounts that the test makes for itself.

use domain::model::{AdminKind, Administrator, AdministratorId, JournalEntry, OrganizationId};
use serde_json::json;
use store::repo;

use super::Credentials;
use crate::{Engine, Error, Result, Scope, passwords};

/// Names of the test's accounts begin so; a leftover of an interrupted test is removed by the next.
const ACCOUNT: &str = "ise-self-test-";

/// Makes an account with or without the ISE mark.
pub(super) async fn make_account(engine: &Engine, scope: &Scope, mark: bool) -> Result<Credentials> {
    let now = engine.now();
    let id: AdministratorId = engine.entropy.id(now);
    let password = engine.entropy.password();
    let admin = Administrator {
        organization: scope.organization(),
        id,
        rev: 0,
        username: format!("{ACCOUNT}{}", hex::encode(engine.entropy.bytes::<6>())),
        display_name: "ISE self-test".into(),
        email: String::new(),
        kind: AdminKind::Organization,
        role: None,
        ise_admin: mark,
        ise_full_wipe: false,
        allowed_networks: Vec::new(),
        password_hash: passwords::hash(engine.entropy, &password).await?,
        credential_epoch: 1,
        enabled: true,
        must_change_password: false,
        directory: None,
        second_factor: None,
        passkeys: Vec::new(),
        recovery_codes: Vec::new(),
        identity: None,
        created_at: now,
        entrusted_at: now,
        entrusted_running: engine.running(),
        last_sign_in_at: None,
    };
    let user = admin.username.clone();
    engine
        .store
        .write(scope.organization(), scope.actor().clone(), async move |tx| {
            repo::administrators::put(tx, &mut admin.clone()).await?;
            tx.journal(entry("administrator.created", &admin));
            Ok::<_, Error>(())
        })
        .await?;
    Ok(Credentials { user, password })
}

/// Removes the accounts of this test, or of one that was interrupted.
pub(super) async fn remove_accounts(engine: &Engine, scope: &Scope) -> Result<()> {
    let organization: OrganizationId = scope.organization();
    let accounts = engine.directory.administrators(organization);
    for account in accounts.into_iter().filter(|a| a.role.is_none() && a.username.starts_with(ACCOUNT)) {
        engine
            .store
            .write(organization, scope.actor().clone(), async move |tx| {
                repo::administrators::remove(tx, account.id).await?;
                tx.journal(entry("administrator.deleted", &account));
                Ok::<_, Error>(())
            })
            .await?;
    }
    Ok(())
}

fn entry(event: &'static str, account: &Administrator) -> JournalEntry {
    let body = json!({ "username": account.username, "ise_admin": account.ise_admin, "by": "ISE self-test" });
    JournalEntry { event, subject: account.id.to_string(), body }
}

//! One order: account, checks of the names, certificate (RFC 8555, section 7).

use anyhow::{Context, bail};
use engine::Engine;
use instant_acme::{
    Account, AccountCredentials, AuthorizationStatus, ChallengeType, Identifier, NewAccount, NewOrder,
    OrderStatus, RetryPolicy,
};

use super::kept;
use crate::config::Acme;

/// Orders a certificate: chain and key in one PEM text.
pub async fn order(acme: &Acme, engine: &Engine) -> anyhow::Result<Vec<u8>> {
    let ordered = order_once(acme, engine).await;
    match ordered {
        // The authority was set up anew, or has removed it.
        Err(error) if is_account_gone(&error) => {
            kept::forget_account(engine, acme).await?;
            order_once(acme, engine).await
        }
        ordered => ordered,
    }
}

async fn order_once(acme: &Acme, engine: &Engine) -> anyhow::Result<Vec<u8>> {
    let account = account(acme, engine).await.context("the account at the authority")?;
    let mut tokens = Vec::new();
    let ordered = order_with(&account, acme, engine, &mut tokens).await;
    kept::forget_challenges(engine, tokens).await?;
    ordered
}

/// RFC 8555, section 7.3.
fn is_account_gone(error: &anyhow::Error) -> bool {
    const GONE: &str = "urn:ietf:params:acme:error:accountDoesNotExist";
    matches!(
        error.downcast_ref::<instant_acme::Error>(),
        Some(instant_acme::Error::Api(problem)) if problem.r#type.as_deref() == Some(GONE)
    )
}

async fn account(acme: &Acme, engine: &Engine) -> anyhow::Result<Account> {
    let builder = match &acme.roots {
        Some(roots) => Account::builder_with_root(roots)?,
        None => Account::builder()?,
    };
    if let Some(stored) = kept::account(engine, acme).await? {
        let credentials: AccountCredentials = serde_json::from_slice(&stored)?;
        return Ok(builder.from_credentials(credentials).await?);
    }
    let contact = format!("mailto:{}", acme.email);
    let new = NewAccount { contact: &[&contact], terms_of_service_agreed: true, only_return_existing: false };
    let (account, credentials) = builder.create(&new, acme.directory.clone(), None).await?;
    kept::store_account(engine, acme, &serde_json::to_vec(&credentials)?).await?;
    Ok(account)
}

async fn order_with(
    account: &Account,
    acme: &Acme,
    engine: &Engine,
    tokens: &mut Vec<String>,
) -> anyhow::Result<Vec<u8>> {
    let names: Vec<_> = acme.names.iter().cloned().map(Identifier::Dns).collect();
    let mut order = account.new_order(&NewOrder::new(&names)).await?;
    let mut authorizations = order.authorizations();
    while let Some(authorization) = authorizations.next().await {
        let mut authorization = authorization?;
        match authorization.status {
            AuthorizationStatus::Valid => continue,
            AuthorizationStatus::Pending => {}
            other => bail!("the authority has the authorization in state {other:?}"),
        }
        let mut challenge = authorization
            .challenge(ChallengeType::Http01)
            .context("the authority offers no HTTP-01 check")?;
        tokens.push(challenge.token.clone());
        let answer = challenge.key_authorization();
        kept::store_challenge(engine, &challenge.token, answer.as_str()).await?;
        challenge.set_ready().await?;
    }
    let status = order.poll_ready(&RetryPolicy::default()).await?;
    if status != OrderStatus::Ready {
        bail!(
            "the authority could not check the names {}: order {status:?}. Does port 80 of each name lead to {}?",
            acme.names.join(", "),
            acme.http_listen
        );
    }
    let key = order.finalize().await?;
    let chain = order.poll_certificate(&RetryPolicy::default()).await?;
    Ok(format!("{chain}\n{key}").into_bytes())
}

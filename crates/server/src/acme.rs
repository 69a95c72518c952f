//! Certificates for public names from an ACME authority (RFC 8555), by HTTP-01.
//!
//! Account, certificate and open challenges lie in the installation's settings, so that any node can answer a
//! challenge that another node asked for. One node at a time holds the lease and orders.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use domain::model::{Actor, Organization};
use engine::{Engine, Error};
use instant_acme::{
    Account, AccountCredentials, AuthorizationStatus, ChallengeType, Identifier, NewAccount, NewOrder,
    OrderStatus, RetryPolicy,
};
use store::repo::installation::settings;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use transport::tls::{CertStore, Certificate};

use crate::config::{Acme, Config};

/// Renewed when fewer days are left.
const RENEW_DAYS: i64 = 30;
const ACCOUNT: &str = "acme_account";
const CERTIFICATE: &str = "acme_certificate";

/// Starts the challenge listener and the renewal, when ACME is configured.
pub fn start(
    config: &Config,
    engine: &Arc<Engine>,
    certificates: &Arc<CertStore>,
    stop: &CancellationToken,
) -> anyhow::Result<()> {
    let Some(acme) = config.acme.clone() else { return Ok(()) };
    let listener = std::net::TcpListener::bind(acme.http_listen)
        .with_context(|| format!("cannot listen on {} for ACME's check", acme.http_listen))?;
    listener.set_nonblocking(true)?;
    let listener = TcpListener::from_std(listener)?;
    tokio::spawn(answer_challenges(listener, Arc::clone(engine), stop.clone()));
    let (engine, certificates, stop) = (Arc::clone(engine), Arc::clone(certificates), stop.clone());
    tokio::spawn(async move {
        loop {
            let wait = match renew(&acme, &engine, &certificates).await {
                Ok(()) => Duration::from_hours(12),
                Err(error) => {
                    tracing::error!(%error, "no certificate from the ACME authority; trying again in an hour");
                    Duration::from_hours(1)
                }
            };
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = stop.cancelled() => return,
            }
        }
    });
    Ok(())
}

/// Uses the stored certificate, or orders one when there is none or its end is near.
async fn renew(acme: &Acme, engine: &Engine, certificates: &CertStore) -> anyhow::Result<()> {
    if let Some(stored) = get(engine, CERTIFICATE).await? {
        let pem = engine.store().options().secret_key.unseal(CERTIFICATE, &stored)?;
        let (certificate, days) = parse(&pem)?;
        certificates.replace(certificate, Vec::new());
        if days > RENEW_DAYS {
            return Ok(());
        }
    }
    let pem = order(acme, engine).await?;
    let (certificate, days) = parse(&pem)?;
    let sealed = engine.store().options().secret_key.seal(CERTIFICATE, &pem)?;
    put(engine, CERTIFICATE, sealed).await?;
    certificates.replace(certificate, Vec::new());
    tracing::info!(days, "certificate from the ACME authority");
    Ok(())
}

/// Chain and key in one PEM text; days that are left.
fn parse(pem: &[u8]) -> anyhow::Result<(Certificate, i64)> {
    let certificate = Certificate::from_pem(pem, pem)?;
    let first = certificate.chain().first().context("the stored certificate is empty")?;
    let (_, parsed) =
        x509_parser::parse_x509_certificate(first).map_err(|_| anyhow::anyhow!("not a certificate"))?;
    let days = parsed.validity().time_to_expiration().map_or(0, time::Duration::whole_days);
    Ok((certificate, days))
}

async fn account(acme: &Acme, engine: &Engine) -> anyhow::Result<Account> {
    let builder = match &acme.roots {
        Some(roots) => Account::builder_with_root(roots)?,
        None => Account::builder()?,
    };
    if let Some(sealed) = get(engine, ACCOUNT).await? {
        let credentials: AccountCredentials =
            serde_json::from_slice(&engine.store().options().secret_key.unseal(ACCOUNT, &sealed)?)?;
        return Ok(builder.from_credentials(credentials).await?);
    }
    let contact = format!("mailto:{}", acme.email);
    let new = NewAccount { contact: &[&contact], terms_of_service_agreed: true, only_return_existing: false };
    let (account, credentials) = builder.create(&new, acme.directory.clone(), None).await?;
    let sealed = engine.store().options().secret_key.seal(ACCOUNT, &serde_json::to_vec(&credentials)?)?;
    put(engine, ACCOUNT, sealed).await?;
    Ok(account)
}

async fn order(acme: &Acme, engine: &Engine) -> anyhow::Result<Vec<u8>> {
    let account = account(acme, engine).await?;
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
        let key = challenge_key(&challenge.token);
        put(engine, &key, challenge.key_authorization().as_str().as_bytes().to_vec()).await?;
        challenge.set_ready().await?;
    }
    let status = order.poll_ready(&RetryPolicy::default()).await?;
    if status != OrderStatus::Ready {
        bail!(
            "the authority could not check the names {}: order {status:?}. Does port 80 of each name lead here?",
            acme.names.join(", ")
        );
    }
    let key = order.finalize().await?;
    let chain = order.poll_certificate(&RetryPolicy::default()).await?;
    Ok(format!("{chain}\n{key}").into_bytes())
}

fn challenge_key(token: &str) -> String {
    format!("acme_challenge/{token}")
}

/// Answers `/.well-known/acme-challenge/…`; everything else is sent to HTTPS.
async fn answer_challenges(listener: TcpListener, engine: Arc<Engine>, stop: CancellationToken) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => return,
        };
        if let Ok((stream, _)) = accepted {
            let engine = Arc::clone(&engine);
            tokio::spawn(async move {
                let served = tokio::time::timeout(Duration::from_secs(10), answer_one(stream, &engine)).await;
                if let Ok(Err(error)) = served {
                    tracing::debug!(%error, "ACME check");
                }
            });
        }
    }
}

async fn answer_one(mut stream: TcpStream, engine: &Engine) -> anyhow::Result<()> {
    let mut head = vec![0; 4096];
    let mut length = 0;
    while length < head.len() && !head[..length].windows(4).any(|w| w == b"\r\n\r\n") {
        match stream.read(&mut head[length..]).await? {
            0 => break,
            read => length += read,
        }
    }
    let head = String::from_utf8_lossy(&head[..length]);
    let path = head.split_whitespace().nth(1).unwrap_or("/");
    let host = head.lines().find_map(|l| l.strip_prefix("Host: ").or_else(|| l.strip_prefix("host: ")));
    let known = match path.strip_prefix("/.well-known/acme-challenge/") {
        Some(token) if token.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)) => {
            get(engine, &challenge_key(token)).await?
        }
        _ => None,
    };
    let answer = match (known, host.map(|h| h.trim().split(':').next().unwrap_or(""))) {
        (Some(key), _) => {
            let key = String::from_utf8_lossy(&key).into_owned();
            format!(
                "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{key}",
                key.len()
            )
        }
        (None, Some(host)) if domain::names::domain_name(host).is_ok() && path.starts_with('/') => {
            format!(
                "HTTP/1.1 301 Moved Permanently\r\nLocation: https://{host}{path}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            )
        }
        _ => "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_owned(),
    };
    stream.write_all(answer.as_bytes()).await?;
    Ok(())
}

async fn get(engine: &Engine, name: &str) -> anyhow::Result<Option<Vec<u8>>> {
    let name = name.to_owned();
    engine
        .store()
        .read(Organization::SYSTEM, async move |tx| Ok::<_, Error>(settings::get(tx, &name).await?))
        .await
        .map_err(anyhow::Error::msg)
}

async fn put(engine: &Engine, name: &str, value: Vec<u8>) -> anyhow::Result<()> {
    let name = name.to_owned();
    engine
        .store()
        .write(Organization::SYSTEM, Actor::System, async move |tx| {
            Ok::<_, Error>(settings::put(tx, &name, &value).await?)
        })
        .await
        .map_err(anyhow::Error::msg)
}

//! What is kept of ACME in the installation's settings: account, certificate, the last failure, the lease.
//!
//! Account and certificate belong to one authority: another `directory` in the configuration begins anew.

use std::time::Duration;

use anyhow::Context as _;
use domain::Millis;
use domain::model::{Actor, JournalEntry, Organization};
use engine::{Engine, Error};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::repo::installation::settings;
use transport::tls::Certificate;
use x509_parser::extensions::GeneralName;

use crate::config::Acme;

const LEASE: &str = "acme";
const ACCOUNT: &str = "acme_account";
const CERTIFICATE: &str = "acme_certificate";
const FAILURE: &str = "acme_failure";

/// A certificate with its chain and key.
pub struct Kept {
    /// All of it in one PEM text.
    pub pem: Vec<u8>,
    /// From when it is valid.
    pub not_before: Millis,
    /// Until when.
    pub not_after: Millis,
    names: Vec<String>,
}

impl Kept {
    /// Takes chain and key in one PEM text.
    pub fn new(pem: Vec<u8>) -> anyhow::Result<Kept> {
        let certificate = Certificate::from_pem(&pem, &pem)?;
        let first = certificate.chain().first().context("the chain is empty")?;
        let (_, parsed) =
            x509_parser::parse_x509_certificate(first).map_err(|_| anyhow::anyhow!("not a certificate"))?;
        let validity = parsed.validity();
        let names = parsed.subject_alternative_name()?.map(|names| &names.value.general_names);
        let names = names.into_iter().flatten().filter_map(|name| match name {
            GeneralName::DNSName(name) => Some(name.to_lowercase()),
            _ => None,
        });
        let names = names.collect();
        let (not_before, not_after) = (validity.not_before.timestamp(), validity.not_after.timestamp());
        Ok(Kept { not_before: not_before * 1000, not_after: not_after * 1000, names, pem })
    }

    /// For the listeners.
    pub fn certificate(&self) -> anyhow::Result<Certificate> {
        Ok(Certificate::from_pem(&self.pem, &self.pem)?)
    }

    /// How long it is valid in all.
    pub fn lifetime(&self) -> Millis {
        self.not_after - self.not_before
    }

    /// When another one should be ordered: when a third of its life is left, or at once for other names.
    pub fn due_at(&self, names: &[String]) -> Millis {
        let has = |name: &String| self.names.contains(&name.to_lowercase());
        if names.iter().all(has) { self.not_after - self.lifetime() / 3 } else { 0 }
    }
}

/// Why the last order failed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Failure {
    /// When.
    pub at: Millis,
    /// In words.
    pub why: String,
}

/// The certificate of the configured authority.
pub async fn certificate(engine: &Engine, acme: &Acme) -> anyhow::Result<Option<Kept>> {
    let Some(sealed) = get(engine, &name(CERTIFICATE, acme)).await? else { return Ok(None) };
    Kept::new(engine.store().options().secret_key.unseal(CERTIFICATE, &sealed)?).map(Some)
}

/// The last order's failure, if it failed.
pub async fn failure(engine: &Engine, acme: &Acme) -> anyhow::Result<Option<Failure>> {
    let found = get(engine, &name(FAILURE, acme)).await?;
    Ok(found.map(|bytes| serde_json::from_slice(&bytes)).transpose()?)
}

/// Keeps a new certificate; failures are over.
pub async fn store(engine: &Engine, acme: &Acme, kept: &Kept) -> anyhow::Result<()> {
    let sealed = engine.store().options().secret_key.seal(CERTIFICATE, &kept.pem)?;
    let (certificate, failure) = (name(CERTIFICATE, acme), name(FAILURE, acme));
    let body = json!({ "names": kept.names, "valid_until": kept.not_after, "authority": acme.directory });
    write(engine, async move |tx| {
        settings::put(tx, &certificate, &sealed).await?;
        settings::remove(tx, &failure).await?;
        tx.journal(JournalEntry {
            event: "installation.certificate_renewed",
            subject: "acme".to_owned(),
            body: body.clone(),
        });
        Ok(())
    })
    .await
}

/// Keeps a failure. The first of a row is journaled when there is a certificate whose end comes nearer.
pub async fn store_failure(
    engine: &Engine,
    acme: &Acme,
    old: Option<&Kept>,
    why: String,
    is_first: bool,
) -> anyhow::Result<()> {
    let failure = serde_json::to_vec(&Failure { at: engine.now(), why: why.clone() })?;
    let (name, until) = (name(FAILURE, acme), old.map(|old| old.not_after));
    write(engine, async move |tx| {
        settings::put(tx, &name, &failure).await?;
        if let Some(until) = until.filter(|_| is_first) {
            tx.journal(JournalEntry {
                event: "installation.certificate_expiring",
                subject: "acme".to_owned(),
                body: json!({ "valid_until": until, "why": why }),
            });
        }
        Ok(())
    })
    .await
}

/// The account at the authority, as the client library writes it.
pub async fn account(engine: &Engine, acme: &Acme) -> anyhow::Result<Option<Vec<u8>>> {
    let Some(sealed) = get(engine, &name(ACCOUNT, acme)).await? else { return Ok(None) };
    Ok(Some(engine.store().options().secret_key.unseal(ACCOUNT, &sealed)?))
}

/// Keeps the account.
pub async fn store_account(engine: &Engine, acme: &Acme, credentials: &[u8]) -> anyhow::Result<()> {
    let sealed = engine.store().options().secret_key.seal(ACCOUNT, credentials)?;
    let name = name(ACCOUNT, acme);
    write(engine, async move |tx| Ok(settings::put(tx, &name, &sealed).await?)).await
}

/// Forgets an account that the authority does not know.
pub async fn forget_account(engine: &Engine, acme: &Acme) -> anyhow::Result<()> {
    let name = name(ACCOUNT, acme);
    write(engine, async move |tx| Ok(settings::remove(tx, &name).await?)).await.map(drop)
}

/// The answer to a challenge, if one of our nodes was given it.
pub async fn challenge(engine: &Engine, token: &str) -> anyhow::Result<Option<Vec<u8>>> {
    get(engine, &challenge_name(token)).await
}

/// Keeps the answer to a challenge for all nodes.
pub async fn store_challenge(engine: &Engine, token: &str, answer: &str) -> anyhow::Result<()> {
    let (name, answer) = (challenge_name(token), answer.as_bytes().to_vec());
    write(engine, async move |tx| Ok(settings::put(tx, &name, &answer).await?)).await
}

/// Forgets challenges that are over.
pub async fn forget_challenges(engine: &Engine, tokens: Vec<String>) -> anyhow::Result<()> {
    write(engine, async move |tx| {
        for token in &tokens {
            settings::remove(tx, &challenge_name(token)).await?;
        }
        Ok(())
    })
    .await
}

/// Takes the turn to order; false while another node has it.
pub async fn take_lease(engine: &Engine, holder: &str, duration: Duration) -> anyhow::Result<bool> {
    let (holder, length) = (holder.to_owned(), Millis::try_from(duration.as_millis())?);
    write(engine, async move |tx| Ok(store::lease::acquire(tx, LEASE, &holder, length).await?)).await
}

/// Gives the turn back.
pub async fn release_lease(engine: &Engine, holder: &str) -> anyhow::Result<()> {
    let holder = holder.to_owned();
    write(engine, async move |tx| Ok(store::lease::release(tx, LEASE, &holder).await?)).await
}

fn name(what: &str, acme: &Acme) -> String {
    format!("{what}/{}", acme.directory)
}

fn challenge_name(token: &str) -> String {
    format!("acme_challenge/{token}")
}

async fn get(engine: &Engine, name: &str) -> anyhow::Result<Option<Vec<u8>>> {
    let name = name.to_owned();
    engine
        .store()
        .read(Organization::SYSTEM, async move |tx| Ok::<_, Error>(settings::get(tx, &name).await?))
        .await
        .map_err(anyhow::Error::msg)
}

async fn write<T: Send + 'static>(
    engine: &Engine,
    unit: impl AsyncFn(&mut store::Tx) -> Result<T, Error> + Send + 'static,
) -> anyhow::Result<T> {
    engine.store().write(Organization::SYSTEM, Actor::System, unit).await.map_err(anyhow::Error::msg)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn certificate(names: &[&str], days: i64) -> Kept {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = rcgen::CertificateParams::new(names).expect("names");
        params.not_before = time::OffsetDateTime::from_unix_timestamp(1_000_000_000).expect("a time");
        params.not_after = params.not_before + time::Duration::days(days);
        let key = rcgen::KeyPair::generate().expect("a key");
        let made = params.self_signed(&key).expect("signed");
        Kept::new(format!("{}\n{}", made.pem(), key.serialize_pem()).into_bytes()).expect("good")
    }

    #[test]
    fn a_certificate_is_due_when_a_third_of_its_life_is_left() {
        let names = ["mdm.example.com".to_owned(), "Autodiscover.example.com".to_owned()];
        let quarter = certificate(&["mdm.example.com", "autodiscover.example.com", "more.test"], 90);
        assert_eq!(quarter.due_at(&names), quarter.not_after - 30 * 86_400_000);
        let week = certificate(&["MDM.example.com", "autodiscover.example.com"], 6);
        assert_eq!(week.due_at(&names), week.not_after - 2 * 86_400_000);
        assert_eq!(week.due_at(&["other.example.com".to_owned()]), 0, "at once for another name");
        assert!(week.certificate().is_ok() && Kept::new(b"nothing".to_vec()).is_err());
    }
}

//! `doctor`'s look at names: whether the world finds this host under them, and whether the certificate has them.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::time::Duration;

use transport::tls::Certificate;
use x509_parser::extensions::GeneralName;

use crate::config::Config;
use crate::doctor::Verdict::{self, Bad, Good, Warn};

/// For one answer of the resolver.
const PATIENCE: Duration = Duration::from_secs(5);

/// One verdict for each name under which phones and Cisco ISE are to find us.
pub async fn check(config: &Config) -> Vec<(String, Verdict)> {
    let certified = certified(config);
    let mut names: BTreeSet<String> = config.names.iter().map(|name| name.to_lowercase()).collect();
    names.extend(config.acme.iter().flat_map(|acme| acme.names.iter().map(|name| name.to_lowercase())));
    let theirs = certified.iter().flatten().filter(|name| !name.starts_with('*')).cloned();
    names.extend(theirs);
    names.retain(|name| name.parse::<IpAddr>().is_err());
    if names.is_empty() {
        return Vec::from_iter(nameless(config).map(|verdict| ("names".to_owned(), verdict)));
    }
    let mut found = Vec::with_capacity(names.len());
    for name in names {
        let verdict = match certified.as_ref().filter(|certified| !covers(certified, &name)) {
            Some(_) => {
                Bad("the certificate does not have this name, so phones refuse it; use one that has".into())
            }
            None => resolved(&name).await,
        };
        found.push((format!("name {name}"), verdict));
    }
    found
}

/// A public address without a name can be reached by its number only.
fn nameless(config: &Config) -> Option<Verdict> {
    let hidden = config.listen.ip().is_loopback() && config.plain_listen.is_none();
    (!hidden && config.tls.is_none()).then(|| {
        Warn("none are configured; set names = [\"mdm.example.com\"], or phones find no certificate for the name they use".into())
    })
}

/// The names in the operator's certificate. Our own, and ACME's, are made to have what is configured.
fn certified(config: &Config) -> Option<Vec<String>> {
    let (cert, key) = config.tls.as_ref()?;
    let certificate = Certificate::from_files(cert, key).ok()?;
    let (_, parsed) = x509_parser::parse_x509_certificate(certificate.chain().first()?).ok()?;
    let names = parsed.subject_alternative_name().ok()??.value.general_names.iter();
    let names = names.filter_map(|name| match name {
        GeneralName::DNSName(name) => Some(name.to_lowercase()),
        _ => None,
    });
    Some(names.collect())
}

/// Whether one of a certificate's names is this one; a star stands for one label (RFC 9525 6.3).
fn covers(certified: &[String], name: &str) -> bool {
    certified.iter().any(|known| {
        known == name
            || known.strip_prefix("*.").is_some_and(|parent| {
                name.split_once('.').is_some_and(|(label, rest)| !label.is_empty() && rest == parent)
            })
    })
}

async fn resolved(name: &str) -> Verdict {
    let asked = tokio::time::timeout(PATIENCE, tokio::net::lookup_host((name, 443))).await;
    let addresses: BTreeSet<String> = match asked {
        Ok(Ok(addresses)) => addresses.map(|address| address.ip().to_canonical().to_string()).collect(),
        Ok(Err(error)) => {
            return Warn(format!("not found ({error}); add an A or AAAA record that leads here"));
        }
        Err(_) => return Warn("the resolver does not answer; look at this host's DNS".into()),
    };
    Good(format!("leads to {}", Vec::from_iter(addresses).join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Common;

    #[test]
    fn a_star_is_one_label() {
        let certified = ["mdm.test".to_owned(), "*.corp.test".to_owned()];
        for good in ["mdm.test", "a.corp.test"] {
            assert!(covers(&certified, good), "{good}");
        }
        for bad in ["x.mdm.test", "corp.test", "a.b.corp.test", ".corp.test"] {
            assert!(!covers(&certified, bad), "{bad}");
        }
    }

    #[tokio::test]
    async fn names_are_asked_for_where_they_are_needed() {
        let mut config = Config::load(&Common::default()).expect("defaults");
        assert!(check(&config).await.is_empty(), "a loopback address needs none");
        config.listen.set_ip([0, 0, 0, 0].into());
        assert!(matches!(check(&config).await.as_slice(), [(_, Warn(hint))] if hint.contains("names =")));
        config.names = vec!["localhost".into(), "192.0.2.1".into()];
        let found = check(&config).await;
        assert!(matches!(found.as_slice(), [(name, Good(_))] if name == "name localhost"));
    }
}

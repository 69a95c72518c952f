//! What an administrator entered for a server, checked and completed.

use domain::model::{ActiveSyncServer, LoginForm, OrganizationId, ServerId, ServerTrust};

use super::{ServerInput, VERSIONS};
use crate::Result;
use crate::issues::Issues;

pub(super) fn assemble(
    organization: OrganizationId,
    id: ServerId,
    rev: i64,
    input: ServerInput,
) -> Result<ActiveSyncServer> {
    let mut issues = Issues::default();
    let name = input.name.trim().to_owned();
    issues.check((1..=100).contains(&name.chars().count()), "name", || {
        "Enter a name of 1 to 100 characters.".into()
    });
    let url = complete_url(&input.url, &input.trust);
    if let Err(why) = check_url(&url, &input.trust) {
        issues.add("url", why);
    }
    let (low, high) = &input.versions;
    let place = |v: &String| VERSIONS.iter().position(|known| known == v);
    issues.check(place(low).zip(place(high)).is_some_and(|(l, h)| l <= h), "versions", || {
        format!("Choose the lowest and the highest of {}.", VERSIONS.join(", "))
    });
    issues.check((1 << 20..=1 << 30).contains(&input.max_body), "max_body", || {
        "Enter 1 MiB to 1 GiB, in bytes.".into()
    });
    let needs_domain = matches!(input.login_form, LoginForm::UserAtDomain | LoginForm::DomainUser);
    issues.check(!needs_domain || !input.login_domain.trim().is_empty(), "login_domain", || {
        "This form of the user name needs a domain.".into()
    });
    if let ServerTrust::Roots(pem) = &input.trust {
        issues.check(pem.contains("-----BEGIN CERTIFICATE-----"), "trust", || {
            "Paste the root certificates in PEM form (-----BEGIN CERTIFICATE-----).".into()
        });
    }
    for host in &input.redirect_hosts {
        let bare = host.strip_prefix("*.").unwrap_or(host);
        issues.check(domain::names::domain_name(bare).is_ok(), "redirect_hosts", || {
            format!("{host} is not a host name. Write mail.example.com or *.example.com.")
        });
    }
    issues.done()?;
    let lower =
        |list: Vec<String>| list.iter().map(|d| d.trim().to_lowercase()).filter(|d| !d.is_empty()).collect();
    Ok(ActiveSyncServer {
        organization,
        id,
        rev,
        name,
        url,
        trust: input.trust,
        login_form: input.login_form,
        login_domain: input.login_domain.trim().to_owned(),
        mail_domains: lower(input.mail_domains),
        use_autodiscover: input.use_autodiscover,
        autodiscover_url: input.autodiscover_url.trim().to_owned(),
        redirect_hosts: lower(input.redirect_hosts),
        hands_off: input.hands_off,
        quarantine: input.quarantine,
        versions: input.versions,
        block_form: input.block_form,
        acknowledge: input.acknowledge,
        bearer: input.bearer,
        max_body: input.max_body,
        enabled: input.enabled,
    })
}

/// `mail.example.com` becomes a full address.
fn complete_url(url: &str, trust: &ServerTrust) -> String {
    let url = url.trim();
    let scheme = if *trust == ServerTrust::Plain { "http" } else { "https" };
    let with_scheme = if url.contains("://") { url.to_owned() } else { format!("{scheme}://{url}") };
    let rest = with_scheme.split_once("://").map_or("", |(_, rest)| rest);
    if rest.contains('/') { with_scheme } else { format!("{with_scheme}/Microsoft-Server-ActiveSync") }
}

fn check_url(url: &str, trust: &ServerTrust) -> Result<(), String> {
    let (scheme, rest) = url.split_once("://").ok_or("Enter an address such as https://mail.example.com.")?;
    let plain = *trust == ServerTrust::Plain;
    match scheme {
        "https" if !plain => {}
        "http" if plain => {}
        "http" => return Err("Without TLS passwords travel in the clear. Use https://, or choose \u{201c}no TLS\u{201d} for a server on this host.".into()),
        "https" => return Err("The address says https:// but \u{201c}no TLS\u{201d} is chosen.".into()),
        _ => return Err("The address must begin with https://.".into()),
    }
    let host = rest.split('/').next().unwrap_or("");
    let bad = host.is_empty() || host.contains('@') || rest.contains(['?', '#', ' ', '\\']);
    if bad {
        Err("Enter an address such as https://mail.example.com/Microsoft-Server-ActiveSync.".into())
    } else {
        Ok(())
    }
}

//! The console's *Test* of a mail server.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::Millis;
use domain::model::ActiveSyncServer;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use transport::upstream::is_public;
use transport::{Body, UpstreamResponse, Upstreams};

use super::{Grade, MailError, MailServer, TestReport, certificate, discover};

/// For each step.
pub(super) const PATIENCE: Duration = Duration::from_secs(15);

/// A user to test with. Not kept, not printed.
pub struct TestCredentials {
    /// User name as a device would send it.
    pub user: String,
    /// Password.
    pub password: String,
    /// Mail address, for Autodiscover.
    pub email: String,
}

/// Tests a server. Every finding is in the report; nothing is an error.
pub async fn test(
    upstreams: &Upstreams,
    server: Arc<ActiveSyncServer>,
    credentials: Option<&TestCredentials>,
    now: Millis,
) -> TestReport {
    let mut report = TestReport::default();
    let mail = match MailServer::new(server) {
        Ok(mail) => mail,
        Err(error) => {
            report.add("Address", Grade::Failed, error.to_string());
            return report;
        }
    };
    let public = resolve(&mail, &mut report).await;
    if report.addresses.is_empty() {
        return report;
    }
    certificate::check(&mail, &mut report, now).await;
    let answers = unauthenticated(upstreams, &mail, &mut report).await;
    if let Some(credentials) = credentials {
        authenticated(upstreams, &mail, credentials, &mut report).await;
    }
    if public && answers {
        let host = &mail.address().host;
        report.add(
            "Way around the gateway",
            Grade::Warning,
            format!(
                "{host} has a public address and answers ActiveSync, so devices may reach it around us. Check it from \
                 outside your network: curl -i -X OPTIONS {} . If that is answered with 401 or 200, close the way: let \
                 the firewall or a conditional access rule admit only this server's addresses to that path.",
                mail.server().url
            ),
        );
    }
    report
}

/// Looks the host up; true if it has a public address.
async fn resolve(mail: &MailServer, report: &mut TestReport) -> bool {
    let address = mail.address();
    let looked =
        tokio::time::timeout(PATIENCE, tokio::net::lookup_host((address.host.as_str(), address.port))).await;
    let found: Vec<_> = match looked {
        Ok(Ok(found)) => found.map(|a| a.ip()).collect(),
        Ok(Err(error)) => {
            report.add(
                "Name",
                Grade::Failed,
                format!("{} cannot be resolved: {error}. Check the name.", address.host),
            );
            return false;
        }
        Err(_) => {
            report.add(
                "Name",
                Grade::Failed,
                format!("No answer about {} from the name servers.", address.host),
            );
            return false;
        }
    };
    report.addresses = found.iter().map(ToString::to_string).collect();
    report.add("Name", Grade::Good, format!("{} is {}.", address.host, report.addresses.join(", ")));
    found.iter().any(|ip| is_public(*ip))
}

/// OPTIONS without credentials should be refused with a challenge; true if anything answered.
async fn unauthenticated(upstreams: &Upstreams, mail: &MailServer, report: &mut TestReport) -> bool {
    const NAME: &str = "Sign-in";
    let answer = match options(upstreams, mail, None).await {
        Ok(answer) => answer,
        Err(error) => {
            report.add(NAME, Grade::Failed, format!("The server does not answer: {error}."));
            return false;
        }
    };
    let schemes = schemes(&answer.headers);
    let usable = |scheme: &String| {
        scheme.eq_ignore_ascii_case("basic")
            || (mail.server().bearer && scheme.eq_ignore_ascii_case("bearer"))
    };
    match answer.status {
        StatusCode::UNAUTHORIZED if schemes.iter().any(usable) => {
            report.add(NAME, Grade::Good, format!("The server asks for {}.", schemes.join(", ")));
        }
        StatusCode::UNAUTHORIZED => report.add(
            NAME,
            Grade::Failed,
            format!(
                "The server asks for {} only. Allow Basic (or OAuth) for ActiveSync.",
                schemes.join(", ")
            ),
        ),
        StatusCode::NOT_FOUND => {
            report.add(NAME, Grade::Failed, "There is no ActiveSync at this address (404). Check the path.");
        }
        status if status.is_success() => report.add(
            NAME,
            Grade::Warning,
            "OPTIONS is answered without any password, so sign-ins are proved by Provision instead.",
        ),
        status => {
            report.add(NAME, Grade::Warning, format!("OPTIONS is answered with HTTP {}.", status.as_u16()));
        }
    }
    true
}

fn schemes(headers: &HeaderMap) -> Vec<String> {
    let values = headers.get_all(header::WWW_AUTHENTICATE).iter().filter_map(|v| v.to_str().ok());
    values.filter_map(|v| v.split_whitespace().next()).map(str::to_owned).collect()
}

async fn authenticated(
    upstreams: &Upstreams,
    mail: &MailServer,
    credentials: &TestCredentials,
    report: &mut TestReport,
) {
    let username = credentials.user.rsplit('\\').next().unwrap_or_default();
    let username = username.split('@').next().unwrap_or_default();
    let name = mail.login_name(&credentials.user, username);
    let text = format!("Basic {}", STANDARD.encode(format!("{name}:{}", credentials.password)));
    let Ok(authorization) = HeaderValue::from_str(&text) else { return };
    match options(upstreams, mail, Some(&authorization)).await {
        Err(error) => report.add("Versions", Grade::Failed, error.to_string()),
        Ok(answer) if answer.status == StatusCode::UNAUTHORIZED => {
            report.add("Versions", Grade::Failed, format!("The server refuses {name} with this password."));
        }
        Ok(answer) => versions(mail, &answer, report),
    }
    match discover(upstreams, mail, &credentials.email, &authorization).await {
        Ok(found) => {
            let words = match &found.url {
                Some(url) => format!("It says that the mailbox is at {url}."),
                None => "It answers, but names no ActiveSync server.".to_owned(),
            };
            report.add("Autodiscover", Grade::Good, words);
            report.discovered_url = found.url;
        }
        Err(error) => {
            let needed = mail.server().use_autodiscover;
            let grade = if needed { Grade::Failed } else { Grade::Warning };
            report.add("Autodiscover", grade, format!("{error}."));
        }
    }
}

fn versions(mail: &MailServer, answer: &UpstreamResponse, report: &mut TestReport) {
    let list = |name: &str| -> Vec<String> {
        let text = answer.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default();
        text.split(',').map(|item| item.trim().to_owned()).filter(|item| !item.is_empty()).collect()
    };
    report.versions = list("MS-ASProtocolVersions");
    report.commands = list("MS-ASProtocolCommands");
    let (low, high) = &mail.server().versions;
    let within = |version: &String| {
        let not_below = catalog_order(version, low).is_some_and(std::cmp::Ordering::is_ge);
        not_below && catalog_order(version, high).is_some_and(std::cmp::Ordering::is_le)
    };
    if report.versions.is_empty() {
        let words =
            format!("HTTP {} without MS-ASProtocolVersions: this is not ActiveSync.", answer.status.as_u16());
        report.add("Versions", Grade::Failed, words);
    } else if report.versions.iter().any(within) {
        report.add("Versions", Grade::Good, format!("The server offers {}.", report.versions.join(", ")));
    } else {
        let offered = report.versions.join(", ");
        let words = format!(
            "The server offers {offered}, but only {low} to {high} are allowed here. Widen the range."
        );
        report.add("Versions", Grade::Failed, words);
    }
}

fn catalog_order(a: &str, b: &str) -> Option<std::cmp::Ordering> {
    let version = |text: &str| text.parse::<wire_eas::version::Version>().ok();
    Some(version(a)?.cmp(&version(b)?))
}

async fn options(
    upstreams: &Upstreams,
    mail: &MailServer,
    authorization: Option<&HeaderValue>,
) -> Result<UpstreamResponse, MailError> {
    let place = mail.home();
    let mut request = http::Request::new(Body::empty());
    *request.method_mut() = Method::OPTIONS;
    *request.uri_mut() = place.path.parse().map_err(|_| MailError::Address(place.url.clone()))?;
    if let Some(value) = authorization {
        let mut value = value.clone();
        value.set_sensitive(true);
        request.headers_mut().insert(header::AUTHORIZATION, value);
    }
    Ok(upstreams.exchange(&place.origin, request, PATIENCE).await?)
}

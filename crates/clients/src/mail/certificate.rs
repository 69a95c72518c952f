//! The certificate of a mail server: is it accepted, and for how long still.

use std::sync::Arc;

use domain::Millis;
use rustls::pki_types::{CertificateDer, ServerName};
use tokio::net::TcpStream;
use x509_parser::prelude::{FromDer as _, GeneralName, X509Certificate};

use super::test::PATIENCE;
use super::{CertificateReport, Grade, MailServer, TestReport};

/// A certificate that ends sooner deserves a warning.
const SOON: Millis = 21 * 86_400_000;

/// Connects as the gateway does, and describes what the server shows.
pub(super) async fn check(mail: &MailServer, report: &mut TestReport, now: Millis) {
    if !mail.address().tls {
        let words =
            "There is no TLS: passwords travel in the clear. This is for a server on the same host only.";
        report.add("Certificate", Grade::Warning, words);
        return;
    }
    let found = match tokio::time::timeout(PATIENCE, handshake(mail)).await {
        Ok(Ok(found)) => found,
        Ok(Err(why)) => return report.add("Certificate", Grade::Failed, why),
        Err(_) => return report.add("Certificate", Grade::Failed, "The TLS handshake got no answer."),
    };
    let left = found.not_after - now;
    let (grade, words) = if left < SOON {
        let days = left.div_euclid(86_400_000);
        (Grade::Warning, format!("It is valid and trusted, but ends in {days} days. Have it renewed."))
    } else {
        (Grade::Good, format!("It is valid for this name and trusted; issued by {}.", found.issuer))
    };
    report.certificate = Some(found);
    report.add("Certificate", grade, words);
}

async fn handshake(mail: &MailServer) -> Result<CertificateReport, String> {
    let address = mail.address();
    let socket = TcpStream::connect((address.host.as_str(), address.port)).await;
    let socket = socket.map_err(|e| format!("Nobody answers on {}:{}: {e}.", address.host, address.port))?;
    let name = ServerName::try_from(address.host.clone())
        .map_err(|_| "The host name cannot be in a certificate.")?;
    let stream = tokio_rustls::TlsConnector::from(Arc::clone(mail.tls()))
        .connect(name, socket)
        .await
        .map_err(|e| {
            format!("The certificate is not accepted: {e}. Check its name, its dates, and the trusted roots.")
        })?;
    let chain = stream.get_ref().1.peer_certificates().unwrap_or_default();
    let first = chain.first().ok_or("The server sent no certificate.")?;
    describe(first, chain.len()).ok_or_else(|| "The certificate cannot be read.".to_owned())
}

fn describe(der: &CertificateDer<'_>, chain: usize) -> Option<CertificateReport> {
    let (_, certificate) = X509Certificate::from_der(der).ok()?;
    let alternative = certificate.subject_alternative_name().ok().flatten();
    let names = alternative.map_or_else(Vec::new, |extension| {
        let text = |name: &GeneralName<'_>| match name {
            GeneralName::DNSName(name) => Some((*name).to_owned()),
            _ => None,
        };
        extension.value.general_names.iter().filter_map(text).collect()
    });
    Some(CertificateReport {
        subject: certificate.subject().to_string(),
        issuer: certificate.issuer().to_string(),
        names,
        not_after: certificate.validity().not_after.timestamp().saturating_mul(1000),
        chain,
    })
}

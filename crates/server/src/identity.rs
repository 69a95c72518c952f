//! The installation's own certificate authority and server certificate, kept in the data directory.
//!
//! `ca.pem` is what an administrator imports (into Cisco ISE, into a test device); `server.pem` and `server.key` are
//! made anew when names change or the end is near.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::net::IpAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::Context;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PKCS_RSA_SHA256, RsaKeySize,
};
use rustls::pki_types::{CertificateDer, pem::PemObject};
use transport::tls::Certificate;

use crate::config::Config;

/// Days a server certificate is valid, and before whose end it is made anew.
const VALID_DAYS: i64 = 397;
const RENEW_DAYS: i64 = 30;

/// The authority's certificate in both forms.
#[derive(Debug, Clone)]
pub struct Root {
    /// PEM text.
    pub pem: String,
    /// DER bytes.
    pub der: Vec<u8>,
}

/// Makes sure that the authority exists.
pub fn root(data_dir: &Path) -> anyhow::Result<Root> {
    let (cert, key) = (data_dir.join("ca.pem"), data_dir.join("ca.key"));
    if !cert.exists() || !key.exists() {
        let pair = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_3072)?;
        let mut params = CertificateParams::new(Vec::<String>::new())?;
        params.distinguished_name.push(DnType::CommonName, "NotifyMDM Root CA");
        params.distinguished_name.push(DnType::OrganizationName, "NotifyMDM");
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        (params.not_before, params.not_after) = validity(3650);
        let made = params.self_signed(&pair)?;
        secret(&key, pair.serialize_pem().as_bytes())?;
        public(&cert, made.pem().as_bytes())?;
    }
    let pem = fs::read_to_string(&cert).with_context(|| format!("cannot read {}", cert.display()))?;
    let der = CertificateDer::from_pem_slice(pem.as_bytes())
        .map_err(|error| anyhow::anyhow!("{} is not a certificate: {error}", cert.display()))?
        .to_vec();
    Ok(Root { pem, der })
}

/// The certificate that the listeners use: the operator's files, or one signed by our own authority.
pub fn server_certificate(config: &Config) -> anyhow::Result<Certificate> {
    if let Some((cert, key)) = &config.tls {
        return Ok(Certificate::from_files(cert, key)?);
    }
    let names = names(config);
    let dir = &config.data_dir;
    if !fits(&dir.join("server.pem"), &names) {
        sign(dir, &names)?;
    }
    Ok(Certificate::from_files(&dir.join("server.pem"), &dir.join("server.key"))?)
}

/// Host name, localhost, loopback addresses, the listening address, and what the configuration adds.
fn names(config: &Config) -> BTreeSet<String> {
    let mut names: BTreeSet<String> = ["localhost", "127.0.0.1", "::1"].map(str::to_owned).into();
    let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let host = host.trim().to_lowercase();
    if domain::names::domain_name(&host).is_ok() {
        names.insert(host);
    }
    for address in [Some(config.listen), config.admin_listen].into_iter().flatten() {
        if !address.ip().is_unspecified() {
            names.insert(address.ip().to_string());
        }
    }
    names.extend(config.names.iter().map(|n| n.to_lowercase()));
    names
}

/// The DNS names among them.
pub fn host_names(config: &Config) -> Vec<String> {
    names(config).into_iter().filter(|name| name.parse::<IpAddr>().is_err()).collect()
}

/// Whether the certificate on disk has these names and lasts long enough.
fn fits(path: &Path, names: &BTreeSet<String>) -> bool {
    let Ok(pem) = fs::read(path) else { return false };
    let Ok(der) = CertificateDer::from_pem_slice(&pem) else { return false };
    let Ok((_, parsed)) = x509_parser::parse_x509_certificate(&der) else { return false };
    let left = parsed.validity().time_to_expiration().map_or(0, time::Duration::whole_days);
    let Ok(Some(alternative)) = parsed.subject_alternative_name() else { return false };
    let have: BTreeSet<String> = alternative.value.general_names.iter().filter_map(name_text).collect();
    left > RENEW_DAYS && names.is_subset(&have)
}

/// Until when the certificate that [`server_certificate`] gives is valid, milliseconds since 1970.
pub fn valid_until(config: &Config) -> Option<domain::Millis> {
    let own = config.data_dir.join("server.pem");
    let path = config.tls.as_ref().map_or(own.as_path(), |(cert, _)| cert);
    let der = CertificateDer::from_pem_slice(&fs::read(path).ok()?).ok()?;
    let (_, parsed) = x509_parser::parse_x509_certificate(&der).ok()?;
    Some(parsed.validity().not_after.timestamp() * 1_000)
}

fn name_text(name: &x509_parser::extensions::GeneralName<'_>) -> Option<String> {
    use x509_parser::extensions::GeneralName;
    match name {
        GeneralName::DNSName(dns) => Some((*dns).to_owned()),
        GeneralName::IPAddress(bytes) => match bytes.len() {
            4 => <[u8; 4]>::try_from(*bytes).ok().map(|b| IpAddr::from(b).to_string()),
            16 => <[u8; 16]>::try_from(*bytes).ok().map(|b| IpAddr::from(b).to_string()),
            _ => None,
        },
        _ => None,
    }
}

fn sign(dir: &Path, names: &BTreeSet<String>) -> anyhow::Result<()> {
    let ca_pem = fs::read_to_string(dir.join("ca.pem")).context("cannot read ca.pem")?;
    let ca_key = KeyPair::from_pem(&fs::read_to_string(dir.join("ca.key")).context("cannot read ca.key")?)?;
    let issuer = Issuer::from_ca_cert_pem(&ca_pem, ca_key)?;
    // RSA, since Cisco ISE and old phones are sure to take it.
    let pair = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048)?;
    let mut params = CertificateParams::new(names.iter().cloned().collect::<Vec<_>>())?;
    let first = names.iter().find(|n| n.parse::<IpAddr>().is_err() && *n != "localhost");
    params.distinguished_name.push(DnType::CommonName, first.map_or("localhost", String::as_str));
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::KeyEncipherment];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    (params.not_before, params.not_after) = validity(VALID_DAYS);
    let made = params.signed_by(&pair, &issuer)?;
    secret(&dir.join("server.key"), pair.serialize_pem().as_bytes())?;
    // The whole chain: Cisco ISE wants it sent.
    public(&dir.join("server.pem"), format!("{}{ca_pem}", made.pem()).as_bytes())
}

/// From yesterday, for clocks that are behind.
#[expect(clippy::disallowed_methods, reason = "certificates are made before there is an engine with a clock")]
fn validity(days: i64) -> (time::OffsetDateTime, time::OffsetDateTime) {
    let now = time::OffsetDateTime::now_utc();
    (now - time::Duration::days(1), now + time::Duration::days(days))
}

/// Writes a file that only the server's user can read.
pub fn secret(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    write(path, bytes, 0o600)
}

fn public(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    write(path, bytes, 0o644)
}

/// Written beside and renamed, so that nobody ever reads half a key.
fn write(path: &Path, bytes: &[u8], mode: u32) -> anyhow::Result<()> {
    let beside = path.with_extension("new");
    let _ = fs::remove_file(&beside);
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(&beside)
        .with_context(|| format!("cannot write {}", beside.display()))?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&beside, path).with_context(|| format!("cannot write {}", path.display()))
}

//! The file that is uploaded to Apple's portal for a push certificate.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::plist::{Dict, Value};

/// The file, base64 of a property list: an organization's request (DER), the vendor's certificate chain (PEM, from the
/// vendor's up to Apple's root) and the vendor's signature over the request (RSA PKCS#1 v1.5, SHA-256).
pub fn push_certificate_request(request: &[u8], chain: &str, signature: &[u8]) -> String {
    let dict = Dict::new()
        .with("PushCertCertificateChain", chain)
        .with("PushCertRequestCSR", STANDARD.encode(request))
        .with("PushCertSignature", STANDARD.encode(signature));
    STANDARD.encode(Value::Dict(dict).to_xml())
}

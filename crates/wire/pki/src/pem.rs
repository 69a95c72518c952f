//! PEM (RFC 7468): certificates and keys as people paste them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::{Certificate, Error, PrivateKey, pkcs12};

/// Longest text that is read, bytes.
const LARGEST: usize = 1 << 20;

/// A block of a text: its label and its bytes.
struct Block {
    label: String,
    der: Zeroizing<Vec<u8>>,
}

fn blocks(text: &str) -> Result<Vec<Block>, Error> {
    if text.len() > LARGEST {
        return Err(Error::Malformed("the text is too long"));
    }
    let mut out = Vec::new();
    let mut rest = text;
    while let Some((_, begun)) = rest.split_once("-----BEGIN ") {
        let (label, body) =
            begun.split_once("-----").ok_or(Error::Malformed("a BEGIN line is not complete"))?;
        let (body, after) = body
            .split_once(&format!("-----END {label}-----"))
            .ok_or(Error::Malformed("an END line is missing"))?;
        if body.contains("ENCRYPTED") {
            return Err(Error::Unsupported(
                "the key is encrypted in the old form of OpenSSL; convert it with openssl pkcs8 -topk8",
            ));
        }
        let coded =
            Zeroizing::new(body.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect::<Vec<_>>());
        let der = STANDARD.decode(&*coded).map_err(|_| Error::Malformed("a block is not base64"))?;
        out.push(Block { label: label.to_owned(), der: Zeroizing::new(der) });
        rest = after;
    }
    Ok(out)
}

/// All certificates of a text, in their order.
///
/// # Errors
/// [`Error::Malformed`], also when there is none.
pub fn certificates(text: &str) -> Result<Vec<Certificate>, Error> {
    let blocks = blocks(text)?;
    let of_kind = blocks.iter().filter(|block| block.label.ends_with("CERTIFICATE"));
    let found = of_kind.map(|block| Certificate::from_der(&block.der)).collect::<Result<Vec<_>, _>>()?;
    if found.is_empty() { Err(Error::Malformed("there is no certificate in the text")) } else { Ok(found) }
}

/// The private key of a text, deciphered with the password if it is encrypted (PKCS#8).
///
/// # Errors
/// [`Error::Malformed`], also when there is none; [`Error::Password`], [`Error::Unsupported`], [`Error::Key`].
pub fn private_key(text: &str, password: &str) -> Result<PrivateKey, Error> {
    let blocks = blocks(text)?;
    let found = blocks.iter().find(|block| block.label.ends_with("PRIVATE KEY"));
    let found = found.ok_or(Error::Malformed("there is no private key in the text"))?;
    if found.label == "ENCRYPTED PRIVATE KEY" {
        return PrivateKey::from_der(&pkcs12::decrypt_key(&found.der, password)?);
    }
    PrivateKey::from_der(&found.der)
}

/// A block with lines of 64 characters.
pub fn encode(label: &str, der: &[u8]) -> String {
    let coded = STANDARD.encode(der);
    let mut out = format!("-----BEGIN {label}-----\n");
    for line in coded.as_bytes().chunks(64) {
        out.push_str(&String::from_utf8_lossy(line));
        out.push('\n');
    }
    out.push_str(&format!("-----END {label}-----\n"));
    out
}

//! SignedData, made.

use super::{data, issuer_and_serial, wrap};
use crate::der::{explicit, null, octets, oid, sequence, set_of, small, tag, tlv, write_oid};
use crate::{Certificate, Error, Millis, PrivateKey, time};

/// Who signs.
#[derive(Debug, Clone, Copy)]
pub struct Signer<'a> {
    /// The certificate of the key.
    pub certificate: &'a Certificate,
    /// The key.
    pub key: &'a PrivateKey,
    /// The certificates between it and one that the reader trusts.
    pub chain: &'a [Certificate],
}

/// A signed attribute beside the usual ones: its type, and its value in encoded form.
pub(crate) type Extra = (Vec<u8>, Vec<u8>);

/// Signs content that stands in the message, as profiles and requests for web enrolment want it: DER, SHA-256 (or the
/// digest of an EC key's size), with the time of signing.
///
/// # Errors
/// [`Error::Key`].
pub fn sign(content: &[u8], signer: &Signer<'_>, at: Millis) -> Result<Vec<u8>, Error> {
    let time = (oid::SIGNING_TIME.to_vec(), time::write(at));
    sign_with(Some(content), signer, vec![time])
}

pub(crate) fn sign_with(
    content: Option<&[u8]>,
    signer: &Signer<'_>,
    extra: Vec<Extra>,
) -> Result<Vec<u8>, Error> {
    let digest = signer.key.digest();
    let mut attributes = extra;
    attributes.push((oid::CONTENT_TYPE.to_vec(), data()));
    attributes.push((oid::MESSAGE_DIGEST.to_vec(), octets(digest.of(content.unwrap_or_default()).as_ref())));
    let attributes = attributes
        .into_iter()
        .map(|(kind, value)| sequence(&[&write_oid(&kind), &tlv(tag::SET, &value)]))
        .collect();
    let covered = set_of(attributes);
    let signature = signer.key.sign(&covered)?;
    let mut attributes = covered;
    attributes[0] = tag::C0;
    // quirk: strongSwan refuses RSA with a digest in its name here; RFC 3370, 3.2, allows both.
    let algorithm = if signer.key.public().is_rsa() {
        sequence(&[&write_oid(oid::RSA), &null()])
    } else {
        signer.key.signature_algorithm()
    };
    let digest = sequence(&[&write_oid(digest.oid()), &null()]);
    let info = sequence(&[
        &small(1),
        &issuer_and_serial(signer.certificate),
        &digest,
        &attributes,
        &algorithm,
        &octets(&signature),
    ]);
    let certificates = std::iter::once(signer.certificate).chain(signer.chain);
    Ok(signed_data(&[digest], content, certificates, &[info]))
}

/// A message without signatures that carries certificates, the first one first (RFC 8894, 3.4).
pub fn degenerate(certificates: &[&Certificate]) -> Vec<u8> {
    signed_data(&[], None, certificates.iter().copied(), &[])
}

fn signed_data<'a>(
    digests: &[Vec<u8>],
    content: Option<&[u8]>,
    certificates: impl Iterator<Item = &'a Certificate>,
    signers: &[Vec<u8>],
) -> Vec<u8> {
    let content = content.map(|content| explicit(0, &octets(content))).unwrap_or_default();
    let certificates: Vec<u8> = certificates.flat_map(|c| c.to_der().iter().copied()).collect();
    let data = sequence(&[
        &small(1),
        &tlv(tag::SET, &digests.concat()),
        &sequence(&[&data(), &content]),
        &tlv(tag::C0, &certificates),
        &tlv(tag::SET, &signers.concat()),
    ]);
    wrap(oid::SIGNED_DATA, &data)
}

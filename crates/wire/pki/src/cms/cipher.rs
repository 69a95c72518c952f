//! The ciphers of envelopes, all in CBC mode with the padding of PKCS#7.

use aws_lc_rs::cipher::{
    self, AES_128, AES_192, AES_256, Algorithm, DecryptionContext, EncryptionContext,
    PaddedBlockDecryptingKey, PaddedBlockEncryptingKey, UnboundCipherKey,
};
use aws_lc_rs::iv::FixedLength;
use zeroize::Zeroizing;

use crate::Error;
use crate::der::oid;

/// A cipher of a message's content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cipher {
    /// AES-128-CBC.
    Aes128,
    /// AES-192-CBC.
    Aes192,
    /// AES-256-CBC.
    Aes256,
    /// Triple DES: clients that know no AES.
    TripleDes,
}

impl Cipher {
    pub(crate) fn from_oid(algorithm: &[u8]) -> Result<Self, Error> {
        match algorithm {
            oid::AES_128 => Ok(Self::Aes128),
            oid::AES_192 => Ok(Self::Aes192),
            oid::AES_256 => Ok(Self::Aes256),
            oid::DES_EDE3 => Ok(Self::TripleDes),
            oid::DES => Err(Error::Unsupported(
                "single DES is not accepted: anybody can break it (AES and triple DES are accepted)",
            )),
            _ => Err(Error::Unsupported("a cipher that is not accepted (AES-CBC and triple DES are)")),
        }
    }

    pub(crate) fn oid(self) -> &'static [u8] {
        match self {
            Self::Aes128 => oid::AES_128,
            Self::Aes192 => oid::AES_192,
            Self::Aes256 => oid::AES_256,
            Self::TripleDes => oid::DES_EDE3,
        }
    }

    /// Bytes of a key.
    pub fn key_length(self) -> usize {
        match self {
            Self::Aes128 => 16,
            Self::Aes192 | Self::TripleDes => 24,
            Self::Aes256 => 32,
        }
    }

    /// Bytes of a block, and so of an initialization vector.
    pub fn block_length(self) -> usize {
        if self == Self::TripleDes { 8 } else { 16 }
    }

    fn algorithm(self) -> &'static Algorithm {
        #[expect(
            deprecated,
            reason = "clients that know no AES are on record, and the demand is interoperability"
        )]
        match self {
            Self::Aes128 => &AES_128,
            Self::Aes192 => &AES_192,
            Self::Aes256 => &AES_256,
            Self::TripleDes => &cipher::DES_EDE3_FOR_LEGACY_USE_ONLY,
        }
    }

    fn key(self, key: &[u8]) -> Result<UnboundCipherKey, Error> {
        UnboundCipherKey::new(self.algorithm(), key).map_err(|_| Error::Undecipherable)
    }

    /// Enciphers; key and initialization vector have the cipher's lengths.
    pub(crate) fn encrypt(self, key: &[u8], iv: &[u8], plain: &[u8]) -> Result<Vec<u8>, Error> {
        let unfit = |_| Error::Key("the content cannot be enciphered");
        let key = PaddedBlockEncryptingKey::cbc_pkcs7(self.key(key)?).map_err(unfit)?;
        let iv = match self {
            Self::TripleDes => EncryptionContext::Iv64(FixedLength::<8>::try_from(iv).map_err(unfit)?),
            _ => EncryptionContext::Iv128(FixedLength::<16>::try_from(iv).map_err(unfit)?),
        };
        let mut out = plain.to_vec();
        key.less_safe_encrypt(&mut out, iv).map_err(unfit)?;
        Ok(out)
    }

    /// Deciphers. Every failure is the same.
    pub(crate) fn decrypt(self, key: &[u8], iv: &[u8], secret: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        const FAILED: Error = Error::Undecipherable;
        if secret.is_empty() || !secret.len().is_multiple_of(self.block_length()) {
            return Err(FAILED);
        }
        let key = PaddedBlockDecryptingKey::cbc_pkcs7(self.key(key)?).map_err(|_| FAILED)?;
        let iv = match self {
            Self::TripleDes => DecryptionContext::Iv64(FixedLength::<8>::try_from(iv).map_err(|_| FAILED)?),
            _ => DecryptionContext::Iv128(FixedLength::<16>::try_from(iv).map_err(|_| FAILED)?),
        };
        let mut out = Zeroizing::new(secret.to_vec());
        let length = key.decrypt(&mut out, iv).map_err(|_| FAILED)?.len();
        out.truncate(length);
        Ok(out)
    }
}

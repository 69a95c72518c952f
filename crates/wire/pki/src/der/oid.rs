//! Object identifiers, in their encoded form.

pub const RSA: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01";
pub const SHA1_RSA: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x05";
pub const SHA256_RSA: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b";
pub const SHA384_RSA: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0c";
pub const SHA512_RSA: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0d";

pub const EC: &[u8] = b"\x2a\x86\x48\xce\x3d\x02\x01";
pub const P256: &[u8] = b"\x2a\x86\x48\xce\x3d\x03\x01\x07";
pub const P384: &[u8] = b"\x2b\x81\x04\x00\x22";
pub const SHA1_ECDSA: &[u8] = b"\x2a\x86\x48\xce\x3d\x04\x01";
pub const SHA256_ECDSA: &[u8] = b"\x2a\x86\x48\xce\x3d\x04\x03\x02";
pub const SHA384_ECDSA: &[u8] = b"\x2a\x86\x48\xce\x3d\x04\x03\x03";
pub const SHA512_ECDSA: &[u8] = b"\x2a\x86\x48\xce\x3d\x04\x03\x04";

pub const SHA1: &[u8] = b"\x2b\x0e\x03\x02\x1a";
pub const SHA256: &[u8] = b"\x60\x86\x48\x01\x65\x03\x04\x02\x01";
pub const SHA384: &[u8] = b"\x60\x86\x48\x01\x65\x03\x04\x02\x02";
pub const SHA512: &[u8] = b"\x60\x86\x48\x01\x65\x03\x04\x02\x03";

pub const DES: &[u8] = b"\x2b\x0e\x03\x02\x07";
pub const DES_EDE3: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x03\x07";
pub const AES_128: &[u8] = b"\x60\x86\x48\x01\x65\x03\x04\x01\x02";
pub const AES_192: &[u8] = b"\x60\x86\x48\x01\x65\x03\x04\x01\x16";
pub const AES_256: &[u8] = b"\x60\x86\x48\x01\x65\x03\x04\x01\x2a";

pub const DATA: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01";
pub const SIGNED_DATA: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02";
pub const ENVELOPED_DATA: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03";
pub const ENCRYPTED_DATA: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x06";

pub const EMAIL: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x01";
pub const CONTENT_TYPE: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x03";
pub const MESSAGE_DIGEST: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x04";
pub const SIGNING_TIME: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x05";
pub const CHALLENGE_PASSWORD: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x07";

/// SCEP's attributes (RFC 8894, 3.2.1), without the last number.
pub const SCEP: &[u8] = b"\x60\x86\x48\x01\x86\xf8\x45\x01\x09";

pub const SUBJECT_KEY_ID: &[u8] = b"\x55\x1d\x0e";
pub const KEY_USAGE: &[u8] = b"\x55\x1d\x0f";
pub const BASIC_CONSTRAINTS: &[u8] = b"\x55\x1d\x13";
pub const AUTHORITY_KEY_ID: &[u8] = b"\x55\x1d\x23";
pub const EXTENDED_KEY_USAGE: &[u8] = b"\x55\x1d\x25";
pub const CLIENT_AUTH: &[u8] = b"\x2b\x06\x01\x05\x05\x07\x03\x02";

pub const COMMON_NAME: &[u8] = b"\x55\x04\x03";
pub const SERIAL_NUMBER: &[u8] = b"\x55\x04\x05";
pub const COUNTRY: &[u8] = b"\x55\x04\x06";
pub const ORGANIZATION: &[u8] = b"\x55\x04\x0a";
pub const ORGANIZATIONAL_UNIT: &[u8] = b"\x55\x04\x0b";
pub const USER_ID: &[u8] = b"\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x01";

pub const PBES2: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0d";
pub const PBKDF2: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0c";
pub const HMAC_SHA1: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x02\x07";
pub const HMAC_SHA256: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x02\x09";
pub const HMAC_SHA384: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x02\x0a";
pub const HMAC_SHA512: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x02\x0b";
pub const PBE_3DES: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01\x03";
pub const PBE_RC2_40: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01\x06";
pub const KEY_BAG: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x0a\x01\x01";
pub const SHROUDED_KEY_BAG: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x0a\x01\x02";
pub const CERTIFICATE_BAG: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x0a\x01\x03";
pub const X509_CERTIFICATE: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x16\x01";

/// The dotted form, for people.
pub fn dotted(encoded: &[u8]) -> String {
    let mut out = String::new();
    let mut number: u64 = 0;
    for (at, byte) in encoded.iter().enumerate() {
        number = number << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            if out.is_empty() {
                let first = (number / 40).min(2);
                out = format!("{first}.{}", number - first * 40);
            } else {
                out.push_str(&format!(".{number}"));
            }
            number = 0;
        }
        if at > 32 {
            break;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn they_are_what_their_names_say() {
        let table = [
            (super::SHA256_RSA, "1.2.840.113549.1.1.11"),
            (super::P256, "1.2.840.10045.3.1.7"),
            (super::P384, "1.3.132.0.34"),
            (super::SHA512_ECDSA, "1.2.840.10045.4.3.4"),
            (super::SHA1, "1.3.14.3.2.26"),
            (super::SHA256, "2.16.840.1.101.3.4.2.1"),
            (super::DES, "1.3.14.3.2.7"),
            (super::DES_EDE3, "1.2.840.113549.3.7"),
            (super::AES_128, "2.16.840.1.101.3.4.1.2"),
            (super::AES_192, "2.16.840.1.101.3.4.1.22"),
            (super::AES_256, "2.16.840.1.101.3.4.1.42"),
            (super::CHALLENGE_PASSWORD, "1.2.840.113549.1.9.7"),
            (super::SCEP, "2.16.840.1.113733.1.9"),
            (super::CLIENT_AUTH, "1.3.6.1.5.5.7.3.2"),
            (super::USER_ID, "0.9.2342.19200300.100.1.1"),
            (super::PBES2, "1.2.840.113549.1.5.13"),
            (super::HMAC_SHA256, "1.2.840.113549.2.9"),
            (super::PBE_3DES, "1.2.840.113549.1.12.1.3"),
            (super::PBE_RC2_40, "1.2.840.113549.1.12.1.6"),
            (super::SHROUDED_KEY_BAG, "1.2.840.113549.1.12.10.1.2"),
            (super::X509_CERTIFICATE, "1.2.840.113549.1.9.22.1"),
        ];
        for (encoded, dotted) in table {
            assert_eq!(super::dotted(encoded), dotted);
        }
    }
}

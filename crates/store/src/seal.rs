//! Secrets at rest: sealing with AES-256-GCM, keyed hashes, and the key file.
//!
//! The key file holds one key per line: a number and 64 hexadecimal digits. The *last* key seals; older ones stay
//! so that what they sealed can be opened. The *first* key makes keyed hashes and authenticates the journal, so
//! adding a key changes neither. Working keys are derived from the file's keys, one for each purpose.

use crate::{Result, StoreError};
use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    hmac,
    rand::{SecureRandom, SystemRandom},
};
use std::{fmt, io::Write, path::Path, sync::Arc};

/// Name of the key file in the data directory.
pub const KEY_FILE: &str = "secret.key";

/// First byte of everything sealed.
const FORMAT: u8 = 1;

/// Format, key number, nonce.
const PREFIX: usize = 1 + 4 + NONCE_LEN;

/// The installation's secret key. Cheap to clone; never shown.
#[derive(Clone)]
pub struct SecretKey {
    keys: Arc<Vec<(u32, WorkingKeys)>>,
}

/// What is derived from one key of the file.
struct WorkingKeys {
    sealing: LessSafeKey,
    hashing: hmac::Key,
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "SecretKey({} keys)", self.keys.len())
    }
}

/// Random bytes.
pub fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_| StoreError::Other("the machine gives no random numbers".to_owned()))?;
    Ok(bytes)
}

fn working_keys(master: &[u8; 32]) -> Result<WorkingKeys> {
    let master = hmac::Key::new(hmac::HMAC_SHA256, master);
    let sealing = hmac::sign(&master, b"notifymdm sealing 1");
    let hashing = hmac::sign(&master, b"notifymdm hashing 1");
    let unusable = |_| StoreError::Other("the secret key cannot be used".to_owned());
    Ok(WorkingKeys {
        sealing: LessSafeKey::new(UnboundKey::new(&AES_256_GCM, sealing.as_ref()).map_err(unusable)?),
        hashing: hmac::Key::new(hmac::HMAC_SHA256, hashing.as_ref()),
    })
}

impl SecretKey {
    /// A key from 32 bytes, as number 1.
    pub fn from_bytes(master: &[u8; 32]) -> Result<Self> {
        Ok(Self { keys: Arc::new(vec![(1, working_keys(master)?)]) })
    }

    /// Reads the text of a key file.
    pub fn parse(text: &str) -> Result<Self> {
        let mut keys: Vec<(u32, WorkingKeys)> = Vec::new();
        for (line, content) in text.lines().enumerate() {
            let content = content.trim();
            if content.is_empty() || content.starts_with('#') {
                continue;
            }
            let wrong = || {
                StoreError::Refused(format!(
                    "line {} of the key file is not a number and 64 hexadecimal digits",
                    line + 1
                ))
            };
            let (number, digits) = content.split_once(' ').ok_or_else(wrong)?;
            let number: u32 = number.parse().map_err(|_| wrong())?;
            let mut master = [0; 32];
            hex::decode_to_slice(digits.trim(), &mut master).map_err(|_| wrong())?;
            if keys.iter().any(|(known, _)| *known == number) {
                return Err(StoreError::Refused(format!("the key file has two keys with number {number}")));
            }
            keys.push((number, working_keys(&master)?));
        }
        if keys.is_empty() {
            return Err(StoreError::Refused("the key file holds no key".to_owned()));
        }
        Ok(Self { keys: Arc::new(keys) })
    }

    /// Reads the key file of a data directory; makes one if the directory holds no data yet.
    ///
    /// A missing key beside existing data is refused: with a new key every secret would be unreadable.
    pub fn open(directory: &Path) -> Result<Self> {
        let path = directory.join(KEY_FILE);
        match std::fs::read_to_string(&path) {
            Ok(text) => Self::parse(&text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                if directory.join(crate::connection::FILE_NAME).exists() {
                    return Err(StoreError::Refused(format!(
                        "{} is missing beside existing data; put back the key file of this installation \
                         (backups do not contain it)",
                        path.display()
                    )));
                }
                Self::create(directory)
            }
            Err(error) => Err(StoreError::Refused(format!("cannot read {}: {error}", path.display()))),
        }
    }

    /// Makes a new key file, readable only by its owner.
    fn create(directory: &Path) -> Result<Self> {
        let path = directory.join(KEY_FILE);
        let refused = |error: std::io::Error| {
            StoreError::Refused(format!("cannot write the key file {}: {error}", path.display()))
        };
        crate::private_directory(directory).map_err(refused)?;
        let text = format!(
            "# The secret key of this NotifyMDM installation. Keep a copy apart from the backups.\n1 {}\n",
            hex::encode(random::<32>()?)
        );
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&path).map_err(refused)?;
        file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(refused)?;
        Self::parse(&text)
    }

    /// Seals a secret. `context` says what it is (`server/password/<id>`); a secret sealed for one context
    /// cannot be opened in another.
    pub fn seal(&self, context: &str, plaintext: &[u8]) -> Result<Vec<u8>> {
        let failed = |_| StoreError::Other("a secret could not be sealed".to_owned());
        let (number, keys) =
            self.keys.last().ok_or_else(|| StoreError::Other("there is no secret key".to_owned()))?;
        let nonce: [u8; NONCE_LEN] = random()?;
        let mut sealed = plaintext.to_vec();
        keys.sealing
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(context.as_bytes()),
                &mut sealed,
            )
            .map_err(failed)?;
        let mut out = Vec::with_capacity(PREFIX + sealed.len());
        out.push(FORMAT);
        out.extend_from_slice(&number.to_be_bytes());
        out.extend_from_slice(&nonce);
        out.append(&mut sealed);
        Ok(out)
    }

    /// Opens what [`seal`](Self::seal) made, with the same context.
    pub fn unseal(&self, context: &str, sealed: &[u8]) -> Result<Vec<u8>> {
        let damaged = || StoreError::Corrupt(format!("the sealed secret for {context} cannot be opened"));
        let (prefix, rest) = sealed.split_at_checked(PREFIX).ok_or_else(damaged)?;
        let (format, number, nonce) = (prefix[0], &prefix[1..5], &prefix[5..]);
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| damaged())?;
        let key = self.keys.iter().find(|(known, _)| known.to_be_bytes() == number);
        let (Some((_, keys)), FORMAT) = (key, format) else { return Err(damaged()) };
        let mut opened = rest.to_vec();
        let length = keys
            .sealing
            .open_in_place(nonce, Aad::from(context.as_bytes()), &mut opened)
            .map_err(|_| damaged())?
            .len();
        opened.truncate(length);
        Ok(opened)
    }

    /// HMAC-SHA-256 of `data` for one purpose; equal data gives different hashes in different domains. For
    /// looking up tokens, and for authenticating what only this installation may have written.
    pub fn keyed_hash(&self, domain: &str, data: &[u8]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.keys[0].1.hashing);
        context.update(&(domain.len() as u64).to_be_bytes());
        context.update(domain.as_bytes());
        context.update(data);
        let mut hash = [0; 32];
        hash.copy_from_slice(context.sign().as_ref());
        hash
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> SecretKey {
        SecretKey::from_bytes(&[byte; 32]).unwrap()
    }

    #[test]
    fn a_secret_opens_only_whole_in_its_context_and_with_its_key() {
        let sealed = key(7).seal("a", b"secret").unwrap();
        assert_eq!(key(7).unseal("a", &sealed).unwrap(), b"secret");
        assert_ne!(sealed, key(7).seal("a", b"secret").unwrap(), "the nonce is new each time");
        assert!(key(7).unseal("b", &sealed).is_err());
        assert!(key(8).unseal("a", &sealed).is_err());
        for length in 0..sealed.len() {
            assert!(key(7).unseal("a", &sealed[..length]).is_err());
            let mut flipped = sealed.clone();
            flipped[length] ^= 1;
            assert!(key(7).unseal("a", &flipped).is_err(), "byte {length}");
        }
    }

    #[test]
    fn an_added_key_seals_and_the_old_one_still_opens_and_hashes() {
        let (one, two) = ("11".repeat(32), "22".repeat(32));
        let old = SecretKey::parse(&format!("1 {one}\n")).unwrap();
        let both = SecretKey::parse(&format!("# two\n1 {one}\n2 {two}\n")).unwrap();
        let new = SecretKey::parse(&format!("2 {two}")).unwrap();
        assert_eq!(both.unseal("c", &old.seal("c", b"x").unwrap()).unwrap(), b"x");
        let sealed = both.seal("c", b"y").unwrap();
        assert!(old.unseal("c", &sealed).is_err());
        assert_eq!(new.unseal("c", &sealed).unwrap(), b"y");
        assert_eq!(old.keyed_hash("t", b"z"), both.keyed_hash("t", b"z"));
        assert_ne!(old.keyed_hash("t", b"z"), new.keyed_hash("t", b"z"));
    }

    #[test]
    fn hashes_of_different_domains_differ() {
        assert_ne!(key(1).keyed_hash("ab", b"c"), key(1).keyed_hash("a", b"bc"));
    }

    #[test]
    fn a_bad_key_file_names_its_line() {
        for (text, wanted) in [
            ("", "no key"),
            ("# only words\n", "no key"),
            ("1 abc", "line 1"),
            ("\n1 zz", "line 2"),
            (&format!("1 {0}\n1 {0}", "00".repeat(32)), "two keys"),
        ] {
            let error = SecretKey::parse(text).unwrap_err().to_string();
            assert!(error.contains(wanted), "{error}");
        }
    }

    #[test]
    fn nothing_of_the_key_is_shown() {
        assert_eq!(format!("{:?}", key(0xAB)), "SecretKey(1 keys)");
    }

    #[test]
    fn the_key_file_is_made_once_and_its_absence_beside_data_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let made = SecretKey::open(directory.path()).unwrap();
        let again = SecretKey::open(directory.path()).unwrap();
        assert_eq!(made.keyed_hash("d", b""), again.keyed_hash("d", b""));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(directory.path().join(KEY_FILE)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        std::fs::remove_file(directory.path().join(KEY_FILE)).unwrap();
        std::fs::write(directory.path().join("notifymdm.db"), b"").unwrap();
        let error = SecretKey::open(directory.path()).unwrap_err().to_string();
        assert!(error.contains("put back the key file"), "{error}");
        assert!(!directory.path().join(KEY_FILE).exists());
    }
}

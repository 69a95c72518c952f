//! People of a directory, as entries say who they are.

use domain::model::AttributeMap;
use wire_ldap::{Dn, Entry, Filter};

use super::error::LdapError;
use super::search::{Query, search};
use super::{Directory, MOST_ENTRIES};

/// Somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The entry's name as the server writes it.
    pub dn: String,
    /// The same, to be compared.
    pub name: Dn,
    /// The id that stays: text, or `hex:` and the bytes.
    pub unique: String,
    /// Sign-in name.
    pub login: String,
    /// Mail address, may be empty.
    pub email: String,
    /// Name shown, may be empty.
    pub display_name: String,
    /// First name, may be empty.
    pub first_name: String,
    /// Last name, may be empty.
    pub last_name: String,
    /// Phone number, may be empty; what is no number is left out.
    pub phone: String,
    /// The directory says that this person is disabled.
    pub disabled: bool,
}

/// An entry: a person, or words that say what it lacks.
pub type Found = Result<Person, String>;

/// Characters of a value that are kept; what is longer is no name.
const LONGEST_VALUE: usize = 400;
/// Characters of a first or last name that are kept.
const LONGEST_NAME: usize = 100;
/// Characters of a phone number.
const LONGEST_PHONE: usize = 40;

impl Directory {
    /// Everybody beneath a folder (any name beneath which the filter of people finds somebody). Entries are handed on
    /// one by one; entries that lack what a person must have come as words.
    ///
    /// # Errors
    /// All of [`LdapError`]; what was handed on before then is not everybody.
    pub async fn people(&self, base: &str, mut each: impl FnMut(Found) + Send) -> Result<(), LdapError> {
        let wanted = wanted(&self.place.attributes);
        let query = Query::beneath(base, &self.place.users, &wanted, self.place.page_size);
        let mut lease = self.lease().await?;
        let take = |entry: Entry| {
            each(person(&self.place.attributes, &entry));
            Ok(())
        };
        search(&mut lease, &query, take).await.map(drop)
    }

    /// The person with this entry name; `None` if there is none, or the filter of people does not find it.
    ///
    /// # Errors
    /// All of [`LdapError`] but the missing entry.
    pub async fn person(&self, dn: &str) -> Result<Option<Found>, LdapError> {
        let wanted = wanted(&self.place.attributes);
        let query = Query::entry(dn, &self.place.users, &wanted);
        let mut lease = self.lease().await?;
        let mut found = None;
        let take = |entry: Entry| {
            found = Some(person(&self.place.attributes, &entry));
            Ok(())
        };
        match search(&mut lease, &query, take).await {
            Ok(_) => Ok(found),
            Err(LdapError::Missing { .. } | LdapError::Setup(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The person who signs in with this name, looked for beneath all bases; `None` if there is none or more than one.
    ///
    /// # Errors
    /// All of [`LdapError`].
    pub async fn person_by_login(&self, login: &str) -> Result<Option<Person>, LdapError> {
        let by_name = Filter::equal(&self.place.attributes.login, login);
        let mut found = self.matching(by_name).await?;
        let only = found.pop().filter(|_| found.is_empty());
        Ok(only.filter(|person| person.login.eq_ignore_ascii_case(login)))
    }

    /// The person with this id that stays.
    ///
    /// # Errors
    /// All of [`LdapError`].
    pub async fn person_by_unique(&self, unique: &str) -> Result<Option<Person>, LdapError> {
        let by_id = Filter::equal(&self.place.attributes.unique_id, unique_bytes(unique));
        let mut found = self.matching(by_id).await?;
        Ok(found.pop().filter(|_| found.is_empty()))
    }

    async fn matching(&self, condition: Filter) -> Result<Vec<Person>, LdapError> {
        let wanted = wanted(&self.place.attributes);
        let filter = Filter::And(vec![self.place.users.clone(), condition]);
        let mut lease = self.lease().await?;
        let mut found: Vec<Person> = Vec::new();
        for base in &self.place.bases {
            let query = Query { page: None, most: 3, ..Query::beneath(base, &filter, &wanted, 0) };
            search(&mut lease, &query, |entry| {
                found.extend(person(&self.place.attributes, &entry).ok());
                Ok(())
            })
            .await?;
        }
        // Bases can lie within each other.
        found.sort_by(|a, b| a.unique.cmp(&b.unique));
        found.dedup_by(|a, b| a.unique == b.unique);
        Ok(found)
    }

    /// How many people there are beneath a base, up to a number; with the first one.
    pub(super) async fn sample(
        &self,
        base: &str,
        most: usize,
    ) -> Result<(usize, bool, Vec<Found>), LdapError> {
        let wanted = wanted(&self.place.attributes);
        let page = self.place.page_size;
        let query = Query {
            most: most.min(MOST_ENTRIES),
            cut: true,
            ..Query::beneath(base, &self.place.users, &wanted, page)
        };
        let mut lease = self.lease().await?;
        let (mut count, mut first) = (0, Vec::new());
        let more = search(&mut lease, &query, |entry| {
            count += 1;
            if first.len() < 100 {
                first.push(person(&self.place.attributes, &entry));
            }
            Ok(())
        })
        .await?;
        Ok((count, more, first))
    }
}

/// Attributes that are asked for.
fn wanted(map: &AttributeMap) -> Vec<&str> {
    let disabled = map.disabled.as_ref().map_or("", |when| when.attribute.as_str());
    let names = [&map.login, &map.email, &map.display_name, &map.first_name, &map.last_name, &map.phone];
    let names = names.into_iter().chain([&map.unique_id]).map(String::as_str).chain([disabled]);
    names.filter(|name| !name.is_empty()).collect()
}

/// A text without line breaks and control signs.
fn line(text: &str) -> String {
    domain::mail::Line::from(text.to_owned()).as_str().trim().to_owned()
}

fn is_phone(text: &str) -> bool {
    text.chars().count() <= LONGEST_PHONE && !text.chars().any(char::is_alphabetic)
}

/// Who an entry is.
fn person(map: &AttributeMap, entry: &Entry) -> Found {
    let shown = super::error::short(&entry.dn);
    let text = |name: &str| entry.text(name).filter(|text| text.len() <= LONGEST_VALUE).unwrap_or_default();
    let name = Dn::parse(&entry.dn).map_err(|_| format!("{shown}: its name cannot be read."))?;
    let lacks = |what: &str| format!("{shown} has no {what}; check the attributes of this directory.");
    let unique = entry.values(&map.unique_id).first().and_then(|bytes| unique_text(bytes));
    let unique = unique.ok_or_else(|| lacks(&map.unique_id))?;
    let login = Some(text(&map.login)).filter(|login| !login.is_empty()).ok_or_else(|| lacks(&map.login))?;
    let name_of = |attribute: &str| -> String {
        line(text(attribute)).chars().take(LONGEST_NAME).collect::<String>().trim_end().to_owned()
    };
    let (first_name, last_name) = (name_of(&map.first_name), name_of(&map.last_name));
    let display_name = match line(text(&map.display_name)) {
        name if name.is_empty() => format!("{first_name} {last_name}").trim().to_owned(),
        name => name,
    };
    let disabled = map
        .disabled
        .as_ref()
        .is_some_and(|when| when.holds(entry.values(&when.attribute).iter().map(Vec::as_slice)));
    Ok(Person {
        dn: entry.dn.clone(),
        name,
        unique,
        login: login.to_owned(),
        email: text(&map.email).to_owned(),
        display_name,
        first_name,
        last_name,
        phone: Some(line(text(&map.phone))).filter(|text| is_phone(text)).unwrap_or_default(),
        disabled,
    })
}

/// An id as it is kept: text where it is text, else its bytes.
pub(super) fn unique_text(bytes: &[u8]) -> Option<String> {
    if bytes.is_empty() || bytes.len() > 100 {
        return None;
    }
    match std::str::from_utf8(bytes) {
        Ok(text) if text.chars().all(|sign| sign.is_ascii_graphic()) && !text.starts_with("hex:") => {
            Some(text.to_owned())
        }
        _ => Some(format!("hex:{}", hex::encode(bytes))),
    }
}

/// The bytes of an id.
pub(super) fn unique_bytes(text: &str) -> Vec<u8> {
    let bytes = text.strip_prefix("hex:").and_then(|digits| hex::decode(digits).ok());
    bytes.unwrap_or_else(|| text.as_bytes().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use catalog::DirectoryKind;
    use wire_ldap::Attribute;

    fn entry(pairs: &[(&str, &[u8])]) -> Entry {
        let attributes = pairs
            .iter()
            .map(|(name, value)| Attribute { name: (*name).into(), values: vec![value.to_vec()] });
        Entry { dn: "CN=Ann,OU=People,DC=x".into(), attributes: attributes.collect() }
    }

    #[test]
    fn a_person_is_read_by_the_map_and_what_is_missing_is_said() {
        let map = AttributeMap::of(DirectoryKind::ActiveDirectory);
        let guid = [0x9e, 0xff, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13];
        let full: &[(&str, &[u8])] = &[
            ("samaccountname", b"ann"),
            ("objectGUID", &guid),
            ("givenName", b"Ann"),
            ("sn", b"Lee"),
            ("telephoneNumber", b"+41 44 123 45 67"),
            ("userAccountControl", b"514"),
        ];
        let ann = person(&map, &entry(full)).expect("a person");
        assert_eq!((ann.login.as_str(), ann.display_name.as_str(), ann.disabled), ("ann", "Ann Lee", true));
        assert_eq!((ann.first_name.as_str(), ann.last_name.as_str()), ("Ann", "Lee"));
        assert_eq!(ann.phone, "+41 44 123 45 67");
        assert_eq!(unique_bytes(&ann.unique), guid);
        // What is no number, and line breaks in a name, are left out.
        let odd: Vec<(&str, &[u8])> = vec![
            ("sAMAccountName", b"ann"),
            ("objectGUID", &guid),
            ("givenName", b"An\r\nna"),
            ("telephoneNumber", b"ask the desk"),
        ];
        let odd = person(&map, &entry(&odd)).expect("a person");
        assert!(!odd.first_name.contains(['\r', '\n']) && odd.phone.is_empty(), "{odd:?}");
        for lost in 0..2 {
            let part: Vec<_> =
                full.iter().enumerate().filter(|(at, _)| *at != lost).map(|(_, pair)| *pair).collect();
            assert!(person(&map, &entry(&part)).is_err());
        }
        // Junk instead of a name is no name.
        let junk = person(&map, &entry(&[("sAMAccountName", &[0xff, 0xfe]), ("objectGUID", &guid)]));
        assert!(junk.expect_err("no name").contains("has no sAMAccountName"));
    }

    #[test]
    fn an_id_comes_back_whatever_it_is() {
        for bytes in [&b"0d3f-11"[..], &[0, 1, 2], b"hex:00", b"a b"] {
            assert_eq!(unique_bytes(&unique_text(bytes).expect("an id")), bytes);
        }
        assert_eq!(unique_text(b""), None);
    }
}

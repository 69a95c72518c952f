//! Who is in a group, with the groups within it.

use std::collections::{HashMap, HashSet};

use wire_ldap::{Dn, Filter, range_of};

use super::connection::Connection;
use super::error::LdapError;
use super::search::{Query, search};
use super::{Directory, MOST_ENTRIES};

/// Groups within groups that are looked at for one group.
const MOST_GROUPS: usize = 5_000;
/// Parts in which a server may hand out the members of one group.
const MOST_PARTS: usize = 10_000;

/// Who is in a group.
#[derive(Debug, Clone, Default)]
pub struct Members {
    /// By entry name; the value is the name as the server writes it.
    pub entries: HashMap<Dn, String>,
    /// By sign-in name in lower case (`memberUid` of posix groups).
    pub logins: HashSet<String>,
}

impl Members {
    /// Whether a person is one of them.
    pub fn contains(&self, name: &Dn, login: &str) -> bool {
        self.entries.contains_key(name)
            || (!self.logins.is_empty() && self.logins.contains(&login.to_lowercase()))
    }
}

/// Direct members, as the server says.
type Direct = Vec<String>;

impl Directory {
    /// The members of each of these groups. Groups within groups count with their members, each once: a group that
    /// contains itself by any detour ends there.
    ///
    /// # Errors
    /// All of [`LdapError`]; [`LdapError::Missing`] when one of the groups is not there.
    pub async fn members(&self, groups: &[String]) -> Result<Vec<Members>, LdapError> {
        if groups.is_empty() {
            return Ok(Vec::new());
        }
        let mut lease = self.lease().await?;
        let known = self.group_names(&mut lease).await?;
        let mut read: HashMap<Dn, Direct> = HashMap::new();
        let mut all = Vec::with_capacity(groups.len());
        for group in groups {
            all.push(self.closure(&mut lease, group, &known, &mut read).await?);
        }
        Ok(all)
    }

    async fn closure(
        &self,
        connection: &mut Connection,
        group: &str,
        known: &HashSet<Dn>,
        read: &mut HashMap<Dn, Direct>,
    ) -> Result<Members, LdapError> {
        let mut members = Members::default();
        let mut seen = HashSet::new();
        let mut left = vec![group.to_owned()];
        while let Some(next) = left.pop() {
            let name = Dn::parse(&next).map_err(|error| LdapError::Setup(format!("“{next}”: {error}.")))?;
            if !seen.insert(name.clone()) {
                continue;
            }
            if seen.len() > MOST_GROUPS {
                return Err(LdapError::TooMany(MOST_GROUPS));
            }
            if !read.contains_key(&name) {
                let direct = match self.direct(connection, &next).await {
                    // A group within the group may have gone a moment ago; the group itself must be there.
                    Err(LdapError::Missing { .. }) if seen.len() > 1 => Vec::new(),
                    other => other?,
                };
                read.insert(name.clone(), direct);
            }
            for member in &read[&name] {
                match Dn::parse(member) {
                    Ok(name) if known.contains(&name) => left.push(member.clone()),
                    Ok(name) => drop(members.entries.insert(name, member.clone())),
                    Err(_) => drop(members.logins.insert(member.trim().to_lowercase())),
                }
            }
            if members.entries.len() + members.logins.len() > MOST_ENTRIES {
                return Err(LdapError::TooMany(MOST_ENTRIES));
            }
        }
        Ok(members)
    }

    /// The names of all groups: they tell groups among the members of a group.
    async fn group_names(&self, connection: &mut Connection) -> Result<HashSet<Dn>, LdapError> {
        let mut names = HashSet::new();
        for base in &self.place.bases {
            let query = Query::beneath(base, &self.place.groups, &["1.1"], self.place.page_size);
            let take = |entry: wire_ldap::Entry| {
                names.extend(Dn::parse(&entry.dn));
                Ok(())
            };
            search(connection, &query, take).await?;
        }
        Ok(names)
    }

    /// The direct members of a group. Active Directory hands long lists out in parts (MS-ADTS 3.1.1.3.1.3.3).
    async fn direct(&self, connection: &mut Connection, group: &str) -> Result<Direct, LdapError> {
        let attribute = &self.place.attributes.member;
        let any = Filter::any();
        let (mut values, mut begin) = (Vec::new(), 0_u64);
        for _ in 0..MOST_PARTS {
            let wanted = if begin == 0 { attribute.clone() } else { format!("{attribute};range={begin}-*") };
            let asked = [wanted.as_str()];
            let query = Query::entry(group, &any, &asked);
            let mut next = None;
            search(connection, &query, |entry| {
                for found in entry.attributes {
                    let part = range_of(&found.name);
                    let bare = part.map_or(found.name.as_str(), |(bare, _)| bare);
                    if bare.eq_ignore_ascii_case(attribute) {
                        next = next.max(part.and_then(|(_, next)| next));
                        values.extend(
                            found.values.into_iter().filter_map(|value| String::from_utf8(value).ok()),
                        );
                    }
                }
                Ok(())
            })
            .await?;
            if values.len() > MOST_ENTRIES {
                return Err(LdapError::TooMany(MOST_ENTRIES));
            }
            match next {
                None => return Ok(values),
                Some(next) if next > begin => begin = next,
                Some(_) => return Err(LdapError::Nonsense("its parts of a group go back".into())),
            }
        }
        Err(LdapError::Nonsense("its parts of a group never end".into()))
    }
}

//! The tree of folders, the groups, and the test of what was set up.

use wire_ldap::{Dn, Entry, Filter};

use super::Directory;
use super::error::LdapError;
use super::people::{unique_bytes, unique_text};
use super::search::{Query, search};

/// Entries that are shown of one folder.
const MOST_SHOWN: usize = 1_000;
/// Entries that a test counts.
const MOST_COUNTED: usize = 100_000;
/// Attribute of the name of almost everything but people.
const NAMES: [&str; 4] = ["ou", "cn", "o", "dc"];

/// A folder or group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// The entry's name as the server writes it.
    pub dn: String,
    /// Shown.
    pub title: String,
    /// A group; else a folder.
    pub is_group: bool,
    /// The id that stays; empty where the server has none.
    pub unique: String,
}

/// What a test found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tested {
    /// People that the filter finds.
    pub users: usize,
    /// There are more than were counted.
    pub more: bool,
    /// Groups that the filter finds.
    pub groups: usize,
    /// The first names.
    pub examples: Vec<String>,
    /// What is not as it should be, in words.
    pub warnings: Vec<String>,
}

impl Directory {
    /// Connects, signs in, looks for every base, counts people and groups, and says what is odd.
    ///
    /// # Errors
    /// All of [`LdapError`].
    pub async fn test(&self) -> Result<Tested, LdapError> {
        let mut tested = Tested::default();
        let mut incomplete = Vec::new();
        for base in &self.place.bases {
            self.node(base).await?;
            let (users, more, first) = self.sample(base, MOST_COUNTED).await?;
            tested.users += users;
            tested.more |= more;
            for found in first {
                match found {
                    Ok(person) if tested.examples.len() < 5 => tested.examples.push(person.login),
                    Ok(_) => {}
                    Err(words) => incomplete.push(words),
                }
            }
            tested.groups += self.list(base, &self.place.groups.clone(), true).await?.0.len();
        }
        if tested.users == 0 {
            let words = "The filter finds no user. Check the filter, the base and what the account may read.";
            tested.warnings.push(words.into());
        }
        if tested.groups == 0 {
            tested.warnings.push("The filter finds no group. Folders can be linked all the same.".into());
        }
        if let Some(first) = incomplete.first() {
            tested
                .warnings
                .push(format!("{} of the first entries cannot be users. {first}", incomplete.len()));
        }
        Ok(tested)
    }

    /// The bases, or what lies directly beneath a folder: folders, then groups, each by name; and whether there is more
    /// than is shown.
    ///
    /// # Errors
    /// All of [`LdapError`].
    pub async fn children(&self, folder: Option<&str>) -> Result<(Vec<Node>, bool), LdapError> {
        let Some(folder) = folder else {
            let mut bases = Vec::new();
            for base in &self.place.bases {
                bases.push(self.node(base).await?);
            }
            return Ok((bases, false));
        };
        let mut kinds: Vec<Filter> =
            FOLDERS.iter().map(|class| Filter::equal("objectClass", class)).collect();
        kinds.push(self.place.groups.clone());
        self.list(folder, &Filter::Or(kinds), false).await
    }

    /// Groups beneath the bases whose name contains a text.
    ///
    /// # Errors
    /// All of [`LdapError`].
    pub async fn groups(&self, text: &str) -> Result<(Vec<Node>, bool), LdapError> {
        let text = text.trim();
        let filter = if text.is_empty() {
            self.place.groups.clone()
        } else {
            let parts = vec![Vec::new(), text.as_bytes().to_vec(), Vec::new()];
            Filter::And(vec![self.place.groups.clone(), Filter::Substrings("cn".into(), parts)])
        };
        let (mut all, mut more) = (Vec::new(), false);
        for base in &self.place.bases {
            let (found, cut) = self.list(base, &filter, true).await?;
            all.extend(found);
            more |= cut;
        }
        Ok((all, more))
    }

    /// One folder or group by its name.
    ///
    /// # Errors
    /// All of [`LdapError`]; [`LdapError::Missing`].
    pub async fn node(&self, dn: &str) -> Result<Node, LdapError> {
        Dn::parse(dn)
            .map_err(|error| LdapError::Setup(format!("“{}”: {error}.", super::error::short(dn))))?;
        let any = Filter::any();
        let mut lease = self.lease().await?;
        let mut found = None;
        let wanted = self.wanted();
        let mut query = Query::entry(dn, &any, &wanted);
        search(&mut lease, &query, |entry| {
            found = Some(self.as_node(entry, false));
            Ok(())
        })
        .await?;
        let missing =
            || LdapError::Missing { name: super::error::short(dn), hint: "It may not be visible.".into() };
        let node = found.ok_or_else(missing)?;
        query.filter = &self.place.groups;
        let mut is_group = false;
        search(&mut lease, &query, |_| {
            is_group = true;
            Ok(())
        })
        .await?;
        Ok(Node { is_group, ..node })
    }

    /// The folder or group with this id that stays, wherever it was moved to beneath the bases.
    ///
    /// # Errors
    /// All of [`LdapError`].
    pub async fn node_by_unique(&self, unique: &str) -> Result<Option<Node>, LdapError> {
        let by_id = Filter::equal(&self.place.attributes.unique_id, unique_bytes(unique));
        for base in &self.place.bases {
            let (mut found, _) = self.list(base, &by_id, true).await?;
            if let Some(node) = found.pop() {
                return Ok(Some(node));
            }
        }
        Ok(None)
    }

    async fn list(&self, base: &str, filter: &Filter, deep: bool) -> Result<(Vec<Node>, bool), LdapError> {
        let wanted = self.wanted();
        let scope = if deep { wire_ldap::Scope::Subtree } else { wire_ldap::Scope::OneLevel };
        let page = self.place.page_size;
        let query =
            Query { scope, most: MOST_SHOWN, cut: true, ..Query::beneath(base, filter, &wanted, page) };
        let mut lease = self.lease().await?;
        let mut nodes = Vec::new();
        let more = search(&mut lease, &query, |entry| {
            let is_folder = entry
                .values("objectClass")
                .iter()
                .any(|class| FOLDERS.iter().any(|folder| class.eq_ignore_ascii_case(folder.as_bytes())));
            nodes.push(self.as_node(entry, !is_folder));
            Ok(())
        })
        .await?;
        nodes.sort_by_cached_key(|node| (node.is_group, node.title.to_lowercase()));
        Ok((nodes, more))
    }

    fn wanted(&self) -> Vec<&str> {
        let unique = self.place.attributes.unique_id.as_str();
        NAMES.into_iter().chain(["objectClass", unique]).filter(|name| !name.is_empty()).collect()
    }

    fn as_node(&self, entry: Entry, is_group: bool) -> Node {
        let title = NAMES.iter().find_map(|name| entry.text(name)).map(super::error::short);
        let unique = entry.values(&self.place.attributes.unique_id).first();
        let unique = unique.and_then(|bytes| unique_text(bytes)).unwrap_or_default();
        let title = title.filter(|title| !title.is_empty()).unwrap_or_else(|| super::error::short(&entry.dn));
        Node { title, unique, is_group, dn: entry.dn }
    }
}

/// Classes of entries that others lie beneath.
const FOLDERS: [&str; 8] = [
    "organizationalUnit",
    "organization",
    "container",
    "domain",
    "builtinDomain",
    "country",
    "locality",
    "dcObject",
];

//! Everybody in the linked folders and groups, read once.

use std::collections::HashSet;
use std::sync::Arc;

use clients::ldap::{Directory, Dn, Found, LdapError, Members, Node, Person};
use domain::directory::Entry;
use domain::model::{DirectoryLink, Group, GroupId};

/// Members of groups who are asked for one by one; for more, whole bases are read.
const ONE_BY_ONE: usize = 500;

/// What was read.
#[derive(Default)]
pub(super) struct Gathered {
    /// Everybody whom a link holds.
    pub entries: Vec<Entry>,
    /// Entries that lack what a person must have, in words.
    pub incomplete: Vec<String>,
    /// Links that lie elsewhere by now: as they are.
    pub moved: Vec<(GroupId, DirectoryLink)>,
}

/// A link with what it holds.
struct Holder {
    group: GroupId,
    dn: String,
    name: Dn,
    /// `None`: a folder.
    members: Option<Members>,
}

impl Holder {
    fn holds(&self, person: &Person) -> bool {
        match &self.members {
            Some(members) => members.contains(&person.name, &person.login),
            None => person.name.is_within(&self.name),
        }
    }
}

/// Reads the links and everybody in them. `tell` hears how many entries were read.
pub(super) async fn gather(
    directory: &Directory,
    links: &[Arc<Group>],
    bases: &[String],
    tell: &(dyn Fn(usize) + Send + Sync),
) -> Result<Gathered, LdapError> {
    let mut gathered = Gathered::default();
    let holders = holders(directory, links, &mut gathered).await?;
    let mut collected = Collected { holders: &holders, found: HashSet::new(), read: 0 };
    for base in sweeps(&holders, bases) {
        let each = |found: Found| {
            collected.take(found, &mut gathered);
            if collected.read.is_multiple_of(500) {
                tell(collected.read);
            }
        };
        directory.people(&base, each).await?;
    }
    // Who is in a small group and was not read with a folder.
    let small = holders.iter().filter(|_| !has_swept_bases(&holders));
    for (name, dn) in small.filter_map(|holder| holder.members.as_ref()).flat_map(|members| &members.entries)
    {
        let is_read = holders.iter().any(|holder| holder.members.is_none() && name.is_within(&holder.name));
        if is_read || !is_beneath(name, bases) {
            continue;
        }
        if let Some(found) = directory.person(dn).await? {
            collected.take(found, &mut gathered);
        }
    }
    tell(collected.read);
    Ok(gathered)
}

struct Collected<'h> {
    holders: &'h [Holder],
    /// By the id that stays.
    found: HashSet<String>,
    read: usize,
}

impl Collected<'_> {
    fn take(&mut self, found: Found, gathered: &mut Gathered) {
        self.read += 1;
        let person = match found {
            Ok(person) => person,
            Err(words) => return gathered.incomplete.push(words),
        };
        if self.found.contains(&person.unique) {
            return;
        }
        let holders = self.holders.iter().filter(|holder| holder.holds(&person));
        let groups: Vec<GroupId> = holders.map(|holder| holder.group).collect();
        if !groups.is_empty() {
            self.found.insert(person.unique.clone());
            gathered.entries.push(entry(person, groups));
        }
    }
}

/// A person as the plan wants it.
pub(super) fn entry(person: Person, groups: Vec<GroupId>) -> Entry {
    Entry {
        unique: person.unique,
        dn: person.dn,
        login: person.login,
        email: person.email,
        display_name: person.display_name,
        first_name: person.first_name,
        last_name: person.last_name,
        phone: person.phone,
        disabled: person.disabled,
        groups,
    }
}

/// The links that hold one person, who is asked for alone.
pub(super) async fn links_of(
    directory: &Directory,
    links: &[Arc<Group>],
    person: &Person,
) -> Result<Vec<GroupId>, LdapError> {
    let holders = holders(directory, links, &mut Gathered::default()).await?;
    Ok(holders.iter().filter(|holder| holder.holds(person)).map(|holder| holder.group).collect())
}

async fn holders(
    directory: &Directory,
    links: &[Arc<Group>],
    gathered: &mut Gathered,
) -> Result<Vec<Holder>, LdapError> {
    let mut holders = Vec::with_capacity(links.len());
    for group in links {
        let Some(link) = &group.directory else { continue };
        let now = find(directory, link).await?;
        let name = Dn::parse(&now.dn).map_err(|error| LdapError::Setup(format!("“{}”: {error}.", now.dn)))?;
        let folder = link.folder.map(|_| name.depth() as u32);
        let as_is = DirectoryLink { server: link.server, folder, dn: now.dn.clone(), unique: now.unique };
        if as_is != *link {
            gathered.moved.push((group.id, as_is));
        }
        let members = link.folder.is_none().then(Members::default);
        holders.push(Holder { group: group.id, dn: now.dn, name, members });
    }
    let groups: Vec<String> =
        holders.iter().filter(|holder| holder.members.is_some()).map(|holder| holder.dn.clone()).collect();
    let mut read = directory.members(&groups).await?.into_iter();
    for holder in holders.iter_mut().filter(|holder| holder.members.is_some()) {
        holder.members = read.next();
    }
    Ok(holders)
}

/// A link as it is now: by its name, or wherever it was moved to. Another entry of the same name is not the link.
pub(super) async fn find(directory: &Directory, link: &DirectoryLink) -> Result<Node, LdapError> {
    let by_name = match directory.node(&link.dn).await {
        Err(LdapError::Missing { .. }) if !link.unique.is_empty() => None,
        other => Some(other?),
    };
    if let Some(node) = by_name.filter(|node| link.unique.is_empty() || node.unique == link.unique) {
        return Ok(node);
    }
    let moved = directory.node_by_unique(&link.unique).await?;
    moved.ok_or_else(|| LdapError::Missing {
        name: link.dn.clone(),
        hint: "It is linked here: remove the link if it is gone for good.".into(),
    })
}

fn has_swept_bases(holders: &[Holder]) -> bool {
    let members = holders.iter().filter_map(|holder| holder.members.as_ref());
    let (mut count, mut by_login) = (0, false);
    for members in members {
        count += members.entries.len();
        by_login |= !members.logins.is_empty();
    }
    by_login || count > ONE_BY_ONE
}

/// What is read as a whole: folders that lie in no other one, or the bases when groups are large.
fn sweeps(holders: &[Holder], bases: &[String]) -> Vec<String> {
    let mut names: Vec<(Dn, String)> = if has_swept_bases(holders) {
        bases.iter().filter_map(|base| Some((Dn::parse(base).ok()?, base.clone()))).collect()
    } else {
        Vec::new()
    };
    let folders = holders.iter().filter(|holder| holder.members.is_none());
    names.extend(folders.map(|holder| (holder.name.clone(), holder.dn.clone())));
    names.sort_by_key(|(name, _)| name.depth());
    let mut top: Vec<(Dn, String)> = Vec::new();
    for (name, dn) in names {
        if !top.iter().any(|(above, _)| name.is_within(above)) {
            top.push((name, dn));
        }
    }
    top.into_iter().map(|(_, dn)| dn).collect()
}

fn is_beneath(name: &Dn, bases: &[String]) -> bool {
    bases.iter().any(|base| Dn::parse(base).is_ok_and(|base| name.is_within(&base)))
}

//! What a refresh of a directory would do with the users: who is new, who is changed, who is gone, and what cannot be.
//!
//! People are known by the id that stays: a rename or a move is a change of the same user. Who is not in any linked
//! folder or group is none of the refresh's business, except for those who were in one the last time.

#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::model::{DirectoryIdentity, DirectoryServerId, GroupId, User, UserId, UserState, VanishedAction};
use crate::names;

/// Somebody whom a linked folder or group holds, as the directory says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The id that stays.
    pub unique: String,
    /// Name of the entry.
    pub dn: String,
    /// Sign-in name.
    pub login: String,
    /// Address, may be empty.
    pub email: String,
    /// Name shown, may be empty.
    pub display_name: String,
    /// First name, may be empty.
    pub first_name: String,
    /// Last name, may be empty.
    pub last_name: String,
    /// Phone number, may be empty.
    pub phone: String,
    /// Disabled in the directory.
    pub disabled: bool,
    /// The linked folders and groups that hold it.
    pub groups: Vec<GroupId>,
}

/// What the refresh goes by.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'a> {
    /// Which directory.
    pub server: DirectoryServerId,
    /// What becomes of users who are gone.
    pub vanished: VanishedAction,
    /// All folders and groups linked with it.
    pub links: &'a [GroupId],
    /// Mail domains of the organization; empty: any.
    pub mail_domains: &'a [String],
}

/// What is to be done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// To be made.
    pub create: Vec<Entry>,
    /// To be stored so.
    pub change: Vec<User>,
    /// Of the changed ones, who is disabled now because the directory says so.
    pub disable: Vec<UserId>,
    /// To be removed.
    pub remove: Vec<UserId>,
    /// Entries that cannot be users, in words; their users stay as they are.
    pub conflicts: Vec<String>,
    /// Users of the linked folders and groups before.
    pub known: usize,
    /// Of those, who is in none of them any more.
    pub vanished: usize,
}

impl Plan {
    /// Whether so many are gone that the directory, or the account that reads it, is likely to be at fault: more than
    /// five and more than one in ten, or everybody.
    pub fn is_mass_disappearance(&self) -> bool {
        self.vanished > 0
            && (self.vanished == self.known && self.known > 1 || {
                self.vanished > 5 && self.vanished * 10 > self.known
            })
    }
    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.create.is_empty() && self.change.is_empty() && self.remove.is_empty()
    }
}

/// Users as they are looked for.
struct Known<'u> {
    by_unique: HashMap<&'u str, &'u Arc<User>>,
    by_name: HashMap<String, &'u Arc<User>>,
    by_email: HashMap<String, &'u Arc<User>>,
}

/// Decides. `entries` are everybody in the linked folders and groups, each once by its id.
pub fn plan<'u>(
    users: impl Iterator<Item = &'u Arc<User>>,
    mut entries: Vec<Entry>,
    terms: Terms<'_>,
) -> Plan {
    let users: Vec<&Arc<User>> = users.collect();
    let known = Known::new(&users, terms.server);
    // The same directory gives the same answer, whatever order it was read in.
    entries.sort_by(|a, b| (&a.login, &a.unique).cmp(&(&b.login, &b.unique)));
    let mut plan = Plan::default();
    let mut seen: HashSet<String> = HashSet::with_capacity(entries.len());
    let (mut names, mut emails) = (HashSet::new(), HashSet::new());
    for entry in entries {
        if !seen.insert(entry.unique.clone()) {
            continue;
        }
        let owner = known.owner(&entry);
        let refused = known.refuse(&entry, owner, terms).or_else(|| {
            let twice = !names.insert(entry.login.to_lowercase())
                || !(entry.email.is_empty() || emails.insert(entry.email.to_lowercase()));
            twice.then(|| format!("{}: another entry has the same name or address.", entry.login))
        });
        match (refused, owner) {
            (Some(words), _) => plan.conflicts.push(words),
            (None, None) => plan.create.push(entry),
            (None, Some(user)) => {
                let new = changed(user, entry, terms);
                if new.state == UserState::Disabled && user.state == UserState::Active {
                    plan.disable.push(new.id);
                }
                if new != **user {
                    plan.change.push(new);
                }
            }
        }
    }
    for user in users {
        let is_of = |identity: &&DirectoryIdentity| identity.server == terms.server;
        let Some(identity) = user.directory.as_ref().filter(is_of) else { continue };
        if !user.groups.iter().any(|group| terms.links.contains(group)) {
            continue;
        }
        plan.known += 1;
        if !seen.contains(&identity.unique) {
            plan.vanished += 1;
            vanish(&mut plan, user, terms);
        }
    }
    plan
}

impl<'u> Known<'u> {
    fn new(users: &[&'u Arc<User>], server: DirectoryServerId) -> Self {
        let mut known = Self { by_unique: HashMap::new(), by_name: HashMap::new(), by_email: HashMap::new() };
        for user in users {
            if let Some(identity) = user.directory.as_ref().filter(|identity| identity.server == server) {
                known.by_unique.insert(&identity.unique, user);
            }
            known.by_name.insert(user.username.to_lowercase(), user);
            if !user.email.is_empty() {
                known.by_email.insert(user.email.to_lowercase(), user);
            }
        }
        known
    }

    /// The user that an entry is: by its id, else one made by hand of the same name.
    fn owner(&self, entry: &Entry) -> Option<&'u Arc<User>> {
        let by_id = self.by_unique.get(entry.unique.as_str()).copied();
        let by_hand = || self.by_name.get(&entry.login.to_lowercase()).copied();
        by_id.or_else(|| by_hand().filter(|user| user.directory.is_none()))
    }

    /// Why an entry cannot be a user, in words.
    fn refuse(&self, entry: &Entry, owner: Option<&Arc<User>>, terms: Terms<'_>) -> Option<String> {
        let login = &entry.login;
        if names::check_username(login).is_err() {
            return Some(format!(
                "“{login}” cannot be a user name: 1 to 104 characters, without a domain and the signs \\/\"[]:;|=,+*?<>@."
            ));
        }
        let is_other = |user: &&&Arc<User>| owner.is_none_or(|owner| owner.id != user.id);
        if let Some(other) = self.by_name.get(&login.to_lowercase()).filter(is_other) {
            return Some(match &other.directory {
                Some(identity) if identity.server == terms.server => format!(
                    "{login}: the user of this name is another entry of this directory. Remove or rename that user first."
                ),
                _ => format!("{login}: another user has this name. Rename one of them."),
            });
        }
        if entry.email.is_empty() {
            return None;
        }
        let Ok((_, domain)) = names::mail_address(&entry.email) else {
            return Some(format!("{login}: “{}” is no mail address.", entry.email));
        };
        if !terms.mail_domains.is_empty() && !terms.mail_domains.contains(&domain) {
            return Some(format!(
                "{login}: {domain} is not a mail domain of this organization. A system administrator can grant it."
            ));
        }
        let other = self.by_email.get(&entry.email.to_lowercase()).filter(is_other);
        other.map(|other| format!("{login}: {} has the address {} already.", other.username, entry.email))
    }
}

/// A user as the directory says.
fn changed(user: &User, entry: Entry, terms: Terms<'_>) -> User {
    let mut new = user.clone();
    new.groups = with_links(&user.groups, terms.links, &entry.groups);
    let was_disabled = user.directory.as_ref().is_some_and(|identity| identity.disabled);
    let disabled = entry.disabled && terms.vanished != VanishedAction::Keep;
    match (disabled, was_disabled, user.state) {
        (true, _, UserState::Active) => new.state = UserState::Disabled,
        (false, true, UserState::Disabled) => new.state = UserState::Active,
        _ => {}
    }
    // Who was disabled by hand stays so when the directory has nothing against it.
    let by_directory = disabled && (was_disabled || user.state == UserState::Active);
    if new.state != user.state || entry.login != user.username {
        new.credential_epoch += 1;
    }
    new.display_name = if entry.display_name.is_empty() { entry.login.clone() } else { entry.display_name };
    // A directory that does not know them does not take away what was entered here.
    for (field, known) in [
        (&mut new.first_name, entry.first_name),
        (&mut new.last_name, entry.last_name),
        (&mut new.phone, entry.phone),
    ] {
        if !known.is_empty() {
            *field = known;
        }
    }
    new.username = entry.login;
    new.email = entry.email;
    new.directory = Some(DirectoryIdentity {
        server: terms.server,
        unique: entry.unique,
        dn: entry.dn,
        disabled: by_directory,
    });
    new
}

fn vanish(plan: &mut Plan, user: &Arc<User>, terms: Terms<'_>) {
    if terms.vanished == VanishedAction::Remove {
        plan.remove.push(user.id);
        return;
    }
    let mut new = User::clone(user);
    new.groups = with_links(&user.groups, terms.links, &[]);
    if terms.vanished == VanishedAction::Disable && user.state == UserState::Active {
        new.state = UserState::Disabled;
        new.credential_epoch += 1;
        if let Some(identity) = &mut new.directory {
            identity.disabled = true;
        }
        plan.disable.push(new.id);
    }
    plan.change.push(new);
}

/// Groups with those of the directory put in place of those that were.
pub fn with_links(groups: &[GroupId], links: &[GroupId], now: &[GroupId]) -> Vec<GroupId> {
    let mut all: Vec<GroupId> = groups.iter().filter(|group| !links.contains(group)).copied().collect();
    all.extend(now);
    all.sort();
    all.dedup();
    all
}

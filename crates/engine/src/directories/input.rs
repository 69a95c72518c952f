//! What an administrator enters for an LDAP server, checked.

use catalog::DirectoryKind;
use clients::ldap::{Dn, Filter};
use domain::model::{
    AttributeMap, DirectorySecurity, DirectoryServer, DirectoryServerId, DisabledWhen, GroupId,
    OrganizationId, Sealed, VanishedAction, is_attribute,
};
use serde_json::json;

use crate::issues::Issues;
use crate::{Engine, Result, Scope};

/// LDAP servers of an organization.
pub const MOST_SERVERS: usize = 50;
/// Bases of a server.
const MOST_BASES: usize = 10;
/// Minutes between two refreshes that can be chosen, besides 0.
const MINUTES: std::ops::RangeInclusive<u32> = 5..=10_080;
/// Entries of a page that can be chosen.
const PAGE: std::ops::RangeInclusive<u32> = 10..=5_000;

/// Settings of an LDAP server. Filters and attributes that are empty take the kind's own.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DirectoryInput {
    /// Name, unique in the organization, 1 to 100 characters.
    pub name: String,
    /// What it is.
    pub kind: DirectoryKind,
    /// Host name or address.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Protection.
    pub security: DirectorySecurity,
    /// Roots in PEM form; empty: the public authorities.
    pub roots: String,
    /// Account that reads.
    pub bind_dn: String,
    /// Its password; empty keeps the one that is stored.
    pub password: String,
    /// Where users and groups are looked for.
    pub bases: Vec<String>,
    /// Finds people.
    pub user_filter: String,
    /// Finds groups.
    pub group_filter: String,
    /// Attribute of the sign-in name.
    pub login: String,
    /// Of the address.
    pub email: String,
    /// Of the name shown.
    pub display_name: String,
    /// Of the first name.
    pub first_name: String,
    /// Of the last name.
    pub last_name: String,
    /// Of the phone number.
    pub phone: String,
    /// Of the id that stays.
    pub unique_id: String,
    /// Of who is in a group.
    pub member: String,
    /// When a person is disabled.
    pub disabled: String,
    /// Entries of a page.
    pub page_size: u32,
    /// Users sign in with their password of the directory.
    pub users_sign_in: bool,
    /// Accounts are made for people of the linked folders and groups who sign in.
    pub hands_off: bool,
    /// Linked folders and groups to whose people that is limited; empty: all of them.
    pub hands_off_in: Vec<GroupId>,
    /// Minutes from one refresh to the next; 0: only on demand.
    pub refresh_minutes: u32,
    /// What becomes of users who are gone.
    pub vanished: VanishedAction,
    /// Asked at all.
    pub enabled: bool,
}

impl Default for DirectoryInput {
    fn default() -> Self {
        Self {
            name: String::new(),
            kind: DirectoryKind::ActiveDirectory,
            host: String::new(),
            port: 636,
            security: DirectorySecurity::Tls,
            roots: String::new(),
            bind_dn: String::new(),
            password: String::new(),
            bases: Vec::new(),
            user_filter: String::new(),
            group_filter: String::new(),
            login: String::new(),
            email: String::new(),
            display_name: String::new(),
            first_name: String::new(),
            last_name: String::new(),
            phone: String::new(),
            unique_id: String::new(),
            member: String::new(),
            disabled: String::new(),
            page_size: 500,
            users_sign_in: false,
            hands_off: false,
            hands_off_in: Vec::new(),
            refresh_minutes: 60,
            vanished: VanishedAction::Disable,
            enabled: true,
        }
    }
}

impl DirectoryInput {
    /// The settings of a server as they would be entered; the password is empty, which keeps it.
    pub fn of(server: &DirectoryServer) -> Self {
        let map = &server.attributes;
        Self {
            name: server.name.clone(),
            kind: server.kind,
            host: server.host.clone(),
            port: server.port,
            security: server.security,
            roots: server.roots.clone(),
            bind_dn: server.bind_dn.clone(),
            password: String::new(),
            bases: server.bases.clone(),
            user_filter: server.user_filter.clone(),
            group_filter: server.group_filter.clone(),
            login: map.login.clone(),
            email: map.email.clone(),
            display_name: map.display_name.clone(),
            first_name: map.first_name.clone(),
            last_name: map.last_name.clone(),
            phone: map.phone.clone(),
            unique_id: map.unique_id.clone(),
            member: map.member.clone(),
            disabled: map.disabled.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string),
            page_size: server.page_size,
            users_sign_in: server.users_sign_in,
            hands_off: server.hands_off,
            hands_off_in: server.hands_off_in.clone(),
            refresh_minutes: server.refresh_minutes,
            vanished: server.vanished,
            enabled: server.enabled,
        }
    }
}

/// Checks and completes.
pub(super) fn assemble(
    engine: &Engine,
    scope: &Scope,
    id: DirectoryServerId,
    old: Option<&DirectoryServer>,
    input: DirectoryInput,
) -> Result<DirectoryServer> {
    let mut issues = Issues::default();
    let (name, host) = (input.name.trim().to_owned(), input.host.trim().to_lowercase());
    issues.check((1..=100).contains(&name.chars().count()), "name", || {
        "Enter a name of 1 to 100 characters.".into()
    });
    let is_host = host == "localhost"
        || host.parse::<std::net::IpAddr>().is_ok()
        || domain::names::domain_name(&host).is_ok();
    issues.check(is_host, "host", || "Enter a host name such as dc1.example.com, without a port.".into());
    issues.check(input.port != 0, "port", || "Enter 636 for TLS or 389 for StartTLS.".into());
    let roots = input.roots.trim().to_owned();
    if !roots.is_empty()
        && let Err(why) = clients::trust::pinned(&roots)
    {
        let words = format!("Paste root certificates in PEM form (-----BEGIN CERTIFICATE-----): {why}.");
        issues.add("roots", words);
    }
    let bind_dn = input.bind_dn.trim().to_owned();
    issues.check(
        (1..=500).contains(&bind_dn.len()) && !bind_dn.chars().any(char::is_control),
        "bind_dn",
        || "Enter the account that reads, such as cn=reader,dc=example,dc=com or reader@example.com.".into(),
    );
    let password =
        password(engine, scope.organization(), old, &host, &bind_dn, &input.password, &mut issues)?;
    let bases = bases(&input.bases, &mut issues);
    let preset = input.kind.preset();
    let user_filter = filter("user_filter", &input.user_filter, preset.user_filter, &mut issues);
    let group_filter = filter("group_filter", &input.group_filter, preset.group_filter, &mut issues);
    let attributes = attributes(&input, &mut issues);
    issues.check(PAGE.contains(&input.page_size), "page_size", || {
        format!("Enter a number from {} to {}.", PAGE.start(), PAGE.end())
    });
    let minutes = input.refresh_minutes;
    issues.check(minutes == 0 || MINUTES.contains(&minutes), "refresh_minutes", || {
        format!("Enter 0 for never, or a number from {} to {}.", MINUTES.start(), MINUTES.end())
    });
    issues.check(!input.hands_off || input.users_sign_in, "hands_off", || {
        "Accounts are made at a sign-in: let users sign in with their password of the directory as well."
            .into()
    });
    let hands_off_in = limited_to(engine, scope, id, input.hands_off_in, &mut issues);
    let admin_roles = old.map(|old| old.admin_roles.clone()).unwrap_or_default();
    issues.check(minutes > 0 || admin_roles.is_empty(), "refresh_minutes", || {
        "Administrators are looked at with each refresh: take their groups off the list first.".into()
    });
    issues.done()?;
    Ok(DirectoryServer {
        organization: scope.organization(),
        id,
        rev: old.map_or(0, |old| old.rev),
        name,
        kind: input.kind,
        host,
        port: input.port,
        security: input.security,
        roots,
        bind_dn,
        password,
        bases,
        user_filter,
        group_filter,
        attributes,
        page_size: input.page_size,
        users_sign_in: input.users_sign_in,
        hands_off: input.hands_off,
        hands_off_in,
        refresh_minutes: minutes,
        vanished: input.vanished,
        admin_roles,
        enabled: input.enabled,
    })
}

/// The linked folders and groups that accounts are made for, in the order of their ids.
fn limited_to(
    engine: &Engine,
    scope: &Scope,
    id: DirectoryServerId,
    mut entered: Vec<GroupId>,
    issues: &mut Issues,
) -> Vec<GroupId> {
    entered.sort();
    entered.dedup();
    let org = engine.directory.organization(scope.organization());
    let linked = org.map(|org| org.read().linked(id)).unwrap_or_default();
    let is_linked = |group: &GroupId| linked.iter().any(|linked| linked.id == *group);
    issues.check(entered.iter().all(is_linked), "hands_off_in", || {
        "Choose folders and groups that are linked with this server.".into()
    });
    entered
}

/// The password as it is kept. One that is stored is not sent to another host, nor for another account.
fn password(
    engine: &Engine,
    organization: OrganizationId,
    old: Option<&DirectoryServer>,
    host: &str,
    bind_dn: &str,
    entered: &str,
    issues: &mut Issues,
) -> Result<Sealed> {
    if entered.is_empty() {
        let same = old.filter(|old| old.host == host && old.bind_dn == bind_dn);
        issues.check(same.is_some(), "password", || {
            "Enter the password of this account; the one of another host or account is not sent here.".into()
        });
        return Ok(same.map_or_else(|| Sealed(Vec::new()), |old| old.password.clone()));
    }
    issues.check(entered.len() <= 1_000, "password", || "Use at most 1,000 characters.".into());
    Ok(Sealed(engine.secret_key.seal(&context(organization, host, bind_dn), entered.as_bytes())?))
}

fn bases(entered: &[String], issues: &mut Issues) -> Vec<String> {
    let bases: Vec<String> =
        entered.iter().map(|base| base.trim().to_owned()).filter(|base| !base.is_empty()).collect();
    let good = |base: &String| Dn::parse(base).is_ok_and(|dn| dn.depth() > 0) && base.len() <= 1_000;
    issues.check((1..=MOST_BASES).contains(&bases.len()) && bases.iter().all(good), "bases", || {
        format!("Enter 1 to {MOST_BASES} names such as ou=People,dc=example,dc=com, one a line.")
    });
    bases
}

fn filter(field: &str, entered: &str, preset: &str, issues: &mut Issues) -> String {
    let text = Some(entered.trim()).filter(|text| !text.is_empty()).unwrap_or(preset);
    issues.check(text.len() <= 2_000, field, || "Use at most 2,000 characters.".into());
    if let Err(why) = Filter::parse(text) {
        issues.add(field, format!("This is no filter such as (objectClass=person): {why}."));
    }
    text.to_owned()
}

fn attributes(input: &DirectoryInput, issues: &mut Issues) -> AttributeMap {
    let usual = AttributeMap::of(input.kind);
    let mut one = |field: &str, entered: &str, usual: &str| {
        let name = Some(entered.trim()).filter(|name| !name.is_empty()).unwrap_or(usual);
        issues
            .check(is_attribute(name), field, || format!("Enter the name of an attribute, such as {usual}."));
        name.to_owned()
    };
    let mut map = AttributeMap {
        login: one("login", &input.login, &usual.login),
        email: one("email", &input.email, &usual.email),
        display_name: one("display_name", &input.display_name, &usual.display_name),
        first_name: one("first_name", &input.first_name, &usual.first_name),
        last_name: one("last_name", &input.last_name, &usual.last_name),
        phone: one("phone", &input.phone, &usual.phone),
        unique_id: one("unique_id", &input.unique_id, &usual.unique_id),
        member: one("member", &input.member, &usual.member),
        disabled: None,
    };
    map.disabled = match input.disabled.trim() {
        "" => usual.disabled,
        "-" => None,
        text => match text.parse::<DisabledWhen>() {
            Ok(when) => Some(when),
            Err(why) => {
                issues.add("disabled", format!("{why} A - stands for never."));
                None
            }
        },
    };
    map
}

/// What the password is sealed for.
pub(super) fn context(organization: OrganizationId, host: &str, bind_dn: &str) -> String {
    format!("directory/{organization}/{host}/{bind_dn}")
}

/// The settings for the journal: all but the password.
pub(super) fn told(server: &DirectoryServer) -> serde_json::Value {
    let mut value = json!(server);
    if let Some(fields) = value.as_object_mut() {
        fields.remove("password");
    }
    value
}

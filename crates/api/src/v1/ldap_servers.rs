//! LDAP servers that users come from: settings, test, browsing, linked folders and groups, refresh.

use axum::Json;
use catalog::{DirectoryKind, Liability, Permission};
use domain::model::{
    ActiveSyncServer, DirectoryRole, DirectoryRun, DirectorySecurity, DirectoryServer, Group, GroupSettings,
    PolicySuite, Schedule, VanishedAction,
};
use door::{Access, Path};
use engine::directories::{self, DirectoryInput, GroupRole, Link};
use http::Method;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::administrators::RoleChoice;
use super::answer::{Created, Done, Page, Versioned};
use super::endpoint::{Family, endpoint};
use super::input::{Body, Call, Params, Seen};
use super::problem::Problem;
use super::words::{Ref, Word};

pub(super) fn family() -> Family {
    let (all, one) = ("/api/v1/ldap-servers", "/api/v1/ldap-servers/{ldap_server}");
    let (links, refresh) =
        ("/api/v1/ldap-servers/{ldap_server}/links", "/api/v1/ldap-servers/{ldap_server}/refresh");
    let (view, change) = (Access::Needs(Permission::ServersView), Access::Needs(Permission::ServersEdit));
    let (groups, users) = (Access::Needs(Permission::GroupsEdit), Access::Needs(Permission::UsersEdit));
    let (staff, roles) = (
        Access::Needs(Permission::AdministratorsEdit),
        "/api/v1/ldap-servers/{ldap_server}/administrator-roles",
    );
    Family {
        name: "LDAP servers",
        about: "Directories that users come from. A linked folder or group is a group whose members are taken from there.",
        endpoints: vec![
            endpoint(Method::GET, all, view, list, "List LDAP servers").gives::<Page<ServerInfo>>(),
            endpoint(Method::POST, all, change, create, "Add an LDAP server")
                .says("Filters and attributes that are left out take those that are usual for the kind.")
                .body::<ServerSettings>()
                .creates::<ServerInfo>(),
            endpoint(Method::GET, one, view, show, "Show an LDAP server").gives::<ServerInfo>().versioned(),
            endpoint(Method::PUT, one, change, replace, "Replace the settings of an LDAP server")
                .says("A field that is left out takes its default; without a password the stored one stays, unless host or account change.")
                .body::<ServerSettings>()
                .gives::<ServerInfo>()
                .versioned(),
            endpoint(Method::DELETE, one, change, remove, "Remove an LDAP server")
                .says("Its linked folders and groups must be removed first. Its users stay."),
            endpoint(Method::GET, roles, view, list_roles, "List the groups that make administrators")
                .gives::<RoleList>()
                .versioned(),
            endpoint(Method::PUT, roles, staff, set_roles, "Choose the groups that make administrators")
                .says("Their members sign in to the console as `DOMAIN\\name` with the password of the directory; the first group that holds somebody gives the role. Needs the permission `servers.edit`, too, and what the roles include.")
                .body::<RoleList>()
                .gives::<RoleList>()
                .versioned(),
            endpoint(Method::POST, "/api/v1/ldap-servers/{ldap_server}/test", change, test, "Test an LDAP server")
                .says("Connects, checks the certificate, signs in, looks for the bases, counts users and groups.")
                .gives::<TestOutcome>(),
            endpoint(Method::GET, "/api/v1/ldap-servers/{ldap_server}/entries", change, entries, "Browse the folders of an LDAP server")
                .says("Folders and groups directly beneath a folder; without one the bases. At most 1,000.")
                .query::<EntryQuery>()
                .gives::<Page<EntryInfo>>(),
            endpoint(Method::GET, "/api/v1/ldap-servers/{ldap_server}/groups", change, groups_of, "Find groups of an LDAP server")
                .says("At most 1,000.")
                .query::<GroupQuery>()
                .gives::<Page<EntryInfo>>(),
            endpoint(Method::GET, links, view, list_links, "List linked folders and groups").gives::<Page<LinkInfo>>(),
            endpoint(Method::POST, links, groups, link, "Link a folder or group")
                .says("Its users come with the next refresh. It becomes a group; remove that group to end the link. Needs the permission `users.edit`, too.")
                .body::<LinkInput>()
                .creates::<LinkInfo>(),
            endpoint(Method::POST, "/api/v1/ldap-servers/{ldap_server}/preview", users, preview, "What a refresh would do")
                .says("With an entry, as if that folder or group were linked too. Nothing is changed.")
                .body::<PreviewInput>()
                .gives::<PreviewInfo>(),
            endpoint(Method::POST, "/api/v1/ldap-servers/{ldap_server}/import", users, import, "Import users once")
                .says("Of folders and groups, without a link. Answers at once; ask how far the refresh is.")
                .body::<ImportInput>()
                .gives::<RefreshState>(),
            endpoint(Method::GET, refresh, view, state, "How far a refresh is, and how the last one went")
                .gives::<RefreshState>(),
            endpoint(Method::POST, refresh, users, start, "Refresh now")
                .says("Answers at once; ask how far it is. When a great part of the users is gone nothing is changed, unless `accept` is set.")
                .body::<RefreshInput>()
                .gives::<RefreshState>(),
        ],
    }
}

/// Settings of an LDAP server.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "LdapServerSettings")]
struct ServerSettings {
    /// Name, unique in the organization, 1 to 100 characters.
    name: String,
    /// What it is.
    kind: Word<DirectoryKind>,
    /// Host name or address.
    host: String,
    /// Port; 636 for TLS, 389 for StartTLS.
    port: u16,
    /// Protection.
    security: Word<DirectorySecurity>,
    /// Roots that its certificate must come from (PEM); empty: the public authorities.
    roots: String,
    /// Account that reads.
    bind_dn: String,
    /// Its password. Never given out.
    #[serde(skip_serializing)]
    password: String,
    /// Where users and groups are looked for, 1 to 10 names.
    bases: Vec<String>,
    /// Finds people (RFC 4515).
    user_filter: String,
    /// Finds groups.
    group_filter: String,
    /// Attribute of the sign-in name.
    login: String,
    /// Attribute of the address.
    email: String,
    /// Attribute of the name shown.
    display_name: String,
    /// Attribute of the first name.
    first_name: String,
    /// Attribute of the last name.
    last_name: String,
    /// Attribute of the phone number.
    phone: String,
    /// Attribute of the id that stays.
    unique_id: String,
    /// Attribute of who is in a group.
    member: String,
    /// When a person is disabled: `userAccountControl&2`, `loginDisabled=TRUE`, `lockedTime=*`; `-` for never.
    disabled: String,
    /// Entries of a page, 10 to 5000.
    page_size: u32,
    /// Users sign in with their password of the directory.
    users_sign_in: bool,
    /// Accounts are made for people of the linked folders and groups who sign in.
    hands_off: bool,
    /// Groups of linked folders and groups to whose people that is limited; empty: all of them.
    hands_off_in: Vec<Ref<Group>>,
    /// Minutes from one refresh to the next, 5 to 10080; 0: only on demand.
    refresh_minutes: u32,
    /// What becomes of users who are gone.
    vanished: Word<VanishedAction>,
    /// Asked at all.
    enabled: bool,
}

impl From<DirectoryInput> for ServerSettings {
    fn from(s: DirectoryInput) -> Self {
        Self {
            name: s.name,
            kind: Word(s.kind),
            host: s.host,
            port: s.port,
            security: Word(s.security),
            roots: s.roots,
            bind_dn: s.bind_dn,
            password: String::new(),
            bases: s.bases,
            user_filter: s.user_filter,
            group_filter: s.group_filter,
            login: s.login,
            email: s.email,
            display_name: s.display_name,
            first_name: s.first_name,
            last_name: s.last_name,
            phone: s.phone,
            unique_id: s.unique_id,
            member: s.member,
            disabled: s.disabled,
            page_size: s.page_size,
            users_sign_in: s.users_sign_in,
            hands_off: s.hands_off,
            hands_off_in: s.hands_off_in.into_iter().map(Into::into).collect(),
            refresh_minutes: s.refresh_minutes,
            vanished: Word(s.vanished),
            enabled: s.enabled,
        }
    }
}

impl Default for ServerSettings {
    fn default() -> Self {
        DirectoryInput::default().into()
    }
}

impl From<ServerSettings> for DirectoryInput {
    fn from(s: ServerSettings) -> Self {
        Self {
            name: s.name,
            kind: s.kind.0,
            host: s.host,
            port: s.port,
            security: s.security.0,
            roots: s.roots,
            bind_dn: s.bind_dn,
            password: s.password,
            bases: s.bases,
            user_filter: s.user_filter,
            group_filter: s.group_filter,
            login: s.login,
            email: s.email,
            display_name: s.display_name,
            first_name: s.first_name,
            last_name: s.last_name,
            phone: s.phone,
            unique_id: s.unique_id,
            member: s.member,
            disabled: s.disabled,
            page_size: s.page_size,
            users_sign_in: s.users_sign_in,
            hands_off: s.hands_off,
            hands_off_in: s.hands_off_in.into_iter().map(|group| group.0).collect(),
            refresh_minutes: s.refresh_minutes,
            vanished: s.vanished.0,
            enabled: s.enabled,
        }
    }
}

/// An LDAP server.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "LdapServer")]
struct ServerInfo {
    /// Its id.
    id: Ref<DirectoryServer>,
    /// Settings, without the password.
    #[serde(flatten)]
    settings: ServerSettings,
    /// Grows with every change; the ETag.
    rev: i64,
}

impl From<&DirectoryServer> for ServerInfo {
    fn from(s: &DirectoryServer) -> Self {
        Self { id: s.id.into(), settings: DirectoryInput::of(s).into(), rev: s.rev }
    }
}

/// Groups that make administrators.
#[derive(Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "LdapAdministratorRoles")]
struct RoleList {
    /// At most 20; the first one that holds somebody decides.
    roles: Vec<RoleOfGroup>,
}

/// A group of the directory, and the role of its members.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "LdapAdministratorRole")]
struct RoleOfGroup {
    /// Name of the group in the directory.
    dn: String,
    /// Role of its members, with those of the groups within it.
    role: RoleChoice,
}

/// What a test found.
#[derive(Default, Serialize, JsonSchema)]
#[schemars(rename = "LdapTestOutcome")]
struct TestOutcome {
    /// It answers as it should.
    works: bool,
    /// What is wrong, in words.
    words: String,
    /// Users that the filter finds.
    users: usize,
    /// There are more than were counted.
    more: bool,
    /// Groups that the filter finds.
    groups: usize,
    /// The first sign-in names.
    examples: Vec<String>,
    /// What is odd, in words.
    warnings: Vec<String>,
}

/// Which folder.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "LdapEntryQuery")]
struct EntryQuery {
    /// Name of the folder; without it the bases.
    folder: Option<String>,
}

/// Which groups.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "LdapGroupQuery")]
struct GroupQuery {
    /// Text that the name contains.
    text: String,
}

/// A folder or group of a directory.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "LdapEntry")]
struct EntryInfo {
    /// Its name in the directory.
    dn: String,
    /// Shown.
    title: String,
    /// A group; else a folder.
    group: bool,
}

impl From<directories::Node> for EntryInfo {
    fn from(node: directories::Node) -> Self {
        Self { dn: node.dn, title: node.title, group: node.is_group }
    }
}

/// A linked folder or group.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "LdapLink")]
struct LinkInfo {
    /// The group that it is.
    group: Ref<Group>,
    /// Name of the group.
    name: String,
    /// Its name in the directory, as last seen.
    dn: String,
    /// A folder; else a group.
    folder: bool,
    /// How many members.
    members: usize,
}

impl LinkInfo {
    fn new(group: &Group, members: usize) -> Self {
        let link = group.directory.as_ref();
        Self {
            group: group.id.into(),
            name: group.name.clone(),
            dn: link.map(|link| link.dn.clone()).unwrap_or_default(),
            folder: link.is_some_and(|link| link.folder.is_some()),
            members,
        }
    }
}

/// A folder or group to link, and what its members get.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "LdapLinkInput")]
struct LinkInput {
    /// Its name in the directory.
    dn: String,
    /// Suite of its members; it must be published. Null says nothing about it.
    suite: Option<Ref<PolicySuite>>,
    /// Connection schedule of its members. Null says nothing about it.
    schedule: Option<Ref<Schedule>>,
    /// ActiveSync server of its members. Null says nothing about it.
    server: Option<Ref<ActiveSyncServer>>,
    /// Liability of its members' devices. Null says nothing about it.
    liability: Option<Word<Liability>>,
}

/// What to imagine.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "LdapPreviewInput")]
struct PreviewInput {
    /// Name of a folder or group that is not linked yet.
    dn: Option<String>,
}

/// What a refresh would do.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "LdapPreview")]
struct PreviewInfo {
    /// Users who would be made.
    created: usize,
    /// Users who would be changed.
    changed: usize,
    /// Users who would be disabled or removed.
    gone: usize,
    /// Entries that cannot be users, in words; the first hundred.
    conflicts: Vec<String>,
    /// How many they are.
    conflict_count: usize,
    /// The first names of those who would be made.
    examples: Vec<String>,
    /// So many would be gone that it would be stopped.
    stopped: bool,
}

/// How to refresh.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "LdapRefreshInput")]
struct RefreshInput {
    /// Also when a great part of the users is gone.
    accept: bool,
}

/// What to import.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "LdapImportInput")]
struct ImportInput {
    /// Names of folders and groups in the directory, 1 to 50.
    dns: Vec<String>,
}

/// Refreshes of a server.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "LdapRefresh")]
struct RefreshState {
    /// One is under way on this node.
    under_way: bool,
    /// Entries read so far.
    read: usize,
    /// Users written so far.
    written: usize,
    /// Users to be written; 0 while it is not known.
    to_write: usize,
    /// How the last one went; null before the first one.
    last: Option<RunInfo>,
}

/// How a refresh went.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "LdapRefreshOutcome")]
struct RunInfo {
    /// When it began, milliseconds since 1970.
    began_at: i64,
    /// When it was over.
    ended_at: i64,
    /// It came to its end.
    done: bool,
    /// It was no refresh but an import without a link.
    import: bool,
    /// It was stopped because so many users are gone.
    stopped: bool,
    /// What went wrong, or what waits for a second person.
    words: String,
    /// Users who were made.
    created: u32,
    /// Users who were changed.
    changed: u32,
    /// Users who were disabled or removed.
    gone: u32,
    /// Entries that cannot be users, in words; the first hundred.
    conflicts: Vec<String>,
    /// How many they are.
    conflict_count: u32,
}

impl From<DirectoryRun> for RunInfo {
    fn from(r: DirectoryRun) -> Self {
        Self {
            began_at: r.began_at,
            ended_at: r.ended_at,
            done: r.done,
            import: r.import,
            stopped: r.stopped,
            words: r.words,
            created: r.created,
            changed: r.changed,
            gone: r.gone,
            conflicts: r.conflicts,
            conflict_count: r.conflict_count,
        }
    }
}

type Id = Path<Ref<DirectoryServer>>;

fn read(call: &Call, id: Ref<DirectoryServer>) -> Result<ServerInfo, Problem> {
    Ok(directories::get(&call.engine, &call.scope, id.0)?.as_ref().into())
}

async fn list(call: Call) -> Result<Json<Page<ServerInfo>>, Problem> {
    let all = directories::list(&call.engine, &call.scope)?;
    Ok(Page::whole(all.iter().map(|s| s.as_ref().into()).collect()))
}

async fn create(call: Call, Body(input): Body<ServerSettings>) -> Result<Created<ServerInfo>, Problem> {
    let id = directories::create(&call.engine, &call.scope, input.into()).await?;
    Ok(Created(format!("/api/v1/ldap-servers/{id}"), read(&call, id.into())?))
}

async fn show(call: Call, Path(id): Id) -> Result<Versioned<ServerInfo>, Problem> {
    let info = read(&call, id)?;
    Ok(Versioned(info.rev, info))
}

async fn replace(
    call: Call,
    Path(id): Id,
    seen: Seen,
    Body(input): Body<ServerSettings>,
) -> Result<Versioned<ServerInfo>, Problem> {
    seen.expect(read(&call, id)?.rev)?;
    directories::edit(&call.engine, &call.scope, id.0, seen.0, input.into()).await?;
    show(call, Path(id)).await
}

async fn remove(call: Call, Path(id): Id) -> Result<Done, Problem> {
    directories::remove(&call.engine, &call.scope, id.0).await?;
    Ok(Done)
}

async fn list_roles(call: Call, Path(id): Id) -> Result<Versioned<RoleList>, Problem> {
    let server = directories::get(&call.engine, &call.scope, id.0)?;
    let one = |rule: &DirectoryRole| RoleOfGroup { dn: rule.dn.clone(), role: (&rule.role).into() };
    Ok(Versioned(server.rev, RoleList { roles: server.admin_roles.iter().map(one).collect() }))
}

async fn set_roles(
    call: Call,
    Path(id): Id,
    seen: Seen,
    Body(input): Body<RoleList>,
) -> Result<Versioned<RoleList>, Problem> {
    seen.expect(read(&call, id)?.rev)?;
    let roles = input.roles.into_iter().map(|rule| GroupRole { dn: rule.dn, role: rule.role.into() });
    directories::set_roles(&call.engine, &call.scope, id.0, seen.0, roles.collect()).await?;
    list_roles(call, Path(id)).await
}

async fn test(call: Call, Path(id): Id) -> Result<Json<TestOutcome>, Problem> {
    Ok(Json(match directories::test(&call.engine, &call.scope, id.0).await? {
        Ok(found) => TestOutcome {
            works: true,
            words: String::new(),
            users: found.users,
            more: found.more,
            groups: found.groups,
            examples: found.examples,
            warnings: found.warnings,
        },
        Err(words) => TestOutcome { words, ..TestOutcome::default() },
    }))
}

async fn entries(
    call: Call,
    Path(id): Id,
    Params(query): Params<EntryQuery>,
) -> Result<Json<Page<EntryInfo>>, Problem> {
    let (all, _) = directories::browse(&call.engine, &call.scope, id.0, query.folder.as_deref()).await?;
    Ok(Page::whole(all.into_iter().map(Into::into).collect()))
}

async fn groups_of(
    call: Call,
    Path(id): Id,
    Params(query): Params<GroupQuery>,
) -> Result<Json<Page<EntryInfo>>, Problem> {
    let (all, _) = directories::find_groups(&call.engine, &call.scope, id.0, &query.text).await?;
    Ok(Page::whole(all.into_iter().map(Into::into).collect()))
}

async fn list_links(call: Call, Path(id): Id) -> Result<Json<Page<LinkInfo>>, Problem> {
    let all = directories::linked(&call.engine, &call.scope, id.0)?;
    Ok(Page::whole(all.iter().map(|(group, members)| LinkInfo::new(group, *members)).collect()))
}

async fn link(call: Call, Path(id): Id, Body(input): Body<LinkInput>) -> Result<Created<LinkInfo>, Problem> {
    let settings = GroupSettings {
        suite: input.suite.map(|id| id.0),
        schedule: input.schedule.map(|id| id.0),
        server: input.server.map(|id| id.0),
        liability: input.liability.map(|word| word.0),
    };
    let link = Link { dn: input.dn, settings };
    let group = directories::link(&call.engine, &call.scope, id.0, link).await?;
    let all = directories::linked(&call.engine, &call.scope, id.0)?;
    let made = all.iter().find(|(known, _)| known.id == group);
    let (made, members) = made.ok_or(engine::Error::NotFound("group"))?;
    Ok(Created(format!("/api/v1/groups/{group}"), LinkInfo::new(made, *members)))
}

async fn preview(
    call: Call,
    Path(id): Id,
    Body(input): Body<PreviewInput>,
) -> Result<Json<PreviewInfo>, Problem> {
    let found = directories::preview(&call.engine, &call.scope, id.0, input.dn.as_deref()).await?;
    Ok(Json(PreviewInfo {
        created: found.created,
        changed: found.changed,
        gone: found.gone,
        conflicts: found.conflicts,
        conflict_count: found.conflict_count,
        examples: found.examples,
        stopped: found.stopped,
    }))
}

async fn state(call: Call, Path(id): Id) -> Result<Json<RefreshState>, Problem> {
    let progress = directories::progress(&call.engine, &call.scope, id.0)?;
    let last = directories::last_run(&call.engine, &call.scope, id.0).await?;
    let far = progress.unwrap_or_default();
    Ok(Json(RefreshState {
        under_way: progress.is_some(),
        read: far.read,
        written: far.written,
        to_write: far.to_write,
        last: last.map(Into::into),
    }))
}

async fn start(
    call: Call,
    Path(id): Id,
    Body(input): Body<RefreshInput>,
) -> Result<Json<RefreshState>, Problem> {
    directories::start(&call.engine, &call.scope, id.0, input.accept)?;
    state(call, Path(id)).await
}

async fn import(
    call: Call,
    Path(id): Id,
    Body(input): Body<ImportInput>,
) -> Result<Json<RefreshState>, Problem> {
    directories::start_import(&call.engine, &call.scope, id.0, input.dns)?;
    state(call, Path(id)).await
}

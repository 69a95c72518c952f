//! Names of the conflicts that a repository can answer, for
//! [`StoreError::is_conflict`](crate::StoreError::is_conflict).

/// A row that this one points to does not exist in the organization, or a row that is to be removed is still
/// pointed to.
pub const FOREIGN_KEY: &str = "foreign_key";

/// The short name of an organization is taken.
pub const ORGANIZATION_SLUG: &str = "organization_slug";
/// A mail domain, login domain or host name belongs to another organization.
pub const ORGANIZATION_NAME: &str = "organization_name_pkey";
/// The sign-in name of an administrator is taken, perhaps in another organization.
pub const ADMINISTRATOR_USERNAME: &str = "administrator_username";
/// The organization has a role of this name.
pub const ROLE_NAME: &str = "role_name";
/// The organization has a user of this name.
pub const USER_USERNAME: &str = "user_username";
/// The organization has an ActiveSync server of this name.
pub const SERVER_NAME: &str = "server_name";
/// The organization has a RADIUS server of this name.
pub const RADIUS_NAME: &str = "radius_server_name";
/// The organization has an LDAP server of this name.
pub const DIRECTORY_NAME: &str = "directory_server_name";
/// The organization has a report by mail of this name.
pub const REPORT_MAIL_NAME: &str = "report_mail_name";
/// The organization has a policy suite of this name.
pub const SUITE_NAME: &str = "suite_name";
/// The organization has a group of this name.
pub const GROUP_NAME: &str = "group_name";
/// The organization has another group of this priority.
pub const GROUP_PRIORITY: &str = "group_priority";
/// The organization has a connection schedule of this name.
pub const SCHEDULE_NAME: &str = "schedule_name";
/// The administrator has a view of this name.
pub const VIEW_NAME: &str = "saved_view_name";
/// The suite has another revision of this number: revisions are immutable.
pub const SUITE_REVISION: &str = "suite_revision";
/// The device number is taken.
pub const DEVICE_NUMBER: &str = "device_number";
/// The GUID belongs to another device, as its own or as an alias.
pub const DEVICE_GUID: &str = "device_guid_pkey";
/// The user has another device with this id in this protocol.
pub const CHANNEL_EXTERNAL_ID: &str = "channel_external_id";

/// Another node has followed the journal further meanwhile.
pub const CURSOR_MOVED: &str = "cursor_moved";
/// Somebody else changed the settings of the installation meanwhile.
pub const INSTALLATION_CHANGED: &str = "installation_changed";
/// Somebody else changed or removed the organization meanwhile.
pub const ORGANIZATION_CHANGED: &str = "organization_changed";
/// The administrator, likewise.
pub const ADMINISTRATOR_CHANGED: &str = "administrator_changed";
/// The role, likewise.
pub const ROLE_CHANGED: &str = "role_changed";
/// The API token, likewise.
pub const TOKEN_CHANGED: &str = "token_changed";
/// The enrolment token, likewise.
pub const ENROLLMENT_CHANGED: &str = "enrollment_token_changed";
/// The mailing, likewise.
pub const MAILING_CHANGED: &str = "mailing_changed";
/// The session has ended meanwhile.
pub const SESSION_CHANGED: &str = "session_changed";
/// The terms of use were changed meanwhile.
pub const TERMS_CHANGED: &str = "terms_changed";
/// There is a draft already, or another version of this number.
pub const TERMS_VERSION: &str = "terms_version";
/// The import of users was changed meanwhile, or is over.
pub const IMPORT_CHANGED: &str = "user_import_changed";
/// The user, likewise.
pub const USER_CHANGED: &str = "user_changed";
/// The device, likewise.
pub const DEVICE_CHANGED: &str = "device_changed";
/// The suite, likewise.
pub const SUITE_CHANGED: &str = "suite_changed";
/// The group, likewise.
pub const GROUP_CHANGED: &str = "group_changed";
/// The connection schedule, likewise.
pub const SCHEDULE_CHANGED: &str = "schedule_changed";
/// The server, likewise.
pub const SERVER_CHANGED: &str = "server_changed";
/// The RADIUS server, likewise.
pub const RADIUS_CHANGED: &str = "radius_server_changed";
/// The LDAP server, likewise.
pub const DIRECTORY_CHANGED: &str = "directory_server_changed";
/// The report by mail, likewise.
pub const REPORT_MAIL_CHANGED: &str = "report_mail_changed";
/// The access settings, likewise.
pub const ACCESS_CHANGED: &str = "access_changed";
/// The alert, likewise.
pub const ALERT_CHANGED: &str = "alert_changed";
/// A watched device was changed meanwhile.
pub const WATCH_CHANGED: &str = "watch_changed";
/// How administrators sign in, likewise.
pub const SIGN_IN_CHANGED: &str = "sign_in_settings_changed";
/// What is sent out, likewise.
pub const MESSAGING_CHANGED: &str = "messaging_changed";
/// The governor, likewise.
pub const GOVERNOR_CHANGED: &str = "governor_changed";
/// The command, likewise.
pub const COMMAND_CHANGED: &str = "command_changed";
/// The saved view, likewise.
pub const VIEW_CHANGED: &str = "view_changed";

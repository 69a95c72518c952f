//! The table of events. A new event is one line; the key is stored and never changes its meaning.

use super::{Event, Severity};

const I: Severity = Severity::Informational;
const W: Severity = Severity::Warning;
const C: Severity = Severity::Critical;

const fn event(key: &'static str, label: &'static str, severity: Severity) -> Event {
    Event { key, label, severity }
}

/// Every event, by area.
pub static EVENTS: &[Event] = &[
    // The installation (journal of the system organization).
    event("installation.created", "The installation was set up", I),
    event("installation.started", "The server was started", I),
    event("installation.upgraded", "The database was upgraded", I),
    event("installation.backed_up", "A backup was made", I),
    event("installation.restored", "A backup was restored", W),
    event("installation.store_moved", "The data was moved to another database", W),
    event("installation.storage_failed", "The database cannot be reached", C),
    event("installation.storage_recovered", "The database can be reached again", I),
    event("installation.certificate_renewed", "The server certificate was replaced", I),
    event("installation.certificate_expiring", "The server certificate expires soon", W),
    event("installation.settings_changed", "Settings of the installation were changed", I),
    event("installation.job_failed", "A background job failed", W),
    event("journal.verified", "The journal was verified", I),
    event("journal.purged", "Old journal entries were removed", W),
    event("history.purged", "Old commands and exchanges were removed", I),
    event("journal.follower_gap", "Entries were missing before {name} had read them", C),
    event("journal.damaged", "The journal does not verify", C),
    // Organizations.
    event("organization.created", "Organization {name} was made", I),
    event("organization.updated", "Organization {name} was changed", I),
    event("organization.enabled", "Organization {name} was enabled", I),
    event("organization.disabled", "Organization {name} was disabled", W),
    event("organization.deleted", "Organization {name} was removed", C),
    event("organization.names_granted", "Mail domains or host names of {name} were changed", W),
    event("organization.switched_into", "A system administrator switched into {name}", W),
    event("organization.switched_out", "A system administrator left {name}", I),
    // Administrators, roles, sessions, tokens.
    event("administrator.created", "Administrator {name} was made", W),
    event("administrator.updated", "Administrator {name} was changed", W),
    event("administrator.deleted", "Administrator {name} was removed", W),
    event("administrator.enabled", "Administrator {name} was enabled", W),
    event("administrator.disabled", "Administrator {name} was disabled", W),
    event("administrator.password_changed", "Administrator {name} changed the password", I),
    event("administrator.password_reset", "The password of administrator {name} was reset", W),
    event("administrator.ise_mark_changed", "The ISE Admin mark of {name} was changed", W),
    event("administrator.locked_out", "Administrator {name} was locked out after failed sign-ins", W),
    event("administrator.unlocked", "The lock-out of administrator {name} was lifted", I),
    event("role.created", "Role {name} was made", I),
    event("role.updated", "Role {name} was changed", W),
    event("role.deleted", "Role {name} was removed", W),
    event("session.opened", "{name} signed in", I),
    event("session.refused", "A sign-in as {name} was refused", W),
    event("session.closed", "{name} signed out", I),
    event("session.revoked", "A session of {name} was ended", I),
    event("token.created", "API token {name} was made", W),
    event("token.revoked", "API token {name} was revoked", I),
    event("token.ended", "API token {name} was removed after its end", I),
    event("token.refused", "A REST call with a token was refused", W),
    // Users.
    event("user.created", "User {name} was added", I),
    event("user.hands_off_created", "User {name} was added by hands-off enrolment", I),
    event("user.updated", "User {name} was changed", I),
    event("user.deleted", "User {name} was removed", W),
    event("user.enabled", "User {name} was enabled", I),
    event("user.disabled", "User {name} was disabled", W),
    event("user.password_changed", "The local password of {name} was changed", I),
    event("user.imported", "Users were imported", I),
    event("user.server_learnt", "The mail server of {name} was learnt", I),
    event("user.joined_group", "{name} joined a group", I),
    event("user.left_group", "{name} left a group", I),
    // Groups.
    event("group.created", "Group {name} was made", I),
    event("group.updated", "Group {name} was changed", W),
    event("group.moved", "The priority of group {name} was changed", W),
    event("group.members_changed", "The members of group {name} were changed", I),
    event("group.deleted", "Group {name} was removed", W),
    // Devices.
    event("device.seen", "{name} was seen for the first time", I),
    event("device.quarantined", "{name} waits in quarantine", W),
    event("device.released", "{name} was released from quarantine", I),
    event("device.enrolled", "{name} was enrolled", I),
    event("device.refused", "{name} was refused", W),
    event("device.updated", "{name} was changed", I),
    event("device.fact_entered", "A fact of {name} was entered", I),
    event("device.facts_reported", "{name} reported other facts", I),
    event("device.mac_linked", "A MAC address was linked to {name}", I),
    event("device.mac_unlinked", "A MAC address was taken from {name}", I),
    event("device.blocked", "{name} was blocked", W),
    event("device.allowed", "{name} was allowed again", I),
    event("device.wiped", "{name} confirmed that it was wiped", C),
    event("device.readmitted", "{name} may enrol again", W),
    event("device.retired", "{name} was retired", I),
    event("device.deleted", "The record of {name} was removed", W),
    event("device.merged", "{name} was joined with another record", I),
    event("device.partnership_forgotten", "The ActiveSync partnership of {name} was forgotten", I),
    event("device.auth_failures_cleared", "The failed sign-ins of {name} were cleared", I),
    event("device.restricted", "Access of {name} was restricted", W),
    event("device.restored", "Access of {name} was restored", I),
    event("device.recovery_password_deposited", "{name} deposited a recovery password", I),
    event("device.recovery_password_withdrawn", "{name} took its recovery password back", I),
    event("device.recovery_password_read", "The recovery password of {name} was read", W),
    event("device.traced", "A trace of {name} was started", W),
    event("device.exported", "A list of users and devices was exported", I),
    // The device's channel and its policy.
    event("channel.policy_sent", "A policy was sent to {name}", I),
    event("channel.policy_applied", "{name} applied its policy", I),
    event("channel.policy_partly_applied", "{name} applied its policy in part", W),
    event("channel.policy_refused", "{name} refused its policy", W),
    event("channel.externally_managed", "{name} says that a third party manages it", W),
    event("channel.version_changed", "{name} speaks another ActiveSync version", I),
    event("channel.wipe_session", "{name} was admitted for its wipe only", W),
    // Policy suites.
    event("policy.created", "Policy suite {name} was made", I),
    event("policy.updated", "The draft of policy suite {name} was changed", I),
    event("policy.published", "Policy suite {name} was published", W),
    event("policy.rolled_back", "Policy suite {name} was rolled back", W),
    event("policy.deleted", "Policy suite {name} was removed", W),
    event("policy.assigned", "A policy suite was assigned to {name}", I),
    // ActiveSync servers and the gateway.
    event("server.created", "ActiveSync server {name} was made", I),
    event("server.updated", "ActiveSync server {name} was changed", W),
    event("server.deleted", "ActiveSync server {name} was removed", W),
    event("server.tested", "ActiveSync server {name} was tested", I),
    event("server.unreachable", "ActiveSync server {name} cannot be reached", C),
    event("server.reachable", "ActiveSync server {name} can be reached again", I),
    event("gateway.loop_braked", "{name} fetched its policy again and again and was slowed down", W),
    event("gateway.auth_paused", "Sign-ins of {name} were paused after failures", W),
    event("gateway.redirect_refused", "A redirect of the mail server was refused", W),
    event("gateway.backend_wipe", "The mail server ordered a wipe of {name}", C),
    event("gateway.backend_wipe_acknowledged", "The wipe of {name} was confirmed to the mail server", I),
    event("gateway.command_mismatch", "{name} sent a body that does not fit its command", W),
    // Access restrictions.
    event("restriction.rules_changed", "Compliance rules were changed", W),
    event("restriction.level_changed", "Access restrictions of {name} were changed", W),
    event("restriction.exception_set", "An exception was made for {name}", W),
    event("restriction.exception_ended", "The exception for {name} ended", I),
    // Commands.
    event("command.ordered", "{command} was ordered for {name}", W),
    event("command.awaiting_approval", "{command} for {name} waits for a second administrator", C),
    event("command.approved", "{command} for {name} was approved", C),
    event("command.refused", "{command} for {name} was refused", W),
    event("command.sent", "{command} was sent to {name}", I),
    event("command.acknowledged", "{name} confirmed {command}", I),
    event("command.failed", "{command} failed on {name}", W),
    event("command.expired", "{command} for {name} expired", W),
    event("command.cancelled", "{command} for {name} was cancelled", W),
    // Cisco ISE.
    event("ise.action", "Cisco ISE ordered {command} for {name}", C),
    event("ise.action_refused", "An order of Cisco ISE for {name} was refused", W),
    event("ise.message", "Cisco ISE wanted to send a message", I),
    event("ise.refused", "A call of Cisco ISE was refused", W),
    event("ise.self_tested", "The ISE self-test was run", I),
    event("ise.settings_changed", "Settings for Cisco ISE were changed", I),
    // RADIUS dynamic authorization.
    event("radius.server_created", "RADIUS server {name} was made", W),
    event("radius.server_updated", "RADIUS server {name} was changed", W),
    event("radius.server_deleted", "RADIUS server {name} was removed", W),
    event("radius.tested", "RADIUS server {name} was tested", I),
    event("radius.acknowledged", "The network looked at {name} anew", I),
    event("radius.refused", "The network refused to look at {name} anew", W),
    event("radius.unanswered", "The network was not reached about {name}", W),
    // Strangers: one summary per source and minute.
    event("stranger.refused", "Requests of strangers were refused", W),
];

/// The event with this key.
pub fn event_by_key(key: &str) -> Option<&'static Event> {
    EVENTS.iter().find(|e| e.key == key)
}

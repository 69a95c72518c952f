//! The tables in the order of their foreign keys: a table comes after those it points to.
//!
//! Copies follow this order; columns and types come from the catalogue of the database itself. A test compares
//! the list with the tables that the migrations make.

/// Every table except the migration ledger.
pub(crate) const TABLES: &[&str] = &[
    "installation",
    "organization_head",
    "change",
    "journal",
    "journal_checkpoint",
    "lease",
    "job",
    "organization",
    "organization_name",
    "installation_counter",
    "installation_setting",
    "login_failure",
    "role",
    "administrator",
    "api_token",
    "session",
    "activesync_server",
    "policy_suite",
    "policy_revision",
    "app_user",
    "device",
    "device_guid",
    "device_mac",
    "channel",
    "command",
    "command_history",
    "access_config",
    "presence",
    "exchanges",
    "trace",
    "trace_entry",
    "ise_call_head",
    "ise_call",
    "unknown_mac",
];

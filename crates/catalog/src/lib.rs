//! **What exists, as data**: policy settings, device facts, compliance rules, commands, permissions, events.
//!
//! A policy setting, a fact, a rule, a command is *one entry in one file* here. Everything else is derived by
//! reading these tables: validation, stored form, console form and help, REST schema, wording of the audit
//! trail, the ActiveSync provisioning document, grid columns, filters, the support matrix of the manual.
//!
//! The catalogue knows no protocol codec, no database, no clock. It is plain data and small `fn` pointers on
//! neutral values; keep it that way.

mod alerts;
mod collection;
mod commands;
mod connections;
mod directories;
mod enrolment;
mod events;
mod facts;
mod field;
mod languages;
mod letters;
mod liability;
mod permissions;
mod platform;
mod remedies;
mod reports;
mod rules;
mod self_service;
mod set_up;
mod settings;
mod steps;
mod targets;
mod tasks;
#[cfg(test)]
mod tests;
mod value;
mod version;

pub use alerts::{
    ALERT_EVENTS, AlertEvent, AlertKind, FINDING_BEGAN, Realm, alert_kind, alert_kinds, concerns_alerts,
};
pub use collection::{COLLECTIONS, Collection, Held};
pub use commands::{COMMANDS, Command, CommandKind, Danger};
pub use connections::{CONNECTIONS, ConnectionInfo, ConnectionKind, Direction, Transport};
pub use directories::{DIRECTORIES, DirectoryKind, DirectoryPreset};
pub use enrolment::{WAYS, Way, WayInfo};
pub use events::{EVENTS, Event, Severity, event_by_key};
pub use facts::{FACT_TEXT_MAX, FACTS, Fact, FactId, FactType, FactValue, Facts, KnownFact, Source, fact};
pub use field::{Field, FieldError, Kind};
pub use languages::{LANGUAGES, Language, language_by_key};
pub use letters::{
    CUSTOM_PLACEHOLDER, LETTER_PLACEHOLDERS, LETTERS, LetterInfo, LetterKind, LetterPlaceholder,
    MESSAGE_PLACEHOLDER, QR_PLACEHOLDER, letter_placeholder,
};
pub use liability::Liability;
pub use permissions::{PERMISSIONS, PREDEFINED_ROLES, Permission, PermissionInfo, Powers, PredefinedRole};
pub use platform::{
    CLIENTS, Claims, ClientInfo, ClientKind, PLATFORMS, Platform, PlatformInfo, Recognized, recognize,
};
pub use remedies::{REMEDIES, Remedy, RemedyBy, RemedyInfo};
pub use reports::{REPORTS, Report, ReportFilter, ReportInfo};
pub use rules::{
    AUTH_FAILURES_KEPT, Check, Finding, Params, RULES, Rule, RuleId, auth_failure_window, check_fences,
};
pub use self_service::{SELF_SERVICE, SelfService, SelfServiceInfo};
pub use set_up::{SET_UP, SetUpInfo, SetUpStep};
pub use settings::{
    CATEGORIES, Category, EAS_SCHEMA, EasElement, EasMinimum, Honour, SETTINGS, Setting, Stricter, Template,
    Values, all as settings, in_schema_order, setting, template,
};
pub use steps::{STEPS, Step, StepInfo};
pub use targets::{TARGETS, Target, TargetGroup, TargetInfo, TargetSet};
pub use tasks::{PURGES, Purge, PurgeInfo};
pub use value::Value;
pub use version::{compare_versions, version_numbers};

/// Milliseconds since 1970-01-01 UTC. Times are always passed in; no floor below the engine reads a clock.
pub type Millis = i64;

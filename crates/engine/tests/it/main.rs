//! The use cases on both storage engines, always with two organizations that have the same user names and device
//! ids: whatever one does must never show in the other.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod administrators;
mod admission;
mod alerts;
mod clock;
mod commands;
mod compliance;
mod connections;
mod custom_columns;
mod dashboard;
mod directories;
mod enrollment;
mod events;
mod explain;
mod findings;
mod followers;
mod getting_started;
mod governor;
mod groups;
mod holds;
mod house;
mod imports;
mod journal_check;
mod ladder;
mod mail;
mod memory;
mod nodes;
mod notifications;
mod organizations;
mod passkeys;
mod policy;
mod preview;
mod provisioning;
mod races;
mod radius;
mod records;
mod recovery;
mod reports;
mod roles;
mod schedules;
mod second_factor;
mod servers;
mod sign_in;
mod switching;
mod tokens;
mod troubles;
mod user_sessions;
mod users;
mod watch;
mod webhooks;
mod what_if;
mod wipes;
mod withdrawals;

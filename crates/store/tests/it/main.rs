//! The store on both engines.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod copies;
mod facade;
mod feed;
mod jobs;
mod journal;
mod opening;
mod previous_release;
mod records;
mod repo_commands;
mod repo_devices;
mod repo_entities;
mod repo_fixture;
mod repo_groups;
mod repo_installation;
mod repo_keys;
mod repo_logs;
mod repo_sessions;
mod repo_tenancy;
mod repo_verdicts;
mod statements;
mod trouble;
mod units;

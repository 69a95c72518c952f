//! The faces over a real engine.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod ise_actions;
mod ise_fixture;
mod ise_log;
mod ise_lookups;
mod ise_nac;
mod ise_outcomes;
mod ise_pages;
mod ise_self_test;
mod ise_sockets;
mod ise_urls;
mod redirect_page;
mod rest_devices;
mod rest_groups;
mod rest_matrix;
mod rest_openapi;
mod rest_people;
mod rest_policy;
mod rest_schema;
mod rest_world;
mod scim;

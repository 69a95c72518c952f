//! The faces over a real engine.

mod ise_actions;
mod ise_fixture;
mod ise_log;
mod ise_lookups;
mod ise_nac;
mod ise_outcomes;
mod ise_pages;
mod ise_self_test;
mod ise_urls;
mod redirect_page;

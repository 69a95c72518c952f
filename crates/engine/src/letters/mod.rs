//! Letters: mail that organizations word themselves, in the language of the reader.
//!
//! A [`Desk`] is what it takes to write for an organization, taken from the index before a unit begins; the letter is
//! written and queued inside the unit that says why (a user was added, a part of a mailing is done), so that neither
//! exists without the other. Bodies are sealed while they wait: they hold enrolment codes. Mail to many is a
//! [`mailing`], carried out part by part.

mod desk;
mod mailing;
mod picture;
mod templates;
mod welcome;

pub(crate) use desk::{Body, Desk, unseal};
pub(crate) use mailing::purge;
pub use mailing::{Audience, Order, Preview, get, list, order, preview, results, tick};
pub use picture::data_url;
pub(crate) use picture::png;
pub use templates::{
    SettingsInput, TemplateInfo, edit_settings, edit_template, preview_template, remove_template, settings,
    templates, test_template,
};
pub(crate) use welcome::wanted;
pub use welcome::{LetterFilter, count_users, list_users, states};
pub(crate) use welcome::{password_changed_in, settle, welcome_from_directory_in, welcome_in};

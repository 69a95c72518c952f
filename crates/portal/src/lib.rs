//! Enrolment pages (`/enroll`) and self-service portal (`/portal`): HTML for users, for phones first, in their language.
//!
//! One sign-in serves both. [`words`] holds the texts; [`pages`] calls the engine, which decides what a user may see and
//! do. Users hold no powers: everything goes through [`engine::self_service`].

mod assets;
mod frame;
mod pages;
mod words;

pub use frame::{Host, refuse};
pub use pages::{router, table};

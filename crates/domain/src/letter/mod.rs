//! Letters: from a template of an organization's own to a subject, a plain text and an HTML page that say the same.
//!
//! A template is written in a small markup ([`markup`]) and parsed *before* anything is filled in, so that no name of a
//! user can become a link or a tag. The HTML is made of a closed set of elements.

mod fill;
mod html;
mod markup;
mod plain;
mod template;
#[cfg(test)]
mod tests;

pub use fill::{Filling, Letter, Reader};
pub use template::{BODY_MAX, SUBJECT_MAX, Template, Templates, check};

pub use markup::is_safe_link;

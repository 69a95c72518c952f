//! Administrator console: HTML rendered on the server, one style sheet, one small script.
//!
//! [`parts`] holds what pages are made of and knows nothing of the rest of the product; [`assets`] holds
//! the files a browser fetches beside a page; [`pages`] calls the engine and puts parts together. What only the
//! server around it can do comes through [`Host`].
pub mod assets;
pub mod host;
pub mod pages;
pub mod parts;

pub use host::Host;
pub use pages::{refuse, router, table};

//! Administrator console: HTML rendered on the server, one style sheet, one small script.
//!
//! [`parts`] holds what pages are made of and knows nothing of the rest of the product; [`assets`] holds
//! the files a browser fetches beside a page.
pub mod assets;
pub mod parts;

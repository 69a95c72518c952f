//! The machine-readable faces: REST v1, SCIM, Cisco ISE and other NAC products; and the page that ISE sends users to.

pub mod ise;
pub mod redirect_page;
pub mod scim;
pub mod v1;

pub use v1::openapi;

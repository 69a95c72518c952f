//! Apple devices, from the bytes up: an identity by SCEP, messages signed as Apple signs them, and what devices answer.
//!
//! Everything here (DER, CMS, SCEP, property lists) is written for this crate alone, so that no mistake of the server's
//! codecs can hide in both.

pub mod apns;
pub mod cms;
pub mod der;
pub mod identity;
pub mod scep;

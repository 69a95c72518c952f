//! Apple devices, from the bytes up: an identity by SCEP, messages signed as Apple signs them, commands and declarations
//! from a model of the device; and a push service.
//!
//! Everything here (DER, CMS, SCEP, property lists) is written for this crate alone, so that no mistake of the server's
//! codecs can hide in both.

pub mod apns;
mod big;
pub mod cms;
pub mod commands;
pub mod ddm;
pub mod der;
mod device;
pub mod identity;
pub mod model;
pub mod plist;
pub mod scep;

pub use device::{Device, Handled, Script};

//! A client that asks as Cisco ISE asks (external MDM API, versions 1, 2 and 3).
//!
//! It does the four things that ISE does: Test Connection, looking up one device, polling for the
//! non-compliant ones with paging, and ordering actions (or sending messages). It trusts exactly the root
//! certificate it is given and reports what the administrator would see in ISE's form.

mod client;
mod read;

pub use client::{Action, Client, Settings, Target};
pub use read::{Device, Devices, Info, Outcome, read_devices, read_info, read_outcomes};

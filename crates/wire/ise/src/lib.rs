//! Pure codec of Cisco ISE's external-MDM REST API, versions 1 to 3.
//!
//! ISE is always the client: it reads `mdminfo` once, looks devices up by MAC or GUID while a session waits
//! for its authorisation, polls for everything that is not compliant, and sends a few commands. This crate
//! turns a request's address ([`target::parse`]) and body ([`body`]) into types and writes the XML answers
//! ([`answer`]). It must not know who is enrolled, who may ask, or how bytes travel.
//!
//! ```
//! use wire_ise::{Lookup, Mac, target::{self, Request}};
//!
//! let query = "paging=0&querycriteria=macaddress&value=0026B424FEB4&filter=all";
//! let target = target::parse("GET", "/ise/mdm/api/devices/", Some(query)).expect("a path of this API");
//! let Ok(Request::Devices(devices)) = target.request else { panic!("a device look-up") };
//! assert_eq!(devices.lookup, Lookup::Mac(Mac::parse("00:26:b4:24:fe:b4").expect("12 digits")));
//! ```

pub mod answer;
pub mod body;
mod filter;
mod guid;
mod lookup;
mod mac;
mod percent;
pub mod target;
mod version;

pub use filter::{Attribute, Filter};
pub use guid::Guid;
pub use lookup::{Criterion, Identifier, IdentifierKind, Lookup};
pub use mac::{Mac, MacText};
pub use version::{ApiVersion, negotiate};

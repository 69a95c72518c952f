//! Compliance seen from outside: for each rule how its facts really arrive, and a simulated device that breaks it, is
//! asked about at every face, and is put in order again. The proofs and the scenario of every rule share it.

mod cases;
mod causes;
mod page;
mod random;
mod site;
mod subject;

pub use cases::{CASES, Case, Cause, SYSTEMS, System};
pub use causes::of_one_device;
pub use page::page;
pub use random::{exception, no_levels, own_levels, random_rule, random_settings, rule_off, ticks};
pub use site::{PASSWORD, Site};
pub use subject::{Explained, Subject};

//! **Cisco ISE**: what its external-MDM API asks of the engine.
//!
//! Look-ups and polls are answered from the in-memory index alone, since a RADIUS request waits for them. This
//! room knows devices, verdicts and commands; it must not know XML, paths or status codes, which belong to the
//! face. Everything kept here besides (calls, misses, shared pages) is bounded and may be lost.

mod action;
mod advice;
mod attributes;
mod calls;
mod desk;
mod lookup;
mod page;
mod self_test;
mod unknown_macs;

pub use action::{Action, Outcome, action};
pub use advice::{Advice, InForce, advice};
pub use attributes::{Attributes, attributes, is_compliant, is_registered};
pub(crate) use calls::last_call;
pub use calls::{Call, MAX_CALLS, calls, flush, record_call, record_refusal};
pub use desk::Ise;
pub use lookup::{Key, Lookup, Remark, lookup};
pub use page::{Naming, Page, PageQuery, Which, page};
pub use self_test::{Credentials, Port, Probe, ProbeAnswer, ProbeRequest, SelfTestRow, Trust, self_test};
pub use unknown_macs::{UnknownMac, link_mac, unknown_macs};

use catalog::Permission;

use crate::{Principal, Result, Scope};

/// ISE itself may ask; in the console whoever may see devices.
fn may_ask(scope: &Scope) -> Result<()> {
    match scope.principal() {
        Principal::Ise(_) => Ok(()),
        _ => scope.require(Permission::DevicesView),
    }
}

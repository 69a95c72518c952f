//! Devices: the grid, one device with everything about it, entering and editing by hand.

mod detail;
mod edit;
mod export;
mod facts;
mod history;
mod list;
mod recovery;
mod verdicts;

use catalog::Permission;
use door::Access;
use http::Method;

use super::answer::Page;
use super::endpoint::{Family, endpoint};
use super::journal::Entry;

pub(super) use export::family as export;
pub(super) use list::DeviceQuery;

pub(super) fn family() -> Family {
    let view = Access::Needs(Permission::DevicesView);
    let change = Access::Needs(Permission::DevicesEdit);
    let (all, one) = ("/api/v1/devices", "/api/v1/devices/{device}");
    let fact = "/api/v1/devices/{device}/facts/{fact}";
    Family {
        name: "Devices",
        about: "Everything known of the managed devices.",
        endpoints: vec![
            endpoint(Method::GET, all, view, list::list, "List devices")
                .says("The grid of the console: free text, filters (all must hold), order, columns.")
                .query::<list::DeviceQuery>()
                .gives::<list::DevicePage>(),
            endpoint(Method::POST, all, change, edit::create, "Make a device known by hand")
                .says("It has no mail client until one is joined with it.")
                .body::<edit::NewDevice>()
                .creates::<detail::DeviceInfo>(),
            endpoint(Method::GET, one, view, detail::show, "Show a device with everything about it")
                .gives::<detail::DeviceInfo>()
                .versioned(),
            endpoint(Method::PATCH, one, change, edit::edit, "Edit a device")
                .says("Missing fields stay as they are.")
                .body::<edit::DeviceEdit>()
                .gives::<detail::DeviceInfo>(),
            endpoint(
                Method::DELETE,
                one,
                Access::Needs(Permission::DevicesForget),
                edit::remove,
                "Remove the record of a device",
            )
            .says("A pending wipe must be over or cancelled first."),
            endpoint(
                Method::POST,
                "/api/v1/devices/{device}/join",
                Access::Needs(Permission::DevicesForget),
                edit::join,
                "Join with another record of the same device",
            )
            .says(
                "The other record's mail client, GUIDs and facts come here; the other record is removed. Both must \
                 have the same user. Needs the permission `devices.edit` as well.",
            )
            .body::<edit::Join>()
            .gives::<detail::DeviceInfo>(),
            endpoint(Method::GET, fact, view, facts::show, "Show one fact").gives::<facts::Fact>(),
            endpoint(Method::PUT, fact, change, facts::enter, "Enter a fact")
                .says("For integrations: the fact carries the name of the token's owner as its source.")
                .body::<facts::FactInput>()
                .gives::<facts::Fact>(),
            endpoint(Method::DELETE, fact, change, facts::forget, "Forget an entered fact"),
            endpoint(
                Method::GET,
                "/api/v1/devices/{device}/timeline",
                view,
                history::timeline,
                "What happened to a device, newest first",
            )
            .query::<history::Limit>()
            .gives::<Page<Entry>>(),
            endpoint(
                Method::GET,
                "/api/v1/devices/{device}/verdicts",
                view,
                verdicts::list,
                "Former verdicts of a device, newest first",
            )
            .says("With `at` the one that held at that time: why it was shut out then, with the evidence.")
            .query::<verdicts::Asked>()
            .gives::<Page<verdicts::VerdictInfo>>(),
            endpoint(
                Method::GET,
                "/api/v1/devices/{device}/exchanges",
                Access::Needs(Permission::DevicesTrace),
                history::exchanges,
                "The last 200 ActiveSync exchanges, newest first",
            )
            .gives::<Page<history::ExchangeInfo>>(),
            endpoint(
                Method::GET,
                "/api/v1/devices/{device}/recovery-password",
                Access::Needs(Permission::DevicesRecoveryPassword),
                recovery::show,
                "Read the recovery password that a device deposited",
            )
            .says("Each reading is journaled. 404 if the device deposited none.")
            .gives::<recovery::RecoveryPassword>(),
        ],
    }
}

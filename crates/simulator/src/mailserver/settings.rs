//! Settings: device information, user information, out of office, recovery password.

use super::gate::{Ask, document, status};
use super::state::State;
use crate::eas::Version;
use crate::http::Answer;
use crate::wbxml::{Element, el};

pub(super) fn answer(state: &mut State, ask: &Ask) -> Answer {
    let Some(root) = ask.root.as_ref().filter(|r| r.local() == "Settings") else {
        return status("Settings", 2);
    };
    let mut parts = Vec::new();
    for part in root.elements() {
        parts.extend(match part.local() {
            "DeviceInformation" => {
                let rows = part.at("Set").into_iter().flat_map(Element::elements);
                state.partner(&ask.user, &ask.query.device_id).information =
                    rows.filter_map(|e| Some((e.local().to_owned(), e.value()?.to_owned()))).collect();
                Some(el("Settings:DeviceInformation").with(el("Settings:Status").text(1)))
            }
            "UserInformation" => user_information(state, ask),
            "Oof" => out_of_office(state, ask, part),
            "DevicePassword" => Some(el("Settings:DevicePassword").with(el("Settings:Status").text(1))),
            _ => None,
        });
    }
    document(&el("Settings:Settings").with(el("Settings:Status").text(1)).with_all(parts))
}

fn user_information(state: &State, ask: &Ask) -> Option<Element> {
    if !state.script.says_addresses {
        return None;
    }
    let address = &state.mailboxes.get(&ask.user)?.address;
    let addresses = el("Settings:EmailAddresses").with(el("Settings:SmtpAddress").text(address));
    let get = if ask.version >= Version::V14_1 {
        let primary = el("Settings:PrimarySmtpAddress").text(address);
        let account = el("Settings:Account").with(addresses.with(primary));
        el("Settings:Get").with(el("Settings:Accounts").with(account))
    } else {
        el("Settings:Get").with(addresses)
    };
    Some(el("Settings:UserInformation").with(el("Settings:Status").text(1)).with(get))
}

fn out_of_office(state: &mut State, ask: &Ask, part: &Element) -> Option<Element> {
    let mailbox = state.mailboxes.get_mut(&ask.user)?;
    let answer = el("Settings:Oof").with(el("Settings:Status").text(1));
    if let Some(wanted) = part.number_at("Set/OofState") {
        mailbox.out_of_office = wanted != 0;
        return Some(answer);
    }
    let get = el("Settings:Get").with(el("Settings:OofState").text(u8::from(mailbox.out_of_office)));
    Some(answer.with(get))
}

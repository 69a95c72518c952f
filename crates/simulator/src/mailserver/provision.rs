//! Provision (MS-ASPROV): two phases with keys of their own, device information, wipes.

use super::gate::{Ask, document, status};
use super::state::State;
use crate::eas::{Version, WipeKind};
use crate::http::Answer;
use crate::wbxml::{Element, el};

const WBXML_TYPE: &str = "MS-EAS-Provisioning-WBXML";
const WAP_TYPE: &str = "MS-WAP-Provisioning-XML";

pub(super) fn answer(state: &mut State, ask: &Ask) -> Answer {
    let Some(root) = ask.root.as_ref().filter(|r| r.local() == "Provision") else {
        return if ask.version.has_common_status() {
            status("Provision", 2)
        } else {
            Answer::new(400, Vec::new())
        };
    };
    let informed = note_information(state, ask, root);
    if let Some(acknowledged) = wipe_acknowledgement(state, ask, root) {
        return acknowledged;
    }
    let partner = state.partner(&ask.user, &ask.query.device_id);
    if let Some(wipe) = &mut partner.wipe {
        // Below 16.1 an account-only wipe cannot be expressed: the device stays locked out.
        if wipe.kind == WipeKind::Account && ask.version < Version::V16_1 {
            return status("Provision", 141);
        }
        if wipe.acknowledged == Some(1) {
            return Answer::new(403, Vec::new());
        }
        wipe.sent = true;
        return document(&reply().with(el(wipe_name(wipe.kind))));
    }
    let Some(policy) = root.at("Policies/Policy") else { return document(&reply()) };
    if let (Some(key), Some(applied)) = (policy.number_at("PolicyKey"), policy.number_at("Status")) {
        return acknowledge(state, ask, key, applied);
    }
    if state.script.wants_information && ask.version >= Version::V14_1 && !informed {
        return status("Provision", 165);
    }
    hand_out(state, ask, policy.text_at("PolicyType").unwrap_or_default(), informed)
}

fn reply() -> Element {
    el("Provision:Provision").with(el("Provision:Status").text(1))
}

fn wipe_name(kind: WipeKind) -> &'static str {
    match kind {
        WipeKind::Device => "Provision:RemoteWipe",
        WipeKind::Account => "Provision:AccountOnlyRemoteWipe",
    }
}

/// Keeps device information; whether there was any.
fn note_information(state: &mut State, ask: &Ask, root: &Element) -> bool {
    let Some(set) = root.at("DeviceInformation/Set") else { return false };
    let rows = set.elements().filter_map(|e| Some((e.local().to_owned(), e.value()?.to_owned())));
    state.partner(&ask.user, &ask.query.device_id).information = rows.collect();
    true
}

fn wipe_acknowledgement(state: &mut State, ask: &Ask, root: &Element) -> Option<Answer> {
    let element = root.elements().find(|e| matches!(e.local(), "RemoteWipe" | "AccountOnlyRemoteWipe"))?;
    let kind = if element.local() == "RemoteWipe" { WipeKind::Device } else { WipeKind::Account };
    let applied = element.number_at("Status")?;
    let partner = state.partner(&ask.user, &ask.query.device_id);
    let order = partner.wipe.as_mut().filter(|w| w.kind == kind && w.sent)?;
    order.acknowledged = Some(applied);
    partner.key = None;
    let code = if applied == 1 { 1 } else { 2 };
    let root = el("Provision:Provision").with(el("Provision:Status").text(code)).with(el(wipe_name(kind)));
    Some(document(&root))
}

/// Phase one: the document under a temporary key.
fn hand_out(state: &mut State, ask: &Ask, kind: &str, informed: bool) -> Answer {
    let wanted = if ask.version >= Version::V12_0 { WBXML_TYPE } else { WAP_TYPE };
    let mut policy = el("Provision:Policy").with(el("Provision:PolicyType").text(kind));
    if kind != wanted {
        policy = policy.with(el("Provision:Status").text(3));
    } else if let Some(rows) = state.script.policy.clone() {
        let key = state.next_key();
        state.partner(&ask.user, &ask.query.device_id).temporary_key = Some(key);
        let data = el("Provision:Data");
        let data = if kind == WBXML_TYPE {
            let rows = rows.iter().map(|(name, value)| {
                let element = el(name);
                if value.is_empty() { element } else { element.text(value) }
            });
            data.with(el("Provision:EASProvisionDoc").with_all(rows))
        } else {
            let asks = rows.iter().any(|(n, v)| n.ends_with(":DevicePasswordEnabled") && v == "1");
            data.text(format_args!(
                "<wap-provisioningdoc><characteristic type=\"SecurityPolicy\"><parm name=\"4131\" value=\"{}\"/>\
                 </characteristic></wap-provisioningdoc>",
                u8::from(!asks)
            ))
        };
        policy =
            policy.with(el("Provision:Status").text(1)).with(el("Provision:PolicyKey").text(key)).with(data);
    } else {
        policy = policy.with(el("Provision:Status").text(2));
    }
    let information = informed.then(|| el("Settings:DeviceInformation").with(el("Settings:Status").text(1)));
    let root = el("Provision:Provision")
        .with_some(information)
        .with(el("Provision:Status").text(1))
        .with(el("Provision:Policies").with(policy));
    document(&root)
}

/// Phase two: the right key makes the device current.
fn acknowledge(state: &mut State, ask: &Ask, key: u32, applied: u32) -> Answer {
    let fresh = state.next_key();
    let partner = state.partner(&ask.user, &ask.query.device_id);
    let kind = if ask.version >= Version::V12_0 { WBXML_TYPE } else { WAP_TYPE };
    let policy = el("Provision:Policy").with(el("Provision:PolicyType").text(kind));
    if partner.temporary_key != Some(key) {
        let policy = policy.with(el("Provision:Status").text(5));
        return document(&reply().with(el("Provision:Policies").with(policy)));
    }
    if applied == 3 {
        return status("Provision", 141);
    }
    partner.temporary_key = None;
    partner.key = Some(fresh);
    partner.provisions += 1;
    let policy = policy.with(el("Provision:Status").text(1)).with(el("Provision:PolicyKey").text(fresh));
    document(&reply().with(el("Provision:Policies").with(policy)))
}

//! How a device carries out commands.

use std::collections::BTreeMap;

use super::model::{App, Installed, Model};
use super::plist::{Plist, dict, text};

/// The outcome of a command.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// Done; what is said beside the status.
    Done(BTreeMap<String, Plist>),
    /// It failed: code, domain and words.
    Failed(i64, &'static str, String),
    /// Not now.
    NotNow,
}

/// Commands that a locked device puts off (those seen in the wild).
const NEED_UNLOCKED: [&str; 6] = [
    "InstallProfile",
    "InstallProvisioningProfile",
    "SecurityInfo",
    "CertificateList",
    "InstallApplication",
    "ManagedMediaList",
];

/// Commands for supervised devices only.
const SUPERVISED: [&str; 6] = [
    "EnableLostMode",
    "DisableLostMode",
    "DeviceLocation",
    "PlayLostModeSound",
    "RestartDevice",
    "ShutDownDevice",
];

/// Carries out a command. Profiles, erasing and declarations concern more than the model; the device sees to them itself.
pub fn carry_out(model: &mut Model, locked: bool, command: &Plist) -> Outcome {
    let kind = command.text("RequestType").unwrap_or_default();
    if locked && NEED_UNLOCKED.contains(&kind) {
        return Outcome::NotNow;
    }
    if SUPERVISED.contains(&kind) && !model.supervised {
        return Outcome::Failed(12_021, "MCMDMErrorDomain", format!("“{kind}” needs a supervised device."));
    }
    match kind {
        "DeviceInformation" => {
            let queries = command.array("Queries").iter().filter_map(|query| match query {
                Plist::Text(query) => Some((query.clone(), model.query(query)?)),
                _ => None,
            });
            done([("QueryResponses", Plist::Dict(queries.collect()))])
        }
        "SecurityInfo" => done([("SecurityInfo", security(model))]),
        "ProfileList" => done([("ProfileList", profiles(model))]),
        "RemoveProfile" => remove_profile(model, command),
        "ProvisioningProfileList" => done([("ProvisioningProfileList", Plist::Array(Vec::new()))]),
        "CertificateList" => done([("CertificateList", Plist::Array(Vec::new()))]),
        "Restrictions" => done([(
            "GlobalRestrictions",
            Plist::Dict(dict([("restrictedBool", Plist::Dict(BTreeMap::new()))])),
        )]),
        "InstalledApplicationList" => done([("InstalledApplicationList", apps(model, command))]),
        "ManagedApplicationList" => {
            let managed = model.apps.iter().filter(|app| app.managed).map(|app| {
                let state = dict([("Status", text("Managed")), ("HasConfiguration", Plist::Bool(false))]);
                (app.identifier.clone(), Plist::Dict(state))
            });
            done([("ManagedApplicationList", Plist::Dict(managed.collect()))])
        }
        "InstallApplication" => install_app(model, command),
        "RemoveApplication" => {
            let identifier = command.text("Identifier").unwrap_or_default();
            model.apps.retain(|app| app.identifier != identifier || !app.managed);
            done([])
        }
        "DeviceLock" => {
            model.shown.extend(command.text("Message").map(str::to_owned));
            done([("MessageResult", text("Success"))])
        }
        "ClearPasscode" if command.data("UnlockToken").is_some_and(|token| token == unlock_token(model)) => {
            model.passcode = false;
            done([])
        }
        "ClearPasscode" => Outcome::Failed(12_007, "MCMDMErrorDomain", "The unlock token is wrong.".into()),
        "EnableLostMode" | "DisableLostMode" => {
            model.lost = kind == "EnableLostMode";
            done([])
        }
        "DeviceLocation" if model.lost => done([
            ("Latitude", Plist::Real(52.52)),
            ("Longitude", Plist::Real(13.405)),
            ("HorizontalAccuracy", Plist::Real(20.0)),
        ]),
        "DeviceLocation" | "PlayLostModeSound" if !model.lost => {
            Outcome::Failed(12_067, "MCMDMErrorDomain", "The device is not in lost mode.".into())
        }
        "PlayLostModeSound" | "RestartDevice" | "ShutDownDevice" | "EraseDevice" => done([]),
        "Settings" => {
            model.settings.extend(command.array("Settings").iter().cloned());
            let replies = command.array("Settings").iter().map(|item| {
                let name = text(item.text("Item").unwrap_or_default());
                Plist::Dict(dict([("Item", name), ("Status", text("Acknowledged"))]))
            });
            done([("Settings", Plist::Array(replies.collect()))])
        }
        _ => Outcome::Failed(12_021, "MCMDMErrorDomain", format!("“{kind}” is not a valid request type.")),
    }
}

fn done<const N: usize>(pairs: [(&str, Plist); N]) -> Outcome {
    Outcome::Done(dict(pairs))
}

/// The unlock token of a device.
pub fn unlock_token(model: &Model) -> Vec<u8> {
    format!("unlock {}", model.udid).into_bytes()
}

fn security(model: &Model) -> Plist {
    Plist::Dict(dict([
        ("HardwareEncryptionCaps", Plist::Int(3)),
        ("PasscodePresent", Plist::Bool(model.passcode)),
        ("PasscodeCompliant", Plist::Bool(model.compliant)),
        ("PasscodeCompliantWithProfiles", Plist::Bool(model.compliant)),
    ]))
}

fn profiles(model: &Model) -> Plist {
    let one = |profile: &Installed| {
        let payloads = profile.payloads.iter().map(|kind| Plist::Dict(dict([("PayloadType", text(kind))])));
        Plist::Dict(dict([
            ("PayloadIdentifier", text(&profile.identifier)),
            ("PayloadUUID", text(&profile.uuid)),
            ("PayloadDisplayName", text(&profile.name)),
            ("PayloadVersion", Plist::Int(1)),
            ("IsManaged", Plist::Bool(true)),
            ("PayloadContent", Plist::Array(payloads.collect())),
        ]))
    };
    Plist::Array(model.profiles.iter().map(one).collect())
}

fn remove_profile(model: &mut Model, command: &Plist) -> Outcome {
    let identifier = command.text("Identifier").unwrap_or_default();
    let before = model.profiles.len();
    model.profiles.retain(|profile| profile.identifier != identifier);
    if model.profiles.len() < before {
        return done([]);
    }
    Outcome::Failed(12_075, "MCMDMErrorDomain", format!("The profile “{identifier}” is not installed."))
}

fn apps(model: &Model, command: &Plist) -> Plist {
    let managed_only = command.truth("ManagedAppsOnly");
    let one = |app: &App| {
        Plist::Dict(dict([
            ("Identifier", text(&app.identifier)),
            ("Name", text(&app.name)),
            ("Version", text(&app.version)),
            ("ShortVersion", text(&app.version)),
            ("BundleSize", Plist::Int(1_000_000)),
        ]))
    };
    Plist::Array(model.apps.iter().filter(|app| app.managed || !managed_only).map(one).collect())
}

fn install_app(model: &mut Model, command: &Plist) -> Outcome {
    let Some(identifier) = command.text("Identifier") else {
        return Outcome::Failed(12_024, "MCMDMErrorDomain", "The app cannot be found.".into());
    };
    model.apps.retain(|app| app.identifier != identifier);
    let (identifier, name) = (identifier.to_owned(), identifier.to_owned());
    model.apps.push(App { identifier: identifier.clone(), name, version: "1.0".into(), managed: true });
    done([("Identifier", text(identifier)), ("State", text("Installing"))])
}

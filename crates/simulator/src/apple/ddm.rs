//! A device's half of declarative management, which counts what the server does wrong.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// A declaration that the device has.
#[derive(Clone, Debug, PartialEq)]
pub struct Held {
    /// `activation`, `configuration`, `asset` or `management`.
    pub kind: String,
    /// Its token.
    pub token: String,
    /// The document; `None` while it could not be fetched.
    pub document: Option<Value>,
}

/// What the device has.
#[derive(Clone, Debug, Default)]
pub struct Declarations {
    /// `DeclarationsToken` of what it has; empty before the first time.
    pub token: String,
    /// By identifier.
    pub held: BTreeMap<String, Held>,
}

/// Kinds, and their lists in `declaration-items`.
const KINDS: [(&str, &str); 4] = [
    ("activation", "Activations"),
    ("configuration", "Configurations"),
    ("asset", "Assets"),
    ("management", "Management"),
];

impl Declarations {
    /// Takes over a list of items: what is to be fetched (kind, identifier), or what is wrong with the list.
    pub fn take_items(&mut self, items: &Value) -> Result<Vec<(String, String)>, String> {
        let token = items["DeclarationsToken"].as_str().ok_or("no DeclarationsToken")?;
        let mut listed = BTreeMap::new();
        for (kind, list) in KINDS {
            let items = items["Declarations"][list].as_array().ok_or(format!("no list of {list}"))?;
            for item in items {
                let identifier = item["Identifier"].as_str().ok_or("an item without identifier")?;
                let token = item["ServerToken"].as_str().ok_or("an item without token")?;
                if identifier.len() > 64 || token.len() > 64 {
                    return Err(format!("{identifier} or its token is too long"));
                }
                listed.insert(identifier.to_owned(), (kind, token.to_owned()));
            }
        }
        self.held.retain(|identifier, _| listed.contains_key(identifier));
        let mut fetch = Vec::new();
        for (identifier, (kind, token)) in listed {
            let current =
                self.held.get(&identifier).is_some_and(|held| held.token == token && held.document.is_some());
            if !current {
                fetch.push((kind.to_owned(), identifier.clone()));
                self.held.insert(identifier, Held { kind: kind.to_owned(), token, document: None });
            }
        }
        token.clone_into(&mut self.token);
        Ok(fetch)
    }

    /// Takes a declaration; what is wrong with it.
    pub fn take(&mut self, identifier: &str, document: Value) -> Result<(), String> {
        let held = self.held.get_mut(identifier).ok_or("a declaration that was not listed")?;
        let kind = document["Type"].as_str().unwrap_or_default();
        if document["Identifier"] != identifier || !kind.starts_with(&format!("com.apple.{}.", held.kind)) {
            return Err(format!("another declaration than {identifier}"));
        }
        if !document["Payload"].is_object() {
            return Err(format!("{identifier} has no payload"));
        }
        document["ServerToken"].as_str().unwrap_or_default().clone_into(&mut held.token);
        held.document = Some(document);
        Ok(())
    }

    /// Configurations that an activation puts in force.
    pub fn active(&self) -> Vec<String> {
        let activations = self.held.values().filter(|held| held.kind == "activation");
        let named = activations
            .filter_map(|held| held.document.as_ref()?["Payload"]["StandardConfigurations"].as_array());
        let names = named.flatten().filter_map(Value::as_str);
        names
            .filter(|name| self.held.get(*name).is_some_and(|held| held.document.is_some()))
            .map(str::to_owned)
            .collect()
    }

    /// A full status report, with the device's own items beside the state of the declarations.
    pub fn status(&self, items: Value) -> Value {
        let active = self.active();
        let of_kind = |wanted: &str| -> Vec<Value> {
            let held = self.held.iter().filter(|(_, held)| held.kind == wanted);
            held.map(|(identifier, held)| {
                let there = held.document.is_some();
                let on = there && (wanted != "configuration" || active.contains(identifier));
                json!({ "identifier": identifier, "server-token": held.token, "active": on,
                    "valid": if there { "valid" } else { "unknown" } })
            })
            .collect()
        };
        let mut items = items;
        items["management"]["declarations"] = json!({
            "activations": of_kind("activation"), "configurations": of_kind("configuration"),
            "assets": of_kind("asset"), "management": of_kind("management"),
        });
        json!({ "StatusItems": items, "Errors": [], "FullReport": true })
    }

    /// Whether tokens say that something changed.
    pub fn is_behind(&self, tokens: &Value) -> bool {
        tokens["SyncTokens"]["DeclarationsToken"].as_str() != Some(self.token.as_str())
    }
}

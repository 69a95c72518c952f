//! Declarations, and the sets that devices have.

use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use crate::Millis;

/// Longest identifier, bytes.
const IDENTIFIER: usize = 64;

/// The four kinds of declarations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Puts configurations in force.
    Activation,
    /// What the device is to be like.
    Configuration,
    /// What configurations refer to.
    Asset,
    /// About the management itself.
    Management,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Activation, Self::Configuration, Self::Asset, Self::Management];

    /// Its word in endpoints and types.
    pub fn word(self) -> &'static str {
        match self {
            Self::Activation => "activation",
            Self::Configuration => "configuration",
            Self::Asset => "asset",
            Self::Management => "management",
        }
    }

    /// Its word in the list of items.
    fn list(self) -> &'static str {
        match self {
            Self::Activation => "Activations",
            Self::Configuration => "Configurations",
            Self::Asset => "Assets",
            Self::Management => "Management",
        }
    }

    /// The kind of a declaration type such as `com.apple.configuration.passcode.settings`.
    pub fn of_type(kind: &str) -> Option<Self> {
        let rest = kind.strip_prefix("com.apple.")?;
        Self::ALL.into_iter().find(|known| {
            rest.strip_prefix(known.word())
                .and_then(|rest| rest.strip_prefix('.'))
                .is_some_and(|rest| !rest.is_empty())
        })
    }
}

/// A declaration. Its token follows from what it says, so it changes when and only when that does.
#[derive(Debug, Clone, PartialEq)]
pub struct Declaration {
    kind: Kind,
    type_name: String,
    identifier: String,
    payload: Value,
    token: String,
}

impl Declaration {
    /// A declaration; `None` if the type is of no known kind, the identifier has not 1 to 64 bytes (with no control
    /// characters), or the payload is no object.
    pub fn new(type_name: &str, identifier: &str, payload: Value) -> Option<Self> {
        let kind = Kind::of_type(type_name)?;
        let good = (1..=IDENTIFIER).contains(&identifier.len()) && !identifier.chars().any(char::is_control);
        if !good || !payload.is_object() {
            return None;
        }
        let content = json!([type_name, identifier, sorted(&payload)]);
        let token = token(content.to_string().as_bytes());
        Some(Self {
            kind,
            type_name: type_name.to_owned(),
            identifier: identifier.to_owned(),
            payload,
            token,
        })
    }

    /// Its kind.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Its identifier.
    pub fn identifier(&self) -> &str {
        &self.identifier
    }

    /// `ServerToken`.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// The document.
    pub fn to_json(&self) -> Value {
        json!({
            "Type": self.type_name, "Identifier": self.identifier, "ServerToken": self.token,
            "Payload": self.payload,
        })
    }
}

/// The declarations of one channel of one enrolment.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Set(Vec<Declaration>);

impl Set {
    /// A set; of two declarations with one identifier the first one counts, whatever their kinds: devices tell them apart
    /// by nothing else.
    pub fn new(declarations: impl IntoIterator<Item = Declaration>) -> Self {
        let mut set: Vec<Declaration> = Vec::new();
        for declaration in declarations {
            if !set.iter().any(|known| known.identifier == declaration.identifier) {
                set.push(declaration);
            }
        }
        set.sort_by(|a, b| (a.kind, &a.identifier).cmp(&(b.kind, &b.identifier)));
        Self(set)
    }

    /// `DeclarationsToken`: follows from what is in the set, not from its order.
    pub fn token(&self) -> String {
        let mut pairs: Vec<String> = self
            .0
            .iter()
            .map(|d| format!("{}\u{0}{}\u{0}{}", d.kind.word(), d.identifier, d.token))
            .collect();
        pairs.sort_unstable();
        token(pairs.join("\u{1}").as_bytes())
    }

    /// The answer to `tokens`, and the data of the command that says that something changed.
    pub fn tokens(&self, changed: Millis) -> Value {
        json!({ "SyncTokens": {
            "DeclarationsToken": self.token(), "Timestamp": crate::plist::write_date(changed),
        } })
    }

    /// The answer to `declaration-items`: all four lists, also empty ones.
    pub fn items(&self) -> Value {
        let mut lists = Map::new();
        for kind in Kind::ALL {
            let of_kind = self.0.iter().filter(|declaration| declaration.kind == kind);
            let list: Vec<Value> =
                of_kind.map(|d| json!({ "Identifier": d.identifier, "ServerToken": d.token })).collect();
            lists.insert(kind.list().to_owned(), list.into());
        }
        json!({ "Declarations": lists, "DeclarationsToken": self.token() })
    }

    /// One of them; one that is not in the set does not exist.
    pub fn get(&self, kind: Kind, identifier: &str) -> Option<&Declaration> {
        self.0.iter().find(|declaration| declaration.kind == kind && declaration.identifier == identifier)
    }

    /// All of them, by kind and identifier.
    pub fn iter(&self) -> impl Iterator<Item = &Declaration> {
        self.0.iter()
    }
}

/// A token of 43 characters: SHA-256 in base64.
fn token(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(Sha256::digest(bytes))
}

/// The value with the members of all objects sorted.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let mut pairs: Vec<_> = members.iter().collect();
            pairs.sort_by_key(|(key, _)| *key);
            Value::Object(pairs.into_iter().map(|(key, value)| (key.clone(), sorted(value))).collect())
        }
        Value::Array(values) => Value::Array(values.iter().map(sorted).collect()),
        other => other.clone(),
    }
}

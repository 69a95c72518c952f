//! Declarative device management: JSON documents, carried in check-in messages.

mod declaration;
mod status;

pub use declaration::{Declaration, Kind, Set};
pub use status::{DeclarationState, ItemError, StatusReport, Validity};

/// What a device asks of declarative management.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Endpoint {
    /// Whether anything changed.
    Tokens,
    /// What there is.
    Items,
    /// One declaration: its kind and identifier.
    Declaration(Kind, String),
    /// The device tells its state.
    Status,
}

impl Endpoint {
    /// Reads the `Endpoint` of a message.
    pub fn read(text: &str) -> Option<Self> {
        match text {
            "tokens" => return Some(Self::Tokens),
            "declaration-items" => return Some(Self::Items),
            "status" => return Some(Self::Status),
            _ => {}
        }
        let (kind, identifier) = text.strip_prefix("declaration/")?.split_once('/')?;
        let kind = Kind::ALL.into_iter().find(|known| known.word() == kind)?;
        let good = (1..=64).contains(&identifier.len()) && !identifier.chars().any(char::is_control);
        good.then(|| Self::Declaration(kind, identifier.to_owned()))
    }
}

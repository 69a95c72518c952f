//! A simulated phone with an ActiveSync account (MS-ASHTTP, MS-ASCMD, MS-ASPROV).
//!
//! [`Device`] holds what a phone remembers between requests: its identity, the policy key, the policy it was
//! given, folders and sync keys, and whether it has been wiped. Two ways to use it: *strictly*, where each
//! method is one exchange and hands back what the server said ([`Device::raw`], [`Device::send`],
//! [`Device::provision_first`] …), and *like a phone*, where [`Device::command`] provisions, replays and obeys
//! wipes by itself.

mod call;
mod commands;
mod device;
mod items;
mod models;
mod provision;
mod query;
mod react;
mod reply;
mod version;

pub use call::Call;
pub use commands::{Offer, PingAnswer};
pub use device::{Credentials, Device, Folder, Setup};
pub use items::{Item, SyncAnswer, SyncAsk};
pub use models::{MODELS, Model};
pub use provision::{Provisioned, WipeKind, device_information};
pub use query::{COMMANDS, Query, command_code};
pub use react::Handled;
pub use reply::{Need, Reply};
pub use version::Version;

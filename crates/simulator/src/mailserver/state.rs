//! What the server remembers: mailboxes, partnerships, and what it was asked.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use parking_lot::Mutex;
use tokio::sync::watch;

use super::script::Script;
use crate::dice::Dice;
use crate::eas::{Version, WipeKind};
use crate::wbxml::Element;

/// How many requests are remembered.
const SEEN: usize = 10_000;

/// One request as the server saw it, for tests to look at.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Method.
    pub method: String,
    /// Path and query as sent.
    pub target: String,
    /// Command of the query.
    pub cmd: String,
    /// User of the credentials, canonical, if they were accepted.
    pub user: Option<String>,
    /// Device identifier of the query.
    pub device_id: String,
    /// Device type of the query.
    pub device_type: String,
    /// Whether the query was base64.
    pub base64: bool,
    /// Version of the request.
    pub version: Option<Version>,
    /// Policy key of the request.
    pub policy_key: Option<u32>,
    /// All header fields but Authorization.
    pub headers: Vec<(String, String)>,
    /// Body bytes received.
    pub received: usize,
    /// HTTP status answered; 0 for a hang-up, `None` while parked or when the client left.
    pub http: Option<u16>,
}

/// A folder of a mailbox.
pub(super) struct FolderData {
    pub name: String,
    pub kind: u32,
    pub parent: String,
    pub items: BTreeMap<u64, Stored>,
    /// Rises with every change inside.
    pub mark: u64,
}

/// An item and the mark at which it last changed.
pub(super) struct Stored {
    pub mark: u64,
    pub content: Content,
}

pub(super) enum Content {
    Mail(MailData),
    /// The children of ApplicationData as a phone uploaded them.
    Data(Vec<Element>),
}

pub(super) struct MailData {
    pub from: String,
    pub to: String,
    pub subject: String,
    pub received: String,
    pub text: String,
    pub read: bool,
    pub attachments: Vec<(String, Arc<Vec<u8>>)>,
}

/// A user with a mailbox.
pub(super) struct Mailbox {
    pub password: String,
    pub disabled: bool,
    pub address: String,
    pub folders: BTreeMap<String, FolderData>,
    /// Rises when a folder comes, goes or is renamed.
    pub hierarchy: u64,
    pub out_of_office: bool,
    /// Another server for this user: answered as 451.
    pub moved_to: Option<String>,
}

/// How far a phone has synced a folder: what it knows under its current and its previous key.
#[derive(Default)]
pub(super) struct SyncState {
    pub key: u64,
    pub known: BTreeMap<u64, u64>,
    pub before: BTreeMap<u64, u64>,
    pub mark: u64,
}

/// A wipe that the server has ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct WipeOrder {
    pub kind: WipeKind,
    /// Status the phone acknowledged with.
    pub acknowledged: Option<u32>,
    /// Whether the directive has been handed out.
    pub sent: bool,
}

/// A partnership: a user's device.
#[derive(Default)]
pub(super) struct Partner {
    pub device_type: String,
    pub user_agent: String,
    pub version: Option<Version>,
    pub information: Vec<(String, String)>,
    pub temporary_key: Option<u32>,
    pub key: Option<u32>,
    pub provisions: u32,
    pub wipe: Option<WipeOrder>,
    pub hierarchy_key: u64,
    pub known_folders: Vec<String>,
    pub hierarchy_seen: u64,
    pub sync: HashMap<String, SyncState>,
    pub last_sync: Option<Element>,
    pub ping: Option<(u32, Vec<String>)>,
    pub parked: u32,
}

/// Everything behind the one lock.
pub(super) struct State {
    pub script: Script,
    pub mailboxes: HashMap<String, Mailbox>,
    pub tokens: HashMap<String, String>,
    pub partners: HashMap<(String, String), Partner>,
    pub seen: VecDeque<Seen>,
    /// Number of requests ever seen, so that an answer finds its entry after old ones were dropped.
    pub seen_count: u64,
    pub mark: u64,
    pub dice: Dice,
}

/// The state and the bell that wakes parked requests.
pub(super) struct Shared {
    pub state: Mutex<State>,
    pub bell: watch::Sender<u64>,
}

impl Shared {
    pub(super) fn new(script: Script) -> Shared {
        let state = State {
            script,
            mailboxes: HashMap::new(),
            tokens: HashMap::new(),
            partners: HashMap::new(),
            seen: VecDeque::new(),
            seen_count: 0,
            mark: 0,
            dice: Dice::new(0x6D61_696C),
        };
        Shared { state: Mutex::new(state), bell: watch::Sender::new(0) }
    }

    /// Wakes everything that is parked to look again.
    pub(super) fn ring(&self) {
        self.bell.send_modify(|n| *n += 1);
    }
}

impl State {
    /// The next change mark.
    pub(super) fn next_mark(&mut self) -> u64 {
        self.mark += 1;
        self.mark
    }

    /// A policy key: random, never 0.
    pub(super) fn next_key(&mut self) -> u32 {
        (self.dice.throw() as u32).max(1)
    }

    /// The partnership of a user and a device, made on first contact.
    pub(super) fn partner(&mut self, user: &str, device: &str) -> &mut Partner {
        self.partners.entry((user.to_owned(), device.to_ascii_lowercase())).or_default()
    }

    /// Remembers a request; the number finds it again.
    pub(super) fn remember(&mut self, seen: Seen) -> u64 {
        if self.seen.len() == SEEN {
            self.seen.pop_front();
        }
        self.seen.push_back(seen);
        self.seen_count += 1;
        self.seen_count
    }

    /// Notes what a remembered request was answered.
    pub(super) fn answered(&mut self, number: u64, http: u16) {
        let back = (self.seen_count - number) as usize;
        if let Some(at) = self.seen.len().checked_sub(back + 1) {
            self.seen[at].http = Some(http);
        }
    }
}

impl Mailbox {
    /// An empty mailbox with the usual folders.
    pub(super) fn new(password: &str, address: &str) -> Mailbox {
        let kinds = [
            ("1", "Inbox", 2),
            ("2", "Drafts", 3),
            ("3", "Deleted Items", 4),
            ("4", "Sent Items", 5),
            ("5", "Outbox", 6),
            ("6", "Tasks", 7),
            ("7", "Calendar", 8),
            ("8", "Contacts", 9),
        ];
        let folders = kinds.map(|(id, name, kind)| {
            let folder = FolderData {
                name: name.to_owned(),
                kind,
                parent: "0".to_owned(),
                items: BTreeMap::new(),
                mark: 0,
            };
            (id.to_owned(), folder)
        });
        Mailbox {
            password: password.to_owned(),
            disabled: false,
            address: address.to_owned(),
            folders: BTreeMap::from(folders),
            hierarchy: 1,
            out_of_office: false,
            moved_to: None,
        }
    }
}

/// Now, as ActiveSync writes it: `2026-11-21T19:00:00.000Z`.
#[expect(clippy::disallowed_methods, reason = "a scripted server stamps its messages with the time of day")]
pub(super) fn now_text() -> String {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    // Civil date from days since 1970: years counted from March, so that the leap day comes last.
    let shifted = days + 719_468;
    let era = shifted / 146_097;
    let day_of_era = shifted % 146_097;
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_shifted + 2) / 5 + 1;
    let month = if month_shifted < 10 { month_shifted + 3 } else { month_shifted - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}.000Z", rest / 3600, rest / 60 % 60, rest % 60)
}

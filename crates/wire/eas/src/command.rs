//! The commands of the protocol: number, name, root element, and what kind of traffic each is.
//!
//! A table and look-ups, nothing else. Whether a command is allowed is decided by others.

use crate::codepages::token::{
    air_sync, compose_mail, find, folder_hierarchy, get_item_estimate, item_operations, meeting_response,
    move_items, ping, provision, resolve_recipients, search, settings, validate_cert,
};
use crate::version::Version;
use crate::wbxml::Tag;

/// How a command's traffic behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// An ordinary request and answer.
    Data,
    /// The server may hold the answer back for minutes until something changes.
    Long,
    /// The request may carry a whole mail.
    Upload,
    /// The answer may carry a whole mail or attachment.
    Download,
    /// Answered by the policy server itself, never passed on.
    Own,
}

/// What the table knows about one command.
#[derive(Debug)]
struct Row {
    command: Command,
    code: u8,
    name: &'static str,
    /// Root element of request and answer, and the Status element beneath the root.
    root: Option<(Tag, Tag)>,
    since: Version,
    class: Class,
}

/// Makes the enum and its table, one line per command.
macro_rules! commands {
    ($($(#[$doc:meta])* $command:ident = $code:literal, $root:expr, $since:ident, $class:ident;)*) => {
        /// A command, by the number it has in a base64 query (MS-ASHTTP 2.2.1.1.1.1.2).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Command { $($(#[$doc])* $command,)* }

        impl Command {
            /// All commands in code order.
            pub const ALL: [Command; TABLE.len()] = [$(Command::$command),*];
        }

        static TABLE: [Row; 24] = [$(Row {
            command: Command::$command, code: $code, name: stringify!($command), root: $root,
            since: Version::$since, class: Class::$class,
        }),*];
    };
}

commands! {
    /// Synchronizes items; may wait for changes.
    Sync = 0, Some((air_sync::SYNC, air_sync::STATUS)), V2_5, Long;
    /// Sends a mail.
    SendMail = 1, Some((compose_mail::SEND_MAIL, compose_mail::STATUS)), V2_5, Upload;
    /// Forwards a mail without fetching it.
    SmartForward = 2, Some((compose_mail::SMART_FORWARD, compose_mail::STATUS)), V2_5, Upload;
    /// Replies to a mail without fetching it.
    SmartReply = 3, Some((compose_mail::SMART_REPLY, compose_mail::STATUS)), V2_5, Upload;
    /// Fetches an attachment, up to 12.1; has no WBXML body at all.
    GetAttachment = 4, None, V2_5, Download;
    /// Historical (2.x).
    GetHierarchy = 5, None, V2_5, Data;
    /// Historical (2.x).
    CreateCollection = 6, None, V2_5, Data;
    /// Historical (2.x).
    DeleteCollection = 7, None, V2_5, Data;
    /// Historical (2.x).
    MoveCollection = 8, None, V2_5, Data;
    /// Synchronizes the folder list.
    FolderSync = 9, Some((folder_hierarchy::FOLDER_SYNC, folder_hierarchy::STATUS)), V2_5, Data;
    /// Creates a folder.
    FolderCreate = 10, Some((folder_hierarchy::FOLDER_CREATE, folder_hierarchy::STATUS)), V2_5, Data;
    /// Deletes a folder.
    FolderDelete = 11, Some((folder_hierarchy::FOLDER_DELETE, folder_hierarchy::STATUS)), V2_5, Data;
    /// Renames or moves a folder.
    FolderUpdate = 12, Some((folder_hierarchy::FOLDER_UPDATE, folder_hierarchy::STATUS)), V2_5, Data;
    /// Moves items between folders.
    MoveItems = 13, Some((move_items::MOVE_ITEMS, move_items::STATUS)), V2_5, Data;
    /// Counts what a Sync would bring.
    GetItemEstimate = 14, Some((get_item_estimate::GET_ITEM_ESTIMATE, get_item_estimate::STATUS)), V2_5, Data;
    /// Answers a meeting request.
    MeetingResponse = 15, Some((meeting_response::MEETING_RESPONSE, meeting_response::STATUS)), V2_5, Data;
    /// Searches mailbox, address list or documents.
    Search = 16, Some((search::SEARCH, search::STATUS)), V2_5, Data;
    /// Device information, out-of-office, recovery password, user information.
    Settings = 17, Some((settings::SETTINGS, settings::STATUS)), V12_0, Data;
    /// Waits for changes in folders.
    Ping = 18, Some((ping::PING, ping::STATUS)), V2_5, Long;
    /// Fetches items and attachments, empties folders.
    ItemOperations = 19, Some((item_operations::ITEM_OPERATIONS, item_operations::STATUS)), V12_0, Download;
    /// Policies and remote wipe.
    Provision = 20, Some((provision::PROVISION, provision::STATUS)), V2_5, Own;
    /// Resolves names to recipients, certificates and free/busy.
    ResolveRecipients = 21, Some((resolve_recipients::RESOLVE_RECIPIENTS, resolve_recipients::STATUS)), V2_5, Data;
    /// Checks a certificate.
    ValidateCert = 22, Some((validate_cert::VALIDATE_CERT, validate_cert::STATUS)), V2_5, Data;
    /// Searches with suggestions.
    Find = 23, Some((find::FIND, find::STATUS)), V16_1, Data;
}

impl Command {
    fn row(self) -> &'static Row {
        &TABLE[self as usize]
    }

    /// The number in a base64 query, 0 to 23.
    pub fn code(self) -> u8 {
        self.row().code
    }

    /// The name as it appears in `Cmd=` and in `MS-ASProtocolCommands`.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// The root element of its request and answer; `None` for GetAttachment and the historical commands.
    pub fn root(self) -> Option<Tag> {
        self.row().root.map(|(root, _)| root)
    }

    /// The Status element directly beneath the root of its answer.
    pub fn status(self) -> Option<Tag> {
        self.row().root.map(|(_, status)| status)
    }

    /// The first protocol version that has the command.
    pub fn since(self) -> Version {
        self.row().since
    }

    /// How its traffic behaves.
    pub fn class(self) -> Class {
        self.row().class
    }

    /// Commands of versions before 2.5 that no current client sends.
    pub fn is_historical(self) -> bool {
        matches!(
            self,
            Command::GetHierarchy
                | Command::CreateCollection
                | Command::DeleteCollection
                | Command::MoveCollection
        )
    }

    /// Finds a command by its name in any letter case.
    pub fn from_name(name: &str) -> Option<Command> {
        TABLE.iter().find(|row| row.name.eq_ignore_ascii_case(name)).map(|row| row.command)
    }

    /// Finds a command by its number in a base64 query.
    pub fn from_code(code: u8) -> Option<Command> {
        TABLE.get(usize::from(code)).map(|row| row.command)
    }

    /// Finds the command whose body has this root element.
    pub fn from_root(root: Tag) -> Option<Command> {
        TABLE.iter().find(|row| row.root.is_some_and(|(tag, _)| tag == root)).map(|row| row.command)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codepages::name;

    #[test]
    fn rows_stand_at_their_code_and_every_look_up_finds_them() {
        for (at, command) in Command::ALL.into_iter().enumerate() {
            assert_eq!(usize::from(command.code()), at);
            assert_eq!(Command::from_code(command.code()), Some(command));
            assert_eq!(Command::from_name(&command.name().to_lowercase()), Some(command));
            if let Some(root) = command.root() {
                assert_eq!(Command::from_root(root), Some(command));
                assert_eq!(name(root), Some(command.name()));
                assert_eq!(command.status().and_then(name), Some("Status"));
            }
        }
        assert_eq!(Command::from_code(24), None);
        assert_eq!(Command::from_name("Bogus"), None);
    }
}
